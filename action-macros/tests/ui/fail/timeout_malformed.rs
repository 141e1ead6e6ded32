use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "user.update", authenticated, timeout = "soon")]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
