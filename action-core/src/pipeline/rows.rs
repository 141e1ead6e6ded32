//! The rows a call names: how many there may be, and then what is stored of them.
//!
//! A row counts as named by its id alone. Each is loaded in the call's transaction through its tenant and the row
//! rule for reading and for this action; one that is missing or refused makes the whole call look for nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::resolve::Known;
use crate::action::ShownOn;
use crate::call::{RowReference, Selection};
use crate::context::{ActionContext, Rows};
use crate::custom_actions::{MOST_ROWS, Offer};
use crate::entity::{Entity, Record};
use crate::error::ActionError;
use crate::idempotency;
use crate::ports::{Access, Lock};
use crate::refusal::Refusal;
use crate::registry::Registered;
use crate::value::Value;

/// Holds the number of selected rows against the action's rule. Nothing is loaded yet.
pub(super) fn check_selection(known: &Known) -> Result<(), Refusal> {
    let (Some(offer), selection) = (&known.offer, &known.call.selection) else { return Ok(()) };
    let count = distinct(known.registered.entity.as_deref(), &selection.items);
    if count > MOST_ROWS {
        let message = format!("at most {MOST_ROWS} items can be selected; {count} were");
        return Err(Refusal::invalid("too_many_selected", message));
    }
    if is_from_detail(offer, selection) || offer.selection.holds(count) {
        return Ok(());
    }
    let were = if count == 1 { "1 item was".to_owned() } else { format!("{count} items were") };
    let message = format!("`{}` needs {}; {were} selected", offer.name, offer.selection);
    Err(Refusal::invalid("selection_refused", message))
}

/// A parent and nothing selected, on an action that details show: there is nothing to select in a detail view.
fn is_from_detail(offer: &Offer, selection: &Selection) -> bool {
    selection.parent.is_some() && selection.items.is_empty() && offer.shown_on != ShownOn::Query
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
    let selected = keys(own, &selection.items)?;
    let parent = match selection.parent.as_ref().filter(|it| it.id.is_some()) {
        None => None,
        Some(parent) => {
            let entity = match &parent.entity {
                Some(name) => ctx.engine().entities.find(name).ok_or(Refusal::NotFound)?,
                None => own,
            };
            keys(entity, std::slice::from_ref(parent))?.pop().map(|key| (entity, key))
        }
    };
    match parent {
        // In one statement, so that two calls lock the rows they share in the same order.
        Some((entity, key)) if entity.name() == own.name() => {
            let mut all = selected.clone();
            if !all.contains(&key) {
                all.push(key.clone());
            }
            let found = find(registered, own, &all, ctx).await?;
            ctx.rows.parent = found.iter().find(|it| *it.key() == key).cloned();
            ctx.rows.selected = found.into_iter().filter(|it| selected.contains(it.key())).collect();
        }
        Some((entity, key)) => {
            ctx.rows.selected = find(registered, own, &selected, ctx).await?;
            ctx.rows.parent = find(registered, entity, &[key], ctx).await?.pop();
        }
        None => ctx.rows.selected = find(registered, own, &selected, ctx).await?,
    }
    ctx.rows.digest = digest(&ctx.rows);
    Ok(())
}

/// Over the rows as they are stored: which, and in which version. None where none was loaded.
fn digest(rows: &Rows) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut loaded = rows.parent.iter().chain(&rows.selected).peekable();
    loaded.peek()?;
    hash.update([u8::from(rows.parent.is_some())]);
    for row in loaded {
        let entity = row.entity();
        match row.version() {
            Some(version) => hash.update(version.to_le_bytes()),
            // Without a version it is the row itself that must be the same.
            None => (0..entity.columns().len()).for_each(|it| {
                idempotency::texts(&mut hash, &[&row.get(it).to_json().to_string()]);
            }),
        }
    }
    Some(hash.finalize().into())
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
    if keys.is_empty() {
        return Ok(Vec::new());
    }
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
