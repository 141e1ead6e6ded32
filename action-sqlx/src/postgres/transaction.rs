//! A transaction on PostgreSQL.
//!
//! It is lent a connection and says nothing until its first statement. Then it begins with one message: BEGIN, the
//! tenant for row-level security, and the time limit where it is not the session's own. It ends with COMMIT or
//! ROLLBACK, after which the connection is lent again. In every other case (dropped by a caller who hung up, cut off
//! by the time limit in the middle of a statement, broken) the connection is closed, and the server undoes the rest.
//!
//! A change that is written together with its audit record, and that nothing came before, needs no BEGIN and no
//! COMMIT: it is one statement that commits itself ([`PgTransaction::alone`]), and the transaction is over. If the
//! connection breaks while it runs, as little is known as when one breaks during COMMIT.

use std::time::{Duration, Instant};

use action_core::ports::{Access, Scope, StoreError};
use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use sqlx::{PgConnection, SqlSafeStr};

use super::connect::STATEMENT_LIMIT;
use super::encode;
use super::pool::{PgLease, PgPool};
use crate::cause;
use crate::drain::{Drain, Drained};
use crate::row::Row;
use crate::statement::Statement;

/// How long a rollback may take before closing the connection is the quicker way.
const ROLLBACK_PATIENCE: Duration = Duration::from_secs(1);

/// No statement takes longer on the server, so after this the network is gone, and with it the answer.
const COMMIT_PATIENCE: Duration = Duration::from_mins(1);

/// By so much the session's limit may end a statement before the action's own would.
const SHORTER: Duration = Duration::from_secs(1);

/// A transaction. Dropping it closes its connection, unless nothing is open there.
pub(crate) struct PgTransaction {
    pool: PgPool,
    lease: PgLease,
    scope: Scope,
    since: Instant,
    state: State,
    // Statements that we did not see were run on it.
    lent: bool,
    // It is inside the savepoint that keeps it from writing.
    only_reads: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was sent yet.
    Waiting,
    /// Every statement we saw succeeded.
    Sound,
    /// A statement failed: PostgreSQL takes nothing but ROLLBACK now.
    Failed,
    /// A statement was sent and its end was not seen.
    InFlight,
    /// Its one statement has committed itself.
    Over,
}

impl PgTransaction {
    /// Lends a connection for one.
    pub(crate) async fn begin(pool: &PgPool, scope: &Scope) -> Result<Self, StoreError> {
        let since = Instant::now();
        let mut lease = pool.get().await?;
        lease.is_clean_so_far();
        Ok(Self {
            pool: pool.clone(),
            lease,
            scope: *scope,
            since,
            state: State::Waiting,
            lent: false,
            only_reads: false,
        })
    }

    /// Sends what opens it, where that was not sent yet.
    async fn open(&mut self) -> Result<(), StoreError> {
        match self.state {
            State::Waiting => {}
            State::Over => {
                return Err(StoreError::fault("the call's change was committed; nothing may follow it"));
            }
            State::Sound | State::Failed | State::InFlight => return Ok(()),
        }
        let opening = opening(&self.scope);
        self.state = State::InFlight;
        self.lease.is_in_use();
        let mut begun = open(&mut self.lease, &opening, self.pool.patience()).await;
        if let Err(error) = &begun
            && self.lease.is_reused()
            && cause::is_broken_connection(error)
        {
            // The server restarted, or a firewall forgot the connection while it was idle. BEGIN has no effect yet,
            // so it may be sent twice; anything after it may not.
            self.pool.distrust(&self.lease);
            self.lease.close();
            self.lease = self.pool.get().await?;
            begun = open(&mut self.lease, &opening, self.pool.patience()).await;
        }
        begun.map_err(|error| cause::of(error, "BEGIN"))?;
        self.state = State::Sound;
        Ok(())
    }

    /// Runs a statement and collects its rows.
    pub(crate) async fn rows(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let query = query(statement)?;
        self.open().await?;
        self.state = State::InFlight;
        let rows = query.fetch_all(self.lease.connection()?).await;
        Ok(self.seen(rows, statement)?.into_iter().map(Row::Postgres).collect())
    }

    /// Runs a statement and collects its rows; what the server said against it, as it said it.
    pub(crate) async fn rows_as_told(
        &mut self,
        statement: &Statement,
    ) -> Result<Result<Vec<Row>, sqlx::Error>, StoreError> {
        let query = query(statement)?;
        self.open().await?;
        self.state = State::InFlight;
        let rows = query.fetch_all(self.lease.connection()?).await;
        self.mark(&rows);
        Ok(rows.map(|it| it.into_iter().map(Row::Postgres).collect()))
    }

    /// Runs a statement and drains its rows while it runs.
    pub(crate) async fn stream(
        &mut self,
        statement: &Statement,
        drain: &mut Drain<'_>,
    ) -> Result<(), StoreError> {
        let query = query(statement)?;
        self.open().await?;
        self.state = State::InFlight;
        let drained = drain.take(query.fetch(self.lease.connection()?), Row::Postgres).await;
        match drained {
            // What is left of it is still on its way, so the state stays as it is.
            Ok(Drained::Left(end)) => end,
            drained => self.seen(drained, statement).map(drop),
        }
    }

    /// Runs a statement and counts the rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, StoreError> {
        let query = query(statement)?;
        self.open().await?;
        self.state = State::InFlight;
        let done = query.execute(self.lease.connection()?).await;
        Ok(self.seen(done, statement)?.rows_affected())
    }

    /// Whether a change of this table may be the transaction's only statement, see [`Self::alone`].
    pub(crate) async fn may_be_alone(&mut self, table: &str) -> bool {
        let writes = self.state == State::Waiting && self.scope.access == Access::ReadWrite;
        // The server must end the statement before its caller is cut off, who would not know then how it ended. A
        // connection that was idle for long may be gone, and unlike BEGIN a change cannot be sent again.
        if !writes || !self.lease.is_warm() || self.since.elapsed() + STATEMENT_LIMIT >= self.scope.time_limit
        {
            return false;
        }
        if let Some(plain) = self.pool.tables().known(table) {
            return plain;
        }
        // Cut off or failed, the connection is no longer one to give back; BEGIN comes next and will see.
        self.lease.is_in_use();
        let Ok(connection) = self.lease.connection() else { return false };
        let asked = self.pool.tables().ask(connection, table).await;
        if asked.is_ok() {
            self.lease.is_clean_so_far();
        }
        asked.unwrap_or(false)
    }

    /// Runs a statement that sets the tenant by itself and is committed by itself. Where it wrote anything, nothing may
    /// follow; where it did not, see [`Self::wrote_nothing`].
    pub(crate) async fn alone(&mut self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        let query = query(statement)?;
        self.state = State::InFlight;
        self.lease.is_in_use();
        let rows = within(COMMIT_PATIENCE, query.fetch_all(self.lease.connection()?)).await;
        match &rows {
            Ok(_) => self.state = State::Over,
            Err(error) if cause::is_broken_connection(error) => {
                self.pool.distrust(&self.lease);
                return rows.map(|_| Vec::new()).map_err(|error| cause::of(error, statement.text()));
            }
            Err(_) => self.state = State::Waiting,
        }
        self.lease.is_clean();
        let rows = rows.map_err(|error| cause::of(error, statement.text()))?;
        Ok(rows.into_iter().map(Row::Postgres).collect())
    }

    /// The statement that ran alone found nothing to change: the transaction is where it was before.
    pub(crate) fn wrote_nothing(&mut self) {
        if self.state == State::Over {
            self.state = State::Waiting;
        }
    }

    /// Keeps it from writing until [`Self::write_again`]: going back to a savepoint is the one way back.
    pub(crate) async fn only_read(&mut self) -> Result<(), StoreError> {
        self.say("SAVEPOINT only_reading; SET TRANSACTION READ ONLY").await?;
        self.only_reads = true;
        Ok(())
    }

    /// Ends that. False where it cannot write at all.
    pub(crate) async fn write_again(&mut self) -> Result<bool, StoreError> {
        if std::mem::take(&mut self.only_reads) {
            self.say("ROLLBACK TO SAVEPOINT only_reading").await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Statements without values, in one message.
    async fn say(&mut self, text: &'static str) -> Result<(), StoreError> {
        self.open().await?;
        self.state = State::InFlight;
        let said = sqlx::raw_sql(text.into_sql_str()).execute(self.lease.connection()?).await;
        self.seen(said.map(drop), &Statement::new(text))
    }

    /// The connection, for statements of a handler's own.
    pub(crate) async fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.open().await?;
        self.lent = true;
        self.lease.connection()
    }

    /// Commits, and gives the connection back.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        match self.state {
            State::Waiting | State::Over => return Ok(()),
            State::InFlight => return Err(StoreError::fault("a statement of this transaction was cut off")),
            State::Sound | State::Failed => {}
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
        if matches!(self.state, State::Waiting | State::InFlight | State::Over) {
            return;
        }
        let Ok(connection) = self.lease.connection() else { return };
        let rollback = sqlx::raw_sql("ROLLBACK".into_sql_str()).execute(connection);
        if matches!(tokio::time::timeout(ROLLBACK_PATIENCE, rollback).await, Ok(Ok(_))) {
            self.lease.give_back();
        }
    }

    fn mark<T>(&mut self, end: &Result<T, sqlx::Error>) {
        self.state = match end {
            Ok(_) => State::Sound,
            Err(error) if cause::is_broken_connection(error) => State::InFlight,
            Err(_) => State::Failed,
        };
    }

    fn seen<T>(&mut self, end: Result<T, sqlx::Error>, statement: &Statement) -> Result<T, StoreError> {
        self.mark(&end);
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
    if scope.time_limit >= STATEMENT_LIMIT && scope.time_limit <= STATEMENT_LIMIT + SHORTER {
        return statement;
    }
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
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::from_secs(30) };
        assert_eq!(
            opening(&scope).text(),
            "BEGIN; SET LOCAL app.tenant_id = ''",
            "the session's own limit serves"
        );
        let scope = Scope { time_limit: Duration::ZERO, ..scope };
        let text = "BEGIN; SET LOCAL app.tenant_id = ''; SET LOCAL statement_timeout = 1";
        assert_eq!(opening(&scope).text(), text);
    }
}
