//! Rows of registered entities.
//!
//! Every method takes a [`RowScope`]: the entity, the tenant and the row rule. An adapter puts all three into each
//! statement, so a row outside the scope is one that does not exist. Columns come from the entity's definition,
//! values are bound; no name from a caller reaches a store.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{StoreError, Transaction};
use crate::audit::{AuditRecord, Change};
use crate::entity::{ColumnIndex, Entity, Record};
use crate::expression::{Expression, Sort};
use crate::value::Value;

/// Reads and writes rows, in the caller's transaction.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// Inserts a row and returns it as stored.
    async fn insert(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        insertion: Insertion<'_>,
    ) -> Result<Inserted, StoreError>;

    /// The rows with these keys, in one statement, in the order of their keys. Missing ones are left out.
    async fn find(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        keys: &[Value],
        lock: Lock,
    ) -> Result<Vec<Record>, StoreError>;

    /// Changes one row. Two updates of one row never both start from the same version of it.
    async fn update(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        update: Update<'_>,
    ) -> Result<Updated, StoreError>;

    /// Deletes one row.
    async fn delete(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        deletion: Deletion<'_>,
    ) -> Result<Deleted, StoreError>;

    /// Changes or deletes many rows, in as many statements as there are failures to be found and no more for the rows.
    ///
    /// Rows are held in the order of their keys, so two calls of this on the same rows never wait for each other. The
    /// change of each row is written to the audit in the same go, see [`ChangeLog`]. After an update each row must
    /// still satisfy the scope's rule. Whatever the outcome, but for [`BulkOutcome::Made`], no row was changed.
    async fn change_all(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        bulk: Bulk<'_>,
    ) -> Result<BulkOutcome, StoreError>;

    /// One page of the rows that match, and how many match in all.
    async fn query(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        query: &Query<'_>,
    ) -> Result<QueryPage, StoreError>;

    /// Hands all rows that match to a sink, in order: one statement, and so one snapshot, however many there are.
    /// Only a batch of at most [`SCAN_BATCH`] rows is held at a time; while the sink works, no more are read.
    /// Returns how many were handed over.
    async fn scan(
        &self,
        tx: &mut dyn Transaction,
        scope: &RowScope<'_>,
        scan: &Scan<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, StoreError>;
}

/// As many rows as a [`RowSink`] is given at most at a time.
pub const SCAN_BATCH: usize = 256;

/// Takes the rows of a [`RecordStore::scan`].
#[async_trait]
pub trait RowSink: Send {
    /// The next rows, 1 to [`SCAN_BATCH`] of them. With [`ControlFlow::Break`] no more are sent; why, the sink keeps.
    async fn rows(&mut self, rows: Vec<Record>) -> ControlFlow<()>;
}

/// Which rows of which entity a statement may touch, by whom and when.
#[derive(Debug, Clone, Copy)]
pub struct RowScope<'a> {
    /// The entity.
    pub entity: &'a Arc<Entity>,
    /// Its tenant column must equal this, where the entity has one.
    pub tenant: Option<Uuid>,
    /// The row rule, which must hold for the row; `None` where the entity has none.
    pub rule: Option<&'a Expression>,
    /// Who does it, for the `createdBy` and `updatedBy` columns.
    pub user: Uuid,
    /// When, for the `createdAt` and `updatedAt` columns.
    pub now: DateTime<Utc>,
}

/// Whether rows are held until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// Others may change them meanwhile.
    None,
    /// Others wait, in the order of the keys.
    ForUpdate,
}

/// A row to insert.
#[derive(Debug, Clone, Copy)]
pub struct Insertion<'a> {
    /// The key, unless the database makes it.
    pub key: Option<&'a Value>,
    /// Data columns and their values; others take the table's default. The managed columns are the store's work.
    pub values: &'a [(ColumnIndex, Value)],
    /// As [`Update::seal`].
    pub seal: Option<&'a AuditRecord>,
}

/// A row that was inserted.
#[derive(Debug)]
pub struct Inserted {
    /// As it is stored.
    pub record: Record,
    /// Whether the audit record was written with it.
    pub sealed: bool,
}

/// A change of one row.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// Its key.
    pub key: &'a Value,
    /// Data columns and their new values.
    pub values: &'a [(ColumnIndex, Value)],
    /// The version it must have.
    pub expected_version: Option<i64>,
    /// The audit record of the call that ends with this change. A store may write it in the same statement, together
    /// with what changed, and then says so with `sealed`; the record's own changes are left as they are. Nothing follows
    /// a sealed change, so a store may have committed it by itself: a rollback afterwards no longer undoes it.
    pub seal: Option<&'a AuditRecord>,
}

/// What became of an update.
#[derive(Debug)]
pub enum Updated {
    /// It was made.
    Made {
        /// The row before, where the store read it; always there unless `sealed`.
        before: Option<Record>,
        /// The row now.
        after: Record,
        /// Whether the audit record was written with it.
        sealed: bool,
    },
    /// There is no such row in the scope.
    Missing,
    /// It has another version.
    Stale {
        /// The stored one.
        current: i64,
    },
}

/// The removal of one row.
#[derive(Debug, Clone, Copy)]
pub struct Deletion<'a> {
    /// Its key.
    pub key: &'a Value,
    /// The version it must have.
    pub expected_version: Option<i64>,
}

/// What became of a deletion.
#[derive(Debug)]
pub enum Deleted {
    /// It was made.
    Made {
        /// The row as it was.
        before: Record,
    },
    /// There is no such row in the scope.
    Missing,
    /// It has another version.
    Stale {
        /// The stored one.
        current: i64,
    },
}

/// The most keys that a change of many rows names, and that its answer holds.
pub const MOST_BULK_KEYS: usize = 10_000;

/// One change of many rows.
#[derive(Debug, Clone, Copy)]
pub struct Bulk<'a> {
    /// Which rows.
    pub rows: BulkRows<'a>,
    /// What becomes of them.
    pub change: BulkChange<'a>,
    /// Whether rows that cannot be changed are left out, instead of keeping all from being changed.
    pub independent: bool,
    /// Where the changes are written.
    pub log: ChangeLog<'a>,
}

/// The rows of a [`Bulk`].
#[derive(Debug, Clone, Copy)]
pub enum BulkRows<'a> {
    /// Those with these keys, at most [`MOST_BULK_KEYS`], each once.
    Keys(&'a [Value]),
    /// Those for which a condition holds.
    Matching {
        /// The condition.
        filter: &'a Expression,
        /// If more match, none is changed.
        at_most: u32,
    },
}

/// What becomes of the rows of a [`Bulk`].
#[derive(Debug, Clone, Copy)]
pub enum BulkChange<'a> {
    /// Data columns get new values, the same in each row.
    Update(&'a [(ColumnIndex, Value)]),
    /// They are removed.
    Delete,
}

/// Where the changes of a call's audit record are written before the record itself.
#[derive(Debug, Clone, Copy)]
pub struct ChangeLog<'a> {
    /// The record's id.
    pub record: Uuid,
    /// As many changes stand there already; the next has the position behind them. They follow in the order of keys.
    pub written: u64,
    /// Members that the action marks as not to be shown, see `Change::redacted`.
    pub redact: &'a [Cow<'static, str>],
}

/// What became of a [`Bulk`].
#[derive(Debug)]
pub enum BulkOutcome {
    /// It was made.
    Made(BulkMade),
    /// Some keys have no row in the scope, and it was all or nothing.
    Missing {
        /// The keys that have one.
        found: Vec<Value>,
    },
    /// More rows match than may be changed.
    TooMany {
        /// How many match.
        matching: u64,
    },
    /// The scope's rule would no longer hold for some row, and it was all or nothing.
    OutOfScope,
}

/// A [`Bulk`] that was made.
#[derive(Debug, Default)]
pub struct BulkMade {
    /// How many rows were changed.
    pub changed: u64,
    /// Their keys, in order; `None` where there are more than [`MOST_BULK_KEYS`].
    pub keys: Option<Vec<Value>>,
    /// The first changes, as many as stand in a record.
    pub first: Vec<Change>,
    /// The rows that are there and were left as they are, by key.
    pub failed: Vec<RowFailure>,
}

/// A row that an independent [`Bulk`] left as it is.
#[derive(Debug)]
pub struct RowFailure {
    /// Its key.
    pub key: Value,
    /// Why.
    pub stop: RowStop,
}

/// Why a row was left as it is.
#[derive(Debug)]
pub enum RowStop {
    /// The store could not change it.
    Store(StoreError),
    /// The scope's rule would no longer hold for it.
    OutOfScope,
}

/// Which rows to list.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// What must hold.
    pub filter: Option<&'a Expression>,
    /// The order; the store ends it with the key, and puts nulls last.
    pub sort: &'a Sort,
    /// At most this many.
    pub limit: u32,
    /// After this many.
    pub offset: u64,
}

/// Which rows to hand over.
#[derive(Debug, Clone, Copy)]
pub struct Scan<'a> {
    /// What must hold.
    pub filter: Option<&'a Expression>,
    /// The order, as in [`Query::sort`].
    pub sort: &'a Sort,
    /// At most this many; all without.
    pub limit: Option<u64>,
}

/// A page of rows.
#[derive(Debug)]
pub struct QueryPage {
    /// The rows.
    pub records: Vec<Record>,
    /// How many match in all.
    pub total: u64,
}
