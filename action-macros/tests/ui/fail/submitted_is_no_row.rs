use action_core::{ActionContext, ActionResult, Entity, Submitted, custom_action};
use uuid::Uuid;

#[derive(Clone, Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    license_plate: String,
}

/// What a client sent cannot be taken for what is stored.
#[custom_action(entity = "Car")]
async fn car_copy(ctx: &mut ActionContext<'_>, car: Submitted) -> ActionResult {
    ctx.records::<Car>()?.insert(&car).await?;
    Ok(())
}

fn main() {}
