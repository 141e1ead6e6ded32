//! Addresses and methods: what is there, what is not, and how the routers fit into a host.

use action_axum::Options;
use action_core::in_memory::InMemory;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request};
use axum::routing::get;

use crate::support::{App, Claims, bare, builder};

fn host(router: Router) -> App {
    App { router, storage: InMemory::new() }
}

#[tokio::test]
async fn an_unknown_address_is_a_problem_document() {
    let app = App::start().await;
    for path in [
        "/",
        "/ui",
        "/ui/actions/",
        "/ui/actions/a/b",
        "/UI/actions",
        "/ui/actions/execute/x",
        "/openapi.json/",
    ] {
        let answer = app.send(bare(Method::GET, path)).await;
        assert_eq!(answer.outcome(), "404 not_found", "{path}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.json()["instance"], path);
    }
}

#[tokio::test]
async fn another_method_is_405_with_those_allowed() {
    let app = App::start().await;
    for (method, path, allowed) in [
        (Method::GET, "/ui/actions/execute", "POST"),
        (Method::HEAD, "/ui/actions/execute", "POST"),
        (Method::OPTIONS, "/ui/actions/execute", "POST"),
        (Method::DELETE, "/ui/actions", "GET,HEAD"),
        (Method::POST, "/ui/actions/audit", "GET,HEAD"),
        (Method::PUT, "/ui/actions/echo", "GET,HEAD"),
        (Method::POST, "/ui/entities", "GET,HEAD"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (Method::from_bytes(b"PURGE").unwrap(), "/openapi.json", "GET,HEAD"),
    ] {
        let answer = app.send(bare(method.clone(), path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, allowed), "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(answer.outcome(), "405 method_not_allowed");
        }
    }
}

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let app = App::start().await;
    for path in
        ["/ui/actions", "/ui/actions/echo", "/ui/entities", "/ui/actions/audit", "/healthz", "/openapi.json"]
    {
        let mut request = bare(Method::HEAD, path);
        request.headers_mut().insert("authorization", Claims::ada().bearer().parse().unwrap());
        let answer = app.send(request).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{path}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn below_a_prefix_the_instance_is_what_the_client_asked_for() {
    let engine = builder().build().await.unwrap();
    let app = host(Router::new().nest("/api", Options::new().prefix("/api").router(engine)));
    let answer = app.get("/api/ui/actions/nothing").await;
    assert_eq!(answer.outcome(), "404 action_not_found");
    assert_eq!(answer.json()["instance"], "/api/ui/actions/nothing");
    let elsewhere = app.send(bare(Method::GET, "/api/nowhere")).await;
    assert_eq!(
        (elsewhere.outcome().as_str(), &elsewhere.json()["instance"]),
        ("404 not_found", &"/api/nowhere".into())
    );
}

#[tokio::test]
async fn a_host_keeps_its_own_routes_and_its_own_fallback() {
    let engine = builder().build().await.unwrap();
    for router in [
        Options::new().without_fallback().router(engine.clone()),
        action_axum::execution_routes(engine.clone()),
    ] {
        let own = Router::new().route("/", get(|| async { "home" })).fallback(|| async { "lost" });
        // Two fallbacks would be a panic.
        let app = host(own.merge(router));
        assert_eq!(app.send(bare(Method::GET, "/")).await.text(), "home");
        assert_eq!(app.send(bare(Method::GET, "/nowhere")).await.text(), "lost");
        assert_eq!(app.get("/ui/actions").await.outcome(), "200");
        let wrong = app.send(bare(Method::GET, "/ui/actions/execute")).await;
        assert_eq!(wrong.outcome(), "405 method_not_allowed");
    }
    let app = host(Router::new().route("/", get(|| async { "home" })).merge(action_axum::router(engine)));
    assert_eq!(app.send(bare(Method::GET, "/nowhere")).await.outcome(), "404 not_found");
}

#[tokio::test]
async fn the_routers_of_the_parts_hold_their_parts_alone() {
    let engine = builder().build().await.unwrap();
    let execution = host(action_axum::execution_routes(engine.clone()));
    assert_eq!(execution.run("echo", serde_json::json!({})).await.outcome(), "200");
    assert_eq!(execution.send(bare(Method::GET, "/healthz")).await.status.as_u16(), 404);
    let health = host(action_axum::health_routes(engine));
    assert_eq!(health.send(bare(Method::GET, "/healthz")).await.outcome(), "200");
    assert_eq!(health.get("/ui/actions").await.status.as_u16(), 404);
}

#[tokio::test]
async fn the_query_of_a_refused_request_is_not_repeated() {
    let app = App::start().await;
    let request = Request::get("/ui/actions?token=hidden").body(Body::empty()).unwrap();
    assert!(!app.send(request).await.text().contains("hidden"));
}
