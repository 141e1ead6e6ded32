use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity = "Car", id = "car.copy")]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
