//! Hands out committed events, each subject's in order.
//!
//! An event is free when nobody tells it, and no earlier one of its subject is being told. Two nodes that look at once
//! could each see a free event of the same subject, so on PostgreSQL one node looks at a time; a look takes about a
//! millisecond. On SQLite the one writer sees to it.

use std::sync::Arc;
use std::time::Duration;

use action_core::Event;
use action_core::ports::{Access, EventOutbox, PendingEvent, Scope, StoreError, Transaction};
use action_core::{Kind, Value};
use async_trait::async_trait;
use uuid::Uuid;

use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The number of the lock that lets one node look at a time: any, as long as it is the same everywhere.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(5486201948110012345)";

/// The port on either database.
pub(crate) struct SqlEventOutbox {
    pub(crate) backend: Arc<Backend>,
}

#[async_trait]
impl EventOutbox for SqlEventOutbox {
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<PendingEvent>, StoreError> {
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::from_secs(5) };
        let dialect = self.backend.dialect();
        // Most looks find nothing, and a reader sees that without a place in the writer's queue.
        let mut any = Statement::new("SELECT 1 FROM ");
        any.push_str(dialect.table(Table::EventOutbox)).push_str(" LIMIT 1");
        if self.backend.read_once(&any).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.backend.begin(&scope).await?;
        let taken = take(&mut transaction, dialect, limit, lease_seconds).await;
        match taken {
            Ok(events) => {
                Box::new(transaction).commit(action_core::ports::Ending::default()).await?;
                Ok(events)
            }
            Err(error) => {
                Box::new(transaction).rollback().await;
                Err(error)
            }
        }
    }

    async fn confirm(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let dialect = self.backend.dialect();
        let mut statement = Statement::new("DELETE FROM ");
        statement.push_str(dialect.table(Table::EventOutbox)).push_str(" WHERE id");
        statement.push_any_of(dialect, ids.iter().map(|it| Value::Uuid(*it)).collect(), Kind::Uuid);
        self.backend.write_once(&statement).await.map(drop)
    }
}

async fn take(
    transaction: &mut SqlTransaction,
    dialect: Dialect,
    limit: u32,
    lease_seconds: u32,
) -> Result<Vec<PendingEvent>, StoreError> {
    if dialect == Dialect::Postgres {
        transaction.rows(&Statement::new(ONE_AT_A_TIME)).await?;
    }
    let mut statement = Statement::new("UPDATE ");
    statement
        .push_str(dialect.table(Table::EventOutbox))
        .push_str(" SET attempt = attempt + 1, leased_until = ");
    match dialect {
        Dialect::Postgres => {
            statement.push_str("statement_timestamp() + ").push(Bind::integer(i64::from(lease_seconds)));
            statement.push_str(" * interval '1 second'");
        }
        Dialect::Sqlite => {
            statement
                .push_str("strftime('%Y-%m-%dT%H:%M:%f', 'now', ")
                .push(Bind::integer(i64::from(lease_seconds)));
            statement.push_str(" || ' seconds') || '000Z'");
        }
    }
    let (open, close) = dialect.one_of_query();
    statement.push_str(" WHERE position").push_str(open);
    statement.push_str("SELECT e.position FROM ").push_str(dialect.table(Table::EventOutbox));
    statement.push_str(" AS e WHERE (e.leased_until IS NULL OR e.leased_until <= ").push_str(dialect.now());
    statement.push_str(") AND NOT EXISTS (SELECT 1 FROM ").push_str(dialect.table(Table::EventOutbox));
    statement.push_str(
        " AS earlier WHERE earlier.subject = e.subject AND earlier.position < e.position \
         AND earlier.tenant_id IS NOT DISTINCT FROM e.tenant_id AND earlier.leased_until > ",
    );
    statement.push_str(dialect.now()).push_str(") ORDER BY e.position LIMIT ");
    statement.push(Bind::integer(i64::from(limit)));
    // A row that is just being confirmed is not waited for.
    statement.push_str(dialect.choose(" FOR UPDATE SKIP LOCKED", ""));
    statement.push_str(close).push_str(
        " RETURNING position, id, tenant_id, user_id, happened_at, kind, subject, payload, attempt",
    );
    let rows = transaction.rows(&statement).await?;
    let mut events = rows.iter().map(pending).collect::<Result<Vec<_>, _>>()?;
    // Neither database promises an order for what an update returns.
    events.sort_by_key(|(position, _)| *position);
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

fn pending(row: &Row) -> Result<(i64, PendingEvent), StoreError> {
    let event = Event { kind: row.text(5)?.into(), subject: row.text(6)?, payload: row.json(7)? };
    let pending = PendingEvent {
        id: row.uuid(1)?,
        tenant: row.optional_uuid(2)?,
        user: row.uuid(3)?,
        at: row.timestamp(4)?,
        event,
        attempt: u32::try_from(row.i64(8)?).unwrap_or(u32::MAX),
    };
    Ok((row.i64(0)?, pending))
}
