//! What is known of a request before anything of it is looked at: its id, its address, the client's languages.
//!
//! Made once, by `serve`, so that every answer, those to unknown addresses included, tells the same id.

use std::sync::Arc;

use action_core::Languages;
use axum::extract::OriginalUri;
use http::header::{ACCEPT_LANGUAGE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Uri};
use uuid::Uuid;

/// The header that carries a request's id, both ways.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken from a client.
const LONGEST_ID: usize = 64;

/// A request's id, address and languages.
#[derive(Debug)]
pub(crate) struct Arrival {
    id: Arc<str>,
    id_header: HeaderValue,
    uri: Uri,
    languages: Languages,
}

impl Arrival {
    /// Takes the client's id where it is one, else makes one.
    pub(crate) fn of(parts: &Parts, new_id: impl FnOnce() -> Uuid) -> Self {
        let headers = &parts.headers;
        let given = headers.get(REQUEST_ID).and_then(|value| Some((id_of(value)?, value.clone())));
        let (id, id_header) = given.unwrap_or_else(|| {
            let mut buffer = Uuid::encode_buffer();
            let made = &*new_id().hyphenated().encode_lower(&mut buffer);
            (Arc::from(made), HeaderValue::from_str(made).unwrap_or(HeaderValue::from_static("")))
        });
        // Below a prefix that the host mounted us under, the request's own address is shortened.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.clone(),
            None => parts.uri.clone(),
        };
        let languages = headers.get(ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok()).map(Languages::parse);
        Self { id, id_header, uri, languages: languages.unwrap_or_default() }
    }

    /// The request's id.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The request's id, to be shared.
    pub(crate) fn shared_id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    /// The request's id as the answer's header.
    pub(crate) fn id_header(&self) -> HeaderValue {
        self.id_header.clone()
    }

    /// The path the client asked for.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The languages the client prefers.
    pub(crate) fn languages(&self) -> &Languages {
        &self.languages
    }
}

/// 1–64 of `[A-Za-z0-9._-]`: what can stand in a log line without being read as something else.
fn id_of(value: &HeaderValue) -> Option<Arc<str>> {
    let text = value.to_str().ok()?;
    let fits = (1..=LONGEST_ID).contains(&text.len())
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'));
    fits.then(|| Arc::from(text))
}
