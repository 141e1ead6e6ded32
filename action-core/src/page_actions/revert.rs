//! An action is put back as an entry of its history left it; one that was removed is made again.

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::reader::Reader;
use super::{PageAction, changes, layout};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::{PageActionChange, PageActionOperation};
use crate::refusal::Refusal;

pub(super) struct Revert;

impl ActionHandler for Revert {
    type Input = (AnyParams,);
    type Output = PageAction;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<PageAction> {
        let entry = read(&sent.0).map_err(Refusal::validation)?;
        let (store, tenant) = (changes::store(ctx), changes::tenant(ctx)?);
        let id = ctx.subject().ok_or(Refusal::NotFound)?;
        let history = store.past(ctx.unit.transaction().await?, tenant, id).await?;
        let current = store.look_up(ctx.unit.transaction().await?, tenant, id).await?;
        if history.is_empty() && current.is_none() {
            return Err(Refusal::NotFound.into());
        }
        let unknown =
            || Refusal::field("historyId", "unknown_reference", "historyId names no entry of this action");
        let PageActionChange { before, after, .. } =
            history.into_iter().find(|it| it.id == entry).ok_or_else(unknown)?;
        // Of a removal it is the state before it: there is none after.
        let wanted = after.or(before).ok_or_else(unknown)?;
        changes::require(ctx, "Edit", wanted.action_type())?;
        changes::check_targets(ctx, &wanted.kind, "").map_err(Refusal::validation)?;
        let was_there = current.is_some();
        let (current, mut others) = if was_there {
            let (current, others) = changes::subject(ctx, Some(wanted.page_id)).await?;
            changes::hold_to_state(ctx, &current)?;
            (Some(current), others)
        } else {
            (None, Vec::new())
        };
        if current.as_ref().is_none_or(|it| it.page_id != wanted.page_id) {
            let gone = || Refusal::conflict("not_available", "the page it was on is no longer there");
            (_, others) = changes::hold(ctx, wanted.page_id).await?.ok_or_else(gone)?;
        }
        // Another call may have made it again before the page was held.
        if !was_there && store.look_up(ctx.unit.transaction().await?, tenant, id).await?.is_some() {
            return Err(Refusal::conflict("conflict", "it was put back at the same moment; try again").into());
        }
        let version = current.as_ref().map_or(1, |it| it.version + 1);
        let order = wanted.order;
        let mut after = [PageAction { version, ..wanted }];
        layout::place(&others, &mut after, &[Some(order)], |_| String::new())?;
        let [after] = after;
        changes::write(ctx, PageActionOperation::Reverted, vec![(current, Some(after.clone()))]).await?;
        Ok(changes::answer(ctx, after))
    }
}

fn read(sent: &Map<String, Json>) -> Result<Uuid, FieldErrors> {
    let mut reader = Reader::whole(sent.clone());
    let entry = match reader.take("historyId") {
        Some(json) => reader.uuid("historyId", &json),
        None => {
            reader.missing("historyId");
            None
        }
    };
    reader.end(entry)
}
