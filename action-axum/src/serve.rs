//! What every request and every answer have in common: an id, a span, safe headers, and an answer whatever happens.
//!
//! Every handler of `routes` is wrapped in [`serve`]; a layer would do the same, and cost each request another boxed
//! service and future. It also is the last place where a panic is caught. One inside an action was settled by the
//! pipeline long before; what arrives here is a host's own authenticator or authorizer.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use action_core::Refusal;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use uuid::Uuid;

use crate::app::App;
use crate::arrival::{Arrival, REQUEST_ID};
use crate::problem::Problem;
use crate::trace_context::TraceParent;
use crate::{linger, reply};

/// Answers a request with what `answer` makes of it.
pub(crate) async fn serve<F>(app: &App, request: Request, answer: F) -> Response
where
    F: AsyncFnOnce(&Parts, &mut Body, &Arrival) -> Result<Response, Problem>,
{
    serve_with(|| app.engine().new_id(), request, answer).await
}

/// As [`serve`], for a route without an engine behind it; `new_id` makes the id of a request that came without one.
pub(crate) async fn serve_with<F>(new_id: impl FnOnce() -> Uuid, request: Request, answer: F) -> Response
where
    F: AsyncFnOnce(&Parts, &mut Body, &Arrival) -> Result<Response, Problem>,
{
    let (parts, mut body) = request.into_parts();
    let arrival = Arrival::of(&parts, new_id);
    let span = span(&parts, &arrival);
    let answered = caught(answer(&parts, &mut body, &arrival)).instrument(span.clone()).await;
    let mut response =
        answered.unwrap_or_else(|problem| span.in_scope(|| reply::problem(&problem, &arrival)));
    if !response.status().is_success() && response.status() != StatusCode::REQUEST_TIMEOUT {
        linger::over(&parts.headers, &mut body).await;
    }
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, arrival.id_header());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    span.record("status", response.status().as_u16());
    response
}

/// Method, route, id and trace; neither the query nor any other header, which may hold what no log should.
fn span(parts: &Parts, arrival: &Arrival) -> Span {
    let span = info_span!(
        "http",
        method = %parts.method,
        route = parts.extensions.get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str),
        request = arrival.id(),
        trace_id = Empty,
        parent_id = Empty,
        status = Empty,
    );
    if !span.is_disabled()
        && let Some(header) = parts.headers.get("traceparent").and_then(|it| it.to_str().ok())
        && let Some(parent) = TraceParent::parse(header)
    {
        span.record("trace_id", parent.trace_id).record("parent_id", parent.parent_id);
    }
    span
}

/// Runs a future to its end, or to its panic.
async fn caught<F: Future<Output = Result<Response, Problem>>>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(_) => {
            let fault = Refusal::internal("a part of the host panicked while it answered a request");
            Poll::Ready(Err(fault.into()))
        }
    })
    .await
}
