//! Changing many rows at once.
//!
//! The rows are never fetched, changed and sent back: the database picks, locks and changes them and writes the audit
//! of each, in one go (`bulk_postgres`: one statement; `bulk_sqlite`: a few). What comes back is counts, keys, and
//! the first changes. This module decides what a go that cannot be made means for the rest.
//!
//! All or nothing is one go. An independent change tries all rows in one go, too, and only where that fails it looks
//! for the rows it fails at (`bulk_halves`). How a go names its rows, and how keys and changes are read back, is in
//! `bulk_rows`.

use action_core::Value;
use action_core::audit::Change;
use action_core::expression::Expression;
use action_core::ports::{Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, StoreError};

use super::bulk_halves::{by_halves, is_about_a_row};
use super::bulk_rows::{existing, held_keys};
use super::savepoint::Savepoint;
use super::scope::InScope;
use super::{bulk_postgres, bulk_sqlite};
use crate::dialect::Dialect;
use crate::transaction::SqlTransaction;

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
                (_, BulkRows::Matching { filter, at_most }) => too_many(tx, scope, filter, at_most).await,
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
    match run(tx, scope, go).await {
        Ok(Went::Made(Made { changed, keys, first })) => {
            savepoint.release(tx).await?;
            return Ok(BulkOutcome::Made(BulkMade { changed, keys, first, failed: Vec::new() }));
        }
        Ok(Went::TooMany) => {
            savepoint.undo(tx).await?;
            savepoint.release(tx).await?;
            let BulkRows::Matching { filter, at_most } = go.rows else {
                return Err(StoreError::fault("more rows than keys were found"));
            };
            return too_many(tx, scope, filter, at_most).await;
        }
        Ok(Went::Missing { .. } | Went::OutOfScope { .. }) => {}
        Err(error) if is_about_a_row(&error) => {}
        Err(error) => return Err(error),
    }
    savepoint.undo(tx).await?;
    // Its locks are gone with it. From here on the rows are named by their keys alone, so they are locked anew while
    // they match, and outside of the savepoint, so that no part that is undone lets go of them.
    savepoint.release(tx).await?;
    let keys = held_keys(tx, scope, go).await?;
    if let BulkRows::Matching { filter, at_most } = go.rows
        && keys.len() as u64 > u64::from(at_most)
    {
        return too_many(tx, scope, filter, at_most).await;
    }
    by_halves(tx, scope, go, savepoint, keys).await
}

/// More match than may be changed: how many.
async fn too_many(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    filter: &Expression,
    at_most: u32,
) -> Result<BulkOutcome, StoreError> {
    let counted = super::query::count(tx, scope, Some(filter)).await?;
    Ok(BulkOutcome::TooMany { matching: at_least_one_more(counted, at_most) })
}

/// They are counted after they were found to be too many. Where some left meanwhile, the count alone would contradict
/// the refusal.
fn at_least_one_more(counted: u64, at_most: u32) -> u64 {
    counted.max(u64::from(at_most) + 1)
}

pub(super) async fn run(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<Went, StoreError> {
    match scope.dialect {
        Dialect::Postgres => bulk_postgres::run(tx, scope, go).await,
        Dialect::Sqlite => bulk_sqlite::run(tx, scope, go).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_are_never_told_as_few_enough() {
        assert_eq!(at_least_one_more(0, 5), 6);
        assert_eq!(at_least_one_more(5, 5), 6);
        assert_eq!(at_least_one_more(9, 5), 9);
        assert_eq!(at_least_one_more(0, u32::MAX), u64::from(u32::MAX) + 1);
    }
}
