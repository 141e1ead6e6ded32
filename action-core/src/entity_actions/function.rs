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
    /// The row's key.
    pub entity_id: Value,
    /// The parameters that were given.
    pub params: Map<String, Json>,
}

/// Runs in place of a function of the database.
///
/// What it returns is read as a function's answer is: `{"success", "message", "navigate_to", "refresh", "data"}`, each of
/// them optional. `"success": false` undoes what it wrote. A refusal is answered as it is.
#[async_trait]
pub trait EntityFunction: Send + Sync {
    /// Runs it, in the call's transaction.
    async fn call(&self, ctx: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Json>;
}
