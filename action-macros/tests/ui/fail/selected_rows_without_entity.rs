use action_core::{ActionContext, ActionResult, Entity, Selected, custom_action};
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
}

#[custom_action(id = "car.copy", authenticated)]
async fn car_copy(_: &mut ActionContext<'_>, _: Selected<Car>) -> ActionResult {
    Ok(())
}

fn main() {}
