//! How a call ended -> an answer: body and headers. The status comes from the one table in `status`.
//!
//! A success is written straight from the JSON text the handler's data was serialised to. A problem is a document of
//! RFC 9457 with the members of the execution endpoint's error response beside it. What went wrong inside never
//! stands in it: the log line with the same request id has it.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use action_core::ports::Window;
use action_core::{Asked, Done, FieldErrors, Outcome, Question, Refusal, Reply};
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::header::{
    CONTENT_LANGUAGE, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::arrival::Arrival;
use crate::messages::{Language, SEVERAL_FIELDS};
use crate::problem::Problem;
use crate::status;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Seconds after which a client may come back when something outside did not answer.
const RETRY_UNAVAILABLE: u64 = 5;

/// The success body of the execution endpoint.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the members are named by the contract")]
struct Success<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    effects: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    affected_records: Option<u64>,
    /// Milliseconds.
    execution_time: f64,
}

/// The body of a question.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AskedBody<'a> {
    success: bool,
    code: &'static str,
    status: u16,
    r#type: &'static str,
    step: u32,
    #[serde(flatten)]
    question: &'a Question,
    state: &'a str,
}

/// The body of every error.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProblemBody<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'a str,
    request_id: &'a str,
    success: bool,
    errors: Errors<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<&'a serde_json::Value>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Errors<'a> {
    Fields(&'a FieldErrors),
    One([OneError<'a>; 1]),
}

#[derive(Serialize)]
struct OneError<'a> {
    code: &'a str,
    message: &'a str,
}

/// The answer to an executed call.
pub(crate) fn executed(reply: Reply, arrival: &Arrival) -> Response {
    let Reply { result, window } = reply;
    let mut response = match result {
        Ok(Outcome::Done(done)) => success(&done, arrival),
        Ok(Outcome::Asked(asked)) => question(&asked, arrival),
        // The pipeline has logged the cause already.
        Err(refusal) => problem_document(&refusal.into(), arrival),
    };
    if let Some(window) = window {
        rate_headers(&mut response, &window);
    }
    response
}

/// The answer to a request that did not reach the pipeline, or was no call.
pub(crate) fn problem(problem: &Problem, arrival: &Arrival) -> Response {
    if let Problem::Refused(Refusal::Internal(cause) | Refusal::Unavailable(cause)) = problem {
        tracing::error!(request = %arrival.id(), code = problem.code(), cause = %causes(cause.as_ref()));
    }
    problem_document(problem, arrival)
}

/// The answer to a change of configuration: what it answers as the whole body, or nothing.
pub(crate) fn changed(reply: Reply, made: StatusCode, arrival: &Arrival) -> Response {
    match reply.result {
        Ok(Outcome::Done(done)) => {
            let mut response = match &done.data {
                Some(data) => with_body(made, JSON, data.get().as_bytes().to_vec()),
                None => {
                    let mut empty = Response::new(Body::empty());
                    *empty.status_mut() = StatusCode::NO_CONTENT;
                    empty
                }
            };
            if let Some(etag) = &done.etag {
                entity_tag(&mut response, etag);
            }
            if done.replayed {
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
            }
            response
        }
        result => executed(Reply { result, window: reply.window }, arrival),
    }
}

/// Tells the state of what is answered.
pub(crate) fn entity_tag(response: &mut Response, etag: &str) {
    if let Ok(tag) = HeaderValue::try_from(etag) {
        response.headers_mut().insert(ETAG, tag);
    }
}

/// An answer of plain JSON.
pub(crate) fn json(value: &impl Serialize, arrival: &Arrival) -> Response {
    json_with(StatusCode::OK, value, arrival)
}

/// A JSON document that was written before.
pub(crate) fn document(document: Arc<[u8]>) -> Response {
    with_body(StatusCode::OK, JSON, Bytes::from_owner(document))
}

/// A document with a status of its own.
pub(crate) fn json_with(status: StatusCode, value: &impl Serialize, arrival: &Arrival) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => with_body(status, JSON, body),
        Err(error) => problem(&Refusal::internal(error).into(), arrival),
    }
}

fn success(done: &Done, arrival: &Arrival) -> Response {
    let body = Success {
        success: true,
        data: done.data.as_deref(),
        metadata: Metadata { affected_records: done.affected, execution_time: milliseconds(done.took) },
        effects: done.effects.as_deref(),
    };
    let mut response = json(&body, arrival);
    if done.replayed {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn question(asked: &Asked, arrival: &Arrival) -> Response {
    let status = status::asked();
    let body = AskedBody {
        success: false,
        code: "input_required",
        status: status.as_u16(),
        r#type: "retry-action",
        step: asked.step,
        question: &asked.question,
        state: &asked.state,
    };
    json_with(status, &body, arrival)
}

fn problem_document(problem: &Problem, arrival: &Arrival) -> Response {
    let (status, message) = status::of(problem);
    let language = Language::best(arrival.languages());
    let detail = detail(problem, language);
    let code = problem.code();
    let fields = match problem {
        Problem::Refused(refusal) => refusal.fields().filter(|it| !it.is_empty()),
        _ => None,
    };
    let body = ProblemBody {
        r#type: "about:blank",
        title: message.title.get(language),
        status: status.as_u16(),
        detail: &detail,
        instance: arrival.path(),
        code,
        request_id: arrival.id(),
        success: false,
        errors: fields.map_or_else(|| Errors::One([OneError { code, message: &detail }]), Errors::Fields),
        results: match problem {
            Problem::Refused(Refusal::RowsFailed { results }) => Some(results),
            _ => None,
        },
    };
    // Nothing in it can fail to serialise: texts and numbers.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = with_body(status, PROBLEM_JSON, body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    match problem {
        Problem::Refused(Refusal::Unauthenticated) => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        Problem::Refused(Refusal::RateLimited(window)) => {
            headers.insert(RETRY_AFTER, window.reset_seconds().into());
        }
        Problem::RangeOutside(size) => {
            if let Ok(range) = HeaderValue::try_from(format!("bytes */{size}")) {
                headers.insert(CONTENT_RANGE, range);
            }
        }
        Problem::Refused(Refusal::Unavailable(_)) => {
            headers.insert(RETRY_AFTER, RETRY_UNAVAILABLE.into());
        }
        _ => {}
    }
    response
}

/// One sentence for a person, in a language where it is one of ours.
pub(crate) fn detail(problem: &Problem, language: Language) -> Cow<'_, str> {
    let filled =
        |template: &'static str, number: u128| Cow::Owned(template.replace("{n}", &number.to_string()));
    if let Some(text) = status::of(problem).1.detail {
        let template = text.get(language);
        return match status::number(problem) {
            Some(number) => filled(template, number),
            None => Cow::Borrowed(template),
        };
    }
    match problem {
        Problem::MalformedJson(reason) => Cow::Borrowed(reason),
        Problem::Refused(Refusal::Invalid { errors, .. }) if errors.len() > 1 => {
            filled(SEVERAL_FIELDS.get(language), errors.len() as u128)
        }
        Problem::Refused(refusal) => Cow::Owned(refusal.to_string()),
        other => Cow::Borrowed(status::of(other).1.title.get(language)),
    }
}

/// With the fraction, to a microsecond.
fn milliseconds(took: Duration) -> f64 {
    f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1_000.0
}

fn with_body(status: StatusCode, content_type: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// The fields of the IETF draft on rate limits, tenth edition.
fn rate_headers(response: &mut Response, window: &Window) {
    let policy = format!("\"default\";q={};w={}", window.rate.calls(), window.rate.window_seconds());
    let state = format!("\"default\";r={};t={}", window.remaining, window.reset_seconds());
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// An error and what it came from, in one line for the log.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
