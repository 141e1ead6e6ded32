//! Hands out committed events, each subject's in order.
//!
//! An event is free when nobody tells it, and no earlier one of its subject is being told or waits for another attempt.
//! Two nodes that look at once could each see a free event of the same subject, so on PostgreSQL one node looks at a
//! time; a look takes about a millisecond. On SQLite the one writer sees to it.

use std::sync::Arc;
use std::time::Duration;

use action_core::Event;
use action_core::ports::{
    Access, Ending, EventOutbox, PendingEvent, PutBack, Scope, StoreError, Transaction as _,
};
use action_core::{Kind, Value};
use async_trait::async_trait;
use serde::Serialize;
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

impl SqlEventOutbox {
    /// A transaction in which no other node takes or puts back.
    async fn alone(&self) -> Result<Box<SqlTransaction>, StoreError> {
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::from_secs(5) };
        let mut transaction = Box::new(self.backend.begin(&scope).await?);
        if self.backend.dialect() == Dialect::Postgres {
            transaction.rows(&Statement::new(ONE_AT_A_TIME)).await?;
        }
        Ok(transaction)
    }
}

#[async_trait]
impl EventOutbox for SqlEventOutbox {
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<PendingEvent>, StoreError> {
        let dialect = self.backend.dialect();
        // Most looks find nothing, and a reader sees that without a place in the writer's queue.
        let mut any = Statement::new("SELECT 1 FROM ");
        any.push_str(dialect.table(Table::EventOutbox)).push_str(" AS e WHERE ");
        push_is_free(&mut any, dialect);
        any.push_str(" LIMIT 1");
        if self.backend.read_once(&any).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.alone().await?;
        let rows = transaction.rows(&taking(dialect, limit, lease_seconds)).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            let position = row.i64(0)?;
            match pending(row) {
                Ok(event) => events.push((position, event)),
                // It would come again for ever, and keep back whatever follows.
                Err(column) => {
                    tracing::error!(
                        position,
                        column,
                        "an event of the outbox cannot be read; nobody is told of it"
                    );
                    transaction.rows(&set_aside(dialect, position, column)).await?;
                }
            }
        }
        transaction.commit(Ending::default()).await?;
        // Neither database promises an order for what an update returns.
        events.sort_by_key(|(position, _)| *position);
        Ok(events.into_iter().map(|(_, event)| event).collect())
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

    async fn put_back(&self, events: &[PutBack]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let statement = putting_back(self.backend.dialect(), events)?;
        // Whoever takes passes over rows that are just written, and would come to a later event of their subject.
        let mut transaction = self.alone().await?;
        transaction.rows(&statement).await?;
        transaction.commit(Ending::default()).await
    }
}

/// What holds of a row `e` that nobody tells and that may be told.
fn push_is_free(statement: &mut Statement, dialect: Dialect) {
    statement.push_str("(e.leased_until IS NULL OR e.leased_until <= ").push_str(dialect.now());
    statement.push_str(") AND e.problem IS NULL");
}

fn taking(dialect: Dialect, limit: u32, lease_seconds: u32) -> Statement {
    let table = dialect.table(Table::EventOutbox);
    let mut statement = Statement::new("UPDATE ");
    statement.push_str(table).push_str(" SET attempt = attempt + 1, leased_until = ");
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
    statement.push_str("SELECT e.position FROM ").push_str(table).push_str(" AS e WHERE ");
    push_is_free(&mut statement, dialect);
    statement.push_str(" AND NOT EXISTS (SELECT 1 FROM ").push_str(table);
    statement.push_str(
        " AS earlier WHERE earlier.subject = e.subject AND earlier.position < e.position \
         AND earlier.tenant_id IS NOT DISTINCT FROM e.tenant_id AND earlier.leased_until > ",
    );
    statement.push_str(dialect.now()).push_str(") ORDER BY e.position LIMIT ");
    statement.push(Bind::integer(i64::from(limit)));
    // A row that is just being confirmed or removed is not waited for.
    statement.push_str(dialect.choose(" FOR UPDATE SKIP LOCKED", ""));
    statement.push_str(close).push_str(
        " RETURNING position, id, tenant_id, user_id, happened_at, kind, subject, payload, attempt",
    );
    statement
}

fn set_aside(dialect: Dialect, position: i64, column: &'static str) -> Statement {
    let mut statement = Statement::new("UPDATE ");
    statement.push_str(dialect.table(Table::EventOutbox)).push_str(" SET leased_until = NULL, problem = ");
    statement.push(Bind::text(format!("its column {column} cannot be read").as_str()));
    statement.push_str(" WHERE position = ").push(Bind::integer(position)).push_str(" RETURNING 1");
    statement
}

#[derive(Serialize)]
struct PutBackDocument {
    id: Uuid,
    attempt: u32,
    pause: Option<u32>,
}

/// One document for any number of them, so that the text is the same.
fn putting_back(dialect: Dialect, events: &[PutBack]) -> Result<Statement, StoreError> {
    let documents =
        events.iter().map(|&PutBack { id, attempt, pause }| PutBackDocument { id, attempt, pause });
    let all = crate::ending::document(&documents.collect::<Vec<_>>())?;
    let mut statement = Statement::new("UPDATE ");
    statement.push_str(dialect.table(Table::EventOutbox)).push_str(dialect.choose(
        " AS o SET leased_until = statement_timestamp() + (b.value->>'pause')::bigint * interval '1 second', \
         attempt = o.attempt - CASE WHEN b.value->>'pause' IS NULL THEN 1 ELSE 0 END FROM jsonb_array_elements(",
        " AS o SET leased_until = strftime('%Y-%m-%dT%H:%M:%f', 'now', (b.value->>'pause') || ' seconds') || '000Z', \
         attempt = o.attempt - (b.value->>'pause' IS NULL) FROM json_each(",
    ));
    statement.push(Bind::Json(Some(all))).push_str(dialect.choose(
        ") AS b(value) WHERE o.id = (b.value->>'id')::uuid AND o.attempt = (b.value->>'attempt')::bigint",
        ") AS b WHERE o.id = b.value->>'id' AND o.attempt = b.value->>'attempt'",
    ));
    statement.push_str(" RETURNING 1");
    Ok(statement)
}

/// The event of a row, or the column that cannot be read. What is in the column is not told: it may be anybody's words.
fn pending(row: &Row) -> Result<PendingEvent, &'static str> {
    let event = Event {
        kind: row.text(5).map_err(|_| "kind")?.into(),
        subject: row.text(6).map_err(|_| "subject")?,
        payload: row.json(7).map_err(|_| "payload")?,
    };
    Ok(PendingEvent {
        id: row.uuid(1).map_err(|_| "id")?,
        tenant: row.optional_uuid(2).map_err(|_| "tenant_id")?,
        user: row.uuid(3).map_err(|_| "user_id")?,
        at: row.timestamp(4).map_err(|_| "happened_at")?,
        event,
        attempt: row.i64(8).map_or(u32::MAX, |it| u32::try_from(it).unwrap_or(u32::MAX)),
    })
}
