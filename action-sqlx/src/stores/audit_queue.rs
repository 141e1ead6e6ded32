//! Writes audit records that belong to no transaction: refusals and failures, after their rollback.
//!
//! They wait in a bounded queue; one task writes whatever waits as one statement. A record's caller is told when it
//! is durable, so its reply follows the record; where the queue is full the caller waits, and nothing is dropped.

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

/// How many records one statement writes. A power of two, see [`batch_size`].
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
        while !waiting.is_empty() {
            let batch: Vec<Waiting> = waiting.drain(..batch_size(waiting.len())).collect();
            // On a network that swallows everything, the callers have given up by then, and so must this: their ends
            // of the channels tell them so. What was cut off may have been written all the same.
            if tokio::time::timeout(patience, write(&backend, batch)).await.is_err() {
                tracing::error!("the database did not take audit records in time");
            }
        }
    }
}

/// The largest power of two that is there: with any number, every batch would be a statement of its own to prepare.
fn batch_size(waiting: usize) -> usize {
    1 << waiting.clamp(1, MOST).ilog2()
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
fn statement<'a>(dialect: Dialect, records: impl Iterator<Item = &'a AuditRecord>) -> Statement {
    let mut statement = Statement::new("");
    audit_insert::push_head(&mut statement, dialect);
    let mut between = "VALUES (";
    for record in records {
        statement.push_str(between);
        audit_insert::push_values(&mut statement, record);
        statement.push(Bind::Json(Some("[]".to_owned()))).push_str(", ").push(Bind::integer(0)).push_str(")");
        between = ", (";
    }
    statement.push_str(" ON CONFLICT (id) DO NOTHING");
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_come_in_few_sizes() {
        let sizes = [1, 2, 3, 5, 63, 64, 1_000].map(batch_size);
        assert_eq!(sizes, [1, 2, 2, 4, 32, 64, 64]);
    }
}
