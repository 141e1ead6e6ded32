//! The audit in memory.

use async_trait::async_trait;

use super::{InMemory, locked};
use crate::audit::{AuditOutcome, AuditRecord};
use crate::ports::{AuditLog, AuditPage, AuditQuery, AuditRow, StoreError};

#[async_trait]
impl AuditLog for InMemory {
    async fn append(&self, record: AuditRecord) -> Result<(), StoreError> {
        self.0.audit(record);
        Ok(())
    }

    async fn list(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let audit = locked(&self.0.audit);
        let mut matching: Vec<&AuditRecord> = audit.iter().filter(|it| matches(query, it)).collect();
        matching.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id)));
        let total = matching.len() as u64;
        let size = query.page_size as usize;
        let passed = (query.page.saturating_sub(1) as usize).saturating_mul(size);
        let items = matching.into_iter().skip(passed).take(size).map(row).collect();
        Ok(AuditPage { items, total })
    }
}

fn matches(query: &AuditQuery, record: &AuditRecord) -> bool {
    record.tenant_id == query.tenant
        && query.user.is_none_or(|it| it == record.user_id)
        && query.action_id.as_deref().is_none_or(|it| it == record.action_id.as_ref())
        && query.success.is_none_or(|it| it == (record.outcome == AuditOutcome::Succeeded))
        && query.outcome.is_none_or(|it| it == record.outcome)
        && query.from.is_none_or(|it| it <= record.created_at)
        && query.to.is_none_or(|it| record.created_at < it)
}

fn row(record: &AuditRecord) -> AuditRow {
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    AuditRow {
        id: record.id,
        action_id: record.action_id.to_string(),
        user_id: record.user_id,
        tenant_id: record.tenant_id,
        params: serde_json::from_str(&record.params).unwrap_or_default(),
        success: record.outcome == AuditOutcome::Succeeded,
        outcome: record.outcome,
        error_code: record.error_code.as_ref().map(ToString::to_string),
        error_message: record.error_message.clone(),
        execution_time_ms: record.execution_time_ms.into(),
        ip_address: record.ip_address.map(|it| it.to_string()),
        user_agent: record.user_agent.as_deref().map(str::to_owned),
        page_id: record.page_id.clone(),
        widget_id: record.widget_id.clone(),
        affected_records: record.affected_records.map(signed),
        changed_records: serde_json::to_value(record.first_changes()).unwrap_or_default(),
        changed_records_count: signed(record.changes_count()),
        request_id: Some(record.request_id.to_string()).filter(|it| !it.is_empty()),
        idempotency_key: record.idempotency_key.clone(),
        created_at: record.created_at,
    }
}
