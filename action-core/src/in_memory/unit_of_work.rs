//! Transactions in memory: the tables are held, and put back as they were where one does not commit.

use std::any::Any;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OwnedMutexGuard;
use uuid::Uuid;

use super::record_store::Tables;
use super::{InMemory, Parts, idempotency_store, locked, mail_outbox};
use crate::audit::{Change, WrittenChanges};
use crate::files::StoredFile;
use crate::ports::{Access, Ending, HistoryEntry, PendingEvent, Scope, StoreError, Transaction, UnitOfWork};

/// The tables, held until the end.
pub(super) struct Open {
    pub(super) tables: OwnedMutexGuard<Tables>,
    pub(super) access: Access,
    /// Changes that were written before their record.
    pub(super) changes: Vec<Change>,
    /// What happened to rows, to be kept with the rest.
    pub(super) history: Vec<HistoryEntry>,
    /// Files, to be known with the rest.
    pub(super) files: Vec<StoredFile>,
    /// As the tables were at the start.
    before: Option<Tables>,
    parts: Arc<Parts>,
    _claim: Option<idempotency_store::Running>,
}

impl InMemory {
    pub(super) async fn open(
        &self,
        scope: &Scope,
        claim: Option<idempotency_store::Running>,
    ) -> Box<dyn Transaction> {
        let tables = Arc::clone(&self.0.tables).lock_owned().await;
        let before = (scope.access == Access::ReadWrite).then(|| tables.clone());
        Box::new(Open {
            tables,
            access: scope.access,
            changes: Vec::new(),
            history: Vec::new(),
            files: Vec::new(),
            before,
            parts: Arc::clone(&self.0),
            _claim: claim,
        })
    }
}

#[async_trait]
impl UnitOfWork for InMemory {
    async fn begin(&self, scope: &Scope) -> Result<Box<dyn Transaction>, StoreError> {
        Ok(self.open(scope, None).await)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[async_trait]
impl Transaction for Open {
    async fn commit(mut self: Box<Self>, ending: Ending<'_>) -> Result<(), StoreError> {
        if let Some(record) = ending.audit {
            let mut record = record.clone();
            record.written = WrittenChanges::default();
            record.changes.splice(..0, std::mem::take(&mut self.changes));
            self.parts.audit(record);
        }
        if let Some(kept) = ending.kept {
            locked(&self.parts.kept).keep(&kept);
        }
        let at = ending.audit.map_or_else(chrono::Utc::now, |it| it.created_at);
        let pending = ending.events.iter().map(|event| PendingEvent {
            id: uuid::Uuid::now_v7(),
            tenant: ending.audit.and_then(|it| it.tenant_id),
            user: ending.audit.map(|it| it.user_id).unwrap_or_default(),
            at,
            event: event.clone(),
            attempt: 0,
        });
        self.parts.add_events(pending);
        locked(&self.parts.mails).extend(ending.mails.iter().cloned().map(mail_outbox::Entry::new));
        locked(&self.parts.history).append(&mut self.history);
        locked(&self.parts.files).extend(self.files.drain(..).map(|it| (it.id, it)));
        self.before = None;
        Ok(())
    }

    async fn write_changes(&mut self, _: Uuid, _: u64, changes: &[Change]) -> Result<(), StoreError> {
        self.changes.extend_from_slice(changes);
        Ok(())
    }

    async fn rollback(self: Box<Self>) {}

    fn as_any(&mut self) -> &mut (dyn Any + Send) {
        self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            *self.tables = before;
        }
    }
}
