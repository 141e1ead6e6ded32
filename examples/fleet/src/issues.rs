//! What the buttons on potholes run where the database has no functions; on PostgreSQL it has, see `schema`.

use action_core::entity_actions::{EntityCall, EntityFunction};
use action_core::{ActionContext, ActionResult};
use action_sqlx::SqlContext as _;
use async_trait::async_trait;
use serde_json::{Value, json};

/// `approve_pothole_fix`
pub(crate) struct ApproveFix;

/// `reject_pothole_fix`
pub(crate) struct RejectFix;

#[async_trait]
impl EntityFunction for ApproveFix {
    async fn call(&self, ctx: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
        Ok(match decide(ctx, &call, "approved").await? {
            Some(name) => json!({
                "success": true,
                "message": format!("Pothole \"{name}\" approved successfully!"),
                "refresh": true,
            }),
            None => json!({ "success": false, "message": "Only pending potholes can be approved" }),
        })
    }
}

#[async_trait]
impl EntityFunction for RejectFix {
    async fn call(&self, ctx: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
        Ok(match decide(ctx, &call, "rejected").await? {
            Some(_) => json!({
                "success": true,
                "message": "Pothole rejected",
                "navigate_to": "/view/issues",
                "refresh": false,
            }),
            None => json!({ "success": false, "message": "Only pending potholes can be rejected" }),
        })
    }
}

/// Gives a pending pothole another status; its name, if it was pending.
async fn decide(
    ctx: &mut ActionContext<'_>,
    call: &EntityCall,
    status: &'static str,
) -> ActionResult<Option<String>> {
    let update = "UPDATE issues SET status = $1 WHERE id = $2 AND status = 'pending' RETURNING display_name";
    let id = call.entity_id.to_json().as_i64();
    Ok(sqlx::query_scalar(update).bind(status).bind(id).fetch_optional(ctx.sqlite().await?).await?)
}
