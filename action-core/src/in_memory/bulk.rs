//! Many rows at once, in memory: one after the other on a copy, which replaces the rows where all went well.

use std::cmp::Ordering;

use super::record_store::{Row, Tables, stamp};
use super::unit_of_work::Open;
use crate::audit::{CHANGES_IN_RECORD, Change};
use crate::entity::{ColumnRole, Record};
use crate::expression::Sort;
use crate::ports::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, MOST_BULK_KEYS, RowFailure, RowScope, RowStop,
    StoreError,
};
use crate::value::Value;

pub(super) fn change_all(
    open: &mut Open,
    scope: &RowScope<'_>,
    bulk: Bulk<'_>,
) -> Result<BulkOutcome, StoreError> {
    let keys = picked(open.tables.of(scope.entity), scope, bulk.rows);
    match bulk.rows {
        BulkRows::Keys(asked) if !bulk.independent && keys.len() < asked.len() => {
            return Ok(BulkOutcome::Missing { found: keys });
        }
        BulkRows::Matching { at_most, .. } if keys.len() > at_most as usize => {
            return Ok(BulkOutcome::TooMany { matching: keys.len() as u64 });
        }
        BulkRows::Keys(_) | BulkRows::Matching { .. } => {}
    }
    let mut tables = open.tables.clone();
    let (mut done, mut changes, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        match change_one(&mut tables, scope, &key, bulk.change) {
            Ok(change) => {
                changes.push(change.redacted(bulk.log.redact));
                done.push(key);
            }
            Err(stop) if bulk.independent => failed.push(RowFailure { key, stop }),
            Err(RowStop::OutOfScope) => return Ok(BulkOutcome::OutOfScope),
            Err(RowStop::Store(error)) => return Err(error),
        }
    }
    *open.tables = tables;
    let first = changes.iter().take(CHANGES_IN_RECORD).cloned().collect();
    open.changes.append(&mut changes);
    let count = done.len();
    let keys = (count <= MOST_BULK_KEYS).then_some(done);
    Ok(BulkOutcome::Made(BulkMade { changed: count as u64, keys, first, failed }))
}

/// The keys of the rows, in order.
fn picked(rows: &[Row], scope: &RowScope<'_>, which: BulkRows<'_>) -> Vec<Value> {
    let wanted = |record: &Record| match which {
        BulkRows::Keys(keys) => keys.contains(record.key()),
        BulkRows::Matching { filter, .. } => filter.holds(record),
    };
    let mut found: Vec<&Record> =
        rows.iter().filter(|it| it.is_in(scope) && wanted(&it.record)).map(|it| &it.record).collect();
    let by_key = Sort::default().ended_by(scope.entity.key_field().clone());
    found.sort_by(|a, b| -> Ordering { by_key.compare(*a, *b) });
    found.into_iter().map(|it| it.key().clone()).collect()
}

fn change_one(
    tables: &mut Tables,
    scope: &RowScope<'_>,
    key: &Value,
    change: BulkChange<'_>,
) -> Result<Change, RowStop> {
    let rows = tables.of(scope.entity);
    let gone = || RowStop::Store(StoreError::fault("a row that was just found is gone"));
    let at = rows.iter().position(|it| it.record.key() == key && it.is_in(scope)).ok_or_else(gone)?;
    let BulkChange::Update(values) = change else {
        return Ok(Change::deleted(&rows.remove(at).record));
    };
    let row = rows.get(at).ok_or_else(gone)?;
    let (before, mut after) = (row.record.clone(), row.record.clone());
    for (index, value) in values {
        after.set(*index, value.clone());
    }
    if let (Some(index), Some(version)) = (scope.entity.version_index(), before.version()) {
        after.set(index, Value::Integer(version + 1));
    }
    stamp(&mut after, scope, [ColumnRole::UpdatedAt, ColumnRole::UpdatedBy]);
    if scope.rule.is_some_and(|it| !it.holds(&after)) {
        return Err(RowStop::OutOfScope);
    }
    tables.taken(scope.entity, scope.tenant, &after).map_err(RowStop::Store)?;
    if let Some(row) = tables.of(scope.entity).get_mut(at) {
        row.record = after.clone();
    }
    Ok(Change::updated(&before, &after))
}
