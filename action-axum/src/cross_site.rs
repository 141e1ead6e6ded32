//! Requests that another site's page makes in a browser, with a credential that the browser adds by itself.
//!
//! The browser says itself where a request comes from: by `Sec-Fetch-Site`, or to plain http addresses by `Origin`. A
//! request that says neither is refused, for a page could not be told from anything else. Tokens that a page must add
//! itself need none of this, and whether a credential is of that kind was the authenticator's to say.

use action_core::Refusal;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::client::Proxies;

/// Refuses what is not same-origin. Requests that change nothing pass.
pub(crate) fn check(parts: &Parts, proxies: &Proxies) -> Result<(), Refusal> {
    let changes = !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE);
    if !changes || is_same_origin(parts, proxies) { Ok(()) } else { Err(Refusal::CrossSite) }
}

fn is_same_origin(parts: &Parts, proxies: &Proxies) -> bool {
    if let Some(site) = parts.headers.get("sec-fetch-site") {
        // `none` is the person: an address typed in, a bookmark.
        return site == "same-origin" || site == "none";
    }
    let Some((scheme, authority)) = text(&parts.headers, ORIGIN).and_then(|it| it.split_once("://")) else {
        return false;
    };
    let host = parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| text(&parts.headers, HOST));
    let own_scheme = own_scheme(parts, proxies);
    host.is_some_and(|it| it.eq_ignore_ascii_case(authority))
        && own_scheme.map_or(scheme == "http" || scheme == "https", |it| it.eq_ignore_ascii_case(scheme))
}

/// The scheme the client used, where it is known: a server that only sees plain text does not know whether something
/// in front of it took the TLS off.
fn own_scheme<'a>(parts: &'a Parts, proxies: &Proxies) -> Option<&'a str> {
    let forwarded = proxies.forwarded(parts).then(|| text(&parts.headers, "x-forwarded-proto")).flatten();
    forwarded.or_else(|| parts.uri.scheme_str())
}

fn text(headers: &HeaderMap, name: impl http::header::AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn passes(method: Method, headers: &[(&'static str, &str)]) -> bool {
        let mut request =
            Request::builder().method(method).uri("/ui/actions/execute").header("host", "app.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0, &Proxies::default()).is_ok()
    }

    #[test]
    fn the_browsers_own_word_decides() {
        for (site, may) in
            [("same-origin", true), ("none", true), ("same-site", false), ("cross-site", false), ("", false)]
        {
            assert_eq!(passes(Method::POST, &[("sec-fetch-site", site)]), may, "{site}");
        }
        // It is believed before the origin, which a page cannot forge either but a proxy may rewrite.
        assert!(!passes(
            Method::POST,
            &[("sec-fetch-site", "cross-site"), ("origin", "https://app.example")]
        ));
    }

    #[test]
    fn without_it_the_origin_must_be_the_requests_own() {
        for (origin, may) in [
            ("https://app.example", true),
            ("http://APP.example", true),
            ("https://app.example:8443", false),
            ("https://evil.example", false),
            ("https://app.example.evil.example", false),
            ("ftp://app.example", false),
            ("null", false),
        ] {
            assert_eq!(passes(Method::POST, &[("origin", origin)]), may, "{origin}");
        }
    }

    #[test]
    fn a_request_that_says_neither_is_refused_unless_it_changes_nothing() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(!passes(method.clone(), &[]), "{method}");
        }
        assert!(passes(Method::GET, &[]) && passes(Method::HEAD, &[]));
    }
}
