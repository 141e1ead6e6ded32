//! Headers in both directions: request ids, idempotency keys, addresses, what every answer carries.

use std::net::SocketAddr;

use action_axum::Options;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use serde_json::Value;

use crate::support::{App, Claims, bare, execute};

fn whoami() -> Request<Body> {
    execute(&Claims::ada().bearer(), r#"{"actionId":"whoami"}"#)
}

#[tokio::test]
async fn a_request_id_comes_back_and_reaches_the_action() {
    let app = App::start().await;
    for id in ["a", "Req_1.2-3", &"x".repeat(64)] {
        let mut request = whoami();
        request.headers_mut().insert("x-request-id", id.parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!(
            (answer.header("x-request-id"), &answer.json()["data"]["request"]),
            (id, &Value::from(id))
        );
    }
}

#[tokio::test]
async fn without_a_usable_request_id_one_is_made() {
    let app = App::start().await;
    for id in [None, Some(""), Some("a b"), Some("a/b"), Some("ä"), Some(&*"x".repeat(65))] {
        let mut request = whoami();
        if let Some(id) = id {
            request.headers_mut().insert("x-request-id", id.parse().unwrap());
        }
        let answer = app.send(request).await;
        let made: uuid::Uuid = answer.header("x-request-id").parse().unwrap();
        assert_eq!(made.get_version_num(), 7, "{id:?}");
        assert_eq!(answer.json()["data"]["request"], made.to_string());
    }
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_the_safe_headers() {
    let app = App::start().await;
    let requests = [
        whoami(),
        execute("Bearer x", ""),
        execute(&Claims::ada().bearer(), "{"),
        bare(Method::GET, "/nowhere"),
        bare(Method::DELETE, "/ui/actions"),
        bare(Method::GET, "/healthz"),
        bare(Method::HEAD, "/readyz"),
        bare(Method::GET, "/ui/actions"),
    ];
    for request in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = app.send(request).await;
        assert!(!answer.header("x-request-id").is_empty(), "{what}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    }
}

#[tokio::test]
async fn a_malformed_idempotency_key_is_refused_by_name() {
    let app = App::start().await;
    for key in ["", "\"\"", "\"open", "a b", "ä", &"k".repeat(256)] {
        let mut request = whoami();
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!(answer.outcome(), "400 invalid_parameter", "{key}");
        assert_eq!(answer.fields(), ["Idempotency-Key invalid_parameter"]);
    }
    let mut request = whoami();
    request.headers_mut().append("idempotency-key", "a".parse().unwrap());
    request.headers_mut().append("idempotency-key", "a".parse().unwrap());
    assert_eq!(app.send(request).await.outcome(), "400 invalid_parameter");
}

#[tokio::test]
async fn the_clients_address_is_the_peers_unless_a_proxy_is_trusted() {
    let from = |proxied: bool| async move {
        let options = Options::new();
        let options = if proxied { options.trusted_proxies(["10.0.0.0/8"]).unwrap() } else { options };
        let mut request = whoami();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 4711))));
        request.headers_mut().insert("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2".parse().unwrap());
        App::with(options).await.send(request).await.json()["data"]["ip"].clone()
    };
    assert_eq!(from(false).await, "10.0.0.1");
    assert_eq!(from(true).await, "203.0.113.9");
}

#[tokio::test]
async fn a_host_that_provides_no_address_has_none_in_the_audit() {
    assert_eq!(App::start().await.send(whoami()).await.json()["data"]["ip"], Value::Null);
}

#[test]
fn a_range_of_addresses_that_is_none_is_refused_when_it_is_set() {
    let error = Options::new().trusted_proxies(["10.0.0.0/8", "everybody"]).unwrap_err();
    assert!(error.to_string().starts_with("`everybody` is no range of addresses"), "{error}");
}

#[tokio::test]
async fn a_long_user_agent_is_cut() {
    let app = App::start().await;
    let mut request = whoami();
    request.headers_mut().insert("user-agent", "ü".repeat(600).parse().unwrap());
    let agent = app.send(request).await.json()["data"]["agent"].as_str().unwrap().to_owned();
    assert_eq!(agent, "ü".repeat(500));
}

#[tokio::test]
async fn the_languages_reach_the_action() {
    let mut request = whoami();
    request.headers_mut().insert("accept-language", "nl-BE, fr;q=0.5".parse().unwrap());
    let languages = App::start().await.send(request).await.json()["data"]["languages"].clone();
    assert_eq!(languages, serde_json::json!(["nl-be", "fr"]));
}
