//! Definitions as documents: read with everything that belongs to them, and written.

use action_core::ports::{Asker, EntityActionDraft, StoreError, WhichActions};
use action_core::{Kind, Value};
use serde_json::Value as Json;

use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// Everything of definitions as one document each, by table, order, id.
pub(super) fn select(dialect: Dialect, which: &WhichActions, asker: &Asker<'_>) -> Statement {
    let mut statement = Statement::new(dialect.choose(
        "SELECT to_jsonb(a) || jsonb_build_object('parameters', COALESCE((SELECT jsonb_agg(to_jsonb(p) \
         ORDER BY p.sort_order, p.id) FROM metadata.entity_action_params AS p WHERE p.entity_action_id = a.id), \
         '[]'), 'can_execute', ",
        "SELECT json_object('id', a.id, 'table_name', a.table_name, 'action_name', a.action_name, 'display_name', \
         a.display_name, 'description', a.description, 'rpc_function', a.rpc_function, 'icon', a.icon, \
         'button_style', a.button_style, 'sort_order', a.sort_order, \
         'requires_confirmation', json(iif(a.requires_confirmation, 'true', 'false')), \
         'confirmation_message', a.confirmation_message, 'visibility_condition', json(a.visibility_condition), \
         'enabled_condition', json(a.enabled_condition), 'disabled_condition', json(a.disabled_condition), \
         'disabled_tooltip', a.disabled_tooltip, 'default_success_message', a.default_success_message, \
         'default_navigate_to', a.default_navigate_to, \
         'refresh_after_action', json(iif(COALESCE(a.refresh_after_action, 1), 'true', 'false')), \
         'show_on_detail', json(iif(a.show_on_detail, 'true', 'false')), \
         'show_on_list', json(iif(a.show_on_list, 'true', 'false')), \
         'parameters', (SELECT json_group_array(json(document)) FROM (SELECT json_object( \
         'param_name', p.param_name, 'display_name', p.display_name, 'param_type', p.param_type, \
         'required', json(iif(p.required, 'true', 'false')), 'sort_order', p.sort_order, \
         'placeholder', p.placeholder, 'default_value', p.default_value, 'join_table', p.join_table, \
         'join_column', p.join_column, 'status_entity_type', p.status_entity_type, 'file_type', p.file_type, \
         'options_source_rpc', p.options_source_rpc, 'depends_on_params', json(p.depends_on_params)) AS document \
         FROM metadata_entity_action_params AS p WHERE p.entity_action_id = a.id ORDER BY p.sort_order, p.id)), \
         'can_execute', json(iif(",
    ));
    push_can_execute(&mut statement, dialect, asker);
    statement.push_str(dialect.choose(") FROM ", ", 'true', 'false'))) FROM "));
    statement.push_str(dialect.table(Table::EntityActions)).push_str(" AS a WHERE TRUE");
    if let Some(id) = which.id {
        statement.push_str(" AND a.id = ").push(Bind::integer(id));
    }
    let names = [
        (" AND a.table_name = ", &which.table),
        (" AND a.action_name = ", &which.action),
        (" AND a.rpc_function = ", &which.function),
    ];
    for (column, name) in names {
        if let Some(name) = name {
            statement.push_str(column).push(Bind::text(name.as_str()));
        }
    }
    statement.push_str(" ORDER BY a.table_name, a.sort_order NULLS LAST, a.id");
    statement
}

/// A function in the schema `public` is the same with and without its schema: protection must not depend on the spelling.
const SAME_PROTECTED: &str = "(p.rpc_function = a.rpc_function OR 'public.' || p.rpc_function = a.rpc_function \
                              OR p.rpc_function = 'public.' || a.rpc_function)";
const SAME_GRANTED: &str = "(g.rpc_function = a.rpc_function OR 'public.' || g.rpc_function = a.rpc_function \
                            OR g.rpc_function = 'public.' || a.rpc_function)";

/// Whether the asker may run a definition's function; the database's `has_rpc_permission` says the same.
fn push_can_execute(statement: &mut Statement, dialect: Dialect, asker: &Asker<'_>) {
    if asker.is_admin {
        statement.push_str("TRUE");
        return;
    }
    statement.push_str("CASE WHEN EXISTS (SELECT 1 FROM ").push_str(dialect.table(Table::ProtectedFunctions));
    statement.push_str(" AS p WHERE ").push_str(SAME_PROTECTED).push_str(") THEN EXISTS (SELECT 1 FROM ");
    statement.push_str(dialect.table(Table::ProtectedFunctionRoles)).push_str(" AS g JOIN ");
    statement.push_str(dialect.table(Table::Roles));
    statement.push_str(" AS r ON r.id = g.role_id WHERE ").push_str(SAME_GRANTED).push_str(" AND r.role_key");
    let roles = asker.roles.iter().map(|it| Value::from(it.as_str())).collect();
    statement.push_any_of(dialect, roles, Kind::Text);
    statement.push_str(if asker.unprotected { ") ELSE TRUE END" } else { ") ELSE FALSE END" });
}

/// The columns that a draft says, with their values.
fn columns(draft: &EntityActionDraft) -> Result<[(&'static str, Bind); 19], StoreError> {
    let action = &draft.action;
    let text = |it: &Option<String>| Bind::text(it.as_deref());
    let flag = |it: bool| Bind::Value(Value::Boolean(it), Kind::Boolean);
    let json = |it: &Option<Json>| {
        let text = it.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::fault)?;
        Ok::<_, StoreError>(Bind::Json(text))
    };
    Ok([
        ("table_name", Bind::text(action.table_name.as_str())),
        ("action_name", Bind::text(action.action_name.as_str())),
        ("display_name", Bind::text(action.display_name.as_str())),
        ("description", text(&action.description)),
        ("rpc_function", Bind::text(action.rpc_function.as_str())),
        ("icon", text(&action.icon)),
        ("button_style", text(&action.button_style)),
        ("sort_order", Bind::integer(action.sort_order)),
        ("requires_confirmation", flag(action.requires_confirmation)),
        ("confirmation_message", text(&action.confirmation_message)),
        ("visibility_condition", json(&action.visibility_condition)?),
        ("enabled_condition", json(&action.enabled_condition)?),
        ("disabled_condition", json(&action.disabled_condition)?),
        ("disabled_tooltip", text(&action.disabled_tooltip)),
        ("default_success_message", text(&action.default_success_message)),
        ("default_navigate_to", text(&action.default_navigate_to)),
        ("refresh_after_action", flag(action.refresh_after_action)),
        ("show_on_detail", flag(action.show_on_detail)),
        ("show_on_list", flag(action.show_on_list)),
    ])
}

pub(super) fn insert(dialect: Dialect, draft: &EntityActionDraft) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("INSERT INTO ");
    statement.push_str(dialect.table(Table::EntityActions)).push_str(" (");
    let columns = columns(draft)?;
    for (at, (name, _)) in columns.iter().enumerate() {
        statement.push_str(if at > 0 { ", " } else { "" }).push_str(name);
    }
    statement.push_str(") VALUES (");
    for (at, (_, bind)) in columns.into_iter().enumerate() {
        statement.push_str(if at > 0 { ", " } else { "" }).push(bind);
    }
    statement.push_str(") RETURNING id");
    Ok(statement)
}

pub(super) fn update(dialect: Dialect, id: i64, draft: &EntityActionDraft) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("UPDATE ");
    statement.push_str(dialect.table(Table::EntityActions)).push_str(" SET updated_at = ");
    statement.push_str(dialect.now());
    for (name, bind) in columns(draft)? {
        statement.push_str(", ").push_str(name).push_str(" = ").push(bind);
    }
    statement.push_str(" WHERE id = ").push(Bind::integer(id));
    Ok(statement)
}

/// Puts a draft's parameters and grants in the place of those that are there. `None`: a role is unknown.
pub(super) async fn write_belongings(
    tx: &mut SqlTransaction,
    id: i64,
    draft: &EntityActionDraft,
) -> Result<Option<i64>, StoreError> {
    let dialect = tx.dialect();
    let mut statement = Statement::new("DELETE FROM ");
    statement.push_str(dialect.table(Table::EntityActionParams)).push_str(" WHERE entity_action_id = ");
    tx.execute(statement.push(Bind::integer(id))).await?;
    if !draft.action.parameters.is_empty() {
        let document = serde_json::to_string(&draft.action.parameters).map_err(StoreError::fault)?;
        let mut statement = Statement::new("INSERT INTO ");
        statement.push_str(dialect.table(Table::EntityActionParams)).push_str(
            " (entity_action_id, param_name, display_name, param_type, required, sort_order, placeholder, \
             default_value, join_table, join_column, status_entity_type, file_type, options_source_rpc, \
             depends_on_params) SELECT ",
        );
        statement.push(Bind::integer(id)).push_str(dialect.choose(
            ", p.* FROM jsonb_to_recordset(",
            ", value->>'param_name', value->>'display_name', value->>'param_type', value->>'required', \
             value->>'sort_order', value->>'placeholder', value->>'default_value', value->>'join_table', \
             value->>'join_column', value->>'status_entity_type', value->>'file_type', \
             value->>'options_source_rpc', NULLIF(value->'depends_on_params', 'null') FROM json_each(",
        ));
        statement.push(Bind::Json(Some(document))).push_str(dialect.choose(
            ") AS p(param_name name, display_name text, param_type text, required boolean, sort_order int, \
             placeholder text, default_value text, join_table name, join_column name, status_entity_type text, \
             file_type text, options_source_rpc name, depends_on_params text[])",
            ")",
        ));
        tx.execute(&statement).await?;
    }
    let Some(roles) = &draft.roles else { return Ok(Some(id)) };
    let granted = grant(tx, &draft.action.rpc_function, roles).await?;
    Ok(granted.then_some(id))
}

/// Grants a function to exactly these roles. To none: it is not protected. False: a role is unknown.
async fn grant(tx: &mut SqlTransaction, function: &str, roles: &[String]) -> Result<bool, StoreError> {
    let dialect = tx.dialect();
    if roles.is_empty() {
        let mut statement = Statement::new("DELETE FROM ");
        statement.push_str(dialect.table(Table::ProtectedFunctions)).push_str(" WHERE rpc_function = ");
        tx.execute(statement.push(Bind::text(function))).await?;
        return Ok(true);
    }
    let mut statement = Statement::new("INSERT INTO ");
    statement.push_str(dialect.table(Table::ProtectedFunctions)).push_str(" (rpc_function) VALUES (");
    statement.push(Bind::text(function)).push_str(") ON CONFLICT DO NOTHING");
    tx.execute(&statement).await?;
    let mut statement = Statement::new("DELETE FROM ");
    statement.push_str(dialect.table(Table::ProtectedFunctionRoles)).push_str(" WHERE rpc_function = ");
    tx.execute(statement.push(Bind::text(function))).await?;
    let mut statement = Statement::new("INSERT INTO ");
    statement
        .push_str(dialect.table(Table::ProtectedFunctionRoles))
        .push_str(" (rpc_function, role_id) SELECT ");
    statement.push(Bind::text(function)).push_str(", id FROM ").push_str(dialect.table(Table::Roles));
    statement.push_str(" WHERE role_key");
    let keys = roles.iter().map(|it| Value::from(it.as_str())).collect();
    statement.push_any_of(dialect, keys, Kind::Text);
    Ok(tx.execute(&statement).await? == roles.len() as u64)
}

pub(super) fn granted(dialect: Dialect, functions: &[&str]) -> Statement {
    let mut statement =
        Statement::new(dialect.choose("SELECT g.rpc_function::text", "SELECT g.rpc_function"));
    statement.push_str(", r.role_key FROM ").push_str(dialect.table(Table::ProtectedFunctionRoles));
    statement.push_str(" AS g JOIN ").push_str(dialect.table(Table::Roles));
    statement.push_str(" AS r ON r.id = g.role_id WHERE g.rpc_function");
    statement.push_str(dialect.choose("::text", ""));
    statement.push_any_of(dialect, functions.iter().map(|it| Value::from(*it)).collect(), Kind::Text);
    statement.push_str(" ORDER BY g.rpc_function, r.role_key");
    statement.push_str(dialect.choose(" COLLATE \"C\"", ""));
    statement
}
