//! A go at many rows on SQLite: a few statements.
//!
//! There are no parts of a statement that write. But what an update sets is known before it is made, and there is one
//! writer, so the audit of all rows is written first, from the rows as they are; and then it says which rows are to
//! be changed. What a trigger of the host's does to the columns that are set is in the rows, and not in this audit.

use action_core::Kind;
use action_core::audit::CHANGES_IN_RECORD;
use action_core::ports::{BulkChange, BulkRows, MOST_BULK_KEYS, StoreError};
use serde_json::Value as Json;

use super::bulk::{Go, Made, Went};
use super::bulk_rows::{changes, keys, limit, push_ordered_key, push_which, worth_preparing};
use super::scope::InScope;
use super::update::push_set;
use super::{documents, images_sqlite};
use crate::bind::Bind;
use crate::dialect::Table;
use crate::ending::{CHANGE_COLUMNS, position};
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn run(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
) -> Result<Went, StoreError> {
    let found = tx.execute(&detail(scope, go)?).await?;
    match go.rows {
        BulkRows::Matching { at_most, .. } if found > u64::from(at_most) => return Ok(Went::TooMany),
        BulkRows::Keys(asked) if go.all_keys && found < asked.len() as u64 => {
            return Ok(Went::Missing { found: listed(tx, scope, go, found).await?.0.unwrap_or_default() });
        }
        BulkRows::Keys(_) | BulkRows::Matching { .. } => {}
    }
    if tx.execute(&change(scope, go)?).await? != found {
        return Err(StoreError::fault("the table kept a row from being changed"));
    }
    if let Some(statement) = lost(scope, go)? {
        let rows = tx.rows(&statement).await?;
        let lost = rows.first().map_or(Ok(Vec::new()), |it| keys(scope, it.json(0)?))?;
        if !lost.is_empty() {
            return Ok(Went::OutOfScope { keys: lost });
        }
    }
    documents::settle(tx, scope, go.change, go.log, found).await?;
    let (keys, first) = listed(tx, scope, go, found).await?;
    Ok(Went::Made(Made { changed: found, keys, first: changes(scope, go.change, first) }))
}

/// Writes the audit of the rows as they are, and as they will be.
fn detail(scope: &InScope<'_>, go: Go<'_>) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("INSERT INTO ");
    statement.push_str(scope.dialect.table(Table::AuditChanges)).push_str(CHANGE_COLUMNS);
    statement.push_str(" SELECT ").push(Bind::uuid(go.log.record)).push_str(", ");
    statement.push(position(go.log.written)).push_str(" + row_number() OVER (ORDER BY f.k), ");
    statement.push(Bind::text(scope.entity.name())).push_str(", CAST(f.k AS TEXT), ");
    statement.push_str(match go.change {
        BulkChange::Update(_) => "'updated', ",
        BulkChange::Delete => "'deleted', ",
    });
    statement.push_str("f.before, f.after FROM (SELECT ");
    push_ordered_key(scope, &mut statement)?;
    statement.push_str(" AS k, ");
    match go.change {
        BulkChange::Update(values) => {
            images_sqlite::push_updated(scope, &mut statement, values, go.log.redact)?;
        }
        BulkChange::Delete => images_sqlite::push_deleted(scope, &mut statement, go.log.redact)?,
    }
    statement.push_str(" FROM ");
    scope.names.push_table(&mut statement);
    push_which(scope, &mut statement, go.rows)?;
    statement.push_str(" ORDER BY 1");
    if let Some(limit) = limit(go.rows) {
        statement.push_str(" LIMIT ").push_bind(limit, Kind::Integer);
    }
    statement.push_str(") AS f");
    Ok(if worth_preparing(go.rows) { statement } else { statement.once() })
}

/// Changes the rows whose audit was written.
fn change(scope: &InScope<'_>, go: Go<'_>) -> Result<Statement, StoreError> {
    let mut statement = match go.change {
        BulkChange::Update(values) => {
            let mut statement = Statement::new("UPDATE ");
            scope.names.push_table(&mut statement);
            push_set(scope, &mut statement, values)?;
            statement
        }
        BulkChange::Delete => {
            let mut statement = Statement::new("DELETE FROM ");
            scope.names.push_table(&mut statement);
            statement
        }
    };
    scope.push_where(&mut statement)?;
    push_those_listed(scope, &mut statement, go)?;
    Ok(statement)
}

/// Looks for rows that the rule no longer holds for.
fn lost(scope: &InScope<'_>, go: Go<'_>) -> Result<Option<Statement>, StoreError> {
    let (BulkChange::Update(_), Some(rule)) = (go.change, scope.rule()) else { return Ok(None) };
    let mut statement = Statement::new("SELECT json_group_array(f.k) FROM (SELECT ");
    push_ordered_key(scope, &mut statement)?;
    statement.push_str(" AS k FROM ");
    scope.names.push_table(&mut statement);
    scope.push_where_tenant(&mut statement);
    push_those_listed(scope, &mut statement, go)?;
    statement.push_str(" AND NOT (");
    scope.expressions(&mut statement).condition(rule)?;
    statement.push_str(") ORDER BY 1) AS f");
    Ok(Some(statement))
}

/// The rows whose audit was written: their keys, unless they are too many, and the first changes.
async fn listed(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    go: Go<'_>,
    count: u64,
) -> Result<(Option<Vec<action_core::Value>>, Json), StoreError> {
    let mut statement = Statement::new("SELECT (SELECT json_group_array(c.id) FROM (SELECT ");
    push_id(scope, &mut statement);
    statement.push_str(" AS id FROM ");
    push_own_changes(scope, &mut statement, go);
    statement.push_str(" ORDER BY position LIMIT ");
    let few = count <= MOST_BULK_KEYS as u64;
    statement.push_number(if few { MOST_BULK_KEYS as u64 } else { 0 });
    statement.push_str(
        ") AS c), (SELECT json_group_array(json_object('id', c.id, 'before', json(c.before), 'after', json(c.after))) \
         FROM (SELECT ",
    );
    push_id(scope, &mut statement);
    statement.push_str(" AS id, before, after FROM ");
    push_own_changes(scope, &mut statement, go);
    statement.push_str(" ORDER BY position LIMIT ").push_number(CHANGES_IN_RECORD as u64).push_str(") AS c)");
    let rows = tx.rows(&statement).await?;
    let row = rows.first().ok_or_else(|| StoreError::fault("a list of changes did not come back"))?;
    let keys = if few { Some(keys(scope, row.json(0)?)?) } else { None };
    Ok((keys, row.json(1)?))
}

fn push_own_changes(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) {
    statement.push_str(scope.dialect.table(Table::AuditChanges)).push_str(" WHERE audit_id = ");
    statement.push(Bind::uuid(go.log.record)).push_str(" AND position > ").push(position(go.log.written));
}

fn push_those_listed(scope: &InScope<'_>, statement: &mut Statement, go: Go<'_>) -> Result<(), StoreError> {
    statement.push_str(" AND ");
    scope.expressions(statement).key(scope.names.key()?, scope.key_kind());
    statement.push_str(" IN (SELECT ");
    push_id(scope, statement);
    statement.push_str(" FROM ");
    push_own_changes(scope, statement, go);
    statement.push_str(")");
    Ok(())
}

/// Appends the key that a change is about.
fn push_id(scope: &InScope<'_>, statement: &mut Statement) {
    statement.push_str(if scope.key_kind() == Kind::Integer {
        "CAST(record_id AS INTEGER)"
    } else {
        "record_id"
    });
}
