use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity = "fleet/Car")]
async fn car_copy(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
