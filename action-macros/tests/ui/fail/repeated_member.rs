use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "a", authenticated, timeout = "5s", timeout = "6s")]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
