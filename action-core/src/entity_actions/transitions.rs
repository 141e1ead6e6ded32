//! The ways between the states of a table's rows, as data: a button for each state that is led to, run by the library
//! itself, and the rule that an update takes no other way. A table without any has all.

use std::sync::Arc;

use serde_json::json;

use super::{ADMIN, EntityAction, HostTable, run};
use crate::audit::{Change, Operation};
use crate::context::ActionContext;
use crate::entity::{ColumnIndex, Entity};
use crate::error::ActionError;
use crate::expression::Fields as _;
use crate::ports::{Asker, StatusTransition};
use crate::refusal::Refusal;
use crate::{Caller, Kind, Value};

/// The columns that can hold a row's state: its key as text, or what refers to a table of states.
const COLUMNS: [&str; 2] = ["status", "status_id"];

/// Where a table keeps the key of a row's state, as a condition names it.
fn field(table: &HostTable) -> Option<&'static str> {
    let is_text = |it: &&str| table.field(it).is_some_and(|it| it.kind() == Kind::Text);
    ["status", "status_id.status_key"].into_iter().find(is_text)
}

/// The buttons that a table's transitions make: one for each state that is led to, shown where its way begins.
pub(super) fn actions(
    table_name: &str,
    table: &HostTable,
    transitions: &[StatusTransition],
    asker: &Asker<'_>,
) -> Vec<EntityAction> {
    let Some(field) = field(table) else { return Vec::new() };
    let mut actions: Vec<EntityAction> = Vec::new();
    for transition in transitions {
        let action_name = format!("transition_{}", transition.to);
        if actions.iter().any(|it| it.action_name == action_name) {
            continue;
        }
        let ways: Vec<_> = transitions.iter().filter(|it| it.to == transition.to).collect();
        let own: Vec<&str> = ways.iter().filter(|it| may(asker, it)).map(|it| it.from.as_str()).collect();
        let all: Vec<&str> = ways.iter().map(|it| it.from.as_str()).collect();
        let from = if own.is_empty() { &all } else { &own };
        actions.push(EntityAction {
            table_name: table_name.to_owned(),
            action_name,
            display_name: transition.display_name.clone(),
            sort_order: Some(transition.sort_order),
            visibility_condition: Some(json!({ "field": field, "operator": "in", "value": from })),
            can_execute: !own.is_empty(),
            transition: Some(transition.to.clone()),
            ..EntityAction::empty()
        });
    }
    actions
}

fn may(asker: &Asker<'_>, transition: &StatusTransition) -> bool {
    let granted = |role: &String| asker.roles.iter().any(|it| it == role);
    match &transition.required_role {
        _ if asker.is_admin => true,
        Some(role) => granted(role),
        None => asker.is_known,
    }
}

/// Takes a row, which is locked and judged, to another state.
pub(super) async fn make(
    ctx: &mut ActionContext<'_>,
    table: &HostTable,
    key: &Value,
    to: &str,
) -> Result<(), ActionError> {
    if let Some((entity, column)) = registered(ctx, table) {
        // The entity's own way: its version and who and when, its workflow and row rule, the audit's before and after.
        if ctx.workflows().of(&entity).iter().any(|it| it.manages(column)) {
            let told = "the status changes through its workflow only";
            return Err(Refusal::conflict("not_available", told).into());
        }
        // A database that has no type for it keeps it as text.
        let key = entity.key().kind().read(&key.to_json()).map_err(|_| Refusal::NotFound)?;
        ctx.records_of(&entity).update(&key, &[(column, to.into())], None).await?;
        return Ok(());
    }
    let (store, tenant) = (run::store(ctx), ctx.tenant_id());
    if !store.set_status(ctx.unit.transaction().await?, table, tenant, key, to).await? {
        let told = format!("there is no status `{to}` that this record could have");
        return Err(Refusal::conflict("not_available", told).into());
    }
    ctx.changed(Change {
        entity: table.name.to_string().into(),
        id: key.to_json(),
        operation: Operation::Updated,
        before: json!(null),
        after: json!({ "status": to }),
    });
    Ok(())
}

/// The entity that a table is registered as, where that keeps the key of the state itself.
fn registered(ctx: &ActionContext<'_>, table: &HostTable) -> Option<(Arc<Entity>, ColumnIndex)> {
    let name = table.name.strip_prefix("public.").unwrap_or(&table.name);
    let same = |it: &&Arc<Entity>| it.table() == name || it.table() == &*table.name;
    let entity = ctx.engine().entities.iter().find(same)?;
    let column = entity.columns().iter().position(|it| it.column() == "status" && it.kind() == Kind::Text)?;
    Some((Arc::clone(entity), column))
}

/// The column of a change that holds a row's state, where it changes one.
pub(crate) fn changed_column(entity: &Entity, values: &[(ColumnIndex, Value)]) -> Option<ColumnIndex> {
    let is_status =
        |index: ColumnIndex| entity.column(index).is_some_and(|it| COLUMNS.contains(&it.column()));
    values.iter().map(|(index, _)| *index).find(|index| is_status(*index))
}

/// 409 `transition_refused` where the table declares ways and this is none of them.
pub(crate) async fn hold_to_them(
    ctx: &mut ActionContext<'_>,
    entity: &Entity,
    from: &Value,
    to: &Value,
) -> Result<(), ActionError> {
    if from == to {
        return Ok(());
    }
    let ways = declared(ctx, entity).await?;
    check(ctx, entity, &ways, from, to).await
}

/// As [`hold_to_them`], where the ways are known.
pub(crate) async fn check(
    ctx: &mut ActionContext<'_>,
    entity: &Entity,
    ways: &[StatusTransition],
    from: &Value,
    to: &Value,
) -> Result<(), ActionError> {
    if from == to || ways.is_empty() {
        return Ok(());
    }
    let (from, to) = (status_key(ctx, entity, from).await?, status_key(ctx, entity, to).await?);
    let is_way = |it: &&StatusTransition| Some(&it.from) == from.as_ref() && Some(&it.to) == to.as_ref();
    match ways.iter().find(is_way) {
        Some(way) if holds(ctx.caller(), way) => Ok(()),
        _ => Err(refused().into()),
    }
}

pub(crate) fn refused() -> Refusal {
    Refusal::conflict("transition_refused", "the status cannot be changed in this way")
}

fn holds(caller: &Caller, way: &StatusTransition) -> bool {
    way.required_role.as_ref().is_none_or(|role| caller.roles().contains(role) || caller.has_role(ADMIN))
}

/// The ways that are declared for an entity's table.
pub(crate) async fn declared(
    ctx: &mut ActionContext<'_>,
    entity: &Entity,
) -> Result<Vec<StatusTransition>, ActionError> {
    let store = run::store(ctx);
    Ok(store.transitions(ctx.unit.transaction().await?, entity.table()).await?)
}

/// The key of a state: itself, or what the table of states says of an id.
async fn status_key(
    ctx: &mut ActionContext<'_>,
    entity: &Entity,
    value: &Value,
) -> Result<Option<String>, ActionError> {
    match value {
        Value::Text(key) => Ok(Some(key.clone())),
        Value::Integer(id) => {
            let store = run::store(ctx);
            Ok(store.status_key(ctx.unit.transaction().await?, entity.table(), *id).await?)
        }
        _ => Ok(None),
    }
}
