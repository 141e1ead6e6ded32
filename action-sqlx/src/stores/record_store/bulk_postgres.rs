//! A go at many rows on PostgreSQL: one statement.
//!
//! ```text
//! action_found      the rows, locked one after the other in the order of their keys, with what they were
//! action_count      how many they are
//! action_made_row   the change, where as many were found as must be; what it returns is the audit of each row
//! action_detail     that audit, written in the order of keys
//! ```
//!
//! A row that another transaction held meanwhile is read again when its lock is got, so it is judged and audited as
//! that transaction left it. Because every such statement locks in the same order, two of them never wait for each
//! other. The last part counts, and gathers what comes back into single values, so that no row crosses the wire.

use action_core::Kind;
use action_core::audit::CHANGES_IN_RECORD;
use action_core::ports::{BulkChange, BulkRows, MOST_BULK_KEYS, StoreError};

use super::bulk::{Go, Made, Went};
use super::bulk_rows::{
    changes, in_order, keys, limit, push_ordered_key, push_which, row_lock, worth_preparing,
};
use super::documents;
use super::names::{FOUND, MADE, push_column_of};
use super::scope::InScope;
use super::sealed;
use super::update::push_set;
use crate::bind::Bind;
use crate::dialect::Table;
use crate::ending::{CHANGE_COLUMNS, position};
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn run(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<Went, StoreError> {
    let rows = tx.rows(&statement(scope, go)?).await?;
    let row = rows.first().ok_or_else(|| StoreError::fault("a statement that counts returned nothing"))?;
    let (found, changed) = (row.i64(0)?.unsigned_abs(), row.i64(1)?.unsigned_abs());
    let found_keys = || keys(scope, row.json(2)?);
    match go.rows {
        BulkRows::Matching { at_most, .. } if found > u64::from(at_most) => return Ok(Went::TooMany),
        BulkRows::Keys(asked) if go.all_keys && found < asked.len() as u64 => {
            return Ok(Went::Missing { found: found_keys()? });
        }
        _ if found != changed => {
            return Err(StoreError::fault("the table kept a row from being changed"));
        }
        BulkRows::Keys(_) | BulkRows::Matching { .. } => {}
    }
    let lost = keys(scope, row.json(4)?)?;
    if !lost.is_empty() {
        return Ok(Went::OutOfScope { keys: lost });
    }
    documents::settle(tx, scope, go.change, go.log, changed).await?;
    let keys = match go.rows {
        BulkRows::Keys(asked) if found == asked.len() as u64 => Some(in_order(asked)),
        _ if changed > MOST_BULK_KEYS as u64 => None,
        BulkRows::Keys(_) | BulkRows::Matching { .. } => Some(found_keys()?),
    };
    Ok(Went::Made(Made { changed, keys, first: changes(scope, go.change, row.json(3)?) }))
}

fn statement(scope: &InScope<'_>, go: Go<'_>) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("WITH ");
    push_found(scope, &mut statement, go)?;
    statement.push_str(", action_count AS MATERIALIZED (SELECT count(*) AS n FROM action_found)");
    push_change(scope, &mut statement, go)?;
    push_detail(scope, &mut statement, go);
    push_answer(scope, &mut statement, go);
    Ok(if worth_preparing(go.rows) { statement } else { statement.once() })
}

fn push_found(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) -> Result<(), StoreError> {
    // Numbered as they come out of the sorting; the sort itself may not stand beside a lock and a number.
    statement.push_str("action_found AS MATERIALIZED (SELECT row_number() OVER () AS n, f.* FROM (SELECT ");
    push_ordered_key(scope, statement)?;
    statement.push_str(" AS k, ");
    let key = scope.entity.key_index();
    scope.names.push_those_named(statement, |index| match go.change {
        BulkChange::Update(values) => index == key || values.iter().any(|(set, _)| *set == index),
        BulkChange::Delete => index == key,
    });
    statement.push_str(" FROM ");
    scope.names.push_table(statement);
    push_which(scope, statement, go.rows)?;
    statement.push_str(" ORDER BY ");
    push_ordered_key(scope, statement)?;
    if let Some(limit) = limit(go.rows) {
        statement.push_str(" LIMIT ").push_bind(limit, Kind::Integer);
    }
    statement.push_str(row_lock(go.change)).push_str(") AS f)");
    Ok(())
}

fn push_change(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) -> Result<(), StoreError> {
    statement.push_str(", ").push_str(MADE).push_str(" AS (");
    match go.change {
        BulkChange::Update(values) => {
            statement.push_str("UPDATE ");
            scope.names.push_table(statement);
            push_set(scope, statement, values)?;
            statement.push_str(" FROM action_found AS ");
        }
        BulkChange::Delete => {
            statement.push_str("DELETE FROM ");
            scope.names.push_table(statement);
            statement.push_str(" USING action_found AS ");
        }
    }
    statement.push_str(FOUND).push_str(" WHERE ");
    let key = scope.entity.key_index();
    scope.names.push_column(statement, key)?;
    statement.push_str(" = ");
    push_column_of(statement, FOUND, key);
    match go.rows {
        BulkRows::Matching { at_most, .. } => {
            statement.push_str(" AND (SELECT n FROM action_count) <= ");
            statement.push(position(at_most.into()));
        }
        BulkRows::Keys(keys) if go.all_keys => {
            statement.push_str(" AND (SELECT n FROM action_count) = ");
            statement.push(position(keys.len() as u64));
        }
        BulkRows::Keys(_) => {}
    }
    statement.push_str(" RETURNING ").push_str(FOUND).push_str(".n, ").push_str(FOUND).push_str(".k, ");
    match go.change {
        BulkChange::Update(values) => sealed::push_updated(scope, statement, values, go.log.redact)?,
        BulkChange::Delete => sealed::push_deleted(scope, statement, go.log.redact)?,
    }
    statement.push_str(", ");
    match (go.change, scope.rule()) {
        (BulkChange::Update(_), Some(rule)) => scope.expressions(statement).condition(rule)?,
        _ => {
            statement.push_str("TRUE");
        }
    }
    statement.push_str(" AS holds)");
    Ok(())
}

fn push_detail(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) {
    statement.push_str(", action_detail AS (INSERT INTO ");
    statement.push_str(scope.dialect.table(Table::AuditChanges)).push_str(CHANGE_COLUMNS);
    statement.push_str(" SELECT ").push(Bind::uuid(go.log.record)).push_str(", ");
    statement.push(position(go.log.written)).push_str(" + m.n, ");
    statement.push(Bind::text(scope.entity.name())).push_str(", m.k::text, ");
    statement.push_str(operation(go.change)).push_str(", m.before, m.after FROM ");
    statement.push_str(MADE).push_str(" AS m)");
}

/// Appends what comes back: two counts, keys where they are not those that were asked for, the first changes, and the
/// keys of rows that left the scope.
fn push_answer(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) {
    statement.push_str(" SELECT (SELECT n FROM action_count), (SELECT count(*) FROM ").push_str(MADE);
    statement.push_str("), CASE WHEN (SELECT n FROM action_count)");
    match go.rows {
        BulkRows::Keys(asked) => statement.push_str(" <> ").push(position(asked.len() as u64)),
        BulkRows::Matching { .. } => statement.push_str(" <= ").push_number(MOST_BULK_KEYS as u64),
    };
    statement.push_str(
        " THEN (SELECT jsonb_agg(f.k ORDER BY f.n) FROM action_found AS f) END, (SELECT jsonb_agg(",
    );
    statement
        .push_str("jsonb_build_object('id', m.k, 'before', m.before, 'after', m.after) ORDER BY m.n) FROM ");
    statement
        .push_str(MADE)
        .push_str(" AS m WHERE m.n <= ")
        .push_number(CHANGES_IN_RECORD as u64)
        .push_str("), ");
    if scope.rule().is_some() {
        statement.push_str("(SELECT jsonb_agg(m.k ORDER BY m.n) FROM ").push_str(MADE);
        statement.push_str(" AS m WHERE NOT m.holds)");
    } else {
        statement.push_str("NULL::jsonb");
    }
}

fn operation(change: BulkChange<'_>) -> &'static str {
    match change {
        BulkChange::Update(_) => "'updated'",
        BulkChange::Delete => "'deleted'",
    }
}
