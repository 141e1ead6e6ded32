use action_core::{ActionContext, ActionHandler, ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
struct Handler {
    _state: u8,
}

impl ActionHandler for Handler {
    type Input = ();
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
        Ok(())
    }
}

fn main() {}
