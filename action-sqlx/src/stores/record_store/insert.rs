//! Inserting a row.
//!
//! The row rule says which rows a caller may see and touch; it is not asked of a row that is only being made, which
//! the caller may afterwards not see. Columns that nobody names take the table's default.

use action_core::entity::Record;
use action_core::ports::{Insertion, StoreError};
use action_core::{Kind, Value};

use super::names::MADE;
use super::scope::InScope;
use super::sealed;
use crate::dialect::Dialect;
use crate::identifier::Identifier;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn insert(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    insertion: Insertion<'_>,
) -> Result<Record, StoreError> {
    let seal = insertion.seal.filter(|_| scope.dialect == Dialect::Postgres);
    let mut statement = Statement::new("");
    if seal.is_some() {
        statement.push_str("WITH ").push_str(MADE).push_str(" AS (");
    }
    statement.push_str("INSERT INTO ");
    scope.names.push_table(&mut statement);
    push_values(scope, &mut statement, &insertion)?;
    if let Some(record) = seal {
        statement.push_str(" RETURNING ");
        scope.names.push_named_columns(&mut statement);
        statement.push_str(")");
        sealed::push_created(scope, &mut statement, record);
        statement.push_str(" SELECT ");
        scope.names.push_columns_of(&mut statement, "m");
        statement.push_str(" FROM ").push_str(MADE).push_str(" AS m");
    } else {
        scope.names.push_returning(&mut statement, scope.dialect);
    }
    let rows = tx.rows(&statement).await?;
    let row = rows.first().ok_or_else(|| StoreError::fault("an inserted row did not come back"))?;
    if let Some(record) = seal {
        tx.sealed_with(record);
    }
    scope.record(row, 0)
}

/// Appends the columns and their values: the caller's, and those that the server keeps.
fn push_values(
    scope: &InScope<'_>,
    statement: &mut Statement,
    insertion: &Insertion<'_>,
) -> Result<(), StoreError> {
    let mut cells: Vec<(&Identifier, Value, Kind)> = Vec::with_capacity(scope.entity.columns().len() + 1);
    if let (Some(column), Some(tenant)) = (&scope.names.tenant, scope.tenant) {
        cells.push((column, tenant.into(), Kind::Uuid));
    }
    if let Some(key) = insertion.key {
        if !scope.can_be_key(key) {
            return Err(StoreError::fault(format!(
                "the key of a new `{}` is of another kind",
                scope.entity.name()
            )));
        }
        cells.push((scope.names.key()?, key.clone(), scope.key_kind()));
    }
    for (index, value) in insertion.values {
        let kind = scope.writable(*index, value)?.kind();
        cells.push((scope.names.column(*index)?, value.clone(), kind));
    }
    for (index, column) in scope.entity.columns().iter().enumerate() {
        let first = (scope.entity.version_index() == Some(index)).then_some(Value::Integer(1));
        if let Some(value) = first.or_else(|| scope.kept(column, true)) {
            cells.push((scope.names.column(index)?, value, column.kind()));
        }
    }
    if cells.is_empty() {
        statement.push_str(" DEFAULT VALUES");
        return Ok(());
    }
    for (index, (column, ..)) in cells.iter().enumerate() {
        statement.push_str(if index == 0 { " (" } else { ", " }).push_identifier(column);
    }
    for (index, (_, value, kind)) in cells.into_iter().enumerate() {
        statement.push_str(if index == 0 { ") VALUES (" } else { ", " }).push_bind(value, kind);
    }
    statement.push_str(")");
    Ok(())
}
