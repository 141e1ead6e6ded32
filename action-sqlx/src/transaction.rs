//! A call's transaction, on whichever database.
//!
//! Stores of this crate reach it with [`SqlTransaction::of`] and run [`Statement`]s in it; a handler's own statements
//! run on the connection that [`SqlTransaction::connection`] lends. How it begins and ends stands in
//! `postgres::transaction` and `sqlite::transaction`; what is written with a success, in `ending`.

use std::any::Any;
use std::sync::Arc;

use action_core::audit::{AuditRecord, Change};
use action_core::ports::{Access, Ending, Scope, StoreError, Transaction};
use async_trait::async_trait;
use uuid::Uuid;

use crate::backend::Backend;
use crate::context::Connection;
use crate::dialect::Dialect;
use crate::drain::Drain;
use crate::ending::{self, Cause};
use crate::identifier::Identifier;
use crate::row::Row;
use crate::statement::Statement;

/// An open transaction of this crate. Dropping it undoes everything.
pub struct SqlTransaction {
    inner: Inner,
    scope: Scope,
    // Who caused the events of a call whose audit record a store has written already.
    sealed: Option<Cause>,
    backend: Arc<Backend>,
    // Whatever must be let go when the transaction has ended, however it ends. Dropped last.
    held: Option<Box<dyn Any + Send>>,
}

pub(crate) enum Inner {
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::PgTransaction),
    #[cfg(feature = "sqlite")]
    Sqlite(crate::sqlite::SqliteTransaction),
}

impl SqlTransaction {
    pub(crate) fn new(inner: Inner, scope: Scope, backend: Arc<Backend>) -> Self {
        Self { inner, scope, sealed: None, backend, held: None }
    }

    /// The transaction behind the port, where it is one of this crate.
    pub(crate) fn of(transaction: &mut dyn Transaction) -> Result<&mut Self, StoreError> {
        let transaction = transaction.as_any().downcast_mut();
        transaction.ok_or_else(|| StoreError::fault("the transaction belongs to another storage"))
    }

    /// Which database's SQL it takes.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// The scope it was opened with.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The connection, on whichever database. Nested transactions on it are savepoints of this one. On PostgreSQL this
    /// is where the transaction begins on the server, unless it has begun already.
    pub async fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.connection().await.map(Connection::Postgres),
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.connection().await.map(Connection::Sqlite),
        }
    }

    /// Whether a sealed change of this table may be a statement on its own, committed by itself; see
    /// `postgres::transaction`. The statement must then set the tenant, and be run with [`SqlTransaction::alone`].
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, unused_variables, reason = "only PostgreSQL is asked")
    )]
    pub(crate) async fn may_be_alone(&mut self, table: &Identifier) -> bool {
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.may_be_alone(table.as_str()).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(_) => false,
        }
    }

    /// Runs such a statement, and collects its rows.
    pub(crate) async fn alone(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        statement.announce();
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.alone(statement).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.rows(statement).await,
        }
    }

    /// Runs a statement of PostgreSQL's and collects its rows; what the server said against it, as it said it.
    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres_rows(
        &mut self,
        statement: &Statement,
    ) -> Result<Result<Vec<Row>, sqlx::Error>, StoreError> {
        statement.announce();
        match &mut self.inner {
            Inner::Postgres(transaction) => transaction.rows_as_told(statement).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(_) => Err(StoreError::fault("this is PostgreSQL's alone")),
        }
    }

    /// It found nothing to change: more may follow.
    pub(crate) fn wrote_nothing(&mut self) {
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.wrote_nothing(),
            // Whatever ran there is part of a transaction that is open anyway.
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(_) => {}
        }
    }

    /// Runs a statement and collects its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        statement.announce();
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.rows(statement).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.rows(statement).await,
        }
    }

    /// Runs a statement and drains its rows while it runs. One that is left before its end leaves the transaction fit
    /// for nothing but a rollback.
    pub(crate) async fn stream(
        &mut self,
        statement: &Statement,
        drain: &mut Drain<'_>,
    ) -> Result<(), StoreError> {
        statement.announce();
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.stream(statement, drain).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.stream(statement, drain).await,
        }
    }

    /// Runs a statement and counts the rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        statement.announce();
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.execute(statement).await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.execute(statement).await,
        }
    }

    /// A store wrote the call's audit record with its own statement: events of the call are this caller's.
    pub(crate) fn sealed_with(&mut self, record: &AuditRecord) {
        self.sealed = Some(Cause::of(record));
    }

    /// Keeps something until the transaction has ended, however it ends.
    #[cfg(feature = "sqlite")]
    pub(crate) fn hold(&mut self, held: Box<dyn Any + Send>) {
        self.held = Some(held);
    }

    /// From here to its end it refuses writes, though it was opened as one that may write.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL is told"))]
    pub(crate) async fn only_read(&mut self) -> Result<(), StoreError> {
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.only_read().await?,
            // A reader's transaction never writes.
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(_) => {}
        }
        self.scope.access = Access::ReadOnly;
        Ok(())
    }

    /// Whether its end may be written in it.
    #[cfg_attr(not(feature = "postgres"), expect(clippy::unused_async, reason = "only PostgreSQL is told"))]
    async fn may_end_in_itself(&mut self) -> Result<bool, StoreError> {
        if self.scope.access == Access::ReadWrite {
            return Ok(true);
        }
        match &mut self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.write_again().await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(_) => Ok(false),
        }
    }

    async fn finish(mut self, ending: &Ending<'_>) -> Result<(), StoreError> {
        let cause = ending.audit.map(Cause::of).or(self.sealed);
        let statement = ending::statement(self.dialect(), ending, cause.as_ref(), self.scope.tenant)?;
        let Some(statement) = statement else { return self.end().await };
        if !self.may_end_in_itself().await? {
            // What only reads cannot hold its own audit record; that is written right after it, and a claim lasts
            // until the answer is kept.
            let (backend, held) = (Arc::clone(&self.backend), self.held.take());
            self.end().await?;
            let written = backend.write_once(&statement).await.map(drop);
            drop(held);
            return written;
        }
        if let Err(error) = self.execute(&statement).await {
            self.undo().await;
            return Err(error);
        }
        self.end().await
    }

    async fn end(self) -> Result<(), StoreError> {
        match self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.commit().await?,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.commit().await?,
        }
        // Only now may the next claim of the same key begin.
        drop(self.held);
        Ok(())
    }

    async fn undo(self) {
        match self.inner {
            #[cfg(feature = "postgres")]
            Inner::Postgres(transaction) => transaction.rollback().await,
            #[cfg(feature = "sqlite")]
            Inner::Sqlite(transaction) => transaction.rollback().await,
        }
    }
}

#[async_trait]
impl Transaction for SqlTransaction {
    async fn commit(self: Box<Self>, ending: Ending<'_>) -> Result<(), StoreError> {
        self.finish(&ending).await
    }

    async fn write_changes(
        &mut self,
        record: Uuid,
        after: u64,
        changes: &[Change],
    ) -> Result<(), StoreError> {
        let statement = ending::changes(self.dialect(), record, after, changes)?;
        self.execute(&statement).await.map(drop)
    }

    async fn rollback(self: Box<Self>) {
        self.undo().await;
    }

    fn as_any(&mut self) -> &mut (dyn Any + Send) {
        self
    }
}
