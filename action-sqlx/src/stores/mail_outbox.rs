//! Hands out the mails that are due, each to one taker at a time.
//!
//! A taken mail is due again when its lease ends, so one statement both finds and holds: on PostgreSQL rows that another
//! taker is just holding are passed over, on SQLite the one writer sees to it. What was sent keeps its row for a month,
//! without its content.

use std::sync::Arc;
use std::time::Duration;

use action_core::Kind;
use action_core::mail::OutgoingMail;
use action_core::ports::{
    Access, AttemptEnd, Ending, ListedMail, MailOutbox, MailState, Scope, StoreError, TakenMail,
    Transaction as _,
};
use async_trait::async_trait;
use uuid::Uuid;

use crate::audit_insert::text;
use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::row::Row;
use crate::statement::Statement;

/// The port on either database.
pub(crate) struct SqlMailOutbox {
    pub(crate) backend: Arc<Backend>,
}

impl SqlMailOutbox {
    fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    fn update(&self, set: &'static str) -> Statement {
        let mut statement = Statement::new("UPDATE ");
        statement.push_str(self.dialect().table(Table::MailOutbox)).push_str(" SET ").push_str(set);
        statement
    }

    /// What writes down how an attempt ended, unless another one has begun or ended the mail.
    fn settlement(&self, id: Uuid, attempt: u32, end: AttemptEnd<'_>) -> Statement {
        let mut statement = match end {
            AttemptEnd::Sent => {
                let mut sent =
                    self.update("state = 'sent', last_error = NULL, message = '{}', expires_at = ");
                push_in_seconds(&mut sent, self.dialect(), 30 * 24 * 60 * 60);
                sent
            }
            AttemptEnd::Retry { after_seconds, error } => {
                let mut retry = self.update("due_at = ");
                push_in_seconds(&mut retry, self.dialect(), after_seconds);
                retry.push_str(", last_error = ").push(Bind::text(text(error).as_ref()));
                retry
            }
            AttemptEnd::Dead { error } => {
                let mut dead = self.update("state = 'dead', last_error = ");
                dead.push(Bind::text(text(error).as_ref()));
                dead
            }
        };
        statement.push_str(" WHERE id = ").push(Bind::uuid(id));
        statement.push_str(" AND state = 'queued' AND attempts = ");
        statement.push(Bind::integer(i64::from(attempt))).push_str(" RETURNING 1");
        statement
    }
}

#[async_trait]
impl MailOutbox for SqlMailOutbox {
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<TakenMail>, StoreError> {
        let dialect = self.dialect();
        let table = dialect.table(Table::MailOutbox);
        // Most looks find nothing, and a reader sees that without a place in the writer's queue.
        let mut any = Statement::new("SELECT 1 FROM ");
        any.push_str(table).push_str(" WHERE state = 'queued' AND due_at <= ").push_str(dialect.now());
        any.push_str(" LIMIT 1");
        if self.backend.read_once(&any).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = self.update("attempts = attempts + 1, due_at = ");
        push_in_seconds(&mut statement, dialect, lease_seconds);
        let (open, close) = dialect.one_of_query();
        statement.push_str(" WHERE id").push_str(open).push_str("SELECT id FROM ").push_str(table);
        statement.push_str(" WHERE state = 'queued' AND due_at <= ").push_str(dialect.now());
        statement.push_str(" ORDER BY due_at, id LIMIT ").push(Bind::integer(i64::from(limit)));
        statement.push_str(dialect.choose(" FOR UPDATE SKIP LOCKED", "")).push_str(close);
        statement.push_str(" RETURNING id, tenant_id, user_id, request_id, message, created_at, attempts");
        // Not a statement to be sent twice: a batch that was taken and not told would wait for its lease.
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::from_secs(5) };
        let mut transaction = Box::new(self.backend.begin(&scope).await?);
        let rows = transaction.rows(&statement).await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let (id, attempt) = (row.uuid(0)?, u32::try_from(row.i64(6)?).unwrap_or(u32::MAX));
            match mail(id, row) {
                Ok(mail) => taken.push(TakenMail { mail, attempt }),
                // It would come again for ever, and each time with others that can be sent.
                Err(column) => {
                    tracing::error!(mail = %id, column, "a mail of the outbox cannot be read; it is dead");
                    let error = format!("its column {column} cannot be read");
                    let dead = self.settlement(id, attempt, AttemptEnd::Dead { error: &error });
                    transaction.rows(&dead).await?;
                }
            }
        }
        transaction.commit(Ending::default()).await?;
        // Neither database promises an order for what an update returns.
        taken.sort_by_key(|it| it.mail.id);
        Ok(taken)
    }

    async fn settle(&self, taken: &TakenMail, end: AttemptEnd<'_>) -> Result<(), StoreError> {
        self.backend.write_once(&self.settlement(taken.mail.id, taken.attempt, end)).await.map(drop)
    }

    async fn requeue(&self, id: Uuid) -> Result<bool, StoreError> {
        let mut statement = self.update("state = 'queued', attempts = 0, due_at = ");
        statement.push_str(self.dialect().now());
        statement.push_str(" WHERE state = 'dead' AND id = ").push(Bind::uuid(id)).push_str(" RETURNING 1");
        Ok(!self.backend.write_once(&statement).await?.is_empty())
    }

    async fn list(&self, state: MailState, limit: u32, offset: u64) -> Result<Vec<ListedMail>, StoreError> {
        let mut statement = Statement::new("SELECT id, tenant_id, attempts, last_error, created_at FROM ");
        statement.push_str(self.dialect().table(Table::MailOutbox)).push_str(" WHERE state = ");
        statement.push(Bind::text(state.name())).push_str(" ORDER BY created_at DESC, id DESC LIMIT ");
        statement.push_bind(i64::from(limit), Kind::Integer).push_str(" OFFSET ");
        statement.push_bind(i64::try_from(offset).unwrap_or(i64::MAX), Kind::Integer);
        self.backend.read_once(&statement).await?.iter().map(listed).collect()
    }
}

fn push_in_seconds(statement: &mut Statement, dialect: Dialect, seconds: u32) {
    let seconds = Bind::integer(i64::from(seconds));
    match dialect {
        Dialect::Postgres => {
            statement.push_str("statement_timestamp() + ").push(seconds).push_str(" * interval '1 second'");
        }
        Dialect::Sqlite => {
            statement.push_str("(strftime('%Y-%m-%dT%H:%M:%f', 'now', ").push(seconds);
            statement.push_str(" || ' seconds') || '000Z')");
        }
    }
}

/// The mail of a row, or the column that cannot be read. What is in the column is not told: it may be the mail's words.
fn mail(id: Uuid, row: &Row) -> Result<OutgoingMail, &'static str> {
    let message = row.json(4).map_err(|_| "message")?;
    Ok(OutgoingMail {
        id,
        tenant_id: row.optional_uuid(1).map_err(|_| "tenant_id")?,
        user_id: row.uuid(2).map_err(|_| "user_id")?,
        request_id: row.text(3).map_err(|_| "request_id")?,
        mail: serde_json::from_value(message).map_err(|_| "message")?,
        created_at: row.timestamp(5).map_err(|_| "created_at")?,
    })
}

fn listed(row: &Row) -> Result<ListedMail, StoreError> {
    Ok(ListedMail {
        id: row.uuid(0)?,
        tenant_id: row.optional_uuid(1)?,
        attempts: u32::try_from(row.i64(2)?).unwrap_or(u32::MAX),
        last_error: row.optional_text(3)?,
        created_at: row.timestamp(4)?,
    })
}
