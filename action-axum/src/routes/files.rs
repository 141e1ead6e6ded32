//! `GET /ui/files/{fileId}`: the bytes of an upload or report.
//!
//! A file is always something to save and never something to show: its type is told, its sniffing forbidden, and a
//! browser that opens it all the same gives it no rights.

use action_core::files::StoredFile;
use action_core::ports::FileReader;
use action_core::{Engine, Refusal};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use futures_util::stream;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use uuid::Uuid;

use crate::app::App;
use crate::openapi::FileProblems;
use crate::problem::Problem;
use crate::serve::serve;
use crate::{disposition, extract};

/// The bytes of a file.
///
/// Of the caller's own tenant only; another tenant's file looks like none. Single ranges and `If-None-Match` are
/// understood.
#[utoipa::path(
    get,
    path = "/ui/files/{fileId}",
    operation_id = "downloadFile",
    tag = "files",
    params(("fileId" = Uuid, Path, description = "The `fileId` that an upload or a report answered.")),
    responses(
        (status = 200, description = "The bytes.", content_type = "application/octet-stream"),
        (status = 206, description = "A part of the bytes, as `Range` asked.", content_type = "application/octet-stream"),
        (status = 304, description = "The client has it already."),
        FileProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn download(
    State(app): State<App>,
    file_id: Result<Path<String>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, _, _| {
        let caller = extract::caller(&app, parts).await?;
        let tenant = caller.tenant_id().ok_or(Refusal::TenantRequired)?;
        // What is no id names no file.
        let id = file_id.ok().and_then(|it| Uuid::parse_str(&it.0).ok()).ok_or(Refusal::NotFound)?;
        let file = app.engine().file(Some(tenant), id).await?;
        answer(app.engine(), &file, parts).await
    })
    .await
}

async fn answer(engine: &Engine, file: &StoredFile, parts: &Parts) -> Result<Response, Problem> {
    let tag = format!("\"{}\"", file.sha256);
    let mut response = Response::new(Body::empty());
    describe(response.headers_mut(), file, &tag);
    if text(&parts.headers, IF_NONE_MATCH.as_str()).is_some_and(|it| names(it, &tag)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    // A range of another version of the file is a range of nothing.
    let is_same = text(&parts.headers, IF_RANGE.as_str()).is_none_or(|it| it == tag);
    let asked = text(&parts.headers, RANGE.as_str()).filter(|_| is_same && parts.method == Method::GET);
    let range = match asked.map_or(Asked::Whole, |it| range(it, file.size)) {
        Asked::Whole => None,
        Asked::Part(range) => Some(range),
        Asked::Outside => return Err(Problem::RangeOutside(file.size)),
    };
    let length = range.as_ref().map_or(file.size, |it| it.end - it.start);
    if let Some(range) = &range {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let told = format!("bytes {}-{}/{}", range.start, range.end - 1, file.size);
        response.headers_mut().insert(CONTENT_RANGE, value(told));
    }
    response.headers_mut().insert(CONTENT_LENGTH, length.into());
    // Opened for `HEAD` too: what cannot be fetched is not told to be there.
    let bytes = engine.open_file(file, range).await?;
    if parts.method != Method::HEAD {
        *response.body_mut() = streamed(bytes);
    }
    Ok(response)
}

fn describe(headers: &mut HeaderMap, file: &StoredFile, tag: &str) {
    headers.insert(CONTENT_TYPE, value(file.content_type.clone()));
    headers.insert(CONTENT_DISPOSITION, disposition::attachment(&file.name));
    headers.insert(ETAG, value(tag.to_owned()));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
}

/// A store that fails in the middle ends the answer early, which the client sees by its length.
fn streamed(reader: Box<dyn FileReader>) -> Body {
    Body::from_stream(stream::try_unfold(reader, async |mut reader| {
        let bytes = reader.next().await.inspect_err(|error| {
            tracing::error!(%error, "a file could not be read to its end");
        })?;
        Ok::<_, action_core::ports::FileStoreError>(bytes.map(|it| (it, reader)))
    }))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Weak comparison, as RFC 9110 has it for `If-None-Match`.
fn names(list: &str, tag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|it| it.trim().trim_start_matches("W/") == tag)
}

/// What a `Range` asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// All of it: what is no single range of bytes is passed over (RFC 9110, section 14.2).
    Whole,
    Part(std::ops::Range<u64>),
    Outside,
}

fn range(header: &str, size: u64) -> Asked {
    let Some(range) = header.trim().strip_prefix("bytes=") else { return Asked::Whole };
    let Some((first, last)) = range.split_once('-') else { return Asked::Whole };
    let (first, last) = (first.trim(), last.trim());
    let is_number = |it: &str| it.is_empty() || it.bytes().all(|it| it.is_ascii_digit());
    if !is_number(first) || !is_number(last) || (first.is_empty() && last.is_empty()) {
        return Asked::Whole;
    }
    // More digits than a number has are as good as the largest.
    let number = |it: &str| it.parse().unwrap_or(u64::MAX);
    let (start, end) = if first.is_empty() {
        (size.saturating_sub(number(last)), size)
    } else if last.is_empty() {
        (number(first), size)
    } else if number(last) < number(first) {
        return Asked::Whole;
    } else {
        (number(first), number(last).saturating_add(1).min(size))
    };
    if start < end { Asked::Part(start..end) } else { Asked::Outside }
}

fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

#[cfg(test)]
mod tests {
    use super::{Asked, range};

    #[test]
    fn a_range_is_the_part_it_names_or_nothing() {
        for (header, expected) in [
            ("bytes=0-4", Asked::Part(0..5)),
            ("bytes=5-", Asked::Part(5..10)),
            ("bytes=-3", Asked::Part(7..10)),
            ("bytes=-99", Asked::Part(0..10)),
            ("bytes=8-99999999999999999999999", Asked::Part(8..10)),
            ("bytes=10-", Asked::Outside),
            ("bytes=-0", Asked::Outside),
            ("bytes=4-2", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("lines=0-4", Asked::Whole),
        ] {
            assert_eq!(range(header, 10), expected, "{header}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Outside);
    }
}
