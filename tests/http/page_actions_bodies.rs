//! What a request may say of a page action, and how its mistakes are told.

use action_tests::{TestApp, people};
use axum::http::Method;
use serde_json::json;

use crate::page_actions_seed::{BUTTON, CONFIG, DROPDOWN, put};
use crate::support::told;

on_both_fleets!(
    null_is_no_target,
    a_page_that_is_missing_is_told_with_the_other_mistakes,
    parameters_have_a_bound,
    a_mistake_in_an_item_is_told_where_it_was_sent,
    a_member_that_is_given_twice_is_refused,
);

async fn null_is_no_target(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/buttons/{BUTTON}");
    let before = ask.get(&format!("{CONFIG}/{BUTTON}")).await.json["button"]["targetPath"].clone();
    let kept = put(&ask, &path, &json!({ "actionId": null, "actionParams": null })).await;
    assert_eq!(kept.json["button"]["targetPath"], before);
    let runs = put(&ask, &path, &json!({ "actionId": "echo", "targetPath": null })).await;
    assert_eq!(runs.json["button"]["actionId"], "echo");
    let kept = put(&ask, &path, &json!({ "targetPath": null })).await;
    assert_eq!(kept.json["button"]["actionId"], "echo");
    let goes = put(&ask, &path, &json!({ "targetPath": "/x", "actionId": null })).await;
    assert_eq!((&goes.json["button"]["targetPath"], goes.status), (&json!("/x"), 200), "{}", goes.text);
    let nothing = put(&ask, &path, &json!({ "targetPath": null, "actionId": null })).await;
    assert_eq!(told(&nothing), ["targetPath required"]);
}

async fn a_page_that_is_missing_is_told_with_the_other_mistakes(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let wrong = ask.post(&format!("{CONFIG}/separators"), &json!({ "actionOrder": -1 })).await;
    assert_eq!(told(&wrong), ["pageConfigId required", "actionOrder out_of_range"]);
}

async fn parameters_have_a_bound(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/buttons/{BUTTON}");
    let with = |length: usize| json!({ "actionId": "echo", "actionParams": { "a": "x".repeat(length) } });
    // `{"a":""}` around it.
    assert_eq!(put(&ask, &path, &with(10_000 - 8)).await.status, 200);
    assert_eq!(told(&put(&ask, &path, &with(10_000 - 7)).await), ["actionParams too_long"]);
}

async fn a_mistake_in_an_item_is_told_where_it_was_sent(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let items = json!([
        { "label": "Last", "actionId": "nothing", "itemOrder": 5 }, { "label": "First", "targetPath": "/a", "itemOrder": 0 },
    ]);
    let path = format!("{CONFIG}/dropdowns/{DROPDOWN}");
    let answer = put(&ask, &path, &json!({ "items": items })).await;
    assert_eq!(told(&answer), ["items[0].actionId unknown_reference"]);
    let items = json!([
        { "label": "Last", "targetPath": "/b", "itemOrder": 5 }, { "label": "First", "targetPath": "/a", "itemOrder": 0 },
    ]);
    let sorted = put(&ask, &path, &json!({ "items": items })).await;
    assert_eq!(sorted.json["dropdown"]["items"][0]["label"], "First");
}

async fn a_member_that_is_given_twice_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("content-type", "application/json");
    let body = r#"{ "label": "One", "label": "Two" }"#;
    let answer = ask.send(Method::PUT, &format!("{CONFIG}/buttons/{BUTTON}"), body).await;
    assert_eq!(answer.brief(), "400 malformed_json");
    assert_eq!(answer.json["detail"], "`label` is given twice");
}
