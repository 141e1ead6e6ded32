//! What a click is before it is known what it runs, and what it stays where there is nothing to run. The road refuses
//! it then with what it found behind the button, and never comes to run this.

use crate::context::ActionContext;
use crate::error::ActionResult;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::refusal::Refusal;

pub(super) struct Click;

impl ActionHandler for Click {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        Err(Refusal::NotFound.into())
    }
}
