//! The order of the checks. Each test sends one request with two mistakes; the earlier check is the one that answers.

use action_tests::{TestApp, people};
use axum::http::Method;
use serde_json::json;

use crate::page_actions_seed::{BUTTON, CONFIG};
use crate::support::{CAR, EXECUTE, NO_CAR, audit, car, create, delete, query, read, told, update};

on_both_fleets!(
    the_credential_comes_before_the_media_type_the_size_and_the_syntax,
    the_media_type_comes_before_the_size_and_the_syntax,
    the_envelope_comes_before_the_action,
    the_idempotency_keys_form_comes_before_the_action,
    the_idempotency_keys_form_comes_before_the_envelope_of_an_action,
    the_action_comes_before_the_permission,
    the_entity_comes_before_the_permission,
    the_query_comes_before_the_permission,
    the_permission_comes_before_the_parameters,
    the_permission_comes_before_the_idempotency_key,
    the_permission_comes_before_the_row,
    the_rate_comes_before_the_idempotency_key,
    what_comes_before_the_rate_uses_none_of_it,
    the_parameters_come_before_the_idempotency_key,
    the_parameters_come_before_the_row,
    the_idempotency_key_comes_before_the_row,
    the_row_comes_before_its_version,
    a_version_comes_before_a_taken_value,
);

async fn the_credential_comes_before_the_media_type_the_size_and_the_syntax(app: TestApp) {
    let ask = app.anonymous();
    let large = vec![b'x'; 2 * 1024 * 1024];
    assert_eq!(ask.send(Method::POST, EXECUTE, "{").await.brief(), "401 unauthenticated");
    let json = ask.header("content-type", "application/json");
    assert_eq!(json.send(Method::POST, EXECUTE, "{").await.brief(), "401 unauthenticated");
    assert_eq!(json.send(Method::POST, EXECUTE, large).await.brief(), "401 unauthenticated");
    assert_eq!(
        json.header("idempotency-key", "").execute("no.such", json!({})).await.brief(),
        "401 unauthenticated"
    );
}

async fn the_media_type_comes_before_the_size_and_the_syntax(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("content-type", "text/plain");
    assert_eq!(ask.send(Method::POST, EXECUTE, "{").await.brief(), "415 unsupported_media_type");
    let large = vec![b'x'; 2 * 1024 * 1024];
    assert_eq!(ask.send(Method::POST, EXECUTE, large).await.brief(), "415 unsupported_media_type");
}

async fn the_envelope_comes_before_the_action(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let answer = ask.post(EXECUTE, &json!({ "actionId": "no.such", "params": [] })).await;
    assert_eq!(told(&answer), ["params wrong_type"]);
    let answer = ask.post(EXECUTE, &json!({ "actionId": "no.such", "extra": 1 })).await;
    assert_eq!(answer.brief(), "400 unknown_field");
}

async fn the_idempotency_keys_form_comes_before_the_action(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("idempotency-key", "two words");
    assert_eq!(ask.execute("no.such", json!({})).await.brief(), "400 invalid_parameter");
}

async fn the_idempotency_keys_form_comes_before_the_envelope_of_an_action(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("idempotency-key", "two words");
    let wrong = json!({ "extra": 1 });
    for path in [EXECUTE, "/spark/actions/Car/CarCopy"] {
        assert_eq!(told(&ask.post(path, &wrong).await), ["Idempotency-Key invalid_parameter"], "{path}");
    }
    // Of the configuration, the body is read first.
    let click = ask.post(&format!("{CONFIG}/{BUTTON}/execute"), &wrong).await;
    assert_eq!(told(&click), ["extra unknown_field"]);
    let change = ask.post(&format!("{CONFIG}/buttons"), &json!([])).await;
    assert_eq!(change.status, 400);
    assert_ne!(told(&change), ["Idempotency-Key invalid_parameter"]);
}

async fn the_action_comes_before_the_permission(app: TestApp) {
    assert_eq!(
        app.as_person(&people::nobody()).execute("no.such", json!({ "entity": "Ship" })).await.brief(),
        "404 action_not_found"
    );
}

async fn the_entity_comes_before_the_permission(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    for action in ["createRecord", "updateRecord", "deleteRecord", "executeQuery"] {
        let unknown = ask.execute(action, json!({ "entity": "Ship" })).await;
        assert_eq!(unknown.brief(), "404 not_found", "{action}");
        assert_eq!(told(&ask.execute(action, json!({})).await), ["entity required"], "{action}");
        for entity in [json!(null), json!(7), json!(["Car"])] {
            let answer = ask.execute(action, json!({ "entity": entity })).await;
            assert_eq!(answer.brief(), "400 validation_failed", "{action} {entity}");
            assert_eq!(told(&answer), ["entity wrong_type"], "{action} {entity}");
        }
    }
}

async fn the_query_comes_before_the_permission(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let unknown = ask.execute("executeQuery", json!({ "query": "no.such" })).await;
    assert_eq!(unknown.brief(), "404 query_not_found");
    assert_eq!(told(&ask.execute("executeQuery", json!({ "query": 7 })).await), ["query wrong_type"]);
}

async fn the_permission_comes_before_the_parameters(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    assert_eq!(create(&ask, json!({ "year": "none" })).await.brief(), "403 permission_denied");
    assert_eq!(
        ask.execute("updateRecord", json!({ "entity": "Car" })).await.brief(),
        "403 permission_denied"
    );
    assert_eq!(ask.execute("user.update", json!({})).await.brief(), "403 permission_denied");
    assert_eq!(query(&ask, &json!({ "limit": 0 })).await.brief(), "403 permission_denied");
}

async fn the_permission_comes_before_the_idempotency_key(app: TestApp) {
    let held = people::nobody().permissions(&["New/Car"]);
    assert_eq!(create(&app.as_person(&held).header("idempotency-key", "k"), car("O-1")).await.status, 200);
    // The same caller, no longer allowed: not even a replay.
    let ask = app.as_person(&people::nobody()).header("idempotency-key", "k");
    assert_eq!(create(&ask, car("O-1")).await.brief(), "403 permission_denied");
    assert_eq!(create(&ask, car("O-2")).await.brief(), "403 permission_denied");
}

async fn the_permission_comes_before_the_row(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    assert_eq!(update(&ask, NO_CAR, json!({ "color": "red" })).await.brief(), "403 permission_denied");
    assert_eq!(delete(&ask, NO_CAR).await.brief(), "403 permission_denied");
}

async fn the_rate_comes_before_the_idempotency_key(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("idempotency-key", "k");
    for _ in 0..5 {
        assert_eq!(ask.execute("diagnostics.limited", json!({})).await.status, 200);
    }
    // Neither a replay nor a reused key is told past the limit.
    assert_eq!(ask.execute("diagnostics.limited", json!({})).await.brief(), "429 rate_limited");
    assert_eq!(ask.execute("diagnostics.limited", json!({ "other": 1 })).await.brief(), "429 rate_limited");
}

async fn what_comes_before_the_rate_uses_none_of_it(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    for _ in 0..6 {
        let answer = ask.post(EXECUTE, &json!({ "actionId": "diagnostics.limited", "params": 7 })).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("ratelimit"), None);
        app.anonymous().execute("diagnostics.limited", json!({})).await;
    }
    let first = ask.execute("diagnostics.limited", json!({})).await;
    assert!(first.header("ratelimit").unwrap().contains("r=4"), "{:?}", first.headers);
}

async fn the_parameters_come_before_the_idempotency_key(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager()).header("idempotency-key", "k");
    assert_eq!(create(&ask, car("O-1")).await.status, 200);
    assert_eq!(create(&ask, json!({ "licensePlate": "O-2" })).await.brief(), "400 validation_failed");
}

async fn the_parameters_come_before_the_row(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(update(&ask, NO_CAR, json!({ "year": 1 })).await.brief(), "400 validation_failed");
    let params = json!({ "entity": "Car", "id": NO_CAR, "version": 0 });
    assert_eq!(ask.execute("deleteRecord", params).await.brief(), "400 validation_failed");
}

async fn the_idempotency_key_comes_before_the_row(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "k");
    assert_eq!(delete(&ask, CAR).await.status, 200);
    assert_eq!(delete(&ask, NO_CAR).await.brief(), "422 idempotency_key_reused");
    assert_eq!(delete(&ask, CAR).await.status, 200, "a replay, although the row is gone");
}

async fn the_row_comes_before_its_version(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "entity": "Car", "id": NO_CAR, "version": 5 });
    assert_eq!(ask.execute("deleteRecord", params).await.brief(), "404 not_found");
}

async fn a_version_comes_before_a_taken_value(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "entity": "Car", "id": CAR, "version": 5, "values": { "licensePlate": "ACM-002" } });
    assert_eq!(ask.execute("updateRecord", params).await.brief(), "409 version_conflict");
    assert_eq!(read(&ask, CAR).await["licensePlate"], "ACM-001");
    assert_eq!(audit(&ask, "?actionId=updateRecord&success=true").await.len(), 0);
}
