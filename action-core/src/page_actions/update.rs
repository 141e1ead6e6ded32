//! A change of an action: what is sent is laid over what is stored, and the whole must be as good as a new one.

use serde_json::{Map, Value as Json};

use super::{PageAction, PageActionType, body, changes, layout};
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
        if let Err(found) = body::check_change(self.0, sent) {
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
        let ids = ctx.engine().ids.clone();
        let draft = body::changed(&stored, &sent.0, &|| ids.random()).map_err(Refusal::validation)?;
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
        layout::place(&others, &mut after, &[draft.order], |_| String::new())?;
        let [after] = after;
        let changed = vec![(Some(stored), Some(after.clone()))];
        changes::write(ctx, PageActionOperation::Updated, changed).await?;
        Ok::<_, ActionError>(changes::answer(ctx, after))
    }
}
