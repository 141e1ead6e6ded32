use action_core::{ActionContext, ActionResult, Selected, custom_action};

struct Car;

#[custom_action(entity = "Car", selection = "=1")]
async fn car_copy(_: &mut ActionContext<'_>, _: Selected<Car>) -> ActionResult {
    Ok(())
}

fn main() {}
