//! Looking for the rows at which a change of many fails, and making it for the others.
//!
//! A part that fails is undone (a savepoint) and tried again as two halves, the lower keys first, down to single rows.
//! So a plain success costs the same few statements for any number of rows, and each failing row about as many goes as
//! the number of rows has binary digits.

use action_core::Value;
use action_core::audit::CHANGES_IN_RECORD;
use action_core::ports::{
    BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, MOST_BULK_KEYS, RowFailure, RowStop, StoreError,
};

use super::bulk::{Go, Went, run};
use super::savepoint::Savepoint;
use super::scope::InScope;
use crate::transaction::SqlTransaction;

/// Finds the rows at which a change fails, and makes it for the others.
pub(super) async fn by_halves(
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
pub(super) fn is_about_a_row(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Taken { .. }
            | StoreError::StillReferenced
            | StoreError::MissingReference { .. }
            | StoreError::Check { .. }
    )
}
