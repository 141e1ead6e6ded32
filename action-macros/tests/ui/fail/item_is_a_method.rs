use action_core::{ActionContext, ActionResult, custom_action};

struct Handler;

impl Handler {
    #[custom_action(id = "a", authenticated)]
    async fn run(&self, _: &mut ActionContext<'_>) -> ActionResult {
        Ok(())
    }
}

fn main() {}
