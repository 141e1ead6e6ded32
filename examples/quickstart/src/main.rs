//! An action in one file: annotate, mount, call.

use action_core::{ActionContext, ActionResult, Engine, Params, Refusal, custom_action};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize, JsonSchema, garde::Validate)]
struct Greeting {
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
}

/// Greets somebody.
#[custom_action(id = "greet", authenticated, tenant = "optional", rate_limit = "30/min")]
async fn greet(ctx: &mut ActionContext<'_>, params: Params<Greeting>) -> ActionResult<String> {
    if params.name == ctx.caller().name().unwrap_or_default() {
        return Err(Refusal::field("name", "yourself", "name somebody else").into());
    }
    Ok(format!("Hello, {}", params.name))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let storage = action_sqlx::Storage::connect("sqlite://app.db").await?; // migrated, ready
    let jwt = action_axum::Jwt::hs256("a secret of at least thirty-two characters")?;
    let engine = Engine::builder().storage(storage).authenticator(jwt).build().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    axum::serve(listener, action_axum::router(engine)).await?;
    Ok(())
}
