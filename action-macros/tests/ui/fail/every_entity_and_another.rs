use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity("*", "Car"))]
async fn archive(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
