use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "user.update", permission = "user.edit", any_permission("a", "b"))]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
