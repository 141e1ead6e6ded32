//! The outermost layer: every request gets its id and its span, every answer its common headers.
//!
//! It also is the last place where a panic is caught. One inside an action was settled by the pipeline long before;
//! what arrives here is a host's own authenticator or authorizer.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use action_core::{Engine, Refusal};
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use crate::arrival::{Arrival, REQUEST_ID};
use crate::reply;
use crate::trace_context::TraceParent;

/// Wraps a router's services in [`Arriving`].
#[derive(Clone)]
pub(crate) struct ArrivalLayer {
    engine: Engine,
}

impl ArrivalLayer {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl<S> Layer<S> for ArrivalLayer {
    type Service = Arriving<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Arriving { inner, engine: self.engine.clone() }
    }
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Arriving<S> {
    inner: S,
    engine: Engine,
}

impl<S> Service<Request> for Arriving<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let arrival = Arrival::of(&request, || self.engine.new_id());
        let span = span(&request, &arrival);
        request.extensions_mut().insert(arrival.clone());
        let answer = self.inner.call(request);
        Box::pin(
            async move {
                let mut response = match caught(answer).await {
                    Ok(Ok(response)) => response,
                    Err(fault) => reply::problem(&fault.into(), &arrival),
                };
                let headers = response.headers_mut();
                headers.insert(REQUEST_ID, arrival.id_header());
                headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
                headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
                Span::current().record("status", response.status().as_u16());
                Ok(response)
            }
            .instrument(span),
        )
    }
}

/// Method, route, id and trace; neither the query nor any other header, which may hold what no log should.
fn span(request: &Request, arrival: &Arrival) -> Span {
    let span = info_span!(
        "http",
        method = %request.method(),
        route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str),
        request = arrival.id(),
        trace_id = Empty,
        parent_id = Empty,
        status = Empty,
    );
    if !span.is_disabled()
        && let Some(header) = request.headers().get("traceparent").and_then(|it| it.to_str().ok())
        && let Some(parent) = TraceParent::parse(header)
    {
        span.record("trace_id", parent.trace_id).record("parent_id", parent.parent_id);
    }
    span
}

/// Runs a future to its end, or to its panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, Refusal> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(_) => {
            Poll::Ready(Err(Refusal::internal("a part of the host panicked while it answered a request")))
        }
    })
    .await
}
