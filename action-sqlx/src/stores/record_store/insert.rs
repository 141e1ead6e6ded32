//! Inserting a row.
//!
//! The row rule says which rows a caller may see and touch; it is not asked of a row that is only being made, which
//! the caller may afterwards not see. Columns that nobody names take the table's default.

use action_core::audit::AuditRecord;
use action_core::ports::{Inserted, Insertion, StoreError};
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
) -> Result<Inserted, StoreError> {
    let seal = insertion.seal.filter(|_| scope.dialect == Dialect::Postgres);
    let cells = cells(scope, &insertion)?;
    // Without a value there is no place to set the tenant in.
    let alone = seal.is_some() && !cells.is_empty() && sealed::may_be_alone(tx, scope).await;
    let tenant = alone.then(|| sealed::tenant(tx));
    let statement = statement(scope, cells, seal, tenant.as_deref())?;
    let rows = if alone { tx.alone(&statement).await? } else { tx.rows(&statement).await? };
    let Some(row) = rows.first() else {
        tx.wrote_nothing();
        return Err(StoreError::fault("an inserted row did not come back"));
    };
    if let Some(record) = seal {
        tx.sealed_with(record);
    }
    Ok(Inserted { record: scope.record(row, 0)?, sealed: seal.is_some() })
}

/// The statement. `tenant` is what it sets `app.tenant_id` to, where no transaction has done so.
fn statement(
    scope: &InScope<'_>,
    cells: Vec<Cell<'_>>,
    seal: Option<&AuditRecord>,
    tenant: Option<&str>,
) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("");
    if let Some(tenant) = tenant {
        // Read before a row is made, so that the row's triggers see it.
        statement.push_str("WITH action_tenant AS MATERIALIZED (SELECT ");
        sealed::push_tenant(&mut statement, tenant);
        statement.push_str("), ");
    } else if seal.is_some() {
        statement.push_str("WITH ");
    }
    if seal.is_some() {
        statement.push_str(MADE).push_str(" AS (");
    }
    statement.push_str("INSERT INTO ");
    scope.names.push_table(&mut statement);
    push_cells(&mut statement, cells, tenant.is_some());
    let Some(record) = seal else {
        scope.names.push_returning(&mut statement, scope.dialect);
        return Ok(statement);
    };
    statement.push_str(" RETURNING ");
    scope.names.push_named_columns(&mut statement);
    sealed::push_id(scope, &mut statement)?;
    sealed::push_created(scope, &mut statement)?;
    statement.push_str(")");
    sealed::push_audit(scope, &mut statement, record, "'created'");
    Ok(statement)
}

/// A column, its value and its kind.
type Cell<'a> = (&'a Identifier, Value, Kind);

/// The columns and their values: the caller's, and those that the server keeps.
fn cells<'a>(scope: &'a InScope<'_>, insertion: &Insertion<'_>) -> Result<Vec<Cell<'a>>, StoreError> {
    let mut cells: Vec<Cell<'a>> = Vec::with_capacity(scope.entity.columns().len() + 1);
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
    Ok(cells)
}

fn push_cells(statement: &mut Statement, cells: Vec<Cell<'_>>, with_tenant: bool) {
    if cells.is_empty() {
        statement.push_str(" DEFAULT VALUES");
        return;
    }
    for (index, (column, ..)) in cells.iter().enumerate() {
        statement.push_str(if index == 0 { " (" } else { ", " }).push_identifier(column);
    }
    let (open, close) = if with_tenant { (") SELECT ", " FROM action_tenant") } else { (") VALUES (", ")") };
    for (index, (_, value, kind)) in cells.into_iter().enumerate() {
        statement.push_str(if index == 0 { open } else { ", " }).push_bind(value, kind);
    }
    statement.push_str(close);
}
