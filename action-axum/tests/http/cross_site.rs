//! Credentials that browsers add by themselves, and requests of other sites' pages.

use action_core::in_memory::InMemory;
use action_core::ports::{Authenticator, Credentials, Identified, Unauthenticated};
use action_core::{Caller, Identity};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;

use crate::support::{ADA, App, Claims, builder, execute};

/// A host with sessions of its own.
struct Sessions;

#[async_trait]
impl Authenticator for Sessions {
    async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Identified, Unauthenticated> {
        match credentials.header("cookie") {
            Some("session=ada") => Ok(Identified::by_cookie(Caller::new(Identity::of(ADA)))),
            Some(_) => Err(Unauthenticated::invalid("no such session")),
            None => Err(Unauthenticated::Missing),
        }
    }
}

async fn post(headers: &[(&'static str, &str)]) -> String {
    let engine = builder().authenticator(Sessions).build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    let mut request = Request::post("/ui/actions/execute")
        .header("content-type", "application/json")
        .header("host", "app.example")
        .header("cookie", "session=ada");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(r#"{"actionId":"echo"}"#)).unwrap()).await.outcome()
}

#[tokio::test]
async fn a_page_of_the_same_origin_may_call() {
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).await, "200");
    assert_eq!(post(&[("origin", "https://app.example")]).await, "200");
}

#[tokio::test]
async fn another_sites_page_may_not() {
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[],
    ] {
        assert_eq!(post(headers).await, "403 cross_site", "{headers:?}");
    }
}

#[tokio::test]
async fn a_bad_session_is_401_before_it_is_cross_site() {
    let engine = builder().authenticator(Sessions).build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    let request =
        Request::post("/ui/actions/execute").header("cookie", "session=eve").body(Body::empty()).unwrap();
    assert_eq!(app.send(request).await.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn a_bearer_token_may_come_from_anywhere() {
    let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"echo"}"#);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(App::start().await.send(request).await.outcome(), "200");
}
