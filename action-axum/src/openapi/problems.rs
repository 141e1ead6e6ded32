//! The error answers of the document: which statuses a route may answer with, all with the same body.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder};

/// Of the execution route: everything the road of a call can end in.
pub(crate) struct ExecuteProblems;

/// Of a change of configuration.
pub(crate) struct ChangeProblems;

/// Of a read that needs a permission.
pub(crate) struct ReadProblems;

/// Of the listings.
pub(crate) struct ListProblems;

/// Of a route that names one thing.
pub(crate) struct OneProblems;

/// Of a file's bytes.
pub(crate) struct FileProblems;

/// Of the health check.
pub(crate) struct UnavailableProblem;

const EXECUTE: [u16; 14] = [400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 503, 504];
const CHANGE: [u16; 13] = [400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 500, 503, 504];
const READ: [u16; 6] = [400, 401, 403, 404, 500, 503];
const LIST: [u16; 4] = [400, 401, 500, 503];
const ONE: [u16; 5] = [400, 401, 404, 500, 503];
const FILE: [u16; 6] = [401, 403, 404, 416, 500, 503];
const UNAVAILABLE: [u16; 1] = [503];

impl IntoResponses for ExecuteProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&EXECUTE)
    }
}

impl IntoResponses for ChangeProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&CHANGE)
    }
}

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&READ)
    }
}

impl IntoResponses for ListProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&LIST)
    }
}

impl IntoResponses for OneProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&ONE)
    }
}

impl IntoResponses for FileProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&FILE)
    }
}

impl IntoResponses for UnavailableProblem {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        responses(&UNAVAILABLE)
    }
}

fn responses(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    statuses.iter().map(|it| (it.to_string(), RefOr::T(response(*it)))).collect()
}

fn response(status: u16) -> Response {
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response =
        ResponseBuilder::new().description(meaning(status)).content("application/problem+json", body);
    let header = |kind: Type, description: &str| {
        let schema = ObjectBuilder::new().schema_type(kind).build();
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
    };
    match status {
        401 => response.header("WWW-Authenticate", header(Type::String, "`Bearer`")),
        429 | 503 => response.header("Retry-After", header(Type::Integer, "Seconds to wait.")),
        _ => response,
    }
    .build()
}

/// What a status says, with its codes.
fn meaning(status: u16) -> &'static str {
    match status {
        400 => {
            "The request is wrong: `malformed_json`, `unknown_field`, `validation_failed`, `invalid_parameter`, \
             `selection_refused`, …"
        }
        401 => "No valid credential: `unauthenticated`.",
        403 => {
            "Known, but not allowed: `permission_denied`, `tenant_required`, `tenant_mismatch`, `cross_site`."
        }
        404 => "Not there, or not to be seen: `action_not_found`, `query_not_found`, `not_found`.",
        408 => "The body did not arrive in time: `request_timeout`.",
        409 => {
            "The state of the data stands against it: `conflict`, `version_conflict`, `in_progress`, `dependency`, …"
        }
        412 => "`If-Match` does not match: `precondition_failed`.",
        413 => "The body is over the limit: `payload_too_large`.",
        415 => "The body is neither JSON nor `multipart/form-data`: `unsupported_media_type`.",
        416 => "No byte of the file is in the range: `range_not_satisfiable`.",
        422 => "The idempotency key was used for another request: `idempotency_key_reused`.",
        429 => "Too many calls in this window: `rate_limited`.",
        503 => "The database does not answer: `unavailable`.",
        504 => "The action ran past its time limit and was rolled back: `timeout`.",
        _ => "A fault of ours: `internal`. The log line carries the same `requestId`.",
    }
}
