use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = user_update, authenticated, timeout = 5, redact(pin))]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
