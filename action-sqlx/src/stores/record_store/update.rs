//! Changing a row.
//!
//! PostgreSQL takes one statement: its inner part locks the row and reads it as the last committed change left it,
//! the outer one changes it where it has the expected version, and `sealed` adds the audit. Two such statements for one
//! row run one after the other, the second on what the first wrote, so none is lost. With its audit, and where nothing
//! came before, it is all of the transaction. Only where it changes nothing does a second one look why.
//! SQLite reads, then writes, in one message: its transactions that write run one at a time.
//!
//! An update that sets what is already there is still one: the version increases, and the change in the audit is
//! empty.

use action_core::entity::ColumnIndex;
use action_core::ports::{StoreError, Update, Updated};
use action_core::{Kind, Value};

use super::names::{FOUND, MADE, ROW, push_column_of};
use super::scope::InScope;
use super::sealed;
use crate::dialect::Dialect;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn update(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    update: Update<'_>,
) -> Result<Updated, StoreError> {
    if !scope.can_be_key(update.key) {
        return Ok(Updated::Missing);
    }
    match scope.dialect {
        Dialect::Postgres => in_one_statement(tx, scope, update).await,
        Dialect::Sqlite => read_then_write(tx, scope, update).await,
    }
}

async fn in_one_statement(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    update: Update<'_>,
) -> Result<Updated, StoreError> {
    let alone = update.seal.is_some() && sealed::may_be_alone(tx, scope).await;
    let tenant = alone.then(|| sealed::tenant(tx));
    let statement = statement(scope, &update, tenant.as_deref())?;
    let rows = if alone { tx.alone(&statement).await? } else { tx.rows(&statement).await? };
    let Some(row) = rows.first() else {
        tx.wrote_nothing();
        return why_not(tx, scope, &update).await;
    };
    let after = scope.record(row, 0)?;
    if let Some(record) = update.seal {
        tx.sealed_with(record);
        return Ok(Updated::Made { before: None, after, sealed: true });
    }
    let before = scope.record(row, scope.entity.columns().len())?;
    Ok(Updated::Made { before: Some(before), after, sealed: false })
}

/// Why nothing was changed. Another may have changed the row since, so this is what is true now.
async fn why_not(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    update: &Update<'_>,
) -> Result<Updated, StoreError> {
    let rows = tx.rows(&scope.select_row(update.key)?).await?;
    let Some(row) = rows.first() else { return Ok(Updated::Missing) };
    let current = scope.record(row, 0)?.version().unwrap_or_default();
    match update.expected_version {
        Some(expected) if expected != current => Ok(Updated::Stale { current }),
        _ => Err(StoreError::fault("the table kept a row from being changed")),
    }
}

/// The statement. `tenant` is what it sets `app.tenant_id` to, where no transaction has done so.
fn statement(
    scope: &InScope<'_>,
    update: &Update<'_>,
    tenant: Option<&str>,
) -> Result<Statement, StoreError> {
    let names = &scope.names;
    let key = scope.entity.key_index();
    let version = update.expected_version.map(|_| scope.version()).transpose()?;

    let mut statement = Statement::new("");
    if update.seal.is_some() {
        statement.push_str("WITH ").push_str(MADE).push_str(" AS (");
    }
    statement.push_str("UPDATE ");
    names.push_table(&mut statement);
    push_set(scope, &mut statement, update.values)?;
    statement.push_str(" FROM (SELECT ");
    if let Some(tenant) = tenant {
        sealed::push_tenant(&mut statement, tenant);
        statement.push_str(" AS tenant, ");
    }
    names.push_those_named(&mut statement, |index| {
        let set = || update.values.iter().any(|(set, _)| *set == index);
        update.seal.is_none() || index == key || version == Some(index) || set()
    });
    statement.push_str(" FROM ");
    names.push_table(&mut statement);
    scope.push_where_key(&mut statement, update.key)?;
    // Rows that refer to this one may be inserted meanwhile: its key stays.
    statement.push_str(" FOR NO KEY UPDATE OF r) AS ").push_str(FOUND).push_str(" WHERE ");
    names.push_column(&mut statement, key)?;
    statement.push_str(" = ");
    push_column_of(&mut statement, FOUND, key);
    if let (Some(version), Some(expected)) = (version, update.expected_version) {
        statement.push_str(" AND ");
        push_column_of(&mut statement, FOUND, version);
        statement.push_str(" = ").push_bind(expected, Kind::Integer);
    }
    statement.push_str(" RETURNING ");
    names.push_named_columns(&mut statement);
    if let Some(record) = update.seal {
        sealed::push_id(scope, &mut statement)?;
        sealed::push_updated(scope, &mut statement, update.values, &[])?;
        statement.push_str(")");
        sealed::push_audit(scope, &mut statement, record, "'updated'");
    } else {
        statement.push_str(", ");
        names.push_columns_of(&mut statement, FOUND);
    }
    Ok(statement)
}

/// The row as it was, and as it is: two statements in one text, since handing one over costs more than running it.
async fn read_then_write(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    update: Update<'_>,
) -> Result<Updated, StoreError> {
    let mut statement = scope.select_row(update.key)?;
    statement.push_str("; UPDATE ");
    scope.names.push_table(&mut statement);
    push_set(scope, &mut statement, update.values)?;
    scope.push_where_key(&mut statement, update.key)?;
    if let Some(expected) = update.expected_version {
        statement.push_str(" AND ");
        scope.names.push_column(&mut statement, scope.version()?)?;
        statement.push_str(" = ").push_bind(expected, Kind::Integer);
    }
    scope.names.push_returning(&mut statement, scope.dialect);
    let rows = tx.rows(&statement).await?;
    let Some(before) = rows.first() else { return Ok(Updated::Missing) };
    let before = scope.record(before, 0)?;
    match rows.get(1) {
        Some(after) => {
            Ok(Updated::Made { before: Some(before), after: scope.record(after, 0)?, sealed: false })
        }
        None if update.expected_version.is_some() => {
            Ok(Updated::Stale { current: before.version().unwrap_or_default() })
        }
        None => Err(StoreError::fault("a row that was just read could not be changed")),
    }
}

/// Appends SET: the caller's columns, and those that the server keeps.
pub(super) fn push_set(
    scope: &InScope<'_>,
    statement: &mut Statement,
    values: &[(ColumnIndex, Value)],
) -> Result<(), StoreError> {
    let mut separator = " SET ";
    for (index, value) in values {
        let kind = scope.writable(*index, value)?.kind();
        statement.push_str(separator).push_identifier(scope.names.column(*index)?).push_str(" = ");
        statement.push_bind(value.clone(), kind);
        separator = ", ";
    }
    for (index, column) in scope.entity.columns().iter().enumerate() {
        let name = scope.names.column(index)?;
        if scope.entity.version_index() == Some(index) {
            statement.push_str(separator).push_identifier(name).push_str(" = ");
            scope.names.push_column(statement, index)?;
            statement.push_str(" + 1");
            separator = ", ";
        } else if let Some(value) = scope.kept(column, false) {
            statement
                .push_str(separator)
                .push_identifier(name)
                .push_str(" = ")
                .push_bind(value, column.kind());
            separator = ", ";
        }
    }
    if separator == " SET " {
        // Nothing to write, and an UPDATE must write something.
        let key = scope.names.key()?;
        statement.push_str(separator).push_identifier(key).push_str(" = ").push_str(ROW).push_str(".");
        statement.push_identifier(key);
    }
    Ok(())
}
