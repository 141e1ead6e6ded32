//! The audit: appending what belongs to no transaction (`audit_queue` does the work), and reading it back.

use std::sync::Arc;

use action_core::audit::{AuditOutcome, AuditRecord};
use action_core::ports::{AuditLog, AuditPage, AuditQuery, AuditRow, StoreError};
use async_trait::async_trait;

use super::audit_queue::AuditQueue;
use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::row::Row;
use crate::statement::Statement;

/// The port on either database.
pub(crate) struct SqlAuditLog {
    pub(crate) backend: Arc<Backend>,
    pub(crate) queue: AuditQueue,
}

#[async_trait]
impl AuditLog for SqlAuditLog {
    async fn append(&self, record: AuditRecord) -> Result<(), StoreError> {
        self.queue.append(record).await
    }

    async fn list(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let rows = self.backend.read_once(&listing(self.backend.dialect(), query)).await?;
        let total = rows.first().map_or(Ok(0), |row| row.i64(0))?;
        // A page beyond the end has no record beside the total.
        let items = rows.iter().filter_map(|row| read(row).transpose()).collect::<Result<_, _>>()?;
        Ok(AuditPage { items, total: u64::try_from(total).unwrap_or_default() })
    }
}

/// The total and the page in one statement, so that both are of the same instant.
fn listing(dialect: Dialect, query: &AuditQuery) -> Statement {
    let table = dialect.table(Table::AuditLog);
    let mut statement = Statement::new("SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM ");
    statement.push_str(table);
    push_conditions(&mut statement, query);
    statement.push_str(
        ") AS counted LEFT JOIN (SELECT id, action_id, user_id, tenant_id, params, success, outcome, error_code, \
         error_message, execution_time_ms, ",
    );
    statement.push_str(dialect.address_text()).push_str(
        " AS address, user_agent, page_id, widget_id, affected_records, changed_records, changed_records_count, \
         request_id, idempotency_key, created_at FROM ",
    );
    statement.push_str(table);
    push_conditions(&mut statement, query);
    let offset = i64::from(query.page.saturating_sub(1)).saturating_mul(i64::from(query.page_size));
    statement
        .push_str(" ORDER BY created_at DESC, id DESC LIMIT ")
        .push(Bind::integer(i64::from(query.page_size)));
    statement.push_str(" OFFSET ").push(Bind::integer(offset));
    statement.push_str(") AS page ON TRUE ORDER BY page.created_at DESC, page.id DESC");
    statement
}

fn push_conditions(statement: &mut Statement, query: &AuditQuery) {
    match query.tenant {
        Some(tenant) => statement.push_str(" WHERE tenant_id = ").push(Bind::uuid(tenant)),
        None => statement.push_str(" WHERE tenant_id IS NULL"),
    };
    let outcome = query.outcome.map(AuditOutcome::name);
    let conditions = [
        (" AND user_id = ", query.user.map(Bind::uuid)),
        (" AND action_id = ", query.action_id.as_deref().map(Bind::text)),
        (" AND success = ", query.success.map(|it| Bind::Value(it.into(), action_core::Kind::Boolean))),
        (" AND outcome = ", outcome.map(Bind::text)),
        (" AND created_at >= ", query.from.map(Bind::timestamp)),
        (" AND created_at < ", query.to.map(Bind::timestamp)),
    ];
    for (condition, bind) in conditions {
        if let Some(bind) = bind {
            statement.push_str(condition).push(bind);
        }
    }
}

fn read(row: &Row) -> Result<Option<AuditRow>, StoreError> {
    let Some(id) = row.optional_uuid(1)? else { return Ok(None) };
    let outcome = row.text(7)?;
    Ok(Some(AuditRow {
        id,
        action_id: row.text(2)?,
        user_id: row.uuid(3)?,
        tenant_id: row.optional_uuid(4)?,
        params: row.json(5)?,
        success: row.boolean(6)?,
        outcome: AuditOutcome::from_name(&outcome)
            .ok_or_else(|| StoreError::fault(format!("`{outcome}` is no outcome")))?,
        error_code: row.optional_text(8)?,
        error_message: row.optional_text(9)?,
        execution_time_ms: row.i64(10)?,
        ip_address: row.optional_text(11)?,
        user_agent: row.optional_text(12)?,
        page_id: row.optional_text(13)?,
        widget_id: row.optional_text(14)?,
        affected_records: row.optional_i64(15)?,
        changed_records: row.json(16)?,
        changed_records_count: row.i64(17)?,
        request_id: row.optional_text(18)?,
        idempotency_key: row.optional_text(19)?,
        created_at: row.timestamp(20)?,
    }))
}
