//! Clicks on what stands on a page: what they run, what they are refused with, and what a repetition of one is.

use std::sync::Arc;

use action_core::{Action, ActionContext, ActionHandler, ActionResult, AnyParams, EngineBuilder, Question};
use action_tests::{Answer, Ask, TestApp, people, statements};
use serde_json::{Map, Value, json};

use crate::page_actions_seed::{BUTTON, CARS_PAGE, CONFIG, DROPDOWN, delete, put};
use crate::support::{CARS, NO_CAR, at_once, audit, car, count, tally, told};

on_both_fleets!(
    a_click_runs_what_is_stored_and_nothing_else,
    a_click_costs_one_statement_more_than_its_action,
    a_refused_click_leaves_a_record,
    a_click_that_its_action_refuses_leaves_the_record_of_that_action,
    a_refused_click_counts_in_the_window_as_any_refused_call,
    another_tenants_button_is_not_there,
    a_key_of_a_click_belongs_to_what_was_clicked,
    another_item_or_page_under_the_key_is_another_request,
    a_repetition_is_answered_as_the_click_was_whatever_is_stored_by_then,
    of_two_clicks_at_once_with_one_key_one_runs,
    a_refused_click_leaves_its_key_free,
    a_click_asks_and_runs_with_the_answer,
    an_answer_is_to_what_was_stored_when_it_was_asked,
);

/// A button that runs an action; the path of a click on it.
async fn runs(app: &TestApp, action: &str, params: &Value) -> (String, String) {
    let body = json!({
        "pageConfigId": CARS_PAGE, "label": "Run", "actionId": action, "actionParams": params,
        "variant": "ghost", "alignment": "left",
    });
    let ask = app.as_person(&people::administrator());
    let made = ask.post(&format!("{CONFIG}/buttons"), &body).await;
    assert_eq!(made.status, 200, "{}", made.text);
    let id = made.json["id"].as_str().unwrap().to_owned();
    (format!("{CONFIG}/{id}/execute"), id)
}

async fn change(app: &TestApp, id: &str, body: Value) {
    let changed =
        put(&app.as_person(&people::administrator()), &format!("{CONFIG}/buttons/{id}"), &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

/// The records of clicks that led nowhere, newest first.
async fn lost(app: &TestApp) -> Vec<Value> {
    audit(&app.as_person(&people::administrator()), "?actionId=page_actions.execute").await
}

async fn a_click_runs_what_is_stored_and_nothing_else(app: TestApp) {
    let administrator = app.as_person(&people::administrator());
    let body = json!({
        "pageConfigId": CARS_PAGE, "label": "List", "actionId": "executeQuery",
        "actionParams": { "entity": "Car", "limit": 1 }, "variant": "ghost", "alignment": "left",
    });
    let made = administrator.post(&format!("{CONFIG}/buttons"), &body).await;
    assert_eq!(made.json["button"]["actionParams"], json!({ "entity": "Car", "limit": 1 }));
    let path = format!("{CONFIG}/{}/execute", made.json["id"].as_str().unwrap());
    let viewer = app.as_person(&people::viewer());
    let clicked = viewer.post(&path, &json!({ "context": { "pageId": "cars" } })).await;
    assert_eq!(clicked.data()["records"].as_array().unwrap().len(), 1);
    // The client names neither another action nor other parameters.
    let forged = viewer.post(&path, &json!({ "actionId": "deleteRecord", "params": {} })).await;
    assert_eq!(told(&forged), ["actionId unknown_field", "params unknown_field"]);
    // Who clicks needs what the action needs, and to see the page.
    let reader = app.as_person(&people::nobody().permissions(&["Read/page_actions"]));
    assert_eq!(reader.post(&path, &json!({})).await.brief(), "403 permission_denied");
    let runner = app.as_person(&people::nobody().permissions(&["Query/Car"]));
    assert_eq!(runner.post(&path, &json!({})).await.brief(), "403 permission_denied");
    // A path is not run, nor is what is not shown.
    assert_eq!(
        viewer.post(&format!("{CONFIG}/{BUTTON}/execute"), &json!({})).await.brief(),
        "409 not_available"
    );
    let id = made.json["id"].as_str().unwrap();
    assert_eq!(
        put(&administrator, &format!("{CONFIG}/buttons/{id}"), &json!({ "isActive": false })).await.status,
        200
    );
    assert_eq!(viewer.post(&path, &json!({})).await.brief(), "409 not_available");
    // An item of a dropdown is named.
    let items = json!([{ "label": "Echo", "actionId": "echo", "actionParams": { "a": 1 } }]);
    let dropdown =
        put(&administrator, &format!("{CONFIG}/dropdowns/{DROPDOWN}"), &json!({ "items": items })).await.json;
    let item = &dropdown["dropdown"]["items"][0]["id"];
    let path = format!("{CONFIG}/{DROPDOWN}/execute");
    assert_eq!(viewer.post(&path, &json!({ "itemId": item })).await.data(), &json!({ "a": 1 }));
    assert_eq!(viewer.post(&path, &json!({})).await.brief(), "409 not_available");
    assert_eq!(viewer.post(&format!("{CONFIG}/{NO_CAR}/execute"), &json!({})).await.brief(), "404 not_found");
}

async fn a_click_costs_one_statement_more_than_its_action(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let params = json!({ "entity": "Car", "limit": 1 });
    let (path, _) = runs(&app, "executeQuery", &params).await;
    for keyed in [false, true] {
        let with = |key: &str| if keyed { ask.clone().header("idempotency-key", key) } else { ask.clone() };
        let (called, of_action) =
            statements::counted(with("call").execute("executeQuery", params.clone())).await;
        let (clicked, of_click) = statements::counted(with("click").post(&path, &json!({}))).await;
        assert_eq!((called.status, clicked.status), (200, 200), "{}", clicked.text);
        assert_eq!(of_click, of_action + 1);
    }
}

async fn a_refused_click_leaves_a_record(app: TestApp) {
    let (path, id) = runs(&app, "echo", &json!({ "secret": "s" })).await;
    let viewer = app.as_person(&people::viewer());
    let blind = app.as_person(&people::nobody());
    let context = json!({ "context": { "pageId": "cars", "widgetId": "run" } });
    assert_eq!(blind.post(&path, &context).await.brief(), "403 permission_denied");
    // Who may not see the page is told the same of what is not there.
    assert_eq!(
        blind.post(&format!("{CONFIG}/{NO_CAR}/execute"), &json!({})).await.brief(),
        "403 permission_denied"
    );
    assert_eq!(viewer.post(&format!("{CONFIG}/{NO_CAR}/execute"), &json!({})).await.brief(), "404 not_found");
    assert_eq!(viewer.post(&format!("{CONFIG}/no-id/execute"), &json!({})).await.brief(), "404 not_found");
    let leads_away = viewer.post(&format!("{CONFIG}/{BUTTON}/execute"), &json!({})).await;
    assert_eq!(leads_away.brief(), "409 not_available");
    let no_item = viewer.post(&path, &json!({ "itemId": NO_CAR })).await;
    assert_eq!(no_item.brief(), "409 not_available");
    change(&app, &id, json!({ "isActive": false })).await;
    assert_eq!(viewer.post(&path, &json!({})).await.brief(), "409 not_available");
    // What is stored names something that is not there.
    let (path, of_nothing) = runs(&app, "executeQuery", &json!({ "entity": "Boat" })).await;
    assert_eq!(viewer.post(&path, &json!({})).await.brief(), "404 not_found");

    let rows = lost(&app).await;
    let seen: Vec<_> =
        rows.iter().rev().map(|it| (it["errorCode"].as_str().unwrap(), it["params"].clone())).collect();
    assert_eq!(
        seen,
        [
            ("permission_denied", json!({ "id": id })),
            ("permission_denied", json!({ "id": NO_CAR })),
            ("not_found", json!({ "id": NO_CAR })),
            ("not_found", json!({})),
            ("not_available", json!({ "id": BUTTON })),
            ("not_available", json!({ "id": id, "itemId": NO_CAR })),
            ("not_available", json!({ "id": id })),
            ("not_found", json!({ "id": of_nothing })),
        ]
    );
    assert!(rows.iter().all(|it| it["outcome"] == "refused"), "{rows:?}");
    let first = rows.last().unwrap();
    assert_eq!(
        (&first["userId"], &first["pageId"], &first["widgetId"]),
        (&json!(people::nobody().id()), &json!("cars"), &json!("run"))
    );
}

async fn a_click_that_its_action_refuses_leaves_the_record_of_that_action(app: TestApp) {
    let (path, _) = runs(&app, "executeQuery", &json!({ "entity": "Car", "limit": 1 })).await;
    let reader = app.as_person(&people::nobody().permissions(&["Read/page_actions"]));
    assert_eq!(reader.post(&path, &json!({})).await.brief(), "403 permission_denied");
    let rows = audit(&app.as_person(&people::administrator()), "?actionId=executeQuery").await;
    assert_eq!((rows.len(), &rows[0]["errorCode"]), (1, &json!("permission_denied")));
    assert!(lost(&app).await.is_empty());
}

/// What is refused before it is known what runs uses up nothing, as with an action that is not there or not allowed;
/// what is refused after it does.
async fn a_refused_click_counts_in_the_window_as_any_refused_call(app: TestApp) {
    let (path, id) = runs(&app, "diagnostics.limited", &json!({})).await;
    let ask = app.as_person(&people::viewer());
    let left =
        |answer: &Answer| answer.header("ratelimit").map(|it| it.split(';').nth(1).unwrap().to_owned());
    assert_eq!(left(&ask.post(&path, &json!({})).await).as_deref(), Some("r=4"));
    // Two answers to one question are refused when the call is read, after it was counted.
    let twice =
        json!([{ "step": 0, "option": "a", "state": "s" }, { "step": 0, "option": "b", "state": "s" }]);
    let wrong = ask.post(&path, &json!({ "retryResults": twice })).await;
    assert_eq!((wrong.brief().as_str(), left(&wrong).as_deref()), ("400 invalid_answer", Some("r=3")));
    let called = ask.execute("diagnostics.limited", json!({})).await;
    assert_eq!(left(&called).as_deref(), Some("r=2"), "a click and a call share a window");
    change(&app, &id, json!({ "isActive": false })).await;
    let hidden = ask.post(&path, &json!({})).await;
    assert_eq!((hidden.brief().as_str(), left(&hidden)), ("409 not_available", None));
    change(&app, &id, json!({ "isActive": true })).await;
    for expected in ["200", "200", "429 rate_limited"] {
        assert_eq!(ask.post(&path, &json!({})).await.brief(), expected);
    }
}

async fn another_tenants_button_is_not_there(app: TestApp) {
    let (path, _) = runs(&app, "echo", &json!({})).await;
    let stranger = app.as_person(&people::stranger());
    assert_eq!(stranger.post(&path, &json!({})).await.brief(), "404 not_found");
    let homeless = app.as_person(&people::administrator().without("tenant_id"));
    assert_eq!(homeless.post(&path, &json!({})).await.brief(), "403 tenant_required");
    let rows = audit(&stranger, "?actionId=page_actions.execute").await;
    assert_eq!(rows.len(), 1, "in the audit of whoever clicked");
    assert!(lost(&app).await.is_empty());
}

async fn a_key_of_a_click_belongs_to_what_was_clicked(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let body = json!({
        "pageConfigId": CARS_PAGE, "label": "List", "actionId": "echo", "actionParams": { "a": 1 },
        "variant": "ghost", "alignment": "left",
    });
    let first = ask.post(&format!("{CONFIG}/buttons"), &body).await.json["id"].clone();
    let second = ask.post(&format!("{CONFIG}/buttons"), &body).await.json["id"].clone();
    let click = async |id: &Value| {
        let ask = ask.clone().header("idempotency-key", "click-1");
        ask.post(&format!("{CONFIG}/{}/execute", id.as_str().unwrap()), &json!({})).await
    };
    assert_eq!(click(&first).await.status, 200);
    assert_eq!(click(&first).await.header("idempotency-replayed"), Some("true"));
    assert_eq!(click(&second).await.status, 422, "another button with the same action");
    let unknown = format!("{CONFIG}/{}/execute?dry=1", first.as_str().unwrap());
    assert_eq!(ask.post(&unknown, &json!({})).await.brief(), "400 invalid_parameter");
}

async fn another_item_or_page_under_the_key_is_another_request(app: TestApp) {
    let items = json!([{ "label": "One", "actionId": "echo" }, { "label": "Two", "actionId": "echo" }]);
    let administrator = app.as_person(&people::administrator());
    let dropdown =
        put(&administrator, &format!("{CONFIG}/dropdowns/{DROPDOWN}"), &json!({ "items": items })).await.json;
    let item = |at: usize| dropdown["dropdown"]["items"][at]["id"].clone();
    let ask = app.as_person(&people::viewer()).header("idempotency-key", "k");
    let click = async |body: Value| ask.post(&format!("{CONFIG}/{DROPDOWN}/execute"), &body).await;
    assert_eq!(click(json!({ "itemId": item(0) })).await.brief(), "200");
    assert!(is_replay(&click(json!({ "itemId": item(0) })).await));
    assert_eq!(click(json!({ "itemId": item(1) })).await.brief(), "422 idempotency_key_reused");
    let elsewhere = json!({ "itemId": item(0), "context": { "pageId": "cars" } });
    assert_eq!(click(elsewhere).await.brief(), "422 idempotency_key_reused");
    assert_eq!(ask.execute("echo", json!({})).await.brief(), "422 idempotency_key_reused");
}

async fn a_repetition_is_answered_as_the_click_was_whatever_is_stored_by_then(app: TestApp) {
    let create = |plate: &str| json!({ "entity": "Car", "values": car(plate) });
    let (path, id) = runs(&app, "createRecord", &create("CL-1")).await;
    let ask = app.as_person(&people::administrator());
    let click = async || ask.clone().header("idempotency-key", "k").post(&path, &json!({})).await;
    let first = click().await;
    assert_eq!((first.status, is_replay(&first)), (200, false), "{}", first.text);
    for stored in [
        json!({ "actionParams": create("CL-2") }),
        json!({ "actionParams": { "entity": "Car", "values": {} } }),
        json!({ "actionId": "executeQuery", "actionParams": { "entity": "Car", "limit": 1 } }),
        json!({ "actionId": "executeQuery", "actionParams": { "entity": "Boat" } }),
        json!({ "isActive": false }),
        json!({ "targetPath": "/cars", "actionId": null, "actionParams": null, "isActive": true }),
    ] {
        change(&app, &id, stored.clone()).await;
        let again = click().await;
        assert_eq!((again.status, is_replay(&again), &again.text), (200, true, &first.text), "{stored}");
    }
    assert_eq!(delete(&ask, &format!("{CONFIG}/{id}")).await.status, 204);
    let again = click().await;
    assert_eq!((again.status, is_replay(&again), &again.text), (200, true, &first.text));
    assert_eq!(count(&ask).await, CARS + 1);
    assert_eq!(audit(&ask, "?actionId=createRecord").await.len(), 1);
    assert!(lost(&app).await.is_empty());
    // It is no way past a right that was taken away.
    let blind = app.as_person(&people::administrator().roles(&[])).header("idempotency-key", "k");
    assert_eq!(blind.post(&path, &json!({})).await.brief(), "403 permission_denied");
}

async fn of_two_clicks_at_once_with_one_key_one_runs(app: TestApp) {
    let (path, _) = runs(&app, "createRecord", &json!({ "entity": "Car", "values": car("CL-1") })).await;
    let app = Arc::new(app);
    let answers = at_once(&app, 2, &people::administrator(), |_, app, person| {
        let path = path.clone();
        async move { app.as_person(&person).header("idempotency-key", "k").post(&path, &json!({})).await }
    })
    .await;
    assert_eq!(
        answers.iter().filter(|it| it.status == 200 && !is_replay(it)).count(),
        1,
        "{:?}",
        tally(&answers)
    );
    for answer in &answers {
        assert!(["200", "409 in_progress"].contains(&answer.brief().as_str()), "{}", answer.text);
    }
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS + 1);
}

async fn a_refused_click_leaves_its_key_free(app: TestApp) {
    let (path, id) = runs(&app, "echo", &json!({ "a": 1 })).await;
    change(&app, &id, json!({ "isActive": false })).await;
    let ask = app.as_person(&people::viewer()).header("idempotency-key", "k");
    assert_eq!(ask.post(&path, &json!({})).await.brief(), "409 not_available");
    change(&app, &id, json!({ "isActive": true })).await;
    let clicked = ask.post(&path, &json!({})).await;
    assert_eq!((clicked.data(), is_replay(&clicked)), (&json!({ "a": 1 }), false));
}

/// Asks whether its parameters are meant, and returns them.
struct Confirm;

impl ActionHandler for Confirm {
    type Input = (AnyParams,);
    type Output = Map<String, Value>;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (params,): Self::Input,
    ) -> ActionResult<Self::Output> {
        ctx.ask(Question::new("Sure?").options(["Yes", "No"])).await?;
        Ok(params.0)
    }
}

fn with_confirm(builder: EngineBuilder) -> EngineBuilder {
    builder.action(Action::new("confirm").authenticated(), Confirm)
}

async fn confirm(ask: &Ask<'_>, path: &str, asked: &Answer) -> Answer {
    assert_eq!(asked.brief(), "449 input_required", "{}", asked.text);
    let answer =
        json!({ "step": 0, "option": "Yes", "state": asked.json["state"], "persistentObject": null });
    ask.post(path, &json!({ "retryResults": [answer] })).await
}

async fn a_click_asks_and_runs_with_the_answer(app: TestApp) {
    let app = app.hosted(with_confirm).await;
    let (path, id) = runs(&app, "confirm", &json!({ "a": 1 })).await;
    for ask in
        [app.as_person(&people::viewer()), app.as_person(&people::viewer()).header("idempotency-key", "k")]
    {
        let asked = ask.post(&path, &json!({})).await;
        assert_eq!(asked.json["title"], "Sure?", "{}", asked.text);
        let done = confirm(&ask, &path, &asked).await;
        assert_eq!((done.status, done.data()), (200, &json!({ "a": 1 })), "{}", done.text);
    }
    // The answer is a part of the click that it continues, and so is its repetition.
    change(&app, &id, json!({ "actionParams": { "a": 2 } })).await;
    let ask = app.as_person(&people::viewer()).header("idempotency-key", "k");
    let again = ask.post(&path, &json!({})).await;
    assert_eq!((again.data(), is_replay(&again)), (&json!({ "a": 1 }), true));
}

/// Who said yes to something said it to that.
async fn an_answer_is_to_what_was_stored_when_it_was_asked(app: TestApp) {
    let app = app.hosted(with_confirm).await;
    let (path, id) = runs(&app, "confirm", &json!({ "a": 1 })).await;
    let ask = app.as_person(&people::viewer());
    let asked = ask.post(&path, &json!({})).await;
    change(&app, &id, json!({ "actionParams": { "a": 2 } })).await;
    let again = confirm(&ask, &path, &asked).await;
    assert_eq!(confirm(&ask, &path, &again).await.data(), &json!({ "a": 2 }));
}
