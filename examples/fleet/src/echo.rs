//! The smallest action there is.

use action_core::{ActionContext, ActionResult, AnyParams, custom_action};
use serde_json::{Map, Value};

/// Answers its parameters.
#[custom_action(id = "echo", authenticated, tenant = "optional", read_only, idempotent)]
async fn echo(_: &mut ActionContext<'_>, params: AnyParams) -> ActionResult<Map<String, Value>> {
    Ok(params.0)
}
