//! The rest of a body that nobody wanted.
//!
//! A request may be refused before its body is read. If the connection were closed on a client that still sends, the
//! client would often see a broken connection and not the answer. So what is on its way is read and thrown away, as
//! far as that is little and quick.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt as _;

/// Most bytes that are thrown away.
const MOST: u64 = 16 * 1024 * 1024;

/// The longest it may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads what is left of a body, within bounds.
pub(crate) async fn over(headers: &HeaderMap, body: &mut Body) {
    if body.is_end_stream() || headers.contains_key(EXPECT) || declared(headers) > MOST {
        // There is nothing, the client waits to be asked for it, or it is too much.
        return;
    }
    let rest = async {
        let mut thrown = 0;
        while let Some(Ok(frame)) = body.frame().await {
            thrown += frame.data_ref().map_or(0, |it| it.len() as u64);
            if thrown > MOST {
                break;
            }
        }
    };
    // An answer that comes late is still an answer.
    let _ = tokio::time::timeout(PATIENCE, rest).await;
}

fn declared(headers: &HeaderMap) -> u64 {
    headers.get(CONTENT_LENGTH).and_then(|it| it.to_str().ok()?.parse().ok()).unwrap_or(0)
}
