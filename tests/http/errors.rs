//! Requests that meet no route, or one that does not take their method.

use action_tests::{TestApp, people};
use axum::body::Body;
use axum::http::Method;

on_both_fleets!(
    an_unknown_address_is_a_problem_like_any_other,
    a_method_that_is_not_taken_is_told_with_those_that_are,
    an_unknown_address_asks_for_no_token,
    the_metrics_answer_wrong_methods_alike,
);

async fn an_unknown_address_is_a_problem_like_any_other(app: TestApp) {
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/ui"),
        (Method::GET, "/ui/actions/"),
        (Method::GET, "/ui/actions/echo/more"),
        (Method::POST, "/ui/nothing"),
        (Method::DELETE, "/ui/entities/Car"),
        (Method::GET, "/../etc/passwd"),
        (Method::GET, "/UI/ACTIONS"),
        (Method::GET, "//ui/actions"),
        (Method::GET, "/%ff"),
    ] {
        let answer = app.as_person(&people::administrator()).send(method, path, Body::empty()).await;
        assert_eq!(answer.brief(), "404 not_found", "{path}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert_eq!(answer.json["instance"], path);
    }
}

/// The methods of `Allow`, in their order in the alphabet.
fn allowed(answer: &action_tests::Answer) -> Vec<&str> {
    let mut methods: Vec<&str> =
        answer.header("allow").unwrap_or_default().split(',').map(str::trim).collect();
    methods.sort_unstable();
    methods
}

async fn a_method_that_is_not_taken_is_told_with_those_that_are(app: TestApp) {
    let reading = ["GET", "HEAD"];
    for (path, taken) in [
        ("/ui/actions/execute", &["POST"][..]),
        ("/ui/actions", &reading),
        ("/ui/actions/echo", &reading),
        ("/ui/actions/audit", &reading),
        ("/ui/entities", &reading),
        ("/openapi.json", &reading),
        ("/healthz", &reading),
        ("/readyz", &reading),
    ] {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"] {
            if taken.contains(&method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer =
                app.as_person(&people::administrator()).send(method.clone(), path, Body::empty()).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(allowed(&answer), taken, "{method} {path}");
            if method != Method::HEAD {
                assert_eq!(answer.brief(), "405 method_not_allowed", "{method} {path}");
                assert_eq!(
                    answer.header("content-type"),
                    Some("application/problem+json"),
                    "{method} {path}"
                );
            }
        }
    }
}

async fn an_unknown_address_asks_for_no_token(app: TestApp) {
    assert_eq!(app.anonymous().get("/no/such/route").await.brief(), "404 not_found");
    assert_eq!(app.anonymous().get("/ui/actions/execute").await.brief(), "405 method_not_allowed");
}

async fn the_metrics_answer_wrong_methods_alike(app: TestApp) {
    let answer = app.anonymous().send(Method::POST, "/metrics", Body::empty()).await;
    assert_eq!(answer.brief(), "405 method_not_allowed");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(allowed(&answer), ["GET", "HEAD"]);
}
