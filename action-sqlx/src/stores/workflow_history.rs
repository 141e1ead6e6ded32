//! Keeps the transitions of rows, in the transaction of each.

use action_core::Kind;
use action_core::ports::{HistoryEntry, HistoryPage, HistoryQuery, StoreError, Transaction, WorkflowHistory};
use async_trait::async_trait;

use crate::audit_insert::text;
use crate::bind::Bind;
use crate::dialect::Table;
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database. It keeps nothing: everything is in the transaction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SqlWorkflowHistory;

#[async_trait]
impl WorkflowHistory for SqlWorkflowHistory {
    async fn append(&self, tx: &mut dyn Transaction, entry: &HistoryEntry) -> Result<(), StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("INSERT INTO ");
        statement.push_str(tx.dialect().table(Table::WorkflowHistory)).push_str(
            " (id, tenant_id, entity, record_id, workflow, transition, from_state, to_state, comment, user_id, \
             request_id, audit_id, created_at) VALUES (",
        );
        let words = |it: &str| Bind::text(text(it).as_ref());
        let binds = [
            Bind::uuid(entry.id),
            Bind::uuid(entry.tenant_id),
            words(&entry.entity),
            words(&entry.record_id),
            words(&entry.workflow),
            words(&entry.transition),
            words(&entry.from),
            words(&entry.to),
            Bind::text(entry.comment.as_deref().map(text).as_deref()),
            Bind::uuid(entry.user_id),
            words(&entry.request_id),
            Bind::uuid(entry.audit_id),
            Bind::timestamp(entry.created_at),
        ];
        for (at, bind) in binds.into_iter().enumerate() {
            statement.push_str(if at > 0 { ", " } else { "" }).push(bind);
        }
        statement.push_str(")");
        tx.execute(&statement).await.map(drop)
    }

    async fn list(&self, tx: &mut dyn Transaction, query: &HistoryQuery) -> Result<HistoryPage, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new(
            "SELECT id, workflow, transition, from_state, to_state, comment, user_id, request_id, audit_id, created_at",
        );
        push_of_row(&mut statement, tx, query);
        let offset = i64::try_from(query.offset).unwrap_or(i64::MAX);
        statement.push_str(" ORDER BY created_at DESC, id DESC LIMIT ");
        statement.push_bind(i64::from(query.limit), Kind::Integer);
        statement.push_str(" OFFSET ").push_bind(offset, Kind::Integer);
        let rows = tx.rows(&statement).await?;
        let items = rows.iter().map(|row| entry(row, query)).collect::<Result<_, _>>()?;
        let mut statement = Statement::new("SELECT count(*)");
        push_of_row(&mut statement, tx, query);
        let counted = tx.rows(&statement).await?;
        let total = counted.first().map_or(Ok(0), |row| row.i64(0))?;
        Ok(HistoryPage { items, total: total.unsigned_abs() })
    }
}

fn push_of_row(statement: &mut Statement, tx: &SqlTransaction, query: &HistoryQuery) {
    statement.push_str(" FROM ").push_str(tx.dialect().table(Table::WorkflowHistory));
    statement.push_str(" WHERE entity = ").push(Bind::text(query.entity.as_str()));
    statement.push_str(" AND record_id = ").push(Bind::text(query.record_id.as_str()));
    match query.tenant_id {
        Some(tenant) => statement.push_str(" AND tenant_id = ").push(Bind::uuid(tenant)),
        None => statement.push_str(" AND tenant_id IS NULL"),
    };
}

fn entry(row: &Row, query: &HistoryQuery) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        id: row.uuid(0)?,
        tenant_id: query.tenant_id,
        entity: query.entity.clone(),
        record_id: query.record_id.clone(),
        workflow: row.text(1)?,
        transition: row.text(2)?,
        from: row.text(3)?,
        to: row.text(4)?,
        comment: row.optional_text(5)?,
        user_id: row.uuid(6)?,
        request_id: row.text(7)?,
        audit_id: row.optional_uuid(8)?,
        created_at: row.timestamp(9)?,
    })
}
