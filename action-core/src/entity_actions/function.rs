//! A function of the host's own in Rust, where the database has none of that name.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};

use crate::Value;
use crate::context::ActionContext;
use crate::error::ActionResult;

/// What an entity action calls: the row, which is locked and judged, and the checked parameters.
#[derive(Debug, Clone)]
pub struct EntityCall {
    /// The table, as the definition names it.
    pub table: String,
    /// The row's key, of the type that the table's key has: an integer, a text or a UUID.
    pub entity_id: Value,
    /// The parameters that were given, by name, each of its type; an optional one that was left out or blank is not
    /// there. A `money` is text.
    pub params: Map<String, Json>,
}

/// Runs in place of a function of the database.
///
/// What it returns is read as a function's answer is: `{"success", "message", "navigate_to", "refresh", "data"}`, each of
/// them optional. `"success": false` undoes what it wrote. A refusal is answered as it is.
///
/// It is registered under the name that definitions have in `rpc_function`, with
/// [`EngineBuilder::entity_function`](crate::EngineBuilder::entity_function).
///
/// ```
/// use action_core::entity_actions::{EntityCall, EntityFunction};
/// use action_core::{ActionContext, ActionResult, Engine};
/// use async_trait::async_trait;
/// use serde_json::{Value, json};
///
/// struct Remind;
///
/// #[async_trait]
/// impl EntityFunction for Remind {
///     async fn call(&self, _: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
///         let days = call.params.get("p_days").and_then(Value::as_i64).unwrap_or(7);
///         if days > 365 {
///             return Ok(json!({ "success": false, "message": "a year is the longest" }));
///         }
///         Ok(json!({ "message": format!("A reminder comes in {days} days"), "refresh": false }))
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// assert!(Engine::builder().entity_function("remind", Remind).build().await.is_ok());
///
/// // Two of one name stop the start.
/// let twice = Engine::builder().entity_function("remind", Remind).entity_function("remind", Remind);
/// assert!(twice.build().await.is_err());
/// # });
/// ```
#[async_trait]
pub trait EntityFunction: Send + Sync {
    /// Runs it, in the call's transaction, within the call's time limit of 30 s. The row was locked and judged before.
    ///
    /// # Errors
    /// A refusal is answered as it is, also as the result of one row of many; anything else is a fault, which ends the
    /// whole call.
    async fn call(&self, ctx: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Json>;
}
