//! A transaction on PostgreSQL.
//!
//! It begins with one message: BEGIN, the tenant for row-level security, the time limit. It ends with COMMIT or
//! ROLLBACK, after which the connection is lent again. In every other case (dropped by a caller who hung up, cut off
//! by the time limit in the middle of a statement, broken) the connection is closed, and the server undoes the rest.

use std::time::Duration;

use action_core::ports::{Access, Scope, StoreError};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use sqlx::{PgConnection, SqlSafeStr};

use super::encode;
use super::pool::{PgLease, PgPool};
use crate::cause;
use crate::row::Row;
use crate::statement::Statement;

/// How long a rollback may take before closing the connection is the quicker way.
const ROLLBACK_PATIENCE: Duration = Duration::from_secs(1);

/// No statement takes longer on the server, so after this the network is gone, and with it the answer.
const COMMIT_PATIENCE: Duration = Duration::from_mins(1);

/// An open transaction. Dropping it closes its connection.
pub(crate) struct PgTransaction {
    lease: PgLease,
    state: State,
    // Statements that we did not see were run on it.
    lent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Every statement we saw succeeded.
    Sound,
    /// A statement failed: PostgreSQL takes nothing but ROLLBACK now.
    Failed,
    /// A statement was sent and its end was not seen.
    InFlight,
}

impl PgTransaction {
    /// Opens one.
    pub(crate) async fn begin(pool: &PgPool, scope: &Scope) -> Result<Self, StoreError> {
        let opening = opening(scope);
        let mut lease = pool.get().await?;
        let mut begun = open(&mut lease, &opening, pool.patience()).await;
        if let Err(error) = &begun
            && lease.is_reused()
            && cause::is_broken_connection(error)
        {
            // The server restarted, or a firewall forgot the connection while it was idle. BEGIN has no effect yet,
            // so it may be sent twice; anything after it may not.
            pool.distrust(&lease);
            drop(lease);
            lease = pool.get().await?;
            begun = open(&mut lease, &opening, pool.patience()).await;
        }
        begun.map_err(|error| cause::of(error, "BEGIN"))?;
        Ok(Self { lease, state: State::Sound, lent: false })
    }

    /// Runs a statement and collects its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let query = query(statement)?;
        self.state = State::InFlight;
        let rows = query.fetch_all(self.lease.connection()?).await;
        Ok(self.seen(rows, statement)?.into_iter().map(Row::Postgres).collect())
    }

    /// Runs a statement and counts the rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        let query = query(statement)?;
        self.state = State::InFlight;
        let done = query.execute(self.lease.connection()?).await;
        Ok(self.seen(done, statement)?.rows_affected())
    }

    /// The connection, for statements of a handler's own.
    pub(crate) fn connection(&mut self) -> Option<&mut PgConnection> {
        self.lent = true;
        self.lease.connection().ok()
    }

    /// Commits, and gives the connection back.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.state == State::InFlight {
            return Err(StoreError::fault("a statement of this transaction was cut off"));
        }
        // PostgreSQL answers COMMIT on a failed transaction with a rollback, and calls that a success. Where a
        // handler may have swallowed an error, a statement before it in the same message brings the error back.
        let certain = self.state == State::Sound && !self.lent;
        let text = if certain { "COMMIT" } else { "SELECT 1; COMMIT" };
        let commit = sqlx::raw_sql(text.into_sql_str()).execute(self.lease.connection()?);
        let committed = within(COMMIT_PATIENCE, commit).await;
        committed.map_err(|error| cause::of(error, "COMMIT"))?;
        self.lease.give_back();
        Ok(())
    }

    /// Rolls back, and gives the connection back.
    pub(crate) async fn rollback(mut self) {
        if self.state == State::InFlight {
            return;
        }
        let Ok(connection) = self.lease.connection() else { return };
        let rollback = sqlx::raw_sql("ROLLBACK".into_sql_str()).execute(connection);
        if matches!(tokio::time::timeout(ROLLBACK_PATIENCE, rollback).await, Ok(Ok(_))) {
            self.lease.give_back();
        }
    }

    fn seen<T>(&mut self, end: Result<T, sqlx::Error>, statement: &Statement) -> Result<T, StoreError> {
        self.state = match &end {
            Ok(_) => State::Sound,
            Err(error) if cause::is_broken_connection(error) => State::InFlight,
            Err(_) => State::Failed,
        };
        end.map_err(|error| cause::of(error, statement.text()))
    }
}

/// Runs one statement that is committed by itself, and again where the connection turns out to be broken: it must be
/// one that may be repeated.
pub(crate) async fn once(pool: &PgPool, statement: &Statement) -> Result<Vec<Row>, StoreError> {
    let lease = pool.get().await?;
    let may_repeat = lease.is_reused();
    match once_on(pool, lease, statement).await {
        Err(error) if may_repeat && cause::is_broken_connection(&error) => {
            once_on(pool, pool.get().await?, statement).await
        }
        end => end,
    }
    .map_err(|error| cause::of(error, statement.text()))
}

async fn once_on(pool: &PgPool, mut lease: PgLease, statement: &Statement) -> Result<Vec<Row>, sqlx::Error> {
    let arguments = encode::arguments(statement.binds()).map_err(sqlx::Error::Encode)?;
    let query = sqlx::query_with(statement.sql(), arguments).persistent(statement.is_persistent());
    let connection = lease.connection().map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    // Beyond the session's own limit on a statement.
    let rows = within(COMMIT_PATIENCE + Duration::from_secs(5), query.fetch_all(connection)).await;
    match &rows {
        Err(error) if cause::is_broken_connection(error) => pool.distrust(&lease),
        _ => lease.give_back(),
    }
    Ok(rows?.into_iter().map(Row::Postgres).collect())
}

async fn open(lease: &mut PgLease, opening: &Statement, patience: Duration) -> Result<(), sqlx::Error> {
    let connection = lease.connection().map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    within(patience, sqlx::raw_sql(opening.sql()).execute(connection)).await.map(drop)
}

/// A network that swallows everything is a broken connection, too.
async fn within<T>(
    patience: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let silence = |_| sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut));
    tokio::time::timeout(patience, work).await.map_err(silence)?
}

fn query(statement: &Statement) -> Result<Query<'static, Postgres, PgArguments>, StoreError> {
    let arguments = encode::arguments(statement.binds()).map_err(StoreError::Fault)?;
    Ok(sqlx::query_with(statement.sql(), arguments).persistent(statement.is_persistent()))
}

fn opening(scope: &Scope) -> Statement {
    let mut statement = Statement::new(match scope.access {
        Access::ReadWrite => "BEGIN",
        // One snapshot for all statements, as a reader of SQLite has it.
        Access::ReadOnly => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    });
    statement.push_str("; SET LOCAL app.tenant_id = ");
    match scope.tenant {
        Some(tenant) => statement.push_quoted_uuid(tenant),
        None => statement.push_str("''"),
    };
    // 0 would switch the limit off.
    let limit = u64::try_from(scope.time_limit.as_millis())
        .unwrap_or(u64::MAX)
        .clamp(1, i32::MAX.unsigned_abs().into());
    statement.push_str("; SET LOCAL statement_timeout = ").push_number(limit);
    statement
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_transaction_opens_with_its_tenant_and_its_limit_in_one_message() {
        let scope =
            Scope { tenant: Some(Uuid::nil()), access: Access::ReadOnly, time_limit: Duration::from_secs(5) };
        assert_eq!(
            opening(&scope).text(),
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
             SET LOCAL app.tenant_id = '00000000-0000-0000-0000-000000000000'; SET LOCAL statement_timeout = 5000"
        );
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::ZERO };
        let text = "BEGIN; SET LOCAL app.tenant_id = ''; SET LOCAL statement_timeout = 1";
        assert_eq!(opening(&scope).text(), text);
    }
}
