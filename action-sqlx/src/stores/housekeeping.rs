//! What a storage does by itself now and then: removing what has expired, and telling how busy it is.

use std::sync::Arc;
use std::time::Duration;

use action_core::in_memory::LocalRateLimiter;
use action_core::ports::StoreError;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::backend::Backend;
use crate::dialect::Table;
use crate::statement::Statement;

/// How many rows one statement removes, so that none holds its locks for long.
const BATCH: u64 = 1_000;

/// How often the connections are counted.
const MEASURE: Duration = Duration::from_secs(1);

/// Runs until the storage is closed or dropped.
pub(crate) async fn run(
    backend: Arc<Backend>,
    local: Option<Arc<LocalRateLimiter>>,
    every: Duration,
    mut closing: watch::Receiver<bool>,
) {
    let mut remove = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
    let mut measure = tokio::time::interval(MEASURE);
    for interval in [&mut remove, &mut measure] {
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            // Either it is said, or the last storage is gone.
            _ = closing.changed() => return,
            _ = measure.tick() => backend.measure(),
            _ = remove.tick() => {
                if let Some(local) = &local {
                    local.remove_ended();
                }
                if let Err(error) = remove_expired(&backend).await {
                    tracing::warn!(%error, "expired answers, rate windows and sent mails could not be removed; trying again later");
                }
            }
        }
    }
}

/// Removes all expired answers and ended windows, batch by batch.
pub(crate) async fn remove_expired(backend: &Backend) -> Result<(), StoreError> {
    for (table, end) in [
        (Table::IdempotencyKeys, "expires_at"),
        (Table::RateWindows, "ends_at"),
        (Table::MailOutbox, "expires_at"),
    ] {
        while remove_batch(backend, table, end).await? == BATCH {}
    }
    Ok(())
}

async fn remove_batch(backend: &Backend, table: Table, end: &'static str) -> Result<u64, StoreError> {
    let dialect = backend.dialect();
    let (row_id, table) = (dialect.row_id(), dialect.table(table));
    let (open, close) = dialect.one_of_query();
    let mut statement = Statement::new("DELETE FROM ");
    statement.push_str(table).push_str(" WHERE ").push_str(row_id).push_str(open);
    statement
        .push_str("SELECT ")
        .push_str(row_id)
        .push_str(" FROM ")
        .push_str(table)
        .push_str(" WHERE ")
        .push_str(end)
        .push_str(" <= ");
    statement.push_str(dialect.now()).push_str(" LIMIT ").push_number(BATCH);
    // Several nodes clean up at once; none waits for another.
    statement
        .push_str(dialect.choose(" FOR UPDATE SKIP LOCKED", ""))
        .push_str(close)
        .push_str(" RETURNING 1");
    Ok(u64::try_from(backend.write_once(&statement).await?.len()).unwrap_or(u64::MAX))
}
