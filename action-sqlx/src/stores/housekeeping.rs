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
                    tracing::warn!(%error, "expired answers, rate windows, sent mails and old events could not be removed; trying again later");
                }
            }
        }
    }
}

/// Removes all that has expired, batch by batch.
pub(crate) async fn remove_expired(backend: &Backend) -> Result<(), StoreError> {
    for (table, end) in [
        (Table::IdempotencyKeys, "expires_at"),
        (Table::RateWindows, "ends_at"),
        (Table::MailOutbox, "expires_at"),
    ] {
        while remove_batch(backend, table, end).await? == BATCH {}
    }
    let mut events = 0;
    loop {
        let removed = remove_old_events(backend).await?;
        events += removed;
        if removed < BATCH {
            break;
        }
    }
    if events > 0 {
        tracing::warn!(events, "events that no subscriber took for 30 days were removed");
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

/// A host without subscribers must not grow for ever. Only the oldest are looked at, which needs no index of its own; one
/// that is just being told is left, so that nobody begins with the next of its subject.
async fn remove_old_events(backend: &Backend) -> Result<u64, StoreError> {
    let dialect = backend.dialect();
    let table = dialect.table(Table::EventOutbox);
    let mut statement = Statement::new("DELETE FROM ");
    statement.push_str(table).push_str(" WHERE position IN (SELECT position FROM ").push_str(table);
    statement.push_str(" ORDER BY position LIMIT ").push_number(BATCH).push_str(") AND happened_at <= ");
    statement.push_str(dialect.a_month_ago()).push_str(" AND (leased_until IS NULL OR leased_until <= ");
    statement.push_str(dialect.now()).push_str(") RETURNING 1");
    Ok(u64::try_from(backend.write_once(&statement).await?.len()).unwrap_or(u64::MAX))
}
