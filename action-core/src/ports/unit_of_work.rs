//! One call's transaction: opened when the first thing needs it, ended once.
//!
//! Everything a success leaves behind (its rows, audit record, kept answer, events) is committed by
//! [`Transaction::commit`] or not at all. A transaction that is dropped without an end is rolled back, and where a
//! statement may still be running on it, its connection is closed rather than lent again.

use std::any::Any;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{IdempotencyKey, StoreError};
use crate::audit::{AuditRecord, Change};
use crate::cache::Topic;
use crate::events::Event;
use crate::mail::OutgoingMail;
use crate::refusal::BoxError;

/// Opens transactions.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// Opens one, bound to the scope's tenant.
    async fn begin(&self, scope: &Scope) -> Result<Box<dyn Transaction>, StoreError>;

    /// Whether the database answers.
    async fn ready(&self) -> Result<(), StoreError>;

    /// What a fault from a handler's own statement means; gives it back where it is none of this database's.
    fn classify(&self, fault: BoxError) -> Result<StoreError, BoxError> {
        Err(fault)
    }
}

/// What a transaction is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The tenant whose rows are seen; none for callers without one.
    pub tenant: Option<Uuid>,
    /// Whether it may write.
    pub access: Access,
    /// The longest a single statement may take: the action's own limit.
    pub time_limit: Duration,
}

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It reads only, from one snapshot; the database refuses writes.
    ReadOnly,
    /// It may write.
    ReadWrite,
}

/// An open transaction.
#[async_trait]
pub trait Transaction: Send {
    /// Writes what belongs to the success, in as few statements as the database allows, and commits.
    /// Returns once the commit is durable.
    async fn commit(self: Box<Self>, ending: Ending<'_>) -> Result<(), StoreError>;

    /// Writes changes of the call's audit record before the record itself; the first comes behind `after` others.
    async fn write_changes(&mut self, record: Uuid, after: u64, changes: &[Change])
    -> Result<(), StoreError>;

    /// Undoes everything and gives the connection back.
    async fn rollback(self: Box<Self>);

    /// The adapter's own type, for stores of the same database and for extension traits.
    fn as_any(&mut self) -> &mut (dyn Any + Send);
}

/// What is written together with a success.
#[derive(Debug, Default)]
pub struct Ending<'a> {
    /// Its audit record, unless a store wrote it already.
    pub audit: Option<&'a AuditRecord>,
    /// The answer to keep for its idempotency key.
    pub kept: Option<Kept<'a>>,
    /// Domain events, in order.
    pub events: &'a [Event],
    /// Mails to be sent afterwards, in order.
    pub mails: &'a [OutgoingMail],
    /// What the call changed of what is kept in memory, here and by other processes.
    pub touched: &'a [Topic],
}

/// An answer to be replayed.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a> {
    /// The key it is kept under.
    pub key: &'a IdempotencyKey,
    /// The answer.
    pub answer: &'a str,
}
