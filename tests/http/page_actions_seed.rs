//! The 26 scenarios that the feature was specified with, by name, on both databases.

use action_tests::{Answer, Ask, TestApp, people};
use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::support::members;

pub(crate) const DASHBOARD: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(crate) const CARS_PAGE: &str = "aaaaaaaa-0000-4000-8000-000000000002";
pub(crate) const BUTTON: &str = "ab000000-0000-4000-8000-000000000001";
pub(crate) const SEPARATOR: &str = "ab000000-0000-4000-8000-000000000006";
pub(crate) const DROPDOWN: &str = "ab000000-0000-4000-8000-000000000007";
pub(crate) const CONFIG: &str = "/v1/config/page-actions";

on_both_fleets!(
    query_200_paginated,
    query_200_by_id,
    query_200_by_page_config,
    query_401_unauthorized,
    button_create_200,
    button_create_400,
    button_create_401,
    button_update_200,
    button_update_400,
    button_update_401,
    dropdown_create_200,
    dropdown_create_400,
    dropdown_create_401,
    dropdown_update_200,
    dropdown_update_400,
    dropdown_update_401,
    separator_create_200,
    separator_create_400,
    separator_create_401,
    separator_update_200,
    separator_update_400,
    separator_update_401,
    batch_200,
    batch_400,
    batch_401,
    delete_204,
);

pub(crate) async fn put(ask: &Ask<'_>, path: &str, body: &Value) -> Answer {
    ask.clone().header("content-type", "application/json").send(Method::PUT, path, body.to_string()).await
}

pub(crate) async fn delete(ask: &Ask<'_>, path: &str) -> Answer {
    ask.send(Method::DELETE, path, Body::empty()).await
}

pub(crate) fn button(page: &str) -> Value {
    json!({ "pageConfigId": page, "label": "Save", "targetPath": "/save", "variant": "default", "alignment": "right" })
}

pub(crate) fn dropdown(page: &str) -> Value {
    json!({ "pageConfigId": page, "label": "Actions", "icon": "more-vertical", "items": [
        { "label": "Edit", "targetPath": "/edit", "itemOrder": 1 },
        { "label": "Delete", "targetPath": "/delete", "itemOrder": 2 },
    ] })
}

/// Nobody who is not signed in, and nobody who may not, whatever they send.
async fn unauthorized(app: &TestApp, method: Method, path: &str, body: Value) {
    let send = async |ask: Ask<'_>| {
        let ask = ask.header("content-type", "application/json");
        ask.send(method.clone(), path, body.to_string()).await.brief()
    };
    assert_eq!(send(app.anonymous()).await, "401 unauthenticated");
    assert_eq!(send(app.as_person(&people::viewer())).await, "403 permission_denied");
    // The right of the table alone is not enough, nor is the role.
    let right = people::nobody().permissions(&[
        "New/page_action_buttons",
        "Edit/page_action_buttons",
        "New/page_actions",
        "Edit/page_actions",
        "Delete/page_actions",
    ]);
    assert_eq!(send(app.as_person(&right)).await, "403 permission_denied");
    assert_eq!(send(app.as_person(&people::nobody().roles(&["admin"]))).await, "403 permission_denied");
}

async fn query_200_paginated(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let answer = ask.get(&format!("{CONFIG}?page=1&rows=3")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(members(&answer.json), ["items", "total", "page", "rowsPerPage"]);
    assert_eq!(
        (&answer.json["total"], &answer.json["page"], &answer.json["rowsPerPage"]),
        (&json!(7), &json!(1), &json!(3))
    );
    let orders: Vec<_> =
        answer.json["items"].as_array().unwrap().iter().map(|it| it["actionOrder"].clone()).collect();
    assert_eq!(orders, [json!(0), json!(1), json!(2)]);
    let past = ask.get(&format!("{CONFIG}?page=9&rows=3")).await;
    assert_eq!((&past.json["items"], &past.json["total"]), (&json!([]), &json!(7)));
}

async fn query_200_by_id(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let answer = ask.get(&format!("{CONFIG}/{DROPDOWN}")).await;
    assert_eq!(
        answer.json,
        json!({
            "id": DROPDOWN, "pageConfigId": DASHBOARD, "actionType": "dropdown", "actionOrder": 6, "isActive": true,
            "dropdown": { "label": "More", "icon": "more-vertical", "items": [
                { "id": "ac000000-0000-4000-8000-000000000001", "label": "Companies", "targetPath": "/companies", "itemOrder": 0 },
                { "id": "ac000000-0000-4000-8000-000000000002", "label": "Invoices", "targetPath": "/invoices", "itemOrder": 1 },
                { "id": "ac000000-0000-4000-8000-000000000003", "label": "Settings", "targetPath": "/settings", "itemOrder": 2 },
            ] },
        })
    );
    assert!(answer.header("etag").is_some());
    assert_eq!(ask.get(&format!("{CONFIG}/{}", crate::support::NO_CAR)).await.brief(), "404 not_found");
    assert_eq!(ask.get(&format!("{CONFIG}/no-id")).await.brief(), "404 not_found");
}

async fn query_200_by_page_config(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let answer = ask.get(&format!("/v1/config/page-configs/{DASHBOARD}/actions")).await;
    assert_eq!(members(&answer.json), ["buttons", "dropdowns", "separators"]);
    let labels: Vec<_> =
        answer.json["buttons"].as_array().unwrap().iter().map(|it| it["button"]["variant"].clone()).collect();
    assert_eq!(labels, ["default", "secondary", "outline", "ghost", "destructive"]);
    assert_eq!(
        answer.json["separators"],
        json!([{ "id": SEPARATOR, "pageConfigId": DASHBOARD, "actionType": "separator", "actionOrder": 5, "isActive": true }])
    );
    let none = json!({ "buttons": [], "dropdowns": [], "separators": [] });
    for unknown in [crate::support::NO_CAR, "no-id"] {
        assert_eq!(ask.get(&format!("/v1/config/page-configs/{unknown}/actions")).await.json, none);
    }
    let foreign = app.as_person(&people::stranger());
    assert_eq!(foreign.get(&format!("/v1/config/page-configs/{DASHBOARD}/actions")).await.json, none);
}

async fn query_401_unauthorized(app: TestApp) {
    for path in [
        CONFIG.to_owned(),
        format!("{CONFIG}/{BUTTON}"),
        format!("/v1/config/page-configs/{DASHBOARD}/actions"),
        format!("{CONFIG}/{BUTTON}/history"),
    ] {
        assert_eq!(app.anonymous().get(&path).await.brief(), "401 unauthenticated", "{path}");
        assert_eq!(
            app.as_person(&people::nobody()).get(&path).await.brief(),
            "403 permission_denied",
            "{path}"
        );
    }
}

async fn button_create_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let mut body = button(CARS_PAGE);
    body["actionOrder"] = json!(1);
    body["isActive"] = json!(true);
    body["confirmationPrompt"] = json!("Save changes?");
    let answer = ask.post(&format!("{CONFIG}/buttons"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.json,
        json!({
            "id": answer.json["id"], "pageConfigId": CARS_PAGE, "actionType": "button", "actionOrder": 1, "isActive": true,
            "button": { "label": "Save", "targetPath": "/save", "variant": "default", "alignment": "right", "confirmationPrompt": "Save changes?" },
        })
    );
    let stored = ask.get(&format!("{CONFIG}/{}", answer.json["id"].as_str().unwrap())).await;
    assert_eq!(stored.text, answer.text);
}

async fn button_create_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let create = async |change: Value| {
        let mut body = button(CARS_PAGE);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        crate::support::told(&ask.post(&format!("{CONFIG}/buttons"), &body).await)
    };
    assert_eq!(create(json!({ "label": "" })).await, ["label too_short"]);
    assert_eq!(
        create(json!({ "variant": "red", "alignment": "middle" })).await,
        ["variant not_allowed", "alignment not_allowed"]
    );
    for path in ["cars", "//x", "https://x", "/\\x", "/a b", ""] {
        assert_eq!(create(json!({ "targetPath": path })).await, ["targetPath wrong_format"], "{path}");
    }
    assert_eq!(create(json!({ "actionOrder": 1_000_001 })).await, ["actionOrder out_of_range"]);
    assert_eq!(create(json!({ "actionOrder": "1" })).await, ["actionOrder wrong_type"]);
    assert_eq!(
        create(json!({ "pageConfigId": crate::support::NO_CAR })).await,
        ["pageConfigId unknown_reference"]
    );
    assert_eq!(
        create(json!({ "actionId": "ghost", "targetPath": null })).await,
        ["actionId unknown_reference"]
    );
    let empty = ask.post(&format!("{CONFIG}/buttons"), &json!({})).await;
    assert_eq!(
        crate::support::told(&empty),
        [
            "pageConfigId required",
            "label required",
            "targetPath required",
            "variant required",
            "alignment required"
        ]
    );
    let foreign =
        app.as_person(&people::stranger()).post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await;
    assert_eq!(crate::support::told(&foreign), ["pageConfigId unknown_reference"]);
    assert_eq!(
        ask.get(&format!("{CONFIG}?pageConfigId={CARS_PAGE}")).await.json["total"],
        0,
        "nothing was stored"
    );
}

async fn button_create_401(app: TestApp) {
    unauthorized(&app, Method::POST, &format!("{CONFIG}/buttons"), button(CARS_PAGE)).await;
}

async fn button_update_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer =
        put(&ask, &format!("{CONFIG}/buttons/{BUTTON}"), &json!({ "label": "Another car", "icon": null }))
            .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(
        answer.json["button"],
        json!({ "label": "Another car", "targetPath": "/cars/new", "variant": "default", "alignment": "left" })
    );
    assert_eq!(answer.json["actionOrder"], 0);
}

async fn button_update_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/buttons/{BUTTON}");
    let wrong = put(&ask, &path, &json!({ "label": " ", "variant": "red", "x": 1 })).await;
    assert_eq!(crate::support::told(&wrong), ["label too_short", "variant not_allowed", "x unknown_field"]);
    let other = put(&ask, &format!("{CONFIG}/buttons/{DROPDOWN}"), &json!({ "label": "x" })).await;
    assert_eq!(other.brief(), "400 wrong_kind");
    let unknown =
        put(&ask, &format!("{CONFIG}/buttons/{}", crate::support::NO_CAR), &json!({ "label": "x" })).await;
    assert_eq!(unknown.brief(), "404 not_found");
    let foreign = put(&app.as_person(&people::stranger()), &path, &json!({ "label": "x" })).await;
    assert_eq!(foreign.brief(), "404 not_found");
}

async fn button_update_401(app: TestApp) {
    unauthorized(&app, Method::PUT, &format!("{CONFIG}/buttons/{BUTTON}"), json!({ "label": "x" })).await;
}

async fn dropdown_create_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = ask.post(&format!("{CONFIG}/dropdowns"), &dropdown(CARS_PAGE)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["actionOrder"], 0, "the first of an empty page");
    let items = answer.json["dropdown"]["items"].as_array().unwrap();
    assert_eq!(members(&items[0]), ["id", "label", "targetPath", "itemOrder"]);
    assert_eq!((items.len(), &items[1]["label"]), (2, &json!("Delete")));
    let stored = ask.get(&format!("{CONFIG}/{}", answer.json["id"].as_str().unwrap())).await;
    assert_eq!(stored.text, answer.text);
}

async fn dropdown_create_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let mut none = dropdown(CARS_PAGE);
    none["items"] = json!([]);
    assert_eq!(
        crate::support::told(&ask.post(&format!("{CONFIG}/dropdowns"), &none).await),
        ["items too_few"]
    );
    none["items"] = json!((0..51).map(|_| json!({ "label": "a", "targetPath": "/" })).collect::<Vec<_>>());
    assert_eq!(
        crate::support::told(&ask.post(&format!("{CONFIG}/dropdowns"), &none).await),
        ["items too_many"]
    );
    none["items"] = json!([{ "label": "a", "targetPath": "/" }, { "label": "", "itemOrder": 0 }]);
    assert_eq!(
        crate::support::told(&ask.post(&format!("{CONFIG}/dropdowns"), &none).await),
        ["items[1].label too_short", "items[1].targetPath required", "items[1].itemOrder duplicate"]
    );
}

async fn dropdown_create_401(app: TestApp) {
    unauthorized(&app, Method::POST, &format!("{CONFIG}/dropdowns"), dropdown(CARS_PAGE)).await;
}

async fn dropdown_update_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/dropdowns/{DROPDOWN}");
    let before = ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.json;
    let renamed = put(&ask, &path, &json!({ "label": "Menu" })).await.json;
    assert_eq!(renamed["dropdown"]["label"], "Menu");
    assert_eq!(renamed["dropdown"]["items"], before["dropdown"]["items"], "untouched, ids included");
    let items = json!([{ "label": "Only", "targetPath": "/only" }]);
    let replaced = put(&ask, &path, &json!({ "items": items })).await.json;
    assert_eq!(
        (replaced["dropdown"]["items"].as_array().unwrap().len(), &replaced["dropdown"]["items"][0]["label"]),
        (1, &json!("Only"))
    );
    assert_eq!(ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.json, replaced);
}

async fn dropdown_update_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/dropdowns/{DROPDOWN}");
    let before = ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.text;
    assert_eq!(crate::support::told(&put(&ask, &path, &json!({ "items": [] })).await), ["items too_few"]);
    assert_eq!(
        crate::support::told(&put(&ask, &path, &json!({ "items": null })).await),
        ["items wrong_type"]
    );
    assert_eq!(
        crate::support::told(&put(&ask, &path, &json!({ "label": null })).await),
        ["label wrong_type"]
    );
    assert_eq!(ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.text, before);
}

async fn dropdown_update_401(app: TestApp) {
    unauthorized(&app, Method::PUT, &format!("{CONFIG}/dropdowns/{DROPDOWN}"), json!({ "label": "x" })).await;
}

async fn separator_create_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = ask.post(&format!("{CONFIG}/separators"), &json!({ "pageConfigId": DASHBOARD })).await;
    assert_eq!(
        answer.json,
        json!({ "id": answer.json["id"], "pageConfigId": DASHBOARD, "actionType": "separator", "actionOrder": 7, "isActive": true }),
        "one behind the last"
    );
}

async fn separator_create_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let wrong = json!({ "actionOrder": -1, "isActive": 1, "label": "x" });
    let answer = ask.post(&format!("{CONFIG}/separators"), &wrong).await;
    assert_eq!(
        crate::support::told(&answer),
        ["pageConfigId required", "actionOrder out_of_range", "isActive wrong_type", "label unknown_field"]
    );
    let nowhere = ask.post(&format!("{CONFIG}/separators"), &json!({})).await;
    assert_eq!(crate::support::told(&nowhere), ["pageConfigId required"]);
}

async fn separator_create_401(app: TestApp) {
    unauthorized(&app, Method::POST, &format!("{CONFIG}/separators"), json!({ "pageConfigId": DASHBOARD }))
        .await;
}

async fn separator_update_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/separators/{SEPARATOR}");
    let answer = put(&ask, &path, &json!({ "isActive": false, "actionOrder": 99 })).await;
    assert_eq!((&answer.json["isActive"], &answer.json["actionOrder"]), (&json!(false), &json!(99)));
    let moved = put(&ask, &path, &json!({ "pageConfigId": CARS_PAGE, "actionOrder": 0 })).await;
    assert_eq!((&moved.json["pageConfigId"], &moved.json["actionOrder"]), (&json!(CARS_PAGE), &json!(0)));
    let there = ask.get(&format!("/v1/config/page-configs/{CARS_PAGE}/actions?isActive=false")).await.json;
    assert_eq!(there["separators"][0]["id"], SEPARATOR);
}

async fn separator_update_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/separators/{SEPARATOR}");
    assert_eq!(
        crate::support::told(&put(&ask, &path, &json!({ "actionOrder": 1.5 })).await),
        ["actionOrder wrong_type"]
    );
    assert_eq!(
        crate::support::told(&put(&ask, &path, &json!({ "pageConfigId": crate::support::NO_CAR })).await),
        ["pageConfigId unknown_reference"]
    );
    assert_eq!(put(&ask, &path, &json!({ "actionOrder": 0 })).await.brief(), "409 conflict");
}

async fn separator_update_401(app: TestApp) {
    unauthorized(
        &app,
        Method::PUT,
        &format!("{CONFIG}/separators/{SEPARATOR}"),
        json!({ "isActive": false }),
    )
    .await;
}

fn batch() -> Value {
    let mut button = button(CARS_PAGE);
    button.as_object_mut().unwrap().shift_remove("pageConfigId");
    json!({ "actions": [
        { "actionType": "button", "button": button },
        { "actionType": "dropdown", "dropdown": dropdown(CARS_PAGE) },
        { "actionType": "separator", "separator": {} },
    ] })
}

async fn batch_200(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = ask.post(&format!("/v1/config/page-configs/{CARS_PAGE}/actions/batch"), &batch()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let kinds: Vec<_> = answer
        .json
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["actionType"].clone(), it["actionOrder"].clone()))
        .collect();
    assert_eq!(
        kinds,
        [(json!("button"), json!(0)), (json!("dropdown"), json!(1)), (json!("separator"), json!(2))]
    );
    assert_eq!(ask.get(&format!("{CONFIG}?pageConfigId={CARS_PAGE}")).await.json["items"], answer.json);
}

async fn batch_400(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{CARS_PAGE}/actions/batch");
    let wrong = json!({ "actions": [
        { "actionType": "separator", "separator": {}, "button": {} },
        { "actionType": "menu" },
        { "actionType": "button" },
        { "actionType": "button", "button": { "label": "x", "targetPath": "x", "variant": "ghost", "alignment": "left" } },
        5,
    ] });
    assert_eq!(
        crate::support::told(&ask.post(&path, &wrong).await),
        [
            "actions[0].button excluded",
            "actions[1].actionType not_allowed",
            "actions[2].button required",
            "actions[3].button.targetPath wrong_format",
            "actions[4] wrong_type",
        ]
    );
    let elsewhere =
        json!({ "actions": [{ "actionType": "separator", "separator": { "pageConfigId": DASHBOARD } }] });
    assert_eq!(
        crate::support::told(&ask.post(&path, &elsewhere).await),
        ["actions[0].separator.pageConfigId not_allowed"]
    );
    // Nothing is stored when the last of two hundred is wrong.
    let mut many: Vec<Value> =
        (0..199).map(|_| json!({ "actionType": "separator", "separator": {} })).collect();
    many.push(json!({ "actionType": "separator", "separator": { "actionOrder": 3 } }));
    assert_eq!(ask.post(&path, &json!({ "actions": many })).await.brief(), "409 conflict");
    many.push(json!({ "actionType": "separator", "separator": {} }));
    assert_eq!(
        crate::support::told(&ask.post(&path, &json!({ "actions": many })).await),
        ["actions too_many"]
    );
    assert_eq!(ask.get(&format!("{CONFIG}?pageConfigId={CARS_PAGE}")).await.json["total"], 0);
    let unknown = format!("/v1/config/page-configs/{}/actions/batch", crate::support::NO_CAR);
    assert_eq!(ask.post(&unknown, &batch()).await.brief(), "404 not_found");
}

async fn batch_401(app: TestApp) {
    let path = format!("/v1/config/page-configs/{CARS_PAGE}/actions/batch");
    unauthorized(&app, Method::POST, &path, batch()).await;
    // Every kind in it is asked for.
    let some =
        people::nobody().roles(&["admin"]).permissions(&["New/page_actions", "New/page_action_buttons"]);
    assert_eq!(app.as_person(&some).post(&path, &batch()).await.brief(), "403 permission_denied");
}

async fn delete_204(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for id in [BUTTON, DROPDOWN, SEPARATOR] {
        let answer = delete(&ask, &format!("{CONFIG}/{id}")).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(delete(&ask, &format!("{CONFIG}/{id}")).await.brief(), "404 not_found");
        assert_eq!(ask.get(&format!("{CONFIG}/{id}")).await.brief(), "404 not_found");
    }
    let kind = people::nobody().roles(&["admin"]).permissions(&["Delete/page_actions"]);
    let other = "ab000000-0000-4000-8000-000000000002";
    let answer = delete(&app.as_person(&kind), &format!("{CONFIG}/{other}")).await;
    assert_eq!(answer.brief(), "403 permission_denied", "the right of its own table");
}
