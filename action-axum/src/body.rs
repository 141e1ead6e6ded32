//! Reading a body: declared to be JSON, within the limit, in time. What stands in it is not looked at here.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use crate::problem::Problem;

/// The bytes of a JSON body of at most `limit` bytes; never empty.
pub(crate) async fn json(
    headers: &HeaderMap,
    body: &mut Body,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    refuse_other_types(headers)?;
    let bytes = read(headers, body, limit, within).await?;
    if bytes.is_empty() {
        return Err(Problem::malformed("the body is empty"));
    }
    Ok(bytes)
}

/// The same where a body may be left out: then its type says nothing.
pub(crate) async fn json_or_nothing(
    headers: &HeaderMap,
    body: &mut Body,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    let bytes = read(headers, body, limit, within).await?;
    if !bytes.is_empty() {
        refuse_other_types(headers)?;
    }
    Ok(bytes)
}

fn refuse_other_types(headers: &HeaderMap) -> Result<(), Problem> {
    if !is_json(headers) || is_encoded(headers) {
        return Err(Problem::UnsupportedMediaType);
    }
    Ok(())
}

async fn read(
    headers: &HeaderMap,
    body: &mut Body,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    // A client that says how much it will send is told at once.
    if declared_length(headers).is_some_and(|it| it > limit as u64) {
        return Err(Problem::PayloadTooLarge(limit));
    }
    let read = tokio::time::timeout(within, Limited::new(body, limit).collect()).await;
    match read.map_err(|_elapsed| Problem::SlowBody)? {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::PayloadTooLarge(limit)),
        Err(_) => Err(Problem::malformed("the body ended early or could not be read")),
    }
}

/// `application/json`, whatever its parameters: JSON is UTF-8, and a `charset` says nothing (RFC 8259, section 11).
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let essence = value.to_str().ok().and_then(|it| it.split(';').next());
    essence.is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).iter().any(|it| !it.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
