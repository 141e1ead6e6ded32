//! `GET /openapi.json`: the document, made once, and asked for again only when it changed.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::App;
use crate::openapi::Document;
use crate::serve::serve;

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "getOpenApi",
    tag = "documentation",
    responses(
        (status = 200, description = "The OpenAPI 3.1 document of every mounted route.", body = serde_json::Value,
            headers(("ETag" = String, description = "Changes with the document."))),
        (status = 304, description = "The document of `If-None-Match` is still this one."),
    ),
)]
pub(crate) async fn openapi(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, _| Ok(current(app.document(), &parts.headers))).await
}

fn current(document: &Document, asked: &HeaderMap) -> Response {
    let mut response = Response::new(Body::empty());
    if is_known(asked, document.etag()) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(document.bytes());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    let headers = response.headers_mut();
    headers.insert(ETAG, document.etag().clone());
    // May be kept, and must be asked for again.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Weak comparison, as RFC 9110 has it for this header.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let listed = headers.get_all(IF_NONE_MATCH).iter().filter_map(|it| it.to_str().ok());
    listed
        .flat_map(|it| it.split(','))
        .map(str::trim)
        .any(|it| it == "*" || it.strip_prefix("W/").unwrap_or(it) == etag)
}
