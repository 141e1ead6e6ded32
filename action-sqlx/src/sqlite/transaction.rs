//! A transaction on SQLite: a savepoint on the one writer, or a snapshot on a reader.
//!
//! What becomes of a savepoint is the writer's work (`sqlite::writer`); here a call's statements are run, and refused
//! once SQLite has rolled back by itself, so that nothing is written outside the transaction.

use std::time::Duration;

use action_core::ports::{Access, Scope, StoreError};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{SqlSafeStr, SqlStr, SqliteConnection};

use super::encode;
use super::lease::WriterLease;
use super::readers::{ReaderLease, Readers};
use super::writer::Writer;
use crate::cause;
use crate::drain::{Drain, Drained};
use crate::row::Row;
use crate::statement::Statement;

/// How long the end of a reader's transaction may take before closing its connection is the quicker way.
const PATIENCE: Duration = Duration::from_secs(1);

/// An open transaction. Dropping it undoes it.
pub(crate) struct SqliteTransaction {
    lease: Lease,
    // A statement was sent and its end was not seen.
    in_flight: bool,
}

enum Lease {
    Writer(WriterLease),
    /// The writer, kept from writing: a database in memory has no second connection.
    WriterReading(WriterLease),
    Reader(ReaderLease),
}

impl SqliteTransaction {
    /// Opens one. There are no readers in memory.
    pub(crate) async fn begin(
        writer: &Writer,
        readers: Option<&Readers>,
        scope: &Scope,
    ) -> Result<Self, StoreError> {
        let (lease, opening) = match (scope.access, readers) {
            (Access::ReadWrite, _) => (Lease::Writer(writer.borrow().await?), None),
            (Access::ReadOnly, Some(readers)) => (Lease::Reader(readers.get().await?), Some("BEGIN")),
            (Access::ReadOnly, None) => {
                let mut lease = writer.borrow().await?;
                lease.mark_query_only();
                (Lease::WriterReading(lease), Some("PRAGMA query_only = ON"))
            }
        };
        let mut transaction = Self { lease, in_flight: false };
        if let Some(opening) = opening {
            let opened = sqlx::raw_sql(opening.into_sql_str()).execute(transaction.sound_connection()?).await;
            opened.map_err(|error| cause::of(error, opening))?;
        }
        Ok(transaction)
    }

    /// Runs a statement and collects its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        // What comes ahead of it answers no rows.
        let text = match self.take_opening() {
            Some(opening) => statement.sql_behind(opening),
            None => statement.sql(),
        };
        let query = query(statement, text)?;
        self.in_flight = true;
        let rows = query.fetch_all(self.sound_connection()?).await;
        self.in_flight = false;
        let rows = rows.map_err(|error| cause::of(error, statement.text()))?;
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    /// Runs a statement and drains its rows while it runs.
    pub(crate) async fn stream(
        &mut self,
        statement: &Statement,
        drain: &mut Drain<'_>,
    ) -> Result<(), StoreError> {
        self.open().await?;
        let query = query(statement, statement.sql())?;
        self.in_flight = true;
        let drained = drain.take(query.fetch(self.sound_connection()?), Row::Sqlite).await;
        match drained {
            // What is left of it may still be running.
            Ok(Drained::Left(end)) => end,
            drained => {
                self.in_flight = false;
                drained.map(drop).map_err(|error| cause::of(error, statement.text()))
            }
        }
    }

    /// Runs a statement and counts the rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        // SQLite's count for what comes ahead of it is one of an earlier statement.
        self.open().await?;
        let query = query(statement, statement.sql())?;
        self.in_flight = true;
        let done = query.execute(self.sound_connection()?).await;
        self.in_flight = false;
        Ok(done.map_err(|error| cause::of(error, statement.text()))?.rows_affected())
    }

    /// The connection, for statements of a handler's own.
    pub(crate) async fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.open().await?;
        self.sound_connection()
    }

    /// Sends what opens its savepoint, where that waits for a statement to go with.
    async fn open(&mut self) -> Result<(), StoreError> {
        let Some(opening) = self.take_opening() else { return Ok(()) };
        self.in_flight = true;
        let opened = sqlx::raw_sql(opening.into_sql_str()).execute(self.sound_connection()?).await;
        self.in_flight = false;
        opened.map(drop).map_err(|error| cause::of(error, opening))
    }

    fn take_opening(&mut self) -> Option<&'static str> {
        match &mut self.lease {
            Lease::Writer(lease) => lease.take_opening(),
            // What only reads has nothing to be undone.
            Lease::WriterReading(_) | Lease::Reader(_) => None,
        }
    }

    /// Waits until what was written is durable.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        if self.in_flight {
            return Err(StoreError::fault("a statement of this transaction was cut off"));
        }
        match self.lease {
            Lease::Writer(lease) => lease.keep().await,
            Lease::WriterReading(_) => Ok(()),
            Lease::Reader(lease) => {
                end_reading(lease).await;
                Ok(())
            }
        }
    }

    /// Undoes it.
    pub(crate) async fn rollback(self) {
        match self.lease {
            Lease::Reader(lease) if !self.in_flight => end_reading(lease).await,
            // The rest is the writer's work, and a reader that may still be busy is closed.
            Lease::Writer(_) | Lease::WriterReading(_) | Lease::Reader(_) => {}
        }
    }

    fn sound_connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match &mut self.lease {
            Lease::Writer(lease) | Lease::WriterReading(lease) => {
                if lease.was_rolled_back() {
                    let problem = "SQLite rolled the transaction back by itself";
                    return Err(StoreError::Unavailable(problem.into()));
                }
                lease.connection()
            }
            Lease::Reader(lease) => lease.connection(),
        };
        connection.ok_or_else(|| StoreError::fault("the connection was given back"))
    }
}

/// Runs one statement that reads. A statement alone sees one snapshot without a transaction around it, which would be two
/// messages more.
pub(crate) async fn read_alone(readers: &Readers, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    let query = query(statement, statement.sql())?;
    let mut lease = readers.get().await?;
    let Some(connection) = lease.connection() else {
        return Err(StoreError::fault("the connection was given back"));
    };
    let rows = query.fetch_all(connection).await;
    // Dropped before this, it is closed.
    lease.give_back();
    let rows = rows.map_err(|error| cause::of(error, statement.text()))?;
    Ok(rows.into_iter().map(Row::Sqlite).collect())
}

async fn end_reading(mut lease: ReaderLease) {
    let Some(connection) = lease.connection() else { return };
    // Behind a handler's statement that was cut off this may take long; then the reader is closed, as when it fails.
    let end = sqlx::raw_sql("ROLLBACK".into_sql_str()).execute(connection);
    if matches!(tokio::time::timeout(PATIENCE, end).await, Ok(Ok(_))) {
        lease.give_back();
    }
}

fn query(statement: &Statement, text: SqlStr) -> Result<Query<'static, Sqlite, SqliteArguments>, StoreError> {
    let arguments = encode::arguments(statement.binds()).map_err(StoreError::Fault)?;
    Ok(sqlx::query_with(text, arguments).persistent(statement.is_persistent()))
}
