use action_core::{ActionContext, ActionHandler, ActionResult, Entity, SelectedMany, custom_action};
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
}

#[custom_action(entity = "Car", selection = "=1")]
struct CarCopy;

impl ActionHandler for CarCopy {
    type Input = (SelectedMany<Car>,);
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        Ok(())
    }
}

fn main() {}
