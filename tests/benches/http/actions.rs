//! The same work as actions.

use action_core::{ActionContext, ActionResult, Params, custom_action};
use fleet::Car;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct Paint {
    #[garde(skip)]
    id: Uuid,
    #[garde(length(chars, min = 1, max = 50))]
    color: String,
}

/// Paints a car: an ordinary handler, which reads the row, changes it and answers it.
#[custom_action(id = "bench.paint", permission = "Edit/Car")]
async fn paint(ctx: &mut ActionContext<'_>, params: Params<Paint>) -> ActionResult<Car> {
    ctx.records::<Car>()?.set(params.id, [("color", params.0.color.into())]).await
}
