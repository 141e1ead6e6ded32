//! Page actions beyond the scenarios of their seed: places, history, who sees what.

use std::sync::Arc;

use action_tests::{TestApp, people, statements};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::page_actions_seed::{
    BUTTON, CARS_PAGE, CONFIG, DASHBOARD, DROPDOWN, SEPARATOR, button, delete, put,
};
use crate::support::{audit, members, tally, told};

on_both_fleets!(
    of_many_that_are_made_at_once_each_has_a_place_of_its_own,
    of_many_that_want_one_place_one_has_it,
    two_actions_change_places_through_the_order_of_the_page,
    an_order_names_every_action_of_the_page_once,
    a_place_of_a_batch_that_cannot_be_had_is_told_where_it_was_sent,
    a_page_takes_two_hundred_actions,
    a_thousand_actions_are_read_by_as_many_statements_as_one,
    the_list_is_filtered_and_ordered_and_refuses_what_it_does_not_know,
    a_label_is_looked_for_as_it_is,
    a_history_tells_every_change_and_can_be_gone_back_to,
    an_order_that_was_taken_meanwhile_stands_against_going_back,
    every_change_is_audited,
    a_page_goes_with_everything_on_it,
    a_page_is_removed_by_whoever_may_remove_everything_on_it,
    another_tenants_pages_and_actions_are_not_there,
    a_repeated_key_makes_one_action,
    moves_between_two_pages_at_once_do_not_stand_in_each_others_way,
    many_that_put_back_a_removed_action_put_it_back_once,
    tenants_choose_ids_of_pages_of_their_own,
);

async fn of_many_that_are_made_at_once_each_has_a_place_of_its_own(app: TestApp) {
    let app = Arc::new(app);
    let mut made = JoinSet::new();
    for _ in 0..16 {
        let app = Arc::clone(&app);
        made.spawn(async move {
            let ask = app.as_person(&people::administrator());
            ask.post(&format!("{CONFIG}/separators"), &json!({ "pageConfigId": CARS_PAGE })).await
        });
    }
    let mut places: Vec<i64> =
        made.join_all().await.iter().map(|it| it.json["actionOrder"].as_i64().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(places, (0..16).collect::<Vec<_>>());
}

async fn of_many_that_want_one_place_one_has_it(app: TestApp) {
    let app = Arc::new(app);
    let mut made = JoinSet::new();
    for _ in 0..16 {
        let app = Arc::clone(&app);
        made.spawn(async move {
            let ask = app.as_person(&people::administrator());
            ask.post(&format!("{CONFIG}/separators"), &json!({ "pageConfigId": CARS_PAGE, "actionOrder": 5 }))
                .await
        });
    }
    assert_eq!(tally(&made.join_all().await), ["200 ×1", "409 conflict ×15"]);
}

async fn two_actions_change_places_through_the_order_of_the_page(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{DASHBOARD}/actions/order");
    let listed = ask.get(&format!("{CONFIG}?rows=100")).await.json;
    let mut ids: Vec<Value> = listed["items"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    ids.swap(0, 1);
    let answer = put(&ask, &path, &json!({ "order": ids })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(members(&answer.json), ["buttons", "dropdowns", "separators"]);
    assert_eq!(answer.json["buttons"][1]["id"], BUTTON);
    assert_eq!(answer.json["buttons"][1]["actionOrder"], 1);
    let now = ask.get(&format!("/v1/config/page-configs/{DASHBOARD}/actions")).await;
    assert_eq!(now.json, answer.json);
}

async fn an_order_names_every_action_of_the_page_once(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{DASHBOARD}/actions/order");
    assert_eq!(told(&put(&ask, &path, &json!({ "order": [BUTTON] })).await), ["order incomplete"]);
    assert_eq!(told(&put(&ask, &path, &json!({ "order": [BUTTON, BUTTON] })).await), ["order duplicate"]);
    assert_eq!(told(&put(&ask, &path, &json!({ "order": ["x"] })).await), ["order[0] wrong_type"]);
    assert_eq!(told(&put(&ask, &path, &json!({ "ids": [] })).await), ["order required", "ids unknown_field"]);
    let empty = format!("/v1/config/page-configs/{CARS_PAGE}/actions/order");
    assert_eq!(put(&ask, &empty, &json!({ "order": [] })).await.status, 200);
    let unknown = format!("/v1/config/page-configs/{}/actions/order", crate::support::NO_CAR);
    assert_eq!(put(&ask, &unknown, &json!({ "order": [] })).await.brief(), "404 not_found");
}

async fn a_place_of_a_batch_that_cannot_be_had_is_told_where_it_was_sent(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{CARS_PAGE}/actions/batch");
    let separator =
        |order: Value| json!({ "actionType": "separator", "separator": { "actionOrder": order } });
    let placed = |order: Value| {
        let button = json!({ "label": "Go", "targetPath": "/go", "variant": "ghost", "alignment": "left", "actionOrder": order });
        json!({ "actionType": "button", "button": button })
    };
    let batch = async |actions: Value| ask.post(&path, &json!({ "actions": actions })).await;
    assert_eq!(batch(json!([separator(json!(7))])).await.status, 200);
    // On the page, and in the batch itself.
    let taken = batch(json!([separator(json!(1)), separator(json!(2)), placed(json!(7))])).await;
    assert_eq!(
        (taken.brief().as_str(), told(&taken)),
        ("409 conflict", vec!["actions[2].button.actionOrder taken".to_owned()])
    );
    let twice = batch(json!([placed(json!(3)), separator(json!(3))])).await;
    assert_eq!(told(&twice), ["actions[1].separator.actionOrder taken"]);
    let beyond = batch(json!([separator(json!(1)), placed(json!(1_000_001))])).await;
    assert_eq!(
        (beyond.status, told(&beyond)),
        (400, vec!["actions[1].button.actionOrder out_of_range".to_owned()])
    );
    // Behind the last place of a page there is none.
    let behind =
        batch(json!([separator(json!(1_000_000)), json!({ "actionType": "separator", "separator": {} })]))
            .await;
    assert_eq!(
        (behind.status, told(&behind)),
        (400, vec!["actions[1].separator.actionOrder out_of_range".to_owned()])
    );
    assert_eq!(ask.get(&format!("{CONFIG}?pageConfigId={CARS_PAGE}")).await.json["total"], 1);
}

async fn a_page_takes_two_hundred_actions(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let many: Vec<Value> = (0..200).map(|_| json!({ "actionType": "separator", "separator": {} })).collect();
    let path = format!("/v1/config/page-configs/{CARS_PAGE}/actions/batch");
    assert_eq!(ask.post(&path, &json!({ "actions": many })).await.json.as_array().unwrap().len(), 200);
    let more = ask.post(&format!("{CONFIG}/separators"), &json!({ "pageConfigId": CARS_PAGE })).await;
    assert_eq!(more.brief(), "409 too_many_actions");
    let moved = put(
        &ask,
        &format!("{CONFIG}/separators/{SEPARATOR}"),
        &json!({ "pageConfigId": CARS_PAGE, "actionOrder": 900 }),
    )
    .await;
    assert_eq!(moved.brief(), "409 too_many_actions");
}

async fn a_thousand_actions_are_read_by_as_many_statements_as_one(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let pages = async |name: &str, actions: usize| {
        let page = ask.post("/v1/config/page-configs", &json!({ "name": name })).await;
        let path = format!("/v1/config/page-configs/{}/actions", page.json["id"].as_str().unwrap());
        let dropdown = json!({ "label": "More", "items": [{ "label": "One", "targetPath": "/one" }] });
        let dropdown = json!({ "actionType": "dropdown", "dropdown": dropdown });
        let batch = json!({ "actions": vec![dropdown; actions] });
        assert_eq!(ask.post(&format!("{path}/batch"), &batch).await.status, 200);
        path
    };
    let one = pages("one", 1).await;
    let mut many = one.clone();
    for page in 0..5 {
        many = pages(&format!("many {page}"), 200).await;
    }
    for (page, count) in [(&one, 1), (&many, 200)] {
        let (grouped, sent) = statements::counted(ask.get(page)).await;
        assert_eq!((grouped.json["dropdowns"].as_array().unwrap().len(), sent), (count, 1));
    }
    for rows in [1, 1000] {
        let (list, sent) = statements::counted(ask.get(&format!("{CONFIG}?rows={rows}"))).await;
        assert_eq!((list.json["items"].as_array().unwrap().len(), sent), (rows, 2));
    }
}

async fn the_list_is_filtered_and_ordered_and_refuses_what_it_does_not_know(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let ids = async |query: &str| -> Vec<String> {
        let answer = ask.get(&format!("{CONFIG}?rows=100&{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        let items = answer.json["items"].as_array().unwrap().clone();
        items.iter().map(|it| it["id"].as_str().unwrap().rsplit('0').next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("actionType=dropdown").await, ["7"]);
    assert_eq!(ids("isActive=false").await, Vec::<String>::new());
    assert_eq!(ids(&format!("id={SEPARATOR}")).await, ["6"]);
    assert_eq!(ids(&format!("pageConfigId={CARS_PAGE}")).await, Vec::<String>::new());
    assert_eq!(ids("label=CAR").await, ["1", "2", "5"]);
    assert_eq!(ids("orderBy=actionOrder,DESC").await, ["7", "6", "5", "4", "3", "2", "1"]);
    assert_eq!(ids("orderBy=id,DESC&actionType=button").await, ["5", "4", "3", "2", "1"]);
    assert_eq!(ids("orderBy=actionType,ASC").await, ["1", "2", "3", "4", "5", "7", "6"]);
    assert_eq!(ids("orderBy=actionType,DESC").await, ["6", "7", "1", "2", "3", "4", "5"]);
    for wrong in [
        "page=0",
        "rows=0",
        "rows=1001",
        "id=x",
        "actionType=menu",
        "isActive=1",
        "orderBy=id",
        "orderBy=label,ASC",
        "orderBy=id,UP",
        "label=",
        "x=1",
    ] {
        let answer = ask.get(&format!("{CONFIG}?{wrong}")).await;
        assert_eq!(answer.brief(), "400 invalid_parameter", "{wrong}");
    }
}

async fn a_label_is_looked_for_as_it_is(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for label in ["100% sure", "a_b", "it's", "Ärger"] {
        let mut body = button(CARS_PAGE);
        body["label"] = json!(label);
        assert_eq!(ask.post(&format!("{CONFIG}/buttons"), &body).await.status, 200);
    }
    for (part, found) in
        [("%25", 1), ("_", 1), ("'", 1), ("100%25%20S", 1), ("%C3%84RG", 1), ("%C3%A4rg", 0), ("x%25", 0)]
    {
        let answer = ask.get(&format!("{CONFIG}?label={part}")).await;
        assert_eq!(answer.json["total"], found, "{part}");
    }
    let document = app.anonymous().get("/openapi.json").await.json;
    let parameters = document["paths"][CONFIG]["get"]["parameters"].as_array().unwrap().clone();
    let label = parameters.iter().find(|it| it["name"] == "label").unwrap();
    assert_eq!(label["description"], "A part of the label, ignoring the case of ASCII letters.");
}

async fn a_history_tells_every_change_and_can_be_gone_back_to(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("{CONFIG}/dropdowns/{DROPDOWN}");
    let first = ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.json;
    assert_eq!(put(&ask, &path, &json!({ "label": "Menu" })).await.status, 200);
    assert_eq!(delete(&ask, &format!("{CONFIG}/{DROPDOWN}")).await.status, 204);
    let history = ask.get(&format!("{CONFIG}/{DROPDOWN}/history")).await.json;
    let items = history["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|it| it["operation"].as_str().unwrap()).collect::<Vec<_>>(),
        ["deleted", "updated"]
    );
    assert_eq!(members(&items[0]), ["historyId", "operation", "userId", "at", "before", "after"]);
    assert_eq!((&items[1]["before"], &items[1]["after"]["dropdown"]["label"]), (&first, &json!("Menu")));
    assert_eq!(
        (&items[0]["before"]["dropdown"]["label"], &items[0]["after"]),
        (&json!("Menu"), &json!(null))
    );
    // Of a removal, the state before it.
    let revert = format!("{CONFIG}/{DROPDOWN}/revert");
    let back = ask.post(&revert, &json!({ "historyId": items[0]["historyId"] })).await;
    assert_eq!(back.status, 200, "{}", back.text);
    assert_eq!((&back.json["id"], &back.json["dropdown"]["label"]), (&json!(DROPDOWN), &json!("Menu")));
    let again = ask.get(&format!("{CONFIG}/{DROPDOWN}/history")).await.json;
    assert_eq!(again["items"][0]["operation"], "reverted");
    assert_eq!(
        told(&ask.post(&revert, &json!({ "historyId": DROPDOWN })).await),
        ["historyId unknown_reference"]
    );
    assert_eq!(told(&ask.post(&revert, &json!({})).await), ["historyId required"]);
    let untouched = ask.get(&format!("{CONFIG}/{BUTTON}/history")).await;
    assert_eq!((untouched.status, &untouched.json), (200, &json!({ "items": [] })));
    assert_eq!(
        ask.get(&format!("{CONFIG}/{}/history", crate::support::NO_CAR)).await.brief(),
        "404 not_found"
    );
    let unknown = format!("{CONFIG}/{}/revert", crate::support::NO_CAR);
    assert_eq!(ask.post(&unknown, &json!({ "historyId": DROPDOWN })).await.brief(), "404 not_found");
    let viewer = app.as_person(&people::viewer());
    assert_eq!(
        viewer.post(&revert, &json!({ "historyId": items[0]["historyId"] })).await.brief(),
        "403 permission_denied"
    );
    assert_eq!(viewer.get(&format!("{CONFIG}/{DROPDOWN}/history")).await.status, 200);
}

async fn an_order_that_was_taken_meanwhile_stands_against_going_back(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(delete(&ask, &format!("{CONFIG}/{BUTTON}")).await.status, 204);
    let taken = json!({ "pageConfigId": DASHBOARD, "actionOrder": 0 });
    assert_eq!(ask.post(&format!("{CONFIG}/separators"), &taken).await.status, 200);
    let entry = ask.get(&format!("{CONFIG}/{BUTTON}/history")).await.json["items"][0]["historyId"].clone();
    let back = ask.post(&format!("{CONFIG}/{BUTTON}/revert"), &json!({ "historyId": entry })).await;
    assert_eq!(back.brief(), "409 conflict");
    assert_eq!(ask.get(&format!("{CONFIG}/{BUTTON}")).await.brief(), "404 not_found");
}

async fn every_change_is_audited(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let made = ask.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await.json;
    let id = made["id"].as_str().unwrap();
    assert_eq!(put(&ask, &format!("{CONFIG}/buttons/{id}"), &json!({ "label": "Keep" })).await.status, 200);
    assert_eq!(ask.post(&format!("{CONFIG}/buttons"), &button(crate::support::NO_CAR)).await.status, 400);
    assert_eq!(delete(&ask, &format!("{CONFIG}/{id}")).await.status, 204);
    let rows = audit(&ask, "").await;
    let seen: Vec<_> =
        rows.iter().map(|it| (it["actionId"].as_str().unwrap(), it["outcome"].as_str().unwrap())).collect();
    assert_eq!(
        seen,
        [
            ("page_actions.delete", "succeeded"),
            ("page_actions.create", "refused"),
            ("page_actions.update", "succeeded"),
            ("page_actions.create", "succeeded"),
        ]
    );
    let change = &rows[2]["changedRecords"][0];
    assert_eq!((&change["entity"], &change["id"]), (&json!("page_actions"), &json!(id)));
    assert_eq!(
        (&change["before"]["button"]["label"], &change["after"]["button"]["label"]),
        (&json!("Save"), &json!("Keep"))
    );
}

async fn a_page_goes_with_everything_on_it(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let pages = ask.get("/v1/config/page-configs").await.json;
    assert_eq!(
        pages["items"],
        json!([{ "id": CARS_PAGE, "name": "cars" }, { "id": DASHBOARD, "name": "dashboard" }])
    );
    assert_eq!(ask.get("/v1/config/page-configs?name=cars").await.json["items"].as_array().unwrap().len(), 1);
    let made = ask.post("/v1/config/page-configs", &json!({ "name": "invoices" })).await;
    assert_eq!((made.status, members(&made.json)), (201, vec!["id", "name"]));
    let own = json!({ "name": "own", "id": "aaaaaaaa-0000-4000-8000-00000000beef" });
    assert_eq!(ask.post("/v1/config/page-configs", &own).await.json["id"], own["id"]);
    assert_eq!(ask.post("/v1/config/page-configs", &own).await.brief(), "409 conflict");
    assert_eq!(
        told(&ask.post("/v1/config/page-configs", &json!({ "name": "", "id": "x" })).await),
        ["name too_short", "id wrong_type"]
    );
    assert_eq!(
        app.as_person(&people::fleet_manager()).post("/v1/config/page-configs", &own).await.brief(),
        "403 permission_denied"
    );
    assert_eq!(delete(&ask, &format!("/v1/config/page-configs/{DASHBOARD}")).await.status, 204);
    assert_eq!(delete(&ask, &format!("/v1/config/page-configs/{DASHBOARD}")).await.brief(), "404 not_found");
    assert_eq!(ask.get(CONFIG).await.json["total"], 0);
    assert_eq!(ask.get(&format!("{CONFIG}/{BUTTON}/history")).await.json["items"][0]["operation"], "deleted");
}

async fn a_page_is_removed_by_whoever_may_remove_everything_on_it(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{DASHBOARD}");
    let all = ["page_configs", "page_action_buttons", "page_action_dropdowns", "page_actions"];
    let with = |tables: &[&str]| {
        let rights: Vec<String> = tables.iter().map(|it| format!("Delete/{it}")).collect();
        let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
        people::nobody().roles(&["admin"]).permissions(&rights)
    };
    let before = ask.get(CONFIG).await.json["total"].clone();
    for missing in all {
        let some: Vec<&str> = all.into_iter().filter(|it| *it != missing).collect();
        let refused = delete(&app.as_person(&with(&some)), &path).await;
        assert_eq!(refused.brief(), "403 permission_denied", "without {missing}");
    }
    assert_eq!(ask.get(CONFIG).await.json["total"], before);
    assert_eq!(ask.get("/v1/config/page-configs?name=dashboard").await.json["items"][0]["id"], DASHBOARD);
    // Of what does not stand on it nothing is asked.
    let separator = ask.post(&format!("{CONFIG}/separators"), &json!({ "pageConfigId": CARS_PAGE })).await;
    assert_eq!(separator.status, 200);
    let some = with(&["page_configs", "page_actions"]);
    assert_eq!(
        delete(&app.as_person(&some), &format!("/v1/config/page-configs/{CARS_PAGE}")).await.status,
        204
    );
    assert_eq!(delete(&app.as_person(&with(&all)), &path).await.status, 204);
    assert_eq!(ask.get(CONFIG).await.json["total"], 0);
}

async fn another_tenants_pages_and_actions_are_not_there(app: TestApp) {
    let ask = app.as_person(&people::stranger());
    assert_eq!(ask.get(CONFIG).await.json["total"], 0);
    assert_eq!(ask.get("/v1/config/page-configs").await.json["items"], json!([]));
    for path in [format!("{CONFIG}/{BUTTON}"), format!("{CONFIG}/{BUTTON}/history")] {
        assert_eq!(ask.get(&path).await.brief(), "404 not_found");
    }
    assert_eq!(delete(&ask, &format!("{CONFIG}/{BUTTON}")).await.brief(), "404 not_found");
    assert_eq!(delete(&ask, &format!("/v1/config/page-configs/{DASHBOARD}")).await.brief(), "404 not_found");
    assert_eq!(ask.post(&format!("{CONFIG}/{BUTTON}/execute"), &json!({})).await.brief(), "404 not_found");
    let homeless = app.as_person(&people::administrator().without("tenant_id"));
    assert_eq!(homeless.get(CONFIG).await.brief(), "403 tenant_required");
    assert_eq!(
        homeless.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await.brief(),
        "403 tenant_required"
    );
}

async fn a_repeated_key_makes_one_action(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "button-1");
    let first = ask.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await;
    let again = ask.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await;
    assert_eq!(
        (again.status, again.header("idempotency-replayed"), &again.text),
        (200, Some("true"), &first.text)
    );
}

async fn moves_between_two_pages_at_once_do_not_stand_in_each_others_way(app: TestApp) {
    let app = Arc::new(app);
    let mut moves = JoinSet::new();
    for n in 0..24 {
        let app = Arc::clone(&app);
        moves.spawn(async move {
            let ask = app.as_person(&people::administrator());
            let from = if n % 2 == 0 { CARS_PAGE } else { DASHBOARD };
            let to = if n % 2 == 0 { DASHBOARD } else { CARS_PAGE };
            let body = json!({ "pageConfigId": from, "actionOrder": 100 + n });
            let made = ask.post(&format!("{CONFIG}/separators"), &body).await;
            let path = format!("{CONFIG}/separators/{}", made.json["id"].as_str().unwrap());
            put(&ask, &path, &json!({ "pageConfigId": to })).await
        });
    }
    assert_eq!(tally(&moves.join_all().await), ["200 ×24"]);
}

async fn many_that_put_back_a_removed_action_put_it_back_once(app: TestApp) {
    let app = Arc::new(app);
    let ask = app.as_person(&people::administrator());
    assert_eq!(delete(&ask, &format!("{CONFIG}/{DROPDOWN}")).await.status, 204);
    let history = ask.get(&format!("{CONFIG}/{DROPDOWN}/history")).await.json;
    let entry = history["items"][0]["historyId"].clone();
    let mut back = JoinSet::new();
    for _ in 0..8 {
        let (app, entry) = (Arc::clone(&app), entry.clone());
        back.spawn(async move {
            let ask = app.as_person(&people::administrator());
            ask.post(&format!("{CONFIG}/{DROPDOWN}/revert"), &json!({ "historyId": entry })).await
        });
    }
    let answers = back.join_all().await;
    // Whoever comes late enough to see it puts it back over itself; whoever does not is told to come again.
    assert!(answers.iter().any(|it| it.status == 200));
    for answer in answers {
        assert!(["200", "409 conflict"].contains(&answer.brief().as_str()), "{}", answer.text);
    }
    assert_eq!(ask.get(&format!("{CONFIG}/{DROPDOWN}")).await.status, 200);
}

async fn tenants_choose_ids_of_pages_of_their_own(app: TestApp) {
    let page = json!({ "name": "mine", "id": DASHBOARD });
    let stranger = app.as_person(&people::stranger());
    assert_eq!(stranger.post("/v1/config/page-configs", &page).await.status, 201);
    assert_eq!(stranger.post("/v1/config/page-configs", &page).await.brief(), "409 conflict");
    let ask = app.as_person(&people::administrator());
    let path = format!("/v1/config/page-configs/{DASHBOARD}/actions");
    assert_ne!(ask.get(&path).await.json["buttons"], json!([]));
    assert_eq!(stranger.get(&path).await.json["buttons"], json!([]));
    let made = stranger.post(&format!("{CONFIG}/buttons"), &button(DASHBOARD)).await;
    assert_eq!(made.json["actionOrder"], 0, "{}", made.text);
    assert_eq!(delete(&stranger, &format!("/v1/config/page-configs/{DASHBOARD}")).await.status, 204);
    assert_ne!(ask.get(&path).await.json["buttons"], json!([]));
}
