//! What happened to rows under a workflow: one entry for every transition, kept for good.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{StoreError, Transaction};

/// Keeps the transitions of rows.
#[async_trait]
pub trait WorkflowHistory: Send + Sync {
    /// Adds an entry, in the transaction of its transition.
    async fn append(&self, tx: &mut dyn Transaction, entry: &HistoryEntry) -> Result<(), StoreError>;

    /// A page of a row's entries, newest first: by time, of equal times the larger id first.
    async fn list(&self, tx: &mut dyn Transaction, query: &HistoryQuery) -> Result<HistoryPage, StoreError>;
}

/// One transition of one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the columns of `workflow_history`, described there and in the guide on workflows"
)]
pub struct HistoryEntry {
    /// UUID v7.
    pub id: Uuid,
    #[serde(skip)]
    pub tenant_id: Option<Uuid>,
    #[serde(skip)]
    pub entity: String,
    /// The row's key, as text.
    #[serde(skip)]
    pub record_id: String,
    pub workflow: String,
    pub transition: String,
    pub from: String,
    pub to: String,
    pub comment: Option<String>,
    pub user_id: Uuid,
    pub request_id: String,
    /// Of the record in the audit that commits with it; none in entries that are older than this member.
    pub audit_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

/// Whose entries to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Exactly this tenant's.
    pub tenant_id: Option<Uuid>,
    /// Of this entity's row.
    pub entity: String,
    /// The row's key, as text.
    pub record_id: String,
    /// At most this many.
    pub limit: u32,
    /// After this many.
    pub offset: u64,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// Newest first.
    pub items: Vec<HistoryEntry>,
    /// How many there are in all.
    pub total: u64,
}
