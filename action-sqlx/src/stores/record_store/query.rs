//! Reading: rows by their keys, and pages of rows that match.

use action_core::entity::Record;
use action_core::expression::{Expression, Sort};
use action_core::ports::{Lock, Query, QueryPage, RowSink, Scan, StoreError};
use action_core::{Kind, Value};

use super::scope::InScope;
use crate::dialect::Dialect;
use crate::drain::Drain;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// A filter of more nodes is one of many: preparing it for good would push out statements that come again.
const MOST_NODES_PREPARED: usize = 6;

pub(super) async fn find(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    keys: &[Value],
    lock: Lock,
) -> Result<Vec<Record>, StoreError> {
    let keys: Vec<Value> = keys.iter().filter(|it| scope.can_be_key(it)).cloned().collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (key, kind) = (scope.names.key()?, scope.key_kind());
    let mut statement = select(scope)?;
    statement.push_str(" AND ");
    scope.expressions(&mut statement).key(key, kind);
    statement.push_any_of(scope.dialect, keys, kind).push_str(" ORDER BY ");
    scope.expressions(&mut statement).ordered_key(key, kind);
    if lock == Lock::ForUpdate && scope.dialect == Dialect::Postgres {
        // Rows are locked as they come out of the sorting, so two such statements never wait for each other.
        statement.push_str(" FOR UPDATE OF r");
    }
    records(tx, scope, &statement).await
}

pub(super) async fn query(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    query: &Query<'_>,
) -> Result<QueryPage, StoreError> {
    let records = if query.limit == 0 { Vec::new() } else { page(tx, scope, query).await? };
    let found = records.len() as u64;
    // A page that was not filled ends the list; an empty one behind others may lie far behind its end.
    let ended = found < u64::from(query.limit) && (found > 0 || query.offset == 0);
    let total = if ended { query.offset + found } else { count(tx, scope, query.filter).await? };
    Ok(QueryPage { records, total })
}

async fn page(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    query: &Query<'_>,
) -> Result<Vec<Record>, StoreError> {
    let mut statement = select_ordered(scope, query.filter, query.sort)?;
    let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
    statement.push_str(" LIMIT ").push_bind(i64::from(query.limit), Kind::Integer);
    statement.push_str(" OFFSET ").push_bind(offset, Kind::Integer);
    records(tx, scope, &kept(statement, query.filter)).await
}

/// All rows that match, read as they are taken.
pub(super) async fn scan(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    scan: &Scan<'_>,
    sink: &mut dyn RowSink,
) -> Result<u64, StoreError> {
    let mut statement = select_ordered(scope, scan.filter, scan.sort)?;
    if let Some(limit) = scan.limit {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        statement.push_str(" LIMIT ").push_bind(limit, Kind::Integer);
    }
    let mut drain = Drain { read: &|row| scope.record(row, 0), sink, batch: Vec::new(), handed: 0 };
    tx.stream(&kept(statement, scan.filter), &mut drain).await?;
    Ok(drain.handed)
}

pub(super) async fn count(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    filter: Option<&Expression>,
) -> Result<u64, StoreError> {
    let mut statement = Statement::new("SELECT count(*) FROM ");
    scope.names.push_table(&mut statement);
    scope.push_where(&mut statement)?;
    push_filter(scope, &mut statement, filter)?;
    let rows = tx.rows(&kept(statement, filter)).await?;
    let total = rows.first().map_or(Ok(0), |it| it.i64(0))?;
    Ok(total.unsigned_abs())
}

fn select(scope: &InScope<'_>) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("SELECT ");
    scope.names.push_columns(&mut statement);
    statement.push_str(" FROM ");
    scope.names.push_table(&mut statement);
    scope.push_where(&mut statement)?;
    Ok(statement)
}

fn select_ordered(
    scope: &InScope<'_>,
    filter: Option<&Expression>,
    sort: &Sort,
) -> Result<Statement, StoreError> {
    let mut statement = select(scope)?;
    push_filter(scope, &mut statement, filter)?;
    statement.push_str(" ORDER BY ");
    scope.expressions(&mut statement).order(sort, scope.names.key()?, scope.key_kind())?;
    Ok(statement)
}

fn push_filter(
    scope: &InScope<'_>,
    statement: &mut Statement,
    filter: Option<&Expression>,
) -> Result<(), StoreError> {
    let Some(filter) = filter else { return Ok(()) };
    statement.push_str(" AND ");
    scope.expressions(statement).condition(filter)
}

fn kept(statement: Statement, filter: Option<&Expression>) -> Statement {
    if filter.is_some_and(|it| it.nodes() > MOST_NODES_PREPARED) { statement.once() } else { statement }
}

async fn records(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    statement: &Statement,
) -> Result<Vec<Record>, StoreError> {
    tx.rows(statement).await?.iter().map(|row| scope.record(row, 0)).collect()
}
