//! `GET /healthz` and `GET /readyz`: what an orchestrator asks.

use std::time::Duration;

use action_core::Refusal;
use axum::extract::{Request, State};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::openapi::UnavailableProblem;
use crate::reply;
use crate::serve::serve;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The answer of a health check.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// 200 while the process lives.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "isAlive",
    tag = "health",
    responses((status = 200, description = "The process lives.", body = Health)),
)]
pub(crate) async fn alive(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |_, _, arrival| Ok(reply::json(&OK, arrival))).await
}

/// 200 when the database answers within two seconds.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "health",
    responses((status = 200, description = "The database answers.", body = Health), UnavailableProblem),
)]
pub(crate) async fn ready(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |_, _, arrival| {
        // Whatever is wrong with it, a client may come back later.
        let refusal = match tokio::time::timeout(PATIENCE, app.engine().ready()).await {
            Ok(Ok(())) => return Ok(reply::json(&OK, arrival)),
            Ok(Err(Refusal::Unavailable(cause) | Refusal::Internal(cause))) => Refusal::Unavailable(cause),
            Ok(Err(refusal)) => Refusal::Unavailable(refusal.into()),
            Err(elapsed) => Refusal::Unavailable(elapsed.into()),
        };
        Err(refusal.into())
    })
    .await
}
