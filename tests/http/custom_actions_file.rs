//! `customActions.json` and `translations.json` of a running host: what an edit does, and what a broken one does not.
//!
//! No database takes part in this, so one is enough.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use action_tests::{TestApp, people};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::CAR;

/// How long an edit may take to be seen.
const SEEN: Duration = Duration::from_secs(2);

/// Longer than the host waits between two looks at the file.
const LOOKED: Duration = Duration::from_millis(1_300);

fn file(app: &TestApp) -> PathBuf {
    app.config().join("customActions.json")
}

fn edit(app: &TestApp, change: impl FnOnce(&mut Value)) {
    let mut json: Value = serde_json::from_slice(&std::fs::read(file(app)).unwrap()).unwrap();
    change(&mut json);
    std::fs::write(file(app), json.to_string()).unwrap();
}

async fn names(app: &TestApp) -> Vec<String> {
    let listed = app.as_person(&people::fleet_manager()).get("/spark/actions/Car").await.json;
    listed.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// Waits until it holds, two seconds at most.
async fn soon(mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < SEEN, "not seen within {SEEN:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn copy(app: &TestApp, items: usize) -> String {
    let ids: Vec<Value> =
        (1..=items).map(|it| json!({ "id": format!("ca000000-0000-4000-8000-{it:012}") })).collect();
    let ask = app.as_person(&people::fleet_manager());
    ask.post("/spark/actions/Car/CarCopy", &json!({ "selectedItems": ids })).await.brief()
}

#[tokio::test]
async fn an_action_whose_entry_goes_is_neither_listed_nor_run() {
    let app = TestApp::sqlite().await;
    edit(&app, |it| {
        it.as_object_mut().unwrap().shift_remove("CarCopy");
    });
    soon(async || !names(&app).await.contains(&"CarCopy".to_owned())).await;
    assert_eq!(copy(&app, 1).await, "404 action_not_found");
}

#[tokio::test]
async fn an_edit_by_any_way_of_writing_is_seen_within_two_seconds() {
    let app = TestApp::sqlite().await;
    edit(&app, |it| it["CarCopy"]["offset"] = json!(7));
    soon(async || names(&app).await.last().is_some_and(|it| it == "CarCopy")).await;
    // Written beside and moved over, as editors do.
    let text = std::fs::read_to_string(file(&app)).unwrap().replace("\"offset\":7", "\"offset\":-7");
    let beside = app.config().join("customActions.json.new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, file(&app)).unwrap();
    soon(async || names(&app).await.first().is_some_and(|it| it == "CarCopy")).await;
    // Deleted, then made again.
    let text = std::fs::read_to_string(file(&app)).unwrap();
    std::fs::remove_file(file(&app)).unwrap();
    soon(async || names(&app).await.is_empty()).await;
    assert_eq!(copy(&app, 1).await, "404 action_not_found");
    std::fs::write(file(&app), text).unwrap();
    soon(async || names(&app).await.len() == 3).await;
}

#[tokio::test]
async fn a_broken_edit_leaves_the_last_good_configuration_in_force() {
    let app = TestApp::sqlite().await;
    let good = std::fs::read_to_string(file(&app)).unwrap();
    for broken in
        ["", "{", "[]", r#"{ "CarCopy": { "displayName": { "en": "x" }, "showedOn": "everywhere" } }"#]
    {
        std::fs::write(file(&app), broken).unwrap();
        tokio::time::sleep(LOOKED).await;
        assert_eq!(names(&app).await.len(), 3, "{broken:?}");
    }
    std::fs::write(file(&app), good).unwrap();
    edit(&app, |it| it["CarCopy"]["offset"] = json!(9));
    soon(async || names(&app).await.last().is_some_and(|it| it == "CarCopy")).await;
}

#[tokio::test]
async fn a_rule_that_is_edited_is_held_against_the_calls_after_it() {
    let app = TestApp::sqlite().await;
    edit(&app, |it| it["CarReportStolen"]["selectionRule"] = json!("=1"));
    let ask = app.as_person(&people::fleet_manager());
    let selected = json!({ "selectedItems": [{ "id": CAR }] });
    soon(async || ask.post("/spark/actions/Car/CarReportStolen", &selected).await.status == 449).await;
}

/// A rule that the handler cannot serve is found when the file is read, not at a call.
#[tokio::test]
async fn a_rule_that_does_not_suit_the_handler_is_a_broken_edit() {
    let app = TestApp::sqlite().await;
    edit(&app, |it| it["CarCopy"]["selectionRule"] = json!(">0"));
    tokio::time::sleep(LOOKED).await;
    assert_eq!(copy(&app, 2).await, "400 selection_refused");
    assert_eq!(copy(&app, 1).await, "200");
}

#[tokio::test]
async fn each_of_many_calls_during_a_reload_sees_one_configuration_whole() {
    let app = Arc::new(TestApp::sqlite().await);
    let text = std::fs::read_to_string(file(&app)).unwrap();
    let other = text
        .replace("\"en\": \"Copy\"", "\"en\": \"Duplicate\"")
        .replace("\"icon\": \"Copy\"", "\"icon\": \"Duplicate\"")
        .replace("\"en\": \"Note\"", "\"en\": \"Duplicate\"");
    let seen_other = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let (app, seen_other) = (Arc::clone(&app), Arc::clone(&seen_other));
        calls.spawn(async move {
            let ask = app.as_person(&people::fleet_manager());
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(2_500) {
                let listed = ask.get("/spark/actions/Car").await.json;
                let words = [&listed[0]["displayName"], &listed[0]["icon"], &listed[2]["displayName"]];
                match words.map(|it| it.as_str().unwrap()) {
                    ["Copy", "Copy", "Note"] => {}
                    ["Duplicate", "Duplicate", "Duplicate"] => {
                        seen_other.store(true, std::sync::atomic::Ordering::Relaxed);
                    }
                    mixed => panic!("{mixed:?}"),
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    std::fs::write(file(&app), other).unwrap();
    calls.join_all().await;
    assert!(seen_other.load(std::sync::atomic::Ordering::Relaxed));
}

#[tokio::test]
async fn a_translation_that_is_edited_is_said_within_two_seconds() {
    let app = TestApp::sqlite().await;
    let path = app.config().join("translations.json");
    let text = std::fs::read_to_string(&path).unwrap().replace("Report vehicle as stolen", "Is it gone?");
    std::fs::write(&path, text).unwrap();
    let ask = app.as_person(&people::fleet_manager());
    let title = async || {
        let asked = ask.post("/spark/actions/Car/CarReportStolen", &json!({ "parent": { "id": CAR } })).await;
        asked.json["title"].as_str().unwrap().to_owned()
    };
    soon(async || title().await == "Is it gone?").await;
}
