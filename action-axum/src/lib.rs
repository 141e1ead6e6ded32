#![doc = include_str!("../README.md")]

mod app;
mod arrival;
mod body;
mod client;
mod cross_site;
mod disposition;
mod envelope;
mod extract;
mod idempotency_key;
mod json_text;
#[cfg(feature = "jwt")]
mod jwt;
mod linger;
mod messages;
#[cfg(feature = "prometheus")]
mod metrics;
mod multipart;
mod openapi;
mod options;
mod postgrest;
mod problem;
mod query;
mod reply;
mod router;
mod routes;
mod serve;
mod status;
mod trace_context;

use action_core::Engine;
use axum::Router;

pub use client::NetworkError;
#[cfg(feature = "jwt")]
pub use jwt::{Jwt, WeakSecret};
#[cfg(feature = "prometheus")]
pub use metrics::{Metrics, MetricsError, metrics_router};
pub use options::Options;

/// Every route, with the default [`Options`].
///
/// | route | what |
/// |---|---|
/// | `POST /ui/actions/execute` | run one action |
/// | `GET /ui/actions`, `GET /ui/actions/{actionId}` | the actions that the caller may run |
/// | `GET /ui/actions/audit` | what was attempted |
/// | `GET /ui/entities` | the entity types that the caller may query or read |
/// | `GET /spark/actions/{objectTypeId}` | the custom actions on an entity that the caller may run |
/// | `POST /spark/actions/{objectTypeId}/{actionName}` | run one of them |
/// | `/v1/config/page-actions`, `/v1/config/page-configs` | the buttons, dropdowns and separators of pages |
/// | `/entity-actions`, `/rpc`, `/schema_entity_actions` | buttons on the rows of tables, run by functions |
/// | `GET /openapi.json` | all of this, for programs |
/// | `GET /healthz`, `GET /readyz` | whether the process lives, and whether the database answers |
///
/// Anything else is answered with a problem document too; see [`Options::without_fallback`].
///
/// ```no_run
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// use std::net::SocketAddr;
///
/// use action_axum::Jwt;
/// use action_core::Engine;
///
/// let engine = Engine::builder().authenticator(Jwt::hs256(std::env::var("JWT_SECRET")?)?).build().await?;
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// // With the peer's address, which the audit keeps.
/// let app = action_axum::router(engine).into_make_service_with_connect_info::<SocketAddr>();
/// axum::serve(listener, app).await?;
/// # Ok(()) }
/// ```
pub fn router(engine: Engine) -> Router {
    Options::new().router(engine)
}

/// `/ui/actions` and `/ui/entities` alone, for a host with health checks and documentation of its own.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let app: axum::Router = axum::Router::new()
///     .route("/healthz", axum::routing::get(|| async { "fine" }))
///     .merge(action_axum::execution_routes(engine))
///     .fallback(|| async { "our own page" });
/// # });
/// ```
pub fn execution_routes(engine: Engine) -> Router {
    Options::new().execution_routes(engine)
}

/// `/spark/actions` alone: the custom actions on entities, below the path that
/// [`Options::custom_actions_path`] sets.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let app: axum::Router = axum::Router::new().merge(action_axum::custom_action_routes(engine));
/// # });
/// ```
pub fn custom_action_routes(engine: Engine) -> Router {
    Options::new().custom_action_routes(engine)
}

/// `/v1/config` alone: pages, and the buttons, dropdowns and separators on them.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let app: axum::Router = axum::Router::new().merge(action_axum::page_action_routes(engine));
/// # });
/// ```
pub fn page_action_routes(engine: Engine) -> Router {
    Options::new().page_action_routes(engine)
}

/// `/entity-actions`, `/rpc` and `/schema_entity_actions` alone: buttons on the rows of tables.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let app: axum::Router = axum::Router::new().merge(action_axum::entity_action_routes(engine));
/// # });
/// ```
pub fn entity_action_routes(engine: Engine) -> Router {
    Options::new().entity_action_routes(engine)
}

/// `/healthz` and `/readyz` alone, for instance to serve them on another port.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let internal: axum::Router = action_axum::health_routes(engine);
/// # });
/// ```
pub fn health_routes(engine: Engine) -> Router {
    Options::new().health_routes(engine)
}

/// The OpenAPI 3.1 document of [`router`], for instance to write it to a file.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// # let engine = action_core::Engine::builder().build().await.unwrap();
/// let document = action_axum::openapi(&engine);
/// assert_eq!(document["openapi"], "3.1.0");
/// # });
/// ```
pub fn openapi(engine: &Engine) -> serde_json::Value {
    Options::new().openapi(engine)
}
