//! Mistakes in a request: the answer says what is wrong in its body, in words and as a stable code.

use action_tests::people::{administrator, nobody, viewer};
use action_tests::{Answer, TestApp};
use axum::http::Method;
use serde_json::json;

/// Status, code and sentence; and the parts of the body that every error has.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, detail: &str) {
    let told = (answer.status, &answer.json["code"], &answer.json["detail"]);
    assert_eq!(told, (status, &json!(code), &json!(detail)), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!((&answer.json["status"], &answer.json["success"]), (&json!(status), &json!(false)));
    assert!(answer.json["errors"].as_array().is_some_and(|it| !it.is_empty()), "{}", answer.text);
    assert_eq!(answer.json["requestId"].as_str(), answer.header("x-request-id"));
}

#[tokio::test]
async fn no_tenant_in_the_token() {
    let app = TestApp::sqlite().await;
    let answer = app
        .as_person(&administrator().without("tenant_id"))
        .execute("executeQuery", json!({ "entity": "Car" }))
        .await;
    assert_refused(&answer, 403, "tenant_required", "this needs a tenant, and the credential names none");
}

#[tokio::test]
async fn a_token_that_is_expired_missing_or_signed_with_another_secret() {
    let app = TestApp::sqlite().await;
    let expired = viewer().claim("exp", json!(1_700_000_000));
    let stranger = format!("Bearer {}", viewer().signed_with("another secret, of 32 characters at least"));
    for answer in [
        app.as_person(&expired).get("/ui/actions").await,
        app.anonymous().get("/ui/actions").await,
        app.anonymous().header("authorization", &stranger).get("/ui/actions").await,
    ] {
        assert_refused(&answer, 401, "unauthenticated", "a valid credential is required");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_declared_to_be_json() {
    let app = TestApp::sqlite().await;
    let body = json!({ "actionId": "echo" }).to_string();
    let ask = app.as_person(&viewer());
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        let ask = content_type.map_or_else(|| ask.clone(), |it| ask.clone().header("content-type", it));
        let answer = ask.send(Method::POST, "/ui/actions/execute", body.clone()).await;
        let detail = "the body must be sent as `application/json`, without a content encoding";
        assert_refused(&answer, 415, "unsupported_media_type", detail);
    }
}

#[tokio::test]
async fn a_right_that_is_missing() {
    let app = TestApp::sqlite().await;
    let answer = app.as_person(&nobody()).execute("executeQuery", json!({ "entity": "Car" })).await;
    assert_refused(&answer, 403, "permission_denied", "you do not have permission for this");
}

#[tokio::test]
async fn names_that_are_misspelt() {
    let app = TestApp::sqlite().await;
    let ask = app.as_person(&administrator());
    assert_refused(
        &ask.execute("createrecord", json!({})).await,
        404,
        "action_not_found",
        "there is no such action",
    );
    assert_refused(
        &ask.execute("executeQuery", json!({ "entity": "Carr" })).await,
        404,
        "not_found",
        "not found",
    );
    assert_refused(&ask.get("/ui/action").await, 404, "not_found", "there is nothing at this address");
    let unknown = ask.execute("executeQuery", json!({ "entity": "Car", "limits": 3 })).await;
    assert_eq!(unknown.brief(), "400 unknown_field");
    assert_eq!(unknown.fields(), [("limits".to_owned(), "unknown_field".to_owned())]);
    let unknown = ask.post("/ui/actions/execute", &json!({ "action": "echo" })).await;
    assert_eq!(unknown.status, 400);
    let fields =
        [("action".to_owned(), "unknown_field".to_owned()), ("actionId".to_owned(), "required".to_owned())];
    let mut found = unknown.fields();
    found.sort();
    assert_eq!(found, fields, "{}", unknown.text);
}

#[tokio::test]
async fn a_method_that_is_not_taken() {
    let app = TestApp::sqlite().await;
    let answer = app.as_person(&viewer()).get("/ui/actions/execute").await;
    let detail = "this address does not take this method; `Allow` lists those it takes";
    assert_refused(&answer, 405, "method_not_allowed", detail);
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_body_that_is_no_json() {
    let app = TestApp::sqlite().await;
    let ask = app.as_person(&viewer()).header("content-type", "application/json");
    let answer = ask.send(Method::POST, "/ui/actions/execute", "{ \"actionId\": \"echo\", }").await;
    assert_eq!(answer.brief(), "400 malformed_json");
    // Where it is broken.
    let detail = answer.json["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("line 1 column"), "{detail}");
}
