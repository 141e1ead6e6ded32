//! The ports that one database answers together.

use std::sync::Arc;

use super::{
    AuditLog, ChangeFeed, EntityActionStore, EventOutbox, FileIndex, IdempotencyStore, MailOutbox,
    PageActionStore, RateLimiter, RecordStore, SigningKeys, UnitOfWork, WorkflowHistory,
};
use crate::entity::Entity;
use crate::refusal::BoxError;

/// A bundle of ports over one database: what `Engine::builder().storage(…)` takes.
pub trait Storage: Send + Sync {
    /// Transactions.
    fn unit_of_work(&self) -> Arc<dyn UnitOfWork>;
    /// Rows of registered entities.
    fn record_store(&self) -> Arc<dyn RecordStore>;
    /// The audit.
    fn audit_log(&self) -> Arc<dyn AuditLog>;
    /// Kept answers.
    fn idempotency_store(&self) -> Arc<dyn IdempotencyStore>;
    /// Rate windows.
    fn rate_limiter(&self) -> Arc<dyn RateLimiter>;
    /// Waiting events.
    fn event_outbox(&self) -> Arc<dyn EventOutbox>;
    /// What is known of files.
    fn file_index(&self) -> Arc<dyn FileIndex>;
    /// Mails that wait.
    fn mail_outbox(&self) -> Arc<dyn MailOutbox>;
    /// What happened to rows under a workflow.
    fn workflow_history(&self) -> Arc<dyn WorkflowHistory>;
    /// Pages and their actions.
    fn page_action_store(&self) -> Arc<dyn PageActionStore>;
    /// Entity actions.
    fn entity_action_store(&self) -> Arc<dyn EntityActionStore>;
    /// What questions are signed with.
    fn signing_keys(&self) -> Arc<dyn SigningKeys>;
    /// What other processes change. Without one nothing is kept in memory for longer than a second.
    fn change_feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        None
    }
    /// Whether this database can hold such an entity; the error says what stands against it.
    fn check_entity(&self, entity: &Entity) -> Result<(), BoxError> {
        let _ = entity;
        Ok(())
    }
}
