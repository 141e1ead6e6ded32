//! Keeps a row for every file, in the transaction of the call that made it.

use std::collections::HashSet;
use std::sync::Arc;

use action_core::files::StoredFile;
use action_core::ports::{FileIndex, FileName, StoreError, Transaction};
use action_core::{Kind, Value};
use async_trait::async_trait;
use uuid::Uuid;

use crate::audit_insert::text;
use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::Table;
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database.
pub(crate) struct SqlFileIndex {
    pub(crate) backend: Arc<Backend>,
}

#[async_trait]
impl FileIndex for SqlFileIndex {
    async fn insert(&self, tx: &mut dyn Transaction, file: &StoredFile) -> Result<(), StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("INSERT INTO ");
        statement.push_str(tx.dialect().table(Table::StoredFiles)).push_str(
            " (id, tenant_id, user_id, name, content_type, size, sha256, entity, record_id, description, \
             created_at) VALUES (",
        );
        let words = |it: Option<&str>| Bind::text(it.map(text).as_deref());
        let binds = [
            Bind::uuid(file.id),
            Bind::uuid(file.tenant_id),
            Bind::uuid(file.user_id),
            words(Some(&file.name)),
            words(Some(&file.content_type)),
            Bind::integer(i64::try_from(file.size).unwrap_or(i64::MAX)),
            words(Some(&file.sha256)),
            words(file.entity.as_deref()),
            words(file.record_id.as_deref()),
            words(file.description.as_deref()),
            Bind::timestamp(file.created_at),
        ];
        for (at, bind) in binds.into_iter().enumerate() {
            statement.push_str(if at > 0 { ", " } else { "" }).push(bind);
        }
        statement.push_str(")");
        tx.execute(&statement).await.map(drop)
    }

    async fn find(&self, tenant: Option<Uuid>, id: Uuid) -> Result<Option<StoredFile>, StoreError> {
        let mut statement = Statement::new(
            "SELECT user_id, name, content_type, size, sha256, entity, record_id, description, created_at FROM ",
        );
        statement.push_str(self.backend.dialect().table(Table::StoredFiles)).push_str(" WHERE id = ");
        statement.push(Bind::uuid(id));
        match tenant {
            Some(tenant) => statement.push_str(" AND tenant_id = ").push(Bind::uuid(tenant)),
            None => statement.push_str(" AND tenant_id IS NULL"),
        };
        let rows = self.backend.read_once(&statement).await?;
        rows.first().map(|row| file(row, tenant, id)).transpose()
    }

    async fn known(&self, names: &[FileName]) -> Result<HashSet<Uuid>, StoreError> {
        if names.is_empty() {
            return Ok(HashSet::new());
        }
        let dialect = self.backend.dialect();
        let mut statement = Statement::new("SELECT id FROM ");
        statement.push_str(dialect.table(Table::StoredFiles)).push_str(" WHERE id");
        statement.push_any_of(dialect, names.iter().map(|it| Value::Uuid(it.id)).collect(), Kind::Uuid);
        self.backend.read_once(&statement).await?.iter().map(|row| row.uuid(0)).collect()
    }
}

fn file(row: &Row, tenant_id: Option<Uuid>, id: Uuid) -> Result<StoredFile, StoreError> {
    Ok(StoredFile {
        id,
        tenant_id,
        user_id: row.uuid(0)?,
        name: row.text(1)?,
        content_type: row.text(2)?,
        size: row.i64(3)?.unsigned_abs(),
        sha256: row.text(4)?,
        entity: row.optional_text(5)?,
        record_id: row.optional_text(6)?,
        description: row.optional_text(7)?,
        created_at: row.timestamp(8)?,
    })
}
