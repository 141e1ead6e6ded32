//! What stands on a page is kept in memory, and nobody notices but the database.

use std::sync::Arc;

use action_tests::{Ask, TestApp, people, statements};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::page_actions_seed::{
    BUTTON, CARS_PAGE, CONFIG, DASHBOARD, DROPDOWN, SEPARATOR, button, delete, put,
};

on_both_fleets!(
    a_page_that_was_read_is_read_again_without_a_statement,
    every_change_is_in_the_next_read,
    of_many_that_change_a_page_at_once_each_reads_its_own_change,
    what_is_kept_belongs_to_its_tenant_and_its_filter,
);

fn path_of(page: &str) -> String {
    format!("/v1/config/page-configs/{page}/actions")
}

/// Reads until nothing is asked of the database: a node first has to listen to the others, and what is kept gets old.
async fn read_from_memory(ask: &Ask<'_>, path: &str) -> Value {
    for _ in 0..100 {
        let (read, sent) = statements::counted(ask.get(path)).await;
        assert_eq!(read.status, 200, "{}", read.text);
        if sent == 0 {
            return read.json;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("each of a hundred reads asked the database");
}

async fn a_page_that_was_read_is_read_again_without_a_statement(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let path = path_of(DASHBOARD);
    let read = ask.get(&path).await;
    assert_eq!(read_from_memory(&ask, &path).await, read.json);
    assert_eq!(read.json["buttons"].as_array().unwrap().len(), 5);
    assert_eq!(ask.get(&path).await.header("content-type"), Some("application/json"));
}

async fn every_change_is_in_the_next_read(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    // Both pages are in memory before each change, and as the list has them after it.
    let check = async |what: &str| {
        for page in [DASHBOARD, CARS_PAGE] {
            let listed = ask.get(&format!("{CONFIG}?rows=1000&pageConfigId={page}")).await.json;
            let grouped = ask.get(&path_of(page)).await.json;
            for (kind, group) in
                [("button", "buttons"), ("dropdown", "dropdowns"), ("separator", "separators")]
            {
                let items = listed["items"].as_array().unwrap();
                let of_kind: Vec<&Value> = items.iter().filter(|it| it["actionType"] == kind).collect();
                assert_eq!(json!(of_kind), grouped[group], "{group} of {page} after: {what}");
            }
            read_from_memory(&ask, &path_of(page)).await;
        }
    };
    check("nothing").await;
    let made = ask.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await.json;
    check("a new button").await;
    let renamed = put(&ask, &format!("{CONFIG}/buttons/{BUTTON}"), &json!({ "label": "Other" })).await;
    assert_eq!(renamed.status, 200);
    check("another label").await;
    let items = json!({ "items": [{ "label": "Only", "targetPath": "/only" }] });
    assert_eq!(put(&ask, &format!("{CONFIG}/dropdowns/{DROPDOWN}"), &items).await.status, 200);
    check("other items").await;
    let moved = json!({ "pageConfigId": CARS_PAGE, "actionOrder": 70 });
    assert_eq!(put(&ask, &format!("{CONFIG}/separators/{SEPARATOR}"), &moved).await.status, 200);
    check("a move from one page to the other").await;
    let order = json!({ "order": [SEPARATOR, made["id"]] });
    assert_eq!(put(&ask, &format!("{}/order", path_of(CARS_PAGE)), &order).await.status, 200);
    check("another order").await;
    let batch = json!({ "actions": [{ "actionType": "separator", "separator": {} }] });
    assert_eq!(ask.post(&format!("{}/batch", path_of(CARS_PAGE)), &batch).await.status, 200);
    check("a batch").await;
    let history = ask.get(&format!("{CONFIG}/{SEPARATOR}/history")).await.json;
    assert_eq!(delete(&ask, &format!("{CONFIG}/{SEPARATOR}")).await.status, 204);
    check("a removal").await;
    let entry = history["items"].as_array().unwrap().last().unwrap()["historyId"].clone();
    let back = ask.post(&format!("{CONFIG}/{SEPARATOR}/revert"), &json!({ "historyId": entry })).await;
    assert_eq!(back.status, 200, "{}", back.text);
    check("a way back").await;
    let taken = json!({ "pageConfigId": CARS_PAGE, "actionOrder": 1 });
    assert_eq!(ask.post(&format!("{CONFIG}/separators"), &taken).await.brief(), "409 conflict");
    check("a refusal").await;
    assert_eq!(delete(&ask, &format!("/v1/config/page-configs/{CARS_PAGE}")).await.status, 204);
    check("the removal of a page").await;
}

async fn of_many_that_change_a_page_at_once_each_reads_its_own_change(app: TestApp) {
    let app = Arc::new(app);
    read_from_memory(&app.as_person(&people::viewer()), &path_of(CARS_PAGE)).await;
    let mut changes = JoinSet::new();
    for _ in 0..8 {
        let app = Arc::clone(&app);
        changes.spawn(async move {
            let ask = app.as_person(&people::administrator());
            for _ in 0..8 {
                let body = json!({ "pageConfigId": CARS_PAGE });
                let made = ask.post(&format!("{CONFIG}/separators"), &body).await.json;
                let read = ask.get(&path_of(CARS_PAGE)).await.json;
                assert!(read["separators"].as_array().unwrap().contains(&made), "{made} is not in {read}");
            }
        });
    }
    changes.join_all().await;
}

async fn what_is_kept_belongs_to_its_tenant_and_its_filter(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let body = json!({ "isActive": false });
    assert_eq!(put(&ask, &format!("{CONFIG}/buttons/{BUTTON}"), &body).await.status, 200);
    let path = path_of(DASHBOARD);
    for _ in 0..2 {
        for (filter, buttons) in [("", 5), ("?isActive=true", 4), ("?isActive=false", 1)] {
            let read = read_from_memory(&ask, &format!("{path}{filter}")).await;
            assert_eq!(read["buttons"].as_array().unwrap().len(), buttons, "{filter}");
        }
        let theirs = read_from_memory(&app.as_person(&people::stranger()), &path).await;
        assert_eq!(theirs, json!({ "buttons": [], "dropdowns": [], "separators": [] }));
    }
    assert_eq!(app.as_person(&people::nobody()).get(&path).await.status, 403);
}
