//! Every port without a database: for unit tests, and for programs whose actions keep nothing.
//!
//! It keeps the promises of the ports (a transaction is whole or nothing, a key has one effect, a window is fixed)
//! and loses everything when the process ends. Transactions run one after another. Of the audit, kept answers
//! and waiting events the oldest are forgotten when there are many, so that a process does not grow with its calls.

mod audit_log;
mod bulk;
mod entity_action_store;
mod event_outbox;
mod file_store;
mod idempotency_store;
mod mail_outbox;
mod page_action_store;
mod rate_limiter;
mod record_store;
mod signing_keys;
mod unit_of_work;
mod workflow_history;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use file_store::InMemoryFiles;
pub use mail_outbox::InMemoryMailer;
pub use rate_limiter::LocalRateLimiter;

use crate::SigningKey;
use crate::audit::AuditRecord;
use crate::ports::{
    AuditLog, EntityActionStore, EventOutbox, FileIndex, HistoryEntry, IdempotencyStore, MailOutbox,
    PageActionStore, RateLimiter, RecordStore, SigningKeys, Storage, UnitOfWork, WorkflowHistory,
};

/// All ports, in memory. Clones share what they keep.
///
/// ```
/// use action_core::in_memory::InMemory;
///
/// let storage = InMemory::new();
/// let builder = action_core::Engine::builder().storage(storage.clone());
/// assert!(storage.audit_records().is_empty());
/// # let _ = builder;
/// ```
#[derive(Clone, Default)]
pub struct InMemory(Arc<Parts>);

#[derive(Default)]
struct Parts {
    /// One transaction at a time; its guard is what a transaction holds.
    tables: Arc<tokio::sync::Mutex<record_store::Tables>>,
    audit: Mutex<VecDeque<AuditRecord>>,
    kept: Mutex<idempotency_store::Keys>,
    events: Mutex<VecDeque<event_outbox::Entry>>,
    history: Mutex<Vec<HistoryEntry>>,
    files: Mutex<file_store::Files>,
    mails: Mutex<Vec<mail_outbox::Entry>>,
    rates: Arc<LocalRateLimiter>,
    signing_key: OnceLock<SigningKey>,
}

impl InMemory {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The latest of the audit, at most 100,000 records, oldest first.
    pub fn audit_records(&self) -> Vec<AuditRecord> {
        locked(&self.0.audit).iter().cloned().collect()
    }
}

impl Parts {
    fn audit(&self, record: AuditRecord) {
        let mut audit = locked(&self.audit);
        if audit.len() >= MOST_KEPT {
            audit.pop_front();
        }
        audit.push_back(record);
    }
}

impl Storage for InMemory {
    fn unit_of_work(&self) -> Arc<dyn UnitOfWork> {
        Arc::new(self.clone())
    }
    fn record_store(&self) -> Arc<dyn RecordStore> {
        Arc::new(self.clone())
    }
    fn audit_log(&self) -> Arc<dyn AuditLog> {
        Arc::new(self.clone())
    }
    fn idempotency_store(&self) -> Arc<dyn IdempotencyStore> {
        Arc::new(self.clone())
    }
    fn rate_limiter(&self) -> Arc<dyn RateLimiter> {
        self.0.rates.clone()
    }
    fn event_outbox(&self) -> Arc<dyn EventOutbox> {
        Arc::new(self.clone())
    }
    fn mail_outbox(&self) -> Arc<dyn MailOutbox> {
        Arc::new(self.clone())
    }
    fn file_index(&self) -> Arc<dyn FileIndex> {
        Arc::new(self.clone())
    }
    fn page_action_store(&self) -> Arc<dyn PageActionStore> {
        Arc::new(self.clone())
    }
    fn entity_action_store(&self) -> Arc<dyn EntityActionStore> {
        Arc::new(self.clone())
    }
    fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        Arc::new(self.clone())
    }
    fn workflow_history(&self) -> Arc<dyn WorkflowHistory> {
        Arc::new(self.clone())
    }
}

/// As many audit records, and as many kept answers, as are held.
const MOST_KEPT: usize = 100_000;

/// What is behind a lock, also after a panic elsewhere: nothing here is left half done between two statements.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
