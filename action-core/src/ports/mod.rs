//! What the road needs from outside, one small trait a file.
//!
//! An adapter answers in the words of [`StoreError`]; it never sees a handler, a permission or a request. The traits
//! are object-safe, so an application swaps one without touching the others. [`Storage`] bundles those that one
//! database answers; [`crate::in_memory`] answers all of them without one.

mod audit_log;
mod authenticator;
mod authorizer;
mod change_feed;
mod clock;
mod entity_action_store;
mod event_outbox;
mod event_subscriber;
mod file_index;
mod file_store;
mod idempotency_store;
mod ids;
mod mail_outbox;
mod mailer;
mod page_action_store;
mod rate_limiter;
mod record_store;
mod signing_keys;
mod storage;
mod store_error;
mod unit_of_work;
mod workflow_history;

pub use audit_log::{AuditLog, AuditPage, AuditQuery, AuditRow};
pub use authenticator::{Authenticator, Credentials, Identified, Unauthenticated};
pub use authorizer::Authorizer;
pub use change_feed::{ChangeFeed, Changes};
pub use clock::{Clock, SystemClock};
pub use entity_action_store::{
    Asker, EntityActionDraft, EntityActionStore, FunctionCall, FunctionEnd, SavepointStep, StatusTransition,
    WhichActions,
};
pub use event_outbox::{EventOutbox, PendingEvent, PutBack};
pub use event_subscriber::EventSubscriber;
pub use file_index::FileIndex;
pub use file_store::{CHUNK, FileName, FileReader, FileStore, FileStoreError, FileWriter};
pub use idempotency_store::{Claim, IdempotencyKey, IdempotencyStore};
pub use ids::{Ids, SystemIds};
pub use mail_outbox::{AttemptEnd, ListedMail, MailOutbox, MailState, TakenMail};
pub use mailer::{MailError, Mailer};
pub use page_action_store::{
    PageActionChange, PageActionOperation, PageActionOrder, PageActionQuery, PageActionStore, PageConfig,
};
pub use rate_limiter::{RateKey, RateLimiter, Window};
pub use record_store::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, Deleted, Deletion, Inserted, Insertion,
    Lock, MOST_BULK_KEYS, Query, QueryPage, RecordStore, RowFailure, RowScope, RowSink, RowStop, SCAN_BATCH,
    Scan, Update, Updated,
};
pub use signing_keys::SigningKeys;
pub use storage::Storage;
pub use store_error::StoreError;
pub use unit_of_work::{Access, Ending, Kept, Scope, Transaction, UnitOfWork};
pub use workflow_history::{HistoryEntry, HistoryPage, HistoryQuery, WorkflowHistory};
