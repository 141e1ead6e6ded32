//! The states of rows and the ways between them.

use action_core::Kind;
use action_core::entity_actions::HostTable;
use action_core::ports::{StatusTransition, StoreError};
use uuid::Uuid;

use super::{push_table, push_which};
use crate::bind::Bind;
use crate::dialect::Table;
use crate::identifier::Identifier;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

pub(super) async fn transitions(
    tx: &mut SqlTransaction,
    entity_type: &str,
) -> Result<Vec<StatusTransition>, StoreError> {
    let mut statement =
        Statement::new("SELECT \"from\", \"to\", display_name, required_role, sort_order FROM ");
    statement.push_str(tx.dialect().table(Table::StatusTransitions)).push_str(" WHERE entity_type = ");
    statement.push(Bind::text(entity_type)).push_str(tx.dialect().choose("::text", ""));
    statement.push_str(" ORDER BY sort_order, id");
    let rows = tx.rows(&statement).await?;
    let read = |row: &crate::row::Row| {
        Ok(StatusTransition {
            from: row.text(0)?,
            to: row.text(1)?,
            display_name: row.text(2)?,
            required_role: row.optional_text(3)?,
            sort_order: row.i64(4)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn key(
    tx: &mut SqlTransaction,
    entity_type: &str,
    id: i64,
) -> Result<Option<String>, StoreError> {
    let mut statement = Statement::new("SELECT status_key FROM ");
    statement.push_str(tx.dialect().table(Table::Statuses)).push_str(" WHERE entity_type = ");
    statement.push(Bind::text(entity_type)).push_str(tx.dialect().choose("::text", ""));
    statement.push_str(" AND id = ").push(Bind::integer(id));
    tx.rows(&statement).await?.first().map(|row| row.text(0)).transpose()
}

pub(super) async fn set(
    tx: &mut SqlTransaction,
    table: &HostTable,
    tenant: Option<Uuid>,
    key: &action_core::Value,
    to: &str,
) -> Result<bool, StoreError> {
    let own = |name: &str| table.tables.get(&table.name)?.iter().find(|it| &*it.name == name);
    let mut statement = Statement::new("UPDATE ");
    push_table(&mut statement, table)?;
    if own("status").is_some_and(|it| it.kind == Kind::Text) {
        statement.push_str(" SET status = ").push(Bind::text(to)).push_str(" WHERE ");
    } else {
        let Some((states, id)) = own("status_id").and_then(|it| it.refers_to.as_ref()) else {
            return Ok(false);
        };
        let id = Identifier::column(id)?;
        let of_type = table.tables.get(states).into_iter().flatten().any(|it| &*it.name == "entity_type");
        // A type without this state leaves the row alone.
        let push_state = |statement: &mut Statement| -> Result<(), StoreError> {
            statement.push_str("SELECT s.").push_identifier(&id).push_str(" FROM ");
            statement.push_identifier(&Identifier::table(states)?).push_str(" AS s WHERE s.status_key = ");
            statement.push(Bind::text(to));
            if of_type {
                let name = table.name.strip_prefix("public.").unwrap_or(&table.name);
                statement.push_str(" AND s.entity_type = ").push(Bind::text(name));
            }
            Ok(())
        };
        statement.push_str(" SET status_id = (");
        push_state(&mut statement)?;
        statement.push_str(") WHERE EXISTS (");
        push_state(&mut statement)?;
        statement.push_str(") AND ");
    }
    let dialect = tx.dialect();
    push_which(&mut statement, dialect, table, tenant, &[(&table.key, std::slice::from_ref(key))])?;
    Ok(tx.execute(&statement).await? > 0)
}
