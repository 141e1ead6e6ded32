use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "user update", permission = "a/b/c", rate_limit = "often", timeout = "soon")]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
