//! Rows of registered entities, on both databases.
//!
//! Every statement names the tenant and carries the row rule, so a row outside the scope is one that does not exist.
//! What it names comes from the entity's definition, quoted; what a caller sent is bound. The text of a statement
//! depends on the entity, the operation and the columns it sets, not on values, so a connection prepares it once.
//!
//! | operation | statements on PostgreSQL | on SQLite |
//! |---|---|---|
//! | insert | 1 | 1 |
//! | find | 1 | 1 |
//! | update | 1, the audit included; one more to tell a stale version from a missing row | 2 in one message |
//! | change of many | 1, the audit included; 2 more where all of it may have to be undone | 4 to 6 |
//! | delete | 1; one more to tell a stale version from a missing row | same |
//! | query | 1; one more to count where the page does not tell the total | same |
//! | scan | 1, read as its sink takes the rows | same |
//!
//! PostgreSQL locks, changes and audits a row in one statement (see `update` and `sealed`). SQLite has one writer at
//! a time, so what was read in a transaction that writes is still so when it writes.

mod bulk;
mod bulk_halves;
mod bulk_postgres;
mod bulk_rows;
mod bulk_sqlite;
mod delete;
mod documents;
mod images_sqlite;
mod insert;
mod names;
mod query;
mod savepoint;
mod scope;
mod sealed;
mod shown;
mod update;

use action_core::Value;
use action_core::entity::Record;
use action_core::ports::{
    Bulk, BulkOutcome, Deleted, Deletion, Inserted, Insertion, Lock, Query, QueryPage, RecordStore, RowScope,
    RowSink, Scan, StoreError, Transaction, Update, Updated,
};
use async_trait::async_trait;

use crate::transaction::SqlTransaction;
use scope::InScope;

/// The record store of both databases. It keeps nothing: everything is in the transaction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SqlRecordStore;

#[async_trait]
impl RecordStore for SqlRecordStore {
    async fn insert(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        insertion: Insertion<'_>,
    ) -> Result<Inserted, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let Some(scope) = InScope::of(scope, tx.dialect())? else {
            return Err(StoreError::fault("a row of a tenant's table was inserted without a tenant"));
        };
        insert::insert(tx, &scope, insertion).await
    }

    async fn find(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        keys: &[Value],
        lock: Lock,
    ) -> Result<Vec<Record>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => query::find(tx, &scope, keys, lock).await,
            None => Ok(Vec::new()),
        }
    }

    async fn update(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        update: Update<'_>,
    ) -> Result<Updated, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => update::update(tx, &scope, update).await,
            None => Ok(Updated::Missing),
        }
    }

    async fn delete(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        deletion: Deletion<'_>,
    ) -> Result<Deleted, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => delete::delete(tx, &scope, deletion).await,
            None => Ok(Deleted::Missing),
        }
    }

    async fn change_all(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        bulk: Bulk<'_>,
    ) -> Result<BulkOutcome, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => bulk::change_all(tx, &scope, bulk).await,
            None => Ok(bulk::nothing_found(&bulk)),
        }
    }

    async fn query(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        query: &Query<'_>,
    ) -> Result<QueryPage, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => query::query(tx, &scope, query).await,
            None => Ok(QueryPage { records: Vec::new(), total: 0 }),
        }
    }

    async fn scan(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        scan: &Scan<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match InScope::of(scope, tx.dialect())? {
            Some(scope) => query::scan(tx, &scope, scan, sink).await,
            None => Ok(0),
        }
    }
}
