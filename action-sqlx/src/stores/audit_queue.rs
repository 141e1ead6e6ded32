//! Writes audit records that belong to no transaction: refusals and failures, after their rollback.
//!
//! They wait in a bounded queue; one task writes whatever waits as one statement. A record's caller is told when it
//! is durable, so its reply follows the record; where the queue is full the caller waits, and nothing is dropped.
//!
//! One task and not several: those that wait while it writes are its next statement, so the busier it is the fewer
//! statements and commits a record costs.

use std::sync::Arc;
use std::time::Duration;

use action_core::audit::AuditRecord;
use action_core::ports::{Access, Ending, Scope, StoreError, Transaction};
use tokio::sync::{mpsc, oneshot};

use crate::audit_insert;
use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::Dialect;
use crate::statement::Statement;

/// How many records one statement writes.
const MOST: usize = 64;

/// The way to the task.
#[derive(Debug, Clone)]
pub(crate) struct AuditQueue {
    queue: mpsc::Sender<Waiting>,
    patience: Duration,
}

struct Waiting {
    record: AuditRecord,
    written: oneshot::Sender<Result<(), StoreError>>,
}

impl AuditQueue {
    /// Starts the task. It ends when the last handle is gone and the queue is empty.
    pub(crate) fn start(backend: Arc<Backend>, room: usize, patience: Duration) -> Self {
        let (queue, waiting) = mpsc::channel(room);
        tokio::spawn(run(backend, waiting, patience));
        Self { queue, patience }
    }

    /// Queues a record and waits until it is durable.
    pub(crate) async fn append(&self, record: AuditRecord) -> Result<(), StoreError> {
        let (written, wait) = oneshot::channel();
        let gone = || StoreError::Unavailable("the storage was closed".into());
        let waiting = async {
            self.queue.send(Waiting { record, written }).await.map_err(|_| gone())?;
            wait.await.map_err(|_| gone())?
        };
        // A record that is written after all, when its caller was told otherwise, does no harm.
        tokio::time::timeout(self.patience, waiting).await.unwrap_or_else(|_| {
            let problem = format!("the audit could not be written within {} ms", self.patience.as_millis());
            Err(StoreError::Unavailable(problem.into()))
        })
    }
}

async fn run(backend: Arc<Backend>, mut queue: mpsc::Receiver<Waiting>, patience: Duration) {
    let mut waiting = Vec::new();
    // What waits, up to the bound; more only once all of that is written.
    while queue.recv_many(&mut waiting, MOST).await > 0 {
        // Whoever was just told that its record is written comes back at once with the next: let them all, or the
        // first of them is a statement of its own.
        tokio::task::yield_now().await;
        while waiting.len() < MOST
            && let Ok(another) = queue.try_recv()
        {
            waiting.push(another);
        }
        // On a network that swallows everything, the callers have given up by then, and so must this: their ends of
        // the channels tell them so. What was cut off may have been written all the same.
        if tokio::time::timeout(patience, write(&backend, std::mem::take(&mut waiting))).await.is_err() {
            tracing::error!("the database did not take audit records in time");
        }
    }
}

async fn write(backend: &Arc<Backend>, batch: Vec<Waiting>) {
    let plain = batch.iter().all(|it| it.record.changes.is_empty());
    if plain && batch.len() > 1 {
        let statement = statement(backend.dialect(), batch.iter().map(|it| &it.record));
        match backend.write_once(&statement).await {
            Ok(_) => {
                for Waiting { written, .. } in batch {
                    // Whoever no longer listens has been told something else.
                    let _ = written.send(Ok(()));
                }
                return;
            }
            Err(StoreError::Unavailable(cause)) => {
                let problem = cause.to_string();
                for Waiting { written, .. } in batch {
                    let _ = written.send(Err(StoreError::Unavailable(problem.clone().into())));
                }
                return;
            }
            // One of them cannot be written; the others must not suffer for it.
            Err(_) => {}
        }
    }
    for Waiting { record, written } in batch {
        let _ = written.send(write_one(backend, &record).await);
    }
}

async fn write_one(backend: &Arc<Backend>, record: &AuditRecord) -> Result<(), StoreError> {
    if record.changes.is_empty() {
        return backend.write_once(&statement(backend.dialect(), std::iter::once(record))).await.map(drop);
    }
    let scope =
        Scope { tenant: record.tenant_id, access: Access::ReadWrite, time_limit: Duration::from_secs(5) };
    let transaction = Box::new(backend.begin(&scope).await?);
    transaction.commit(Ending { audit: Some(record), ..Ending::default() }).await
}

/// Records without changes. One that is there already is left alone: the statement may be sent twice.
fn statement<'a>(dialect: Dialect, records: impl ExactSizeIterator<Item = &'a AuditRecord>) -> Statement {
    let mut statement = Statement::new("");
    let usual = dialect == Dialect::Postgres || records.len().is_power_of_two();
    audit_insert::push_head(&mut statement, dialect);
    match dialect {
        #[cfg(feature = "postgres")]
        Dialect::Postgres if records.len() > 1 => audit_insert::push_many(&mut statement, records),
        _ => push_rows(&mut statement, records),
    }
    statement.push_str(" ON CONFLICT (id) DO NOTHING");
    // On SQLite each number of records is a text of its own: not every one of them is worth keeping prepared.
    if usual { statement } else { statement.once() }
}

fn push_rows<'a>(statement: &mut Statement, records: impl Iterator<Item = &'a AuditRecord>) {
    let mut between = "VALUES (";
    for record in records {
        statement.push_str(between);
        audit_insert::push_values(statement, record);
        statement.push(Bind::Json(Some("[]".to_owned()))).push_str(", ").push(Bind::integer(0)).push_str(")");
        between = ", (";
    }
}
