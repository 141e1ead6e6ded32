//! One store a file, named as its port; each written once for both databases.

pub(crate) mod audit_log;
pub(crate) mod audit_queue;
pub(crate) mod entity_action_store;
pub(crate) mod event_outbox;
pub(crate) mod file_index;
pub(crate) mod housekeeping;
pub(crate) mod idempotency_store;
pub(crate) mod mail_outbox;
pub(crate) mod page_action_store;
pub(crate) mod rate_limiter;
pub(crate) mod record_store;
pub(crate) mod signing_keys;
pub(crate) mod unit_of_work;
pub(crate) mod workflow_history;
