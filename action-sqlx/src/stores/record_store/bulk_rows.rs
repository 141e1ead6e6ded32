//! The rows of a change of many: named in a statement, and read back as keys and changes.

use action_core::audit::Change;
use action_core::ports::{BulkChange, BulkRows, StoreError};
use action_core::{Kind, Value};
use serde_json::Value as Json;

use super::bulk::Go;
use super::scope::InScope;
use crate::expression_sql::ExpressionSql;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// As many keys are a short list.
const SHORT: usize = 100;

/// Appends which rows of the scope a go is about, as far as AND goes.
pub(super) fn push_which(
    scope: &InScope<'_>,
    statement: &mut Statement,
    rows: BulkRows<'_>,
) -> Result<(), StoreError> {
    scope.push_where(statement)?;
    statement.push_str(" AND ");
    match rows {
        BulkRows::Keys(keys) => {
            scope.expressions(statement).key(scope.names.key()?, scope.key_kind());
            statement.push_any_of(scope.dialect, keys.to_vec(), scope.key_kind());
            Ok(())
        }
        BulkRows::Matching { filter, .. } => scope.expressions(statement).condition(filter),
    }
}

/// As many rows as are picked at most; one more than may be changed, so that too many are seen to be.
pub(super) fn limit(rows: BulkRows<'_>) -> Option<i64> {
    match rows {
        BulkRows::Keys(_) => None,
        BulkRows::Matching { at_most, .. } => Some(i64::from(at_most) + 1),
    }
}

/// Whether a statement comes again as it is, and may keep its plan: not a filter, which is one of many, and not a long
/// list of keys, which is planned for its length. While rows are looked for that fail, short lists come by the dozen.
pub(super) fn worth_preparing(rows: BulkRows<'_>) -> bool {
    matches!(rows, BulkRows::Keys(keys) if keys.len() <= SHORT)
}

/// Appends the key as something to sort by, under the name `k`.
pub(super) fn push_ordered_key(scope: &InScope<'_>, statement: &mut Statement) -> Result<(), StoreError> {
    let (key, kind) = (scope.names.key()?, scope.key_kind());
    let mut expressions: ExpressionSql<'_> = scope.expressions(statement);
    expressions.ordered_key(key, kind);
    Ok(())
}

/// The keys that have a row, in order.
pub(super) async fn keys_in_order(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    rows: BulkRows<'_>,
) -> Result<Vec<Value>, StoreError> {
    let mut statement = ordered_keys(scope, rows)?;
    statement.push_str(") AS f");
    read_keys(tx, scope, statement).await
}

/// The keys of the rows of a go, in order, and the rows locked until the transaction ends: until then they stay those
/// the go is about. One more than may be changed, so that too many are seen to be.
pub(super) async fn held_keys(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<Vec<Value>, StoreError> {
    let mut statement = ordered_keys(scope, go.rows)?;
    if let Some(limit) = limit(go.rows) {
        statement.push_str(" LIMIT ").push_bind(limit, Kind::Integer);
    }
    // SQLite has one writer, which this transaction is.
    statement.push_str(scope.dialect.choose(row_lock(go.change), "")).push_str(") AS f");
    read_keys(tx, scope, statement).await
}

/// How PostgreSQL locks the rows of a change.
pub(super) fn row_lock(change: BulkChange<'_>) -> &'static str {
    match change {
        // Rows that refer to these may be inserted meanwhile: their keys stay.
        BulkChange::Update(_) => " FOR NO KEY UPDATE OF r",
        BulkChange::Delete => " FOR UPDATE OF r",
    }
}

fn ordered_keys(scope: &InScope<'_>, rows: BulkRows<'_>) -> Result<Statement, StoreError> {
    let mut statement = Statement::new(scope.dialect.choose(
        "SELECT jsonb_agg(f.k ORDER BY f.k) FROM (SELECT ",
        "SELECT json_group_array(f.k) FROM (SELECT ",
    ));
    push_ordered_key(scope, &mut statement)?;
    statement.push_str(" AS k FROM ");
    scope.names.push_table(&mut statement);
    push_which(scope, &mut statement, rows)?;
    statement.push_str(" ORDER BY 1");
    Ok(statement)
}

async fn read_keys(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    statement: Statement,
) -> Result<Vec<Value>, StoreError> {
    let rows = tx.rows(&statement.once()).await?;
    rows.first().map_or(Ok(Vec::new()), |it| keys(scope, it.json(0)?))
}

pub(super) async fn existing(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    keys: &[Value],
) -> Result<Vec<Value>, StoreError> {
    if keys.is_empty() { Ok(Vec::new()) } else { keys_in_order(tx, scope, BulkRows::Keys(keys)).await }
}

/// Keys as the database sorts them.
pub(super) fn in_order(keys: &[Value]) -> Vec<Value> {
    let mut keys = keys.to_vec();
    keys.sort_by(|a, b| match (a, b) {
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        // Keys are of one kind, and of no other.
        _ => std::cmp::Ordering::Equal,
    });
    keys
}

/// Keys from a list of them that the database put together.
pub(super) fn keys(scope: &InScope<'_>, list: Json) -> Result<Vec<Value>, StoreError> {
    let Json::Array(items) = list else { return Ok(Vec::new()) };
    let kind = scope.key_kind();
    let read = |it: Json| {
        kind.read(&it)
            .map_err(|_| StoreError::fault(format!("a key of `{}` is of another kind", scope.entity.name())))
    };
    items.into_iter().map(read).collect()
}

/// Changes from a list of them that the database put together.
pub(super) fn changes(scope: &InScope<'_>, change: BulkChange<'_>, list: Json) -> Vec<Change> {
    let Json::Array(items) = list else { return Vec::new() };
    let operation = match change {
        BulkChange::Update(_) => action_core::audit::Operation::Updated,
        BulkChange::Delete => action_core::audit::Operation::Deleted,
    };
    let read = |mut it: Json| Change {
        entity: scope.entity.name().to_owned().into(),
        id: it.get_mut("id").map(Json::take).unwrap_or_default(),
        operation,
        before: it.get_mut("before").map(Json::take).unwrap_or_default(),
        after: it.get_mut("after").map(Json::take).unwrap_or_default(),
    };
    items.into_iter().map(read).collect()
}
