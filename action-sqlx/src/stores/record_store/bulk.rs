//! Changing many rows at once.
//!
//! The rows are never fetched, changed and sent back: the database picks, locks and changes them and writes the audit
//! of each, in one go (`bulk_postgres`: one statement; `bulk_sqlite`: a few). What comes back is counts, keys, and
//! the first changes. This module decides what a go that cannot be made means for the rest.
//!
//! All or nothing is one go. An independent change tries all rows in one go, too, and only where that fails it looks
//! for the rows it fails at: a part that fails is undone (a savepoint) and tried again as two halves, the lower keys
//! first, down to single rows. So a plain success costs the same few statements for any number of rows, and each
//! failing row about as many goes as the number of rows has binary digits.

use action_core::Value;
use action_core::audit::{CHANGES_IN_RECORD, Change};
use action_core::ports::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, MOST_BULK_KEYS, RowFailure, RowStop,
    StoreError,
};
use serde_json::Value as Json;

use super::scope::InScope;
use super::{bulk_postgres, bulk_sqlite};
use crate::dialect::Dialect;
use crate::expression_sql::ExpressionSql;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// As many keys are a short list.
const SHORT: usize = 100;

/// Rows that are changed together or not at all.
#[derive(Clone, Copy)]
pub(super) struct Go<'a> {
    pub(super) rows: BulkRows<'a>,
    pub(super) change: BulkChange<'a>,
    pub(super) log: ChangeLog<'a>,
    /// A key without a row keeps the others from being changed.
    pub(super) all_keys: bool,
}

/// What became of a go. Where it was not made, what it wrote is still to be undone.
pub(super) enum Went {
    Made(Made),
    Missing {
        found: Vec<Value>,
    },
    TooMany,
    /// The rule no longer holds for these.
    OutOfScope {
        keys: Vec<Value>,
    },
}

/// A go that was made.
pub(super) struct Made {
    pub(super) changed: u64,
    /// `None` where there are too many.
    pub(super) keys: Option<Vec<Value>>,
    pub(super) first: Vec<Change>,
}

pub(super) async fn change_all(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    bulk: Bulk<'_>,
) -> Result<BulkOutcome, StoreError> {
    let Bulk { rows, change, independent, log } = bulk;
    let possible;
    let rows = match rows {
        BulkRows::Keys(keys) => {
            possible = keys.iter().filter(|it| scope.can_be_key(it)).cloned().collect::<Vec<_>>();
            if !independent && possible.len() < keys.len() {
                return Ok(BulkOutcome::Missing { found: existing(tx, scope, &possible).await? });
            }
            if possible.is_empty() {
                return Ok(nothing_found(&bulk));
            }
            BulkRows::Keys(&possible)
        }
        matching @ BulkRows::Matching { .. } => matching,
    };
    let go = Go { rows, change, log, all_keys: !independent };
    if independent { as_many_as_can_be(tx, scope, go).await } else { all_or_none(tx, scope, go).await }
}

/// What a scope without rows answers.
pub(super) fn nothing_found(bulk: &Bulk<'_>) -> BulkOutcome {
    match bulk.rows {
        BulkRows::Keys(keys) if !bulk.independent && !keys.is_empty() => {
            BulkOutcome::Missing { found: Vec::new() }
        }
        BulkRows::Keys(_) | BulkRows::Matching { .. } => {
            BulkOutcome::Made(BulkMade { keys: Some(Vec::new()), ..BulkMade::default() })
        }
    }
}

async fn all_or_none(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<BulkOutcome, StoreError> {
    // One statement undoes itself. A handler may go on after a refusal, so what is left of several must be undone.
    let several = scope.dialect == Dialect::Sqlite || scope.rule().is_some();
    let mut savepoint = Savepoint::default();
    if several {
        savepoint.set(tx).await?;
    }
    let went = run(tx, scope, go).await;
    match went {
        Ok(Went::Made(Made { changed, keys, first })) => {
            savepoint.release(tx).await?;
            Ok(BulkOutcome::Made(BulkMade { changed, keys, first, failed: Vec::new() }))
        }
        Ok(refused) => {
            savepoint.undo(tx).await?;
            savepoint.release(tx).await?;
            match (refused, go.rows) {
                (Went::OutOfScope { .. }, _) => Ok(BulkOutcome::OutOfScope),
                (Went::Missing { found }, _) => Ok(BulkOutcome::Missing { found }),
                (_, BulkRows::Matching { filter, .. }) => {
                    let matching = super::query::count(tx, scope, Some(filter)).await?;
                    Ok(BulkOutcome::TooMany { matching })
                }
                (_, BulkRows::Keys(_)) => Err(StoreError::fault("more rows than keys were found")),
            }
        }
        Err(error) => {
            // The caller is told of this error, whatever becomes of the undoing.
            let _ = savepoint.undo(tx).await;
            let _ = savepoint.release(tx).await;
            Err(error)
        }
    }
}

async fn as_many_as_can_be(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<BulkOutcome, StoreError> {
    let mut savepoint = Savepoint::default();
    savepoint.set(tx).await?;
    let keys = match run(tx, scope, go).await {
        Ok(Went::Made(Made { changed, keys, first })) => {
            savepoint.release(tx).await?;
            return Ok(BulkOutcome::Made(BulkMade { changed, keys, first, failed: Vec::new() }));
        }
        Ok(Went::TooMany) => {
            savepoint.undo(tx).await?;
            savepoint.release(tx).await?;
            let BulkRows::Matching { filter, .. } = go.rows else {
                return Err(StoreError::fault("more rows than keys were found"));
            };
            let matching = super::query::count(tx, scope, Some(filter)).await?;
            return Ok(BulkOutcome::TooMany { matching });
        }
        Ok(Went::Missing { .. } | Went::OutOfScope { .. }) => {
            savepoint.undo(tx).await?;
            keys_in_order(tx, scope, go.rows).await?
        }
        Err(error) if is_about_a_row(&error) => {
            savepoint.undo(tx).await?;
            keys_in_order(tx, scope, go.rows).await?
        }
        Err(error) => return Err(error),
    };
    by_halves(tx, scope, go, savepoint, keys).await
}

/// Finds the rows at which a change fails, and makes it for the others.
async fn by_halves(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
    mut savepoint: Savepoint,
    keys: Vec<Value>,
) -> Result<BulkOutcome, StoreError> {
    let mut made = BulkMade::default();
    let mut changed_keys = Vec::new();
    let mut waiting = vec![keys];
    while let Some(mut part) = waiting.pop() {
        if part.is_empty() {
            continue;
        }
        savepoint.set(tx).await?;
        let log = ChangeLog { written: go.log.written + made.changed, ..go.log };
        match run(tx, scope, Go { rows: BulkRows::Keys(&part), log, ..go }).await {
            Ok(Went::Made(of_part)) => {
                savepoint.release(tx).await?;
                made.changed += of_part.changed;
                let room = CHANGES_IN_RECORD.saturating_sub(made.first.len());
                made.first.extend(of_part.first.into_iter().take(room));
                changed_keys.extend(of_part.keys.unwrap_or_default());
            }
            Ok(Went::OutOfScope { keys: lost }) => {
                savepoint.undo(tx).await?;
                part.retain(|it| !lost.contains(it));
                let failure = |key| RowFailure { key, stop: RowStop::OutOfScope };
                made.failed.extend(lost.into_iter().map(failure));
                waiting.push(part);
            }
            Ok(Went::Missing { .. } | Went::TooMany) => {
                return Err(StoreError::fault("a part of many rows was refused for its number"));
            }
            Err(StoreError::MissingReference { columns })
                if are_the_same_in_all(scope, go.change, &columns) =>
            {
                savepoint.undo(tx).await?;
                // What one row may not refer to, none may: the others need not be tried.
                part.extend(waiting.drain(..).rev().flatten());
                let stop = || RowStop::Store(StoreError::MissingReference { columns: columns.clone() });
                made.failed.extend(part.into_iter().map(|key| RowFailure { key, stop: stop() }));
            }
            Err(error) if is_about_a_row(&error) => {
                savepoint.undo(tx).await?;
                if part.len() > 1 {
                    let upper = part.split_off(part.len() / 2);
                    waiting.extend([upper, part]);
                } else if let Some(key) = part.pop() {
                    made.failed.push(RowFailure { key, stop: RowStop::Store(error) });
                }
            }
            Err(error) => return Err(error),
        }
    }
    savepoint.release(tx).await?;
    made.keys = (changed_keys.len() <= MOST_BULK_KEYS).then_some(changed_keys);
    Ok(BulkOutcome::Made(made))
}

async fn run(tx: &mut SqlTransaction, scope: &InScope<'_>, go: Go<'_>) -> Result<Went, StoreError> {
    match scope.dialect {
        Dialect::Postgres => bulk_postgres::run(tx, scope, go).await,
        Dialect::Sqlite => bulk_sqlite::run(tx, scope, go).await,
    }
}

/// Whether these columns have the same values in every row after the change.
fn are_the_same_in_all(scope: &InScope<'_>, change: BulkChange<'_>, columns: &[String]) -> bool {
    let BulkChange::Update(values) = change else { return false };
    let set = |column: &String| {
        scope.entity.tenant_column().is_some_and(|it| it == column)
            || values
                .iter()
                .any(|(index, _)| scope.entity.column(*index).is_some_and(|it| it.column() == column))
    };
    !columns.is_empty() && columns.iter().all(set)
}

/// Whether other rows may be changed where this one could not. Anything else is about the whole call.
fn is_about_a_row(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Taken { .. }
            | StoreError::StillReferenced
            | StoreError::MissingReference { .. }
            | StoreError::Check { .. }
    )
}

/// A savepoint that parts of a change are undone to. Undoing does not remove it.
#[derive(Default)]
struct Savepoint {
    is_set: bool,
}

impl Savepoint {
    async fn set(&mut self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if !self.is_set {
            tx.execute(&Statement::new("SAVEPOINT action_bulk")).await?;
            self.is_set = true;
        }
        Ok(())
    }

    async fn undo(&self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if self.is_set {
            tx.execute(&Statement::new("ROLLBACK TO SAVEPOINT action_bulk")).await?;
        }
        Ok(())
    }

    async fn release(&mut self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_set) {
            tx.execute(&Statement::new("RELEASE SAVEPOINT action_bulk")).await?;
        }
        Ok(())
    }
}

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
async fn keys_in_order(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    rows: BulkRows<'_>,
) -> Result<Vec<Value>, StoreError> {
    let mut statement = Statement::new(scope.dialect.choose(
        "SELECT jsonb_agg(f.k ORDER BY f.k) FROM (SELECT ",
        "SELECT json_group_array(f.k) FROM (SELECT ",
    ));
    push_ordered_key(scope, &mut statement)?;
    statement.push_str(" AS k FROM ");
    scope.names.push_table(&mut statement);
    push_which(scope, &mut statement, rows)?;
    statement.push_str(" ORDER BY 1) AS f");
    let rows = tx.rows(&statement.once()).await?;
    rows.first().map_or(Ok(Vec::new()), |it| keys(scope, it.json(0)?))
}

async fn existing(
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
