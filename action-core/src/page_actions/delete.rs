//! An action is taken off its page; a dropdown goes with its items.

use super::changes;
use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::ports::PageActionOperation;

pub(super) struct Delete;

impl ActionHandler for Delete {
    type Input = ();
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult {
        let (stored, _) = changes::subject(ctx, None).await?;
        changes::require(ctx, "Delete", stored.action_type())?;
        changes::hold_to_state(ctx, &stored)?;
        changes::write(ctx, PageActionOperation::Deleted, vec![(Some(stored), None)]).await
    }
}
