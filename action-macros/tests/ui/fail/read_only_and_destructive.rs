use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "user.update", authenticated, read_only, destructive)]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
