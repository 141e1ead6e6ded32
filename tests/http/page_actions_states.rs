//! States of page actions: `ETag` and `If-Match`.

use action_tests::{Answer, TestApp, people};
use serde_json::{Value, json};

use crate::page_actions_seed::{BUTTON, CARS_PAGE, CONFIG, DROPDOWN, button, delete, dropdown, put};

on_both_fleets!(
    a_change_of_another_state_than_the_one_that_was_read_is_refused,
    an_expected_state_that_is_no_text_is_refused_too,
    a_change_tells_the_state_it_left,
    a_repetition_tells_the_state_that_the_change_left,
    the_document_tells_of_the_states,
);

async fn a_change_of_another_state_than_the_one_that_was_read_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let tag = ask.get(&format!("{CONFIG}/{BUTTON}")).await.header("etag").unwrap().to_owned();
    let path = format!("{CONFIG}/buttons/{BUTTON}");
    let with = |tag: &str| ask.clone().header("if-match", tag);
    assert_eq!(put(&with(&tag), &path, &json!({ "label": "One" })).await.status, 200);
    assert_eq!(put(&with(&tag), &path, &json!({ "label": "Two" })).await.brief(), "412 precondition_failed");
    assert_eq!(delete(&with(&tag), &format!("{CONFIG}/{BUTTON}")).await.brief(), "412 precondition_failed");
    assert_eq!(
        put(&ask, &path, &json!({ "label": "Three" })).await.status,
        200,
        "without the header the last wins"
    );
    let now = ask.get(&format!("{CONFIG}/{BUTTON}")).await.header("etag").unwrap().to_owned();
    assert_eq!(delete(&with(&now), &format!("{CONFIG}/{BUTTON}")).await.status, 204);
}

async fn an_expected_state_that_is_no_text_is_refused_too(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("if-match", "\"\u{e9}\"");
    let answer = put(&ask, &format!("{CONFIG}/buttons/{BUTTON}"), &json!({ "label": "One" })).await;
    assert_eq!(answer.brief(), "412 precondition_failed");
}

fn tag(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.header("etag").unwrap().to_owned()
}

async fn a_change_tells_the_state_it_left(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let now = async |id: &Value| tag(&ask.get(&format!("{CONFIG}/{}", id.as_str().unwrap())).await);
    let mut runs = button(CARS_PAGE);
    runs["targetPath"] = Value::Null;
    runs["actionId"] = json!("echo");
    runs["actionParams"] = json!({ "b": 1.50, "a": { "z": [1, 1e17, -0.0, 1e-7], "y": "é" } });
    let mut unsorted = dropdown(CARS_PAGE);
    unsorted["items"].as_array_mut().unwrap().reverse();
    for (kind, body, change) in [
        ("buttons", button(CARS_PAGE), json!({ "label": "Keep" })),
        ("buttons", runs, json!({ "actionParams": { "d": 2e3, "c": null } })),
        ("dropdowns", unsorted, json!({ "items": [{ "label": "One", "targetPath": "/one" }] })),
        ("separators", json!({ "pageConfigId": CARS_PAGE }), json!({ "isActive": false })),
    ] {
        let made = ask.post(&format!("{CONFIG}/{kind}"), &body).await;
        let id = &made.json["id"];
        assert_eq!(tag(&made), now(id).await, "{kind}");
        let path = format!("{CONFIG}/{kind}/{}", id.as_str().unwrap());
        let changed = put(&ask.clone().header("if-match", &tag(&made)), &path, &change).await;
        assert_eq!(tag(&changed), now(id).await, "{kind}");
        assert_ne!(tag(&changed), tag(&made));
        // From answer to answer, without a read in between.
        let again =
            put(&ask.clone().header("if-match", &tag(&changed)), &path, &json!({ "isActive": true })).await;
        assert_eq!(tag(&again), now(id).await, "{kind}");
    }
    let before = tag(&ask.get(&format!("{CONFIG}/{DROPDOWN}")).await);
    assert_eq!(
        put(&ask, &format!("{CONFIG}/dropdowns/{DROPDOWN}"), &json!({ "label": "Menu" })).await.status,
        200
    );
    for _ in 0..2 {
        let history = ask.get(&format!("{CONFIG}/{DROPDOWN}/history")).await.json;
        let entry = json!({ "historyId": history["items"].as_array().unwrap().last().unwrap()["historyId"] });
        let back = ask.post(&format!("{CONFIG}/{DROPDOWN}/revert"), &entry).await;
        assert_eq!(tag(&back), now(&json!(DROPDOWN)).await);
        assert_ne!(tag(&back), before);
        assert_eq!(delete(&ask, &format!("{CONFIG}/{DROPDOWN}")).await.header("etag"), None);
    }
}

async fn a_repetition_tells_the_state_that_the_change_left(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let keyed = ask.clone().header("idempotency-key", "k");
    let path = format!("{CONFIG}/buttons/{BUTTON}");
    let first = tag(&put(&keyed, &path, &json!({ "label": "One" })).await);
    let later = tag(&put(&ask, &path, &json!({ "label": "Two" })).await);
    let again = put(&keyed, &path, &json!({ "label": "One" })).await;
    assert_eq!((again.header("idempotency-replayed"), tag(&again)), (Some("true"), first.clone()));
    assert_ne!(first, later);
}

async fn the_document_tells_of_the_states(app: TestApp) {
    let document = app.anonymous().get("/openapi.json").await.json;
    for (method, path) in [
        ("post", "/buttons"),
        ("post", "/dropdowns"),
        ("post", "/separators"),
        ("put", "/buttons/{id}"),
        ("put", "/dropdowns/{id}"),
        ("put", "/separators/{id}"),
        ("post", "/{id}/revert"),
        ("get", "/{id}"),
    ] {
        let answer = &document["paths"][format!("{CONFIG}{path}")][method]["responses"]["200"];
        assert_eq!(answer["headers"]["ETag"]["schema"]["type"], "string", "{method} {path}");
    }
}
