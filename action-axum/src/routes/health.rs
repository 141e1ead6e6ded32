//! `GET /healthz` and `GET /readyz`: what an orchestrator asks.

use std::time::Duration;

use action_core::Refusal;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::arrival::Arrival;
use crate::openapi::UnavailableProblem;
use crate::reply;

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
pub(crate) async fn alive(Extension(arrival): Extension<Arrival>) -> Response {
    reply::json(&OK, &arrival)
}

/// 200 when the database answers within two seconds.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "isReady",
    tag = "health",
    responses((status = 200, description = "The database answers.", body = Health), UnavailableProblem),
)]
pub(crate) async fn ready(State(app): State<App>, Extension(arrival): Extension<Arrival>) -> Response {
    let answered = tokio::time::timeout(PATIENCE, app.engine().ready()).await;
    let refusal = match answered {
        Ok(Ok(())) => return reply::json(&OK, &arrival),
        // Whatever is wrong with it, a client may come back later.
        Ok(Err(Refusal::Unavailable(cause) | Refusal::Internal(cause))) => Refusal::Unavailable(cause),
        Ok(Err(refusal)) => Refusal::Unavailable(refusal.into()),
        Err(elapsed) => Refusal::Unavailable(elapsed.into()),
    };
    reply::problem(&refusal.into(), &arrival)
}
