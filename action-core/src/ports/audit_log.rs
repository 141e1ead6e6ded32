//! The audit's storage: appending what happened outside a transaction, and reading it back.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::StoreError;
use crate::audit::{AuditOutcome, AuditRecord};

/// Keeps audit records. Those of successes that wrote something are kept by their transaction's end instead.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Appends one record, and returns once it is durable. Many waiting records may be written together.
    /// Nothing is dropped: where the store is behind, this waits, for 5 s at most.
    async fn append(&self, record: AuditRecord) -> Result<(), StoreError>;

    /// One page of what was kept, newest first.
    async fn list(&self, query: &AuditQuery) -> Result<AuditPage, StoreError>;
}

/// Which records to list. All conditions given must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// Exactly this tenant; `None` lists records without one.
    pub tenant: Option<Uuid>,
    /// Only this user's.
    pub user: Option<Uuid>,
    /// Only this action's.
    pub action_id: Option<String>,
    /// Only successes, or only the others.
    pub success: Option<bool>,
    /// Only these ends.
    pub outcome: Option<AuditOutcome>,
    /// At this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this instant.
    pub to: Option<DateTime<Utc>>,
    /// From 1.
    pub page: u32,
    /// 1–200.
    pub page_size: u32,
}

/// A page of the audit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// Newest first; of equal instants the larger id first.
    pub items: Vec<AuditRow>,
    /// How many match in all.
    pub total: u64,
}

/// A kept record, as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the columns of `action_audit_log`, described there and in the guide on the audit"
)]
pub struct AuditRow {
    pub id: Uuid,
    pub action_id: String,
    pub user_id: Uuid,
    pub tenant_id: Option<Uuid>,
    pub params: Value,
    pub success: bool,
    pub outcome: AuditOutcome,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub execution_time_ms: i64,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub page_id: Option<String>,
    pub widget_id: Option<String>,
    pub affected_records: Option<i64>,
    /// The first 100 changes.
    pub changed_records: Value,
    /// How many there are in all.
    pub changed_records_count: i64,
    pub request_id: Option<String>,
    pub idempotency_key: Option<String>,
    pub created_at: DateTime<Utc>,
}
