use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity("Car", "Truck", "car"))]
async fn archive(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
