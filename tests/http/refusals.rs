//! Refusals: one body for every error, and a stable code with its status for each.

use action_tests::{Answer, TestApp, people};
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{CAR, COMPANY, EXECUTE, NO_CAR, car, create, delete, members, read, update};

on_both_fleets!(
    every_refusal_has_its_status_and_its_code,
    every_refusal_has_the_one_body,
    the_body_of_invalid_fields,
    the_body_of_a_refusal_about_no_field,
    a_row_that_may_not_be_seen_and_a_missing_one_are_one_answer_byte_for_byte,
    a_refused_call_changes_nothing,
);

/// One answer of each kind, with what it should be.
async fn one_of_each(app: &TestApp) -> Vec<(&'static str, Answer)> {
    let admin = app.as_person(&people::administrator());
    let json = admin.clone().header("content-type", "application/json");
    let keyed = admin.clone().header("idempotency-key", "used");
    keyed.execute("echo", json!({ "first": true })).await;
    for _ in 0..5 {
        admin.execute("diagnostics.limited", json!({})).await;
    }
    let stale = json!({ "entity": "Car", "id": CAR, "values": { "color": "red" }, "version": 7 });
    let user = json!({ "id": CAR, "name": "Ada", "email": "ada@example.com", "extra": 1 });
    vec![
        ("400 malformed_json", json.send(Method::POST, EXECUTE, "{").await),
        ("400 unknown_field", admin.execute("user.update", user).await),
        ("400 validation_failed", create(&admin, json!({})).await),
        ("400 invalid_parameter", admin.get("/ui/actions/audit?page=0").await),
        ("401 unauthenticated", app.anonymous().execute("echo", json!({})).await),
        ("403 permission_denied", create(&app.as_person(&people::viewer()), car("R-1")).await),
        (
            "403 tenant_required",
            create(&app.as_person(&people::administrator().without("tenant_id")), car("R-1")).await,
        ),
        ("404 action_not_found", admin.execute("no.such.action", json!({})).await),
        ("404 action_not_found", admin.get("/ui/actions/no.such.action").await),
        ("404 not_found", admin.execute("createRecord", json!({ "entity": "Ship", "values": {} })).await),
        ("404 not_found", delete(&admin, NO_CAR).await),
        ("404 not_found", admin.get("/no/such/route").await),
        ("404 query_not_found", admin.execute("executeQuery", json!({ "query": "no.such.query" })).await),
        ("405 method_not_allowed", admin.get(EXECUTE).await),
        ("409 conflict", create(&admin, car("ACM-001")).await),
        ("409 version_conflict", admin.execute("updateRecord", stale).await),
        (
            "409 dependency",
            admin.execute("deleteRecord", json!({ "entity": "Company", "id": COMPANY })).await,
        ),
        ("413 payload_too_large", json.send(Method::POST, EXECUTE, vec![b' '; 1024 * 1024 + 1]).await),
        ("415 unsupported_media_type", admin.send(Method::POST, EXECUTE, "{}").await),
        ("422 idempotency_key_reused", keyed.execute("echo", json!({ "first": false })).await),
        ("429 rate_limited", admin.execute("diagnostics.limited", json!({})).await),
        ("500 internal", admin.execute("diagnostics.fail", json!({})).await),
        ("504 timeout", admin.execute("diagnostics.slow", json!({ "ms": 60_000 })).await),
    ]
}

async fn every_refusal_has_its_status_and_its_code(app: TestApp) {
    for (expected, answer) in one_of_each(&app).await {
        assert_eq!(answer.brief(), expected, "{}", answer.text);
    }
}

async fn every_refusal_has_the_one_body(app: TestApp) {
    for (kind, answer) in one_of_each(&app).await {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{kind}");
        let body = &answer.json;
        let names =
            ["type", "title", "status", "detail", "instance", "code", "requestId", "success", "errors"];
        assert_eq!(members(body), names, "{kind}");
        assert_eq!(body["type"], "about:blank", "{kind}");
        assert_eq!(body["status"], answer.status, "{kind}");
        assert_eq!(body["success"], false, "{kind}");
        assert_eq!(body["requestId"].as_str(), answer.header("x-request-id"), "{kind}");
        for text in ["title", "detail"] {
            assert!(body[text].as_str().is_some_and(|it| !it.is_empty()), "{kind}: {text}");
        }
        assert!(body["instance"].as_str().unwrap().starts_with('/'), "{kind}");
        assert!(!body["instance"].as_str().unwrap().contains('?'), "{kind}");
        let errors = body["errors"].as_array().unwrap();
        assert!(!errors.is_empty(), "{kind}");
        for error in errors {
            let allowed = |name: &&str| ["field", "code", "message"].contains(name);
            assert!(members(error).iter().all(allowed), "{kind}: {error}");
            for code in [&error["code"], &body["code"]] {
                let code = code.as_str().unwrap();
                assert!(code.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'), "{kind}: {code}");
            }
            assert!(error["message"].as_str().is_some_and(|it| !it.is_empty()), "{kind}");
        }
    }
}

async fn the_body_of_invalid_fields(app: TestApp) {
    let values = json!({ "brand": "Lada", "model": "Niva", "year": 1885, "colour": "red" });
    let ask = app.as_person(&people::administrator()).header("x-request-id", "request-1");
    let answer = create(&ask, values).await;
    let pretty = serde_json::to_string_pretty(&answer.json).unwrap();
    insta::allow_duplicates! {
        insta::assert_snapshot!(pretty, @r#"
    {
      "type": "about:blank",
      "title": "Validation failed",
      "status": 400,
      "detail": "3 fields are invalid",
      "instance": "/ui/actions/execute",
      "code": "validation_failed",
      "requestId": "request-1",
      "success": false,
      "errors": [
        {
          "field": "values.licensePlate",
          "code": "required",
          "message": "values.licensePlate is required"
        },
        {
          "field": "values.year",
          "code": "out_of_range",
          "message": "year must lie between 1886 and 2100"
        },
        {
          "field": "values.colour",
          "code": "unknown_field",
          "message": "values.colour is not a known field"
        }
      ]
    }
    "#);
    }
}

async fn the_body_of_a_refusal_about_no_field(app: TestApp) {
    let ask = app.as_person(&people::viewer()).header("x-request-id", "request-1");
    let text = create(&ask, car("R-1")).await.text;
    insta::allow_duplicates! {
        insta::assert_snapshot!(text, @r#"{"type":"about:blank","title":"Permission denied","status":403,"detail":"you do not have permission for this","instance":"/ui/actions/execute","code":"permission_denied","requestId":"request-1","success":false,"errors":[{"code":"permission_denied","message":"you do not have permission for this"}]}"#);
    }
}

async fn a_row_that_may_not_be_seen_and_a_missing_one_are_one_answer_byte_for_byte(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("x-request-id", "the-same");
    for (action, more) in
        [("updateRecord", json!({ "values": { "notes": "x" } })), ("deleteRecord", json!({}))]
    {
        let mut answers = Vec::new();
        for id in [crate::support::FOREIGN_CAR, NO_CAR] {
            let mut params = more.clone();
            params["entity"] = json!("Car");
            params["id"] = json!(id);
            answers.push(ask.execute(action, params).await);
        }
        assert_eq!(answers[0].brief(), "404 not_found", "{action}");
        assert_eq!(answers[0].text, answers[1].text, "{action}");
        assert_eq!(answers[0].headers, answers[1].headers, "{action}");
    }
}

async fn a_refused_call_changes_nothing(app: TestApp) {
    let admin = app.as_person(&people::administrator());
    let before = read(&admin, CAR).await;
    // A good column beside a bad one, a stale version, a taken plate, no permission.
    update(&admin, CAR, json!({ "color": "red", "year": 1 })).await;
    let stale = json!({ "entity": "Car", "id": CAR, "values": { "color": "red" }, "version": 2 });
    admin.execute("updateRecord", stale).await;
    update(&admin, CAR, json!({ "color": "red", "licensePlate": "ACM-002" })).await;
    update(&app.as_person(&people::viewer()), CAR, json!({ "color": "red" })).await;
    assert_eq!(read(&admin, CAR).await, before);
    assert_ne!(before, Value::Null);
}
