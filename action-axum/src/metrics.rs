//! `GET /metrics`, in the text format of Prometheus.
//!
//! Counting happens wherever something is counted, through the `metrics` crate; here it is collected and shown. The
//! host mounts the route itself, because whoever may reach it sees names of actions: on a port of its own, or behind a
//! proxy that keeps it inside.

use std::time::Duration;

use action_core::ports::{Ids as _, SystemIds};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::arrival::Arrival;
use crate::problem::Problem;
use crate::serve::serve_with;

/// Seconds; from a cached look-up to the longest time limit an action has unless it says otherwise.
const BUCKETS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// How often what was measured is put into its buckets, whether or not anybody looks.
const UPKEEP: Duration = Duration::from_secs(5);

/// The process's metrics. Cloning it shares them.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// The metrics could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be collected: {0}")]
pub struct MetricsError(String);

impl Metrics {
    /// Collects the metrics of this process from now on. There can be one collector in a process.
    ///
    /// To be called inside the runtime, and before the engine is built: what was counted before is lost.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let metrics = action_axum::Metrics::install()?;
    /// let engine = action_core::Engine::builder().build().await?;
    /// let app: axum::Router =
    ///     axum::Router::new().merge(action_axum::router(engine)).merge(action_axum::metrics_router(&metrics));
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn install() -> Result<Self, MetricsError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
            .and_then(PrometheusBuilder::install_recorder)
            .map_err(|error| MetricsError(error.to_string()))?;
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let upkeep = handle.clone();
            runtime.spawn(async move {
                let mut ticks = tokio::time::interval(UPKEEP);
                loop {
                    ticks.tick().await;
                    upkeep.run_upkeep();
                }
            });
        }
        Ok(Self(handle))
    }

    /// Everything collected so far, as Prometheus reads it.
    pub fn render(&self) -> String {
        self.0.render()
    }
}

/// `GET /metrics`, without authentication. See [`Metrics::install`].
pub fn metrics_router(metrics: &Metrics) -> Router {
    let router = Router::new().route("/metrics", get(show));
    router.method_not_allowed_fallback(method_not_allowed).with_state(metrics.clone())
}

async fn show(State(metrics): State<Metrics>, request: Request) -> Response {
    let rendered = async |_: &Parts, _: &mut Body, _: &Arrival| {
        let mut response = Response::new(Body::from(metrics.render()));
        let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        Ok(response)
    };
    serve_with(|| SystemIds.ordered(), request, rendered).await
}

async fn method_not_allowed(request: Request) -> Response {
    serve_with(|| SystemIds.ordered(), request, async |_, _, _| Err(Problem::MethodNotAllowed)).await
}
