//! The rows a call names: how many there may be, and then what is stored of them.
//!
//! A row counts as named by its id alone. Each is loaded in the call's transaction through its tenant and the row
//! rule for reading and for this action; one that is missing or refused makes the whole call look for nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::action::{OnEntity, ShownOn};
use crate::call::{RowReference, Selection};
use crate::context::ActionContext;
use crate::custom_actions::MOST_ROWS;
use crate::entity::{Entity, Record};
use crate::error::ActionError;
use crate::ports::{Access, Lock};
use crate::refusal::Refusal;
use crate::registry::Registered;
use crate::value::Value;

/// Holds the number of selected rows against the action's rule. Nothing is loaded yet.
pub(super) fn check_selection(registered: &Registered, selection: &Selection) -> Result<(), Refusal> {
    let Some(on) = &registered.action.entity else { return Ok(()) };
    let count = distinct(registered.entity.as_deref(), &selection.items);
    if count > MOST_ROWS {
        let message = format!("at most {MOST_ROWS} items can be selected; {count} were");
        return Err(Refusal::invalid("too_many_selected", message));
    }
    if is_from_detail(on, selection) || on.selection.holds(count) {
        return Ok(());
    }
    let were = if count == 1 { "1 item was".to_owned() } else { format!("{count} items were") };
    let name = crate::registry::canonical_name(&registered.action.id);
    let message = format!("`{name}` needs {}; {were} selected", on.selection);
    Err(Refusal::invalid("selection_refused", message))
}

/// A parent and nothing selected, on an action that details show: there is nothing to select in a detail view.
fn is_from_detail(on: &OnEntity, selection: &Selection) -> bool {
    selection.parent.is_some() && selection.items.is_empty() && on.shown_on != ShownOn::Query
}

/// Ids are the same where they name the same row, however they are spelled.
fn distinct(entity: Option<&Entity>, items: &[RowReference]) -> usize {
    let spelled = |it: &RowReference| {
        let key = entity.zip(it.id.as_ref()).and_then(|(entity, id)| entity.key().kind().read(id).ok());
        key.map_or_else(|| it.id.as_ref().map(Json::to_string), |key| Some(key.to_json().to_string()))
    };
    items.iter().map(spelled).collect::<BTreeSet<_>>().len()
}

/// Loads the named rows into the context.
pub(super) async fn load(registered: &Registered, ctx: &mut ActionContext<'_>) -> Result<(), ActionError> {
    let Some(own) = &registered.entity else { return Ok(()) };
    let selection = ctx.selection();
    if !selection.items.is_empty() {
        let keys = keys(own, &selection.items)?;
        ctx.rows.selected = find(registered, own, &keys, ctx).await?;
    }
    if let Some(parent) = &selection.parent
        && parent.id.is_some()
    {
        let entity = match &parent.entity {
            Some(name) => ctx.engine().entities.find(name).ok_or(Refusal::NotFound)?,
            None => own,
        };
        let keys = keys(entity, std::slice::from_ref(parent))?;
        ctx.rows.parent = find(registered, entity, &keys, ctx).await?.pop();
    }
    Ok(())
}

/// The keys, each once. One that cannot be a key of this entity names no row.
fn keys(entity: &Entity, rows: &[RowReference]) -> Result<Vec<Value>, Refusal> {
    let mut keys: Vec<Value> = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.id.as_ref().and_then(|it| entity.key().kind().read(it).ok()).filter(|it| !it.is_null());
        let key = key.ok_or(Refusal::NotFound)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

async fn find(
    registered: &Registered,
    entity: &Arc<Entity>,
    keys: &[Value],
    ctx: &mut ActionContext<'_>,
) -> Result<Vec<Record>, ActionError> {
    let lock = match ctx.unit.scope().access {
        Access::ReadOnly => Lock::None,
        Access::ReadWrite => Lock::ForUpdate,
    };
    let action = crate::registry::canonical_name(&registered.action.id);
    let found = ctx.records_of(entity).find_for(action, keys, lock).await?;
    if found.len() != keys.len() {
        return Err(Refusal::NotFound.into());
    }
    Ok(found)
}
