//! What a host sets about its routes, and the routers made with it.

use std::time::Duration;

use action_core::Engine;
use axum::Router;

use crate::client::Proxies;
use crate::{NetworkError, router};

/// How the routes behave and how they are documented. The defaults suit a host that is reached directly.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use action_axum::Options;
/// use action_core::Engine;
///
/// let engine = Engine::builder().build().await?;
/// let actions = Options::new()
///     .body_limit(256 * 1024)
///     .trusted_proxies(["10.0.0.0/8"])?
///     .prefix("/api")
///     .title("Fleet")
///     .version("2.3.0")
///     .router(engine);
/// let app: axum::Router = axum::Router::new().nest("/api", actions);
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) body_limit: usize,
    pub(crate) body_time_limit: Duration,
    pub(crate) upload_time_limit: Duration,
    pub(crate) trusted_proxies: Proxies,
    pub(crate) prefix: String,
    pub(crate) custom_actions_path: String,
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) fallback: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            body_limit: 1024 * 1024,
            body_time_limit: Duration::from_secs(30),
            upload_time_limit: Duration::from_mins(5),
            trusted_proxies: Proxies::default(),
            prefix: String::new(),
            custom_actions_path: "/spark/actions".to_owned(),
            title: "Actions".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            fallback: true,
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most bytes a JSON body may have, instead of 1 MiB. More is 413 `payload_too_large`.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// How long a client may take to send a body, instead of 30 seconds. Longer is 408 `request_timeout`. How long it
    /// may take to send the headers before it is the server's to limit.
    pub fn body_time_limit(mut self, limit: Duration) -> Self {
        self.body_time_limit = limit;
        self
    }

    /// How long a client may take to send files, instead of 5 minutes. How many bytes they may have is in the engine's
    /// [`UploadRules`](action_core::files::UploadRules).
    pub fn upload_time_limit(mut self, limit: Duration) -> Self {
        self.upload_time_limit = limit;
        self
    }

    /// The host's own proxies, as ranges of addresses: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`.
    ///
    /// A request that one of them hands over is from the last address in `X-Forwarded-For` that is none of them, and
    /// came by the scheme in `X-Forwarded-Proto`. Without any, those headers say nothing. The peer's address itself is
    /// known only where the host serves with `into_make_service_with_connect_info::<SocketAddr>()`.
    pub fn trusted_proxies<T: AsRef<str>>(
        mut self,
        networks: impl IntoIterator<Item = T>,
    ) -> Result<Self, NetworkError> {
        self.trusted_proxies = Proxies::parse(networks)?;
        Ok(self)
    }

    /// Where the host nests the router, so that the paths in the OpenAPI document are those that clients call.
    pub fn prefix(mut self, prefix: impl AsRef<str>) -> Self {
        let path = prefix.as_ref().trim_matches('/');
        self.prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        self
    }

    /// Below which path the custom actions on entities are, instead of `/spark/actions`.
    ///
    /// # Panics
    ///
    /// Making the router panics where it is the path of another route, as axum does.
    pub fn custom_actions_path(mut self, path: impl AsRef<str>) -> Self {
        let path = path.as_ref().trim_matches('/');
        if !path.is_empty() {
            self.custom_actions_path = format!("/{path}");
        }
        self
    }

    /// The title of the OpenAPI document.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The version in the OpenAPI document: the host's, as its clients know it.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Leaves requests for unknown addresses to the host. Without this, [`router`](Self::router) answers them with a
    /// problem document, and cannot be merged into a router that has a fallback of its own.
    pub fn without_fallback(mut self) -> Self {
        self.fallback = false;
        self
    }

    /// Every route, see [`crate::router`].
    pub fn router(self, engine: Engine) -> Router {
        router::finish(router::every_route(&self), engine, self)
    }

    /// The routes to run and list actions, see [`crate::execution_routes`].
    pub fn execution_routes(self, engine: Engine) -> Router {
        router::finish(router::execution(), engine, self.without_fallback())
    }

    /// The routes of custom actions on entities, see [`crate::custom_action_routes`].
    pub fn custom_action_routes(self, engine: Engine) -> Router {
        router::finish(router::custom_actions(&self), engine, self.without_fallback())
    }

    /// The routes of entity actions, see [`crate::entity_action_routes`].
    pub fn entity_action_routes(self, engine: Engine) -> Router {
        router::finish(router::entity_actions(), engine, self.without_fallback())
    }

    /// The routes of page actions, see [`crate::page_action_routes`].
    pub fn page_action_routes(self, engine: Engine) -> Router {
        router::finish(router::page_actions(), engine, self.without_fallback())
    }

    /// The routes for an orchestrator, see [`crate::health_routes`].
    pub fn health_routes(self, engine: Engine) -> Router {
        router::finish(router::health(), engine, self.without_fallback())
    }

    /// The OpenAPI document of [`router`](Self::router), see [`crate::openapi`].
    pub fn openapi(&self, engine: &Engine) -> serde_json::Value {
        crate::openapi::document(router::every_route(self).into_openapi(), engine, self)
    }
}
