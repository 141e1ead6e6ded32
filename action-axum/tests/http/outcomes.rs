//! What an executed action answers: success bodies, questions, kept answers, rate windows.

use serde_json::json;

use crate::support::{App, Claims, execute};

#[tokio::test]
async fn a_success_has_data_metadata_and_effects() {
    let answer = App::start().await.run("greet", json!({ "name": "Ada", "age": 36 })).await;
    assert_eq!(answer.outcome(), "200");
    assert_eq!(answer.header("content-type"), "application/json");
    let mut body = answer.json();
    let took = body["metadata"].as_object_mut().unwrap().remove("executionTime").unwrap();
    assert!(took.as_f64().is_some_and(|it| it >= 0.0), "{took}");
    assert_eq!(
        body,
        json!({
            "success": true,
            "data": "Hello, Ada",
            "metadata": { "affectedRecords": 1 },
            "effects": [
                { "type": "notify", "kind": "success", "message": "Greeted" },
                { "type": "refresh", "scope": "query" },
            ],
        })
    );
}

#[tokio::test]
async fn what_an_action_does_not_have_is_absent() {
    let answer = App::start().await.run("silent", json!({})).await;
    let body = answer.json();
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["success", "metadata"]);
    assert_eq!(body["metadata"].as_object().unwrap().keys().collect::<Vec<_>>(), ["executionTime"]);
}

#[tokio::test]
async fn absent_parameters_are_none() {
    let answer = App::start().await.post(r#"{"actionId":"echo"}"#).await;
    assert_eq!(answer.json()["data"], json!({}));
}

#[tokio::test]
async fn a_question_is_449_with_what_a_dialog_needs() {
    let answer = App::start().await.run("ask", json!({})).await;
    assert_eq!(answer.outcome(), "449 input_required");
    assert_eq!(answer.header("content-type"), "application/json");
    let asked = answer.json();
    assert!(asked["state"].is_string());
    assert_eq!(
        asked,
        json!({
            "success": false, "code": "input_required", "status": 449, "type": "retry-action", "step": 0,
            "title": "Are you sure?", "message": "It is final.", "options": ["Yes", "No"], "defaultOption": "No",
            "persistentObject": null, "state": asked["state"],
        })
    );
}

#[tokio::test]
async fn answers_are_passed_on_step_by_step() {
    let app = App::start().await;
    let state = app.run("ask", json!({})).await.json()["state"].clone();
    let first = json!({ "step": 0, "option": "Yes", "state": state, "persistentObject": null });
    let asked = app.post(json!({ "actionId": "ask", "retryResults": [first] }).to_string()).await;
    assert_eq!((asked.outcome().as_str(), &asked.json()["step"]), ("449 input_required", &json!(1)));
    assert_eq!((&asked.json()["message"], &asked.json()["defaultOption"]), (&json!(null), &json!(null)));
    let second = json!({ "step": 1, "option": "No", "state": asked.json()["state"] });
    let done = app.post(json!({ "actionId": "ask", "retryResults": [first, second] }).to_string()).await;
    assert_eq!(done.json()["data"], json!(["Yes", "No"]));
    let twice = app.post(json!({ "actionId": "ask", "retryResults": [first, first] }).to_string()).await;
    assert_eq!(twice.outcome(), "400 invalid_answer");
}

#[tokio::test]
async fn a_repeated_key_replays_the_first_answer_and_says_so() {
    let app = App::start().await;
    let call = |key: &str, body: &str| {
        let mut request = execute(&Claims::ada().bearer(), body.to_owned());
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        app.send(request)
    };
    let body = r#"{"actionId":"echo","params":{"n":1}}"#;
    let first = call("k-1", body).await;
    assert_eq!((first.outcome().as_str(), first.header("idempotency-replayed")), ("200", ""));
    let second = call("\"k-1\"", body).await;
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.text(), first.text(), "word for word");
    let other = call("k-1", r#"{"actionId":"echo","params":{"n":2}}"#).await;
    assert_eq!(other.outcome(), "422 idempotency_key_reused");
}

#[tokio::test]
async fn a_key_that_is_still_running_is_in_progress() {
    let app = App::start().await;
    let call = || {
        let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"patient"}"#);
        request.headers_mut().insert("idempotency-key", "k-2".parse().unwrap());
        request
    };
    let running = tokio::spawn({
        let (app, request) = (app.clone(), call());
        async move { app.send(request).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(app.send(call()).await.outcome(), "409 in_progress");
    running.abort();
}

#[tokio::test]
async fn a_rate_limited_action_tells_its_window_on_every_answer() {
    let app = App::start().await;
    for left in ["1", "0"] {
        let answer = app.run("limited", json!({})).await;
        assert_eq!(answer.outcome(), "200");
        assert_eq!(answer.header("ratelimit-policy"), r#""default";q=2;w=60"#);
        assert_eq!(answer.header("ratelimit"), format!(r#""default";r={left};t=60"#));
        assert_eq!(answer.header("retry-after"), "");
    }
    let refused = app.run("limited", json!({})).await;
    assert_eq!(refused.outcome(), "429 rate_limited");
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(refused.header("ratelimit"), r#""default";r=0;t=60"#);
    let unlimited = app.run("echo", json!({})).await;
    assert!(!unlimited.headers.contains_key("ratelimit"));
}
