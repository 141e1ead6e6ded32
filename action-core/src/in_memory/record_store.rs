//! Rows in memory.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::page_action_store::Pages;
use super::unit_of_work::Open;
use super::{InMemory, bulk};
use crate::entity::{ColumnIndex, ColumnRole, Entity, Record};
use crate::expression::{Expression, Sort};
use crate::ports::{
    Access, Bulk, BulkOutcome, Deleted, Deletion, Inserted, Insertion, Lock, Query, QueryPage, RecordStore,
    RowScope, RowSink, SCAN_BATCH, Scan, StoreError, Transaction, Update, Updated,
};
use crate::value::{Kind, Value};

/// All that a transaction can change.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    /// By table.
    rows: HashMap<String, Vec<Row>>,
    pub(super) pages: Pages,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    tenant: Option<Uuid>,
    pub(super) record: Record,
}

impl Row {
    pub(super) fn is_in(&self, scope: &RowScope<'_>) -> bool {
        let own =
            scope.entity.tenant_column().is_none() || (scope.tenant.is_some() && self.tenant == scope.tenant);
        own && scope.rule.is_none_or(|it| it.holds(&self.record))
    }
}

fn tables(tx: &mut dyn Transaction, writing: bool) -> Result<&mut Tables, StoreError> {
    Ok(&mut open(tx, writing)?.tables)
}

fn open(tx: &mut dyn Transaction, writing: bool) -> Result<&mut Open, StoreError> {
    let open = tx
        .as_any()
        .downcast_mut::<Open>()
        .ok_or_else(|| StoreError::fault("the transaction is another storage's than the record store"))?;
    if writing && open.access == Access::ReadOnly {
        return Err(StoreError::fault("an action that is marked `read_only` tried to write"));
    }
    Ok(open)
}

impl Tables {
    pub(super) fn of(&mut self, entity: &Entity) -> &mut Vec<Row> {
        self.rows.entry(entity.table().to_owned()).or_default()
    }

    /// Columns that must be unique and would not be.
    pub(super) fn taken(
        &mut self,
        entity: &Entity,
        tenant: Option<Uuid>,
        record: &Record,
    ) -> Result<(), StoreError> {
        let unique =
            |index: &ColumnIndex| entity.column(*index).is_some_and(crate::entity::Column::is_unique);
        for index in (0..entity.columns().len()).filter(unique) {
            let value = record.get(index);
            let same = |row: &Row| {
                row.tenant == tenant && row.record.key() != record.key() && row.record.get(index) == value
            };
            if !value.is_null() && self.of(entity).iter().any(same) {
                let columns = entity.column(index).map(|it| it.column().to_owned()).into_iter().collect();
                return Err(StoreError::Taken { columns });
            }
        }
        Ok(())
    }
}

/// The rows for which a filter holds, in order.
fn matching<'t>(
    tables: &'t mut Tables,
    scope: &RowScope<'_>,
    filter: Option<&Expression>,
    sort: &Sort,
) -> Vec<&'t Record> {
    let rows = tables.of(scope.entity).iter();
    let mut matching: Vec<&Record> = rows
        .filter(|row| row.is_in(scope) && filter.is_none_or(|it| it.holds(&row.record)))
        .map(|row| &row.record)
        .collect();
    let sort = sort.clone().ended_by(scope.entity.key_field().clone());
    matching.sort_by(|a, b| sort.compare(*a, *b));
    matching
}

pub(super) fn stamp(record: &mut Record, scope: &RowScope<'_>, roles: [ColumnRole; 2]) {
    for role in roles {
        if let Some(index) = scope.entity.index_of_role(role) {
            let value = match role {
                ColumnRole::CreatedAt | ColumnRole::UpdatedAt => Value::timestamp(scope.now),
                _ => Value::Uuid(scope.user),
            };
            record.set(index, value);
        }
    }
}

#[async_trait]
impl RecordStore for InMemory {
    async fn insert(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        insertion: Insertion<'_>,
    ) -> Result<Inserted, StoreError> {
        let tables = tables(tx, true)?;
        let mut record = Record::new(Arc::clone(scope.entity), Vec::new());
        let key = match insertion.key {
            Some(key) => key.clone(),
            None if scope.entity.key().kind() == Kind::Integer => {
                let last = tables.of(scope.entity).iter().filter_map(|it| match it.record.key() {
                    Value::Integer(key) => Some(*key),
                    _ => None,
                });
                Value::Integer(last.max().unwrap_or(0) + 1)
            }
            None => return Err(StoreError::fault("a row needs a key")),
        };
        record.set(scope.entity.key_index(), key);
        for (index, value) in insertion.values {
            record.set(*index, value.clone());
        }
        if let Some(version) = scope.entity.version_index() {
            record.set(version, Value::Integer(1));
        }
        stamp(&mut record, scope, [ColumnRole::CreatedAt, ColumnRole::CreatedBy]);
        tables.taken(scope.entity, scope.tenant, &record)?;
        tables.of(scope.entity).push(Row { tenant: scope.tenant, record: record.clone() });
        Ok(Inserted { record, sealed: false })
    }

    async fn find(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        keys: &[Value],
        _: Lock,
    ) -> Result<Vec<Record>, StoreError> {
        let rows = tables(tx, false)?.of(scope.entity);
        let mut found: Vec<Record> = rows
            .iter()
            .filter(|row| keys.contains(row.record.key()) && row.is_in(scope))
            .map(|row| row.record.clone())
            .collect();
        let by_key = crate::expression::Sort::default().ended_by(scope.entity.key_field().clone());
        found.sort_by(|a, b| by_key.compare(a, b));
        Ok(found)
    }

    async fn update(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        update: Update<'_>,
    ) -> Result<Updated, StoreError> {
        let tables = tables(tx, true)?;
        let rows = tables.of(scope.entity);
        let Some(at) = rows.iter().position(|it| it.record.key() == update.key && it.is_in(scope)) else {
            return Ok(Updated::Missing);
        };
        let Some(before) = rows.get(at).map(|it| it.record.clone()) else { return Ok(Updated::Missing) };
        if let (Some(expected), Some(current)) = (update.expected_version, before.version())
            && expected != current
        {
            return Ok(Updated::Stale { current });
        }
        let mut after = before.clone();
        for (index, value) in update.values {
            after.set(*index, value.clone());
        }
        if let (Some(index), Some(version)) = (scope.entity.version_index(), before.version()) {
            after.set(index, Value::Integer(version + 1));
        }
        stamp(&mut after, scope, [ColumnRole::UpdatedAt, ColumnRole::UpdatedBy]);
        tables.taken(scope.entity, scope.tenant, &after)?;
        if let Some(row) = tables.of(scope.entity).get_mut(at) {
            row.record = after.clone();
        }
        Ok(Updated::Made { before: Some(before), after, sealed: false })
    }

    async fn delete(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        deletion: Deletion<'_>,
    ) -> Result<Deleted, StoreError> {
        let rows = tables(tx, true)?.of(scope.entity);
        let Some(at) = rows.iter().position(|it| it.record.key() == deletion.key && it.is_in(scope)) else {
            return Ok(Deleted::Missing);
        };
        let current = rows.get(at).and_then(|it| it.record.version());
        if let (Some(expected), Some(current)) = (deletion.expected_version, current)
            && expected != current
        {
            return Ok(Deleted::Stale { current });
        }
        Ok(Deleted::Made { before: rows.remove(at).record })
    }

    async fn change_all(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        bulk: Bulk<'_>,
    ) -> Result<BulkOutcome, StoreError> {
        bulk::change_all(open(tx, true)?, scope, bulk)
    }

    async fn query(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        query: &Query<'_>,
    ) -> Result<QueryPage, StoreError> {
        let matching = matching(tables(tx, false)?, scope, query.filter, query.sort);
        let total = matching.len() as u64;
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let records = matching.into_iter().skip(offset).take(query.limit as usize).cloned().collect();
        Ok(QueryPage { records, total })
    }

    async fn scan(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        scan: &Scan<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, StoreError> {
        let matching = matching(tables(tx, false)?, scope, scan.filter, scan.sort);
        let most = scan.limit.and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX);
        let matching = matching.get(..most).unwrap_or(&matching);
        let mut handed = 0;
        for batch in matching.chunks(SCAN_BATCH) {
            handed += batch.len() as u64;
            if sink.rows(batch.iter().map(|it| (*it).clone()).collect()).await.is_break() {
                break;
            }
        }
        Ok(handed)
    }
}
