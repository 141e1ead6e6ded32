//! The body of every error, and every row of the status table that a request can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use action_axum::{Jwt, Options};
use action_core::Caller;
use action_core::in_memory::InMemory;
use action_core::permissions::Grants;
use action_core::ports::{Authorizer, StoreError};
use axum::body::Body;
use axum::http::{Method, Request};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::support::{ACME, App, Claims, SECRET, bare, builder, execute};

#[tokio::test]
async fn a_problem_has_every_member_of_the_contract() {
    let mut request =
        execute(&Claims::ada().bearer(), r#"{"actionId":"greet","params":{"name":"","age":200}}"#);
    request.headers_mut().insert("x-request-id", "r-1".parse().unwrap());
    let answer = App::start().await.send(request).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let mut body = answer.json();
    let errors = body.as_object_mut().unwrap().remove("errors").unwrap();
    assert_eq!(
        body,
        json!({
            "type": "about:blank", "title": "Validation failed", "status": 400, "detail": "2 fields are invalid",
            "instance": "/ui/actions/execute", "code": "validation_failed", "requestId": "r-1", "success": false,
        })
    );
    assert_eq!((errors[0]["field"].as_str(), errors[1]["field"].as_str()), (Some("name"), Some("age")));
}

#[tokio::test]
async fn a_refusal_about_no_field_still_has_one_error() {
    let body = App::start().await.run("refuse", json!({ "how": "not_found" })).await.json();
    assert_eq!(body["errors"], json!([{ "code": "not_found", "message": "not found" }]));
    assert_eq!(body["detail"], "not found");
}

#[tokio::test]
async fn every_refusal_of_a_handler_has_its_status() {
    let app = App::start().await;
    for expected in [
        "400 selection_refused",
        "403 tenant_mismatch",
        "404 not_found",
        "404 query_not_found",
        "409 already_stolen",
        "409 version_conflict",
        "412 precondition_failed",
        "500 internal",
        "503 unavailable",
    ] {
        let how = expected.split(' ').nth(1).unwrap();
        let answer = app.run("refuse", json!({ "how": how })).await;
        assert_eq!(answer.outcome(), expected);
        assert_eq!(answer.json()["status"], answer.status.as_u16());
        assert!(!answer.fields().is_empty(), "{how}");
    }
}

#[tokio::test]
async fn a_fault_tells_nothing_but_its_request_id() {
    let app = App::start().await;
    for how in ["internal", "panic", "whatever", "unavailable"] {
        let answer = app.run("refuse", json!({ "how": how })).await;
        assert!(answer.status.is_server_error(), "{how}");
        assert!(!answer.text().contains("secret-detail"), "{}", answer.text());
        assert_eq!(answer.json()["requestId"], answer.header("x-request-id"));
    }
}

#[tokio::test]
async fn an_unavailable_service_says_when_to_come_back() {
    let answer = App::start().await.run("refuse", json!({ "how": "unavailable" })).await;
    assert_eq!(answer.header("retry-after"), "5");
}

#[tokio::test]
async fn an_action_past_its_time_limit_is_504() {
    assert_eq!(App::start().await.run("slow", json!({})).await.outcome(), "504 timeout");
}

#[tokio::test]
async fn an_unknown_action_is_404_and_a_forbidden_one_403() {
    let app = App::start().await;
    assert_eq!(app.run("nothing.here", json!({})).await.outcome(), "404 action_not_found");
    assert_eq!(app.run("execute", json!({})).await.outcome(), "404 action_not_found");
    let denied = app.run("guarded", json!({})).await;
    assert_eq!(denied.outcome(), "403 permission_denied");
    assert_eq!(denied.json()["detail"], "you do not have permission for this");
}

#[tokio::test]
async fn a_caller_without_a_tenant_runs_only_what_needs_none() {
    let app = App::start().await;
    let nobody = Claims::ada().without("tenant_id").bearer();
    let run = |action: &str| app.send(execute(&nobody, json!({ "actionId": action }).to_string()));
    assert_eq!(run("silent").await.outcome(), "403 tenant_required");
    assert_eq!(run("echo").await.outcome(), "200");
}

#[tokio::test]
async fn two_answers_about_missing_things_differ_in_their_request_id_alone() {
    let app = App::start().await;
    let missing = app.run("refuse", json!({ "how": "not_found" })).await;
    let hidden = app.run("refuse", json!({ "how": "not_found", "hidden": true })).await;
    let without_id =
        |answer: &crate::support::Answer| answer.text().replace(answer.header("x-request-id"), "");
    assert_eq!(without_id(&missing), without_id(&hidden));
}

#[tokio::test]
async fn a_body_that_is_not_declared_json_is_415() {
    let app = App::start().await;
    let send = |content_type: Option<&str>| {
        let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"echo"}"#);
        request.headers_mut().remove("content-type");
        if let Some(content_type) = content_type {
            request.headers_mut().insert("content-type", content_type.parse().unwrap());
        }
        app.send(request)
    };
    for taken in ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\""]
    {
        assert_eq!(send(Some(taken)).await.outcome(), "200", "{taken}");
    }
    for refused in [
        None,
        Some("text/plain"),
        Some("application/problem+json"),
        Some("application/jsonp"),
        Some(""),
        Some("multipart/mixed; boundary=x"),
        Some("application/x-www-form-urlencoded"),
    ] {
        assert_eq!(send(refused).await.outcome(), "415 unsupported_media_type", "{refused:?}");
    }
}

#[tokio::test]
async fn a_compressed_or_doubly_declared_body_is_415() {
    let app = App::start().await;
    let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"echo"}"#);
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(app.send(request).await.outcome(), "415 unsupported_media_type");
    let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"echo"}"#);
    request.headers_mut().append("content-type", "text/plain".parse().unwrap());
    assert_eq!(app.send(request).await.outcome(), "415 unsupported_media_type");
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_one_at_the_limit_is_read() {
    let app = App::with(Options::new().body_limit(1_000)).await;
    let of_length = |length: usize| {
        let empty = r#"{"actionId":"echo","params":{"x":""}}"#;
        empty.replace("\"\"", &format!("\"{}\"", "x".repeat(length - empty.len())))
    };
    assert_eq!(app.post(of_length(1_000)).await.outcome(), "200");
    let refused = app.post(of_length(1_001)).await;
    assert_eq!(refused.outcome(), "413 payload_too_large");
    assert_eq!(refused.json()["detail"], "the body may have 1000 bytes at most");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_announces_far_too_much_is_refused_before_it_sends_it() {
    let app = App::start().await;
    let mut request = execute(&Claims::ada().bearer(), Body::from_stream(never()));
    request.headers_mut().insert("content-length", "100000000".parse().unwrap());
    let before = tokio::time::Instant::now();
    assert_eq!(app.send(request).await.outcome(), "413 payload_too_large");
    assert_eq!(before.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn a_refused_client_may_finish_sending() {
    let app = App::start().await;
    for bearer in ["Bearer nonsense", &Claims::ada().bearer()] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let chunks = futures_util::stream::iter(0..300).map(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(vec![b' '; 10_000])
        });
        let answer = app.send(execute(bearer, Body::from_stream(chunks))).await;
        assert!(matches!(answer.status.as_u16(), 401 | 413));
        assert_eq!(sent.load(Ordering::Relaxed), 300, "{bearer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_client_is_not_waited_for_without_end() {
    let app = App::start().await;
    let before = tokio::time::Instant::now();
    assert_eq!(
        app.send(execute("Bearer x", Body::from_stream(never()))).await.outcome(),
        "401 unauthenticated"
    );
    assert_eq!(before.elapsed().as_secs(), 2);
    let mut waiting = execute("Bearer x", Body::from_stream(never()));
    waiting.headers_mut().insert("expect", "100-continue".parse().unwrap());
    assert_eq!(app.send(waiting).await.outcome(), "401 unauthenticated");
    assert_eq!(before.elapsed().as_secs(), 2, "who waits to be asked is not asked");
}

#[tokio::test]
async fn a_client_that_sends_without_end_is_not_read_without_end() {
    let app = App::start().await;
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 100_000]));
    assert_eq!(app.post(Body::from_stream(endless)).await.outcome(), "413 payload_too_large");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_408() {
    let app = App::with(Options::new().body_time_limit(std::time::Duration::from_millis(20))).await;
    assert_eq!(app.post(Body::from_stream(never())).await.outcome(), "408 request_timeout");
}

#[tokio::test]
async fn the_credential_is_checked_before_the_body_is_looked_at() {
    let app = App::start().await;
    for request in [
        execute("Bearer nonsense", "{"),
        execute("Bearer nonsense", vec![b' '; 2_000_000]),
        Request::post("/ui/actions/execute")
            .header("content-type", "text/plain")
            .body(Body::from("x"))
            .unwrap(),
        bare(Method::POST, "/ui/actions/execute"),
        bare(Method::GET, "/ui/actions?what=1"),
        bare(Method::GET, "/ui/actions/audit?page=0"),
    ] {
        assert_eq!(app.send(request).await.outcome(), "401 unauthenticated");
    }
}

#[tokio::test]
async fn the_body_is_read_before_the_action_is_looked_for() {
    let app = App::start().await;
    assert_eq!(
        app.post(r#"{"actionId":"nothing.here","params":null}"#).await.outcome(),
        "400 validation_failed"
    );
    assert_eq!(app.post(r#"{"actionId":"guarded","more":1}"#).await.outcome(), "400 unknown_field");
}

#[tokio::test]
async fn a_hosts_own_authorizer_that_panics_is_a_500() {
    struct Panics;
    #[async_trait::async_trait]
    impl Authorizer for Panics {
        async fn grants(&self, _: &Caller) -> Result<Arc<Grants>, StoreError> {
            panic!("secret-detail");
        }
    }
    let engine =
        builder().authenticator(Jwt::hs256(SECRET).unwrap()).authorizer(Panics).build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    let answer = app.get_as(&Claims::ada().with("tenant_id", ACME.to_string()), "/ui/actions").await;
    assert_eq!(answer.outcome(), "500 internal");
    assert!(!answer.text().contains("secret-detail"));
    assert!(!answer.header("x-request-id").is_empty());
}

/// A body that never comes.
fn never() -> impl futures_util::Stream<Item = Result<Vec<u8>, std::io::Error>> + Send + 'static {
    futures_util::stream::pending()
}
