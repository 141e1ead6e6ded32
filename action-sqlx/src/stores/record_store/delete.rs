//! Deleting a row.
//!
//! One statement where the row is there and has the expected version. Where it deletes none, a second one looks for
//! the version. PostgreSQL reads a row that another transaction changed meanwhile once more before deleting it, so
//! what is returned is what was deleted.

use action_core::Kind;
use action_core::ports::{Deleted, Deletion, StoreError};

use super::scope::InScope;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn delete(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    deletion: Deletion<'_>,
) -> Result<Deleted, StoreError> {
    if !scope.can_be_key(deletion.key) {
        return Ok(Deleted::Missing);
    }
    let mut statement = Statement::new("DELETE FROM ");
    scope.names.push_table(&mut statement);
    scope.push_where_key(&mut statement, deletion.key)?;
    if let Some(expected) = deletion.expected_version {
        statement.push_str(" AND ");
        scope.names.push_column(&mut statement, scope.version()?)?;
        statement.push_str(" = ").push_bind(expected, Kind::Integer);
    }
    scope.names.push_returning(&mut statement, scope.dialect);
    if let Some(row) = tx.rows(&statement).await?.first() {
        return Ok(Deleted::Made { before: scope.record(row, 0)? });
    }
    if deletion.expected_version.is_none() {
        return Ok(Deleted::Missing);
    }
    let rows = tx.rows(&scope.select_row(deletion.key)?).await?;
    let Some(row) = rows.first() else { return Ok(Deleted::Missing) };
    let current = scope.record(row, 0)?.version().unwrap_or_default();
    Ok(Deleted::Stale { current })
}
