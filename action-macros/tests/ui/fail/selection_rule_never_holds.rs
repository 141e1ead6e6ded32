use action_core::{ActionContext, ActionResult, Entity, SelectedMany, custom_action};
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
}

#[custom_action(entity = "Car", selection = "1<X<2")]
async fn car_copy(_: &mut ActionContext<'_>, _: SelectedMany<Car>) -> ActionResult {
    Ok(())
}

fn main() {}
