use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
