//! A change of an action: what is sent is laid over what is stored, and the whole must be as good as a new one.

use serde_json::{Map, Value as Json};

use super::{PageAction, PageActionKind, PageActionType, body, changes, layout};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::ports::PageActionOperation;
use crate::refusal::Refusal;

pub(super) struct Update(pub(super) PageActionType);

impl ActionHandler for Update {
    type Input = (AnyParams,);
    type Output = PageAction;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = body::check_change(self.0, without_cleared(sent)) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<PageAction> {
        let (stored, mut others) = changes::subject(ctx, body::page(&sent.0)).await?;
        if stored.action_type() != self.0 {
            let told = format!("this is a {}, not a {}", stored.action_type().name(), self.0.name());
            return Err(Refusal::invalid("wrong_kind", told).into());
        }
        changes::hold_to_state(ctx, &stored)?;
        let merged = body::merged(&stored, &sent.0);
        let keeps_items = !sent.0.contains_key("items");
        let ids = ctx.engine().ids.clone();
        let draft = match (&stored.kind, keeps_items) {
            // Items that are not sent stay as they are, ids included.
            (PageActionKind::Dropdown(old), true) => {
                let mut with_any = merged;
                with_any.insert("items".to_owned(), serde_json::json!([{ "label": "-", "targetPath": "/" }]));
                let mut draft =
                    body::whole(self.0, with_any, &|| ids.random()).map_err(Refusal::validation)?;
                if let PageActionKind::Dropdown(new) = &mut draft.kind {
                    new.items.clone_from(&old.items);
                }
                draft
            }
            _ => body::whole(self.0, merged, &|| ids.random()).map_err(Refusal::validation)?,
        };
        changes::check_targets(ctx, &draft.kind, "").map_err(Refusal::validation)?;
        let page_id = draft.page_id.ok_or(Refusal::NotFound)?;
        if page_id != stored.page_id {
            others = changes::hold_named(ctx, page_id, "pageConfigId").await?;
        }
        let mut after = [PageAction {
            page_id,
            is_active: draft.is_active,
            kind: draft.kind,
            version: stored.version + 1,
            ..stored.clone()
        }];
        layout::place(&others, &mut after, &[draft.order])?;
        let [after] = after;
        let changed = vec![(Some(stored), Some(after.clone()))];
        changes::write(ctx, PageActionOperation::Updated, changed).await?;
        Ok::<_, ActionError>(after)
    }
}

/// `null` clears an optional member, and so is no mistake of its own.
fn without_cleared(sent: &Map<String, Json>) -> Map<String, Json> {
    let cleared = |name: &str, value: &Json| {
        value.is_null()
            && ["icon", "confirmationPrompt", "actionParams", "targetPath", "actionId"].contains(&name)
    };
    sent.iter().filter(|(name, it)| !cleared(name, it)).map(|(name, it)| (name.clone(), it.clone())).collect()
}
