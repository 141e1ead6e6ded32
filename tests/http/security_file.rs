//! `security.json` of a running host: edits are seen within two seconds, and nothing that is broken is ever in force.
//!
//! No database takes part in this, so one is enough.

use std::time::{Duration, Instant};

use action_tests::{Person, TestApp, people};
use serde_json::{Value, json};

/// How long an edit may take to be seen.
const SEEN: Duration = Duration::from_secs(2);

/// Longer than the host waits between two looks at the file.
const LOOKED: Duration = Duration::from_millis(1_300);

fn file(app: &TestApp) -> std::path::PathBuf {
    app.config().join("security.json")
}

/// Adds a right to the file: for the viewers' group.
fn add_right(app: &TestApp, resource: &str, denied: bool) {
    let mut json: Value = serde_json::from_slice(&std::fs::read(file(app)).unwrap()).unwrap();
    json["rights"].as_array_mut().unwrap().push(json!({
        "id": uuid::Uuid::now_v7(), "resource": resource, "groupId": "a0000000-0000-4000-8000-000000000003", "isDenied": denied,
    }));
    std::fs::write(file(app), json.to_string()).unwrap();
}

async fn may_delete(app: &TestApp, person: &Person) -> bool {
    let answer = app
        .as_person(person)
        .execute("deleteRecord", json!({ "entity": "Car", "id": crate::support::NO_CAR }))
        .await;
    match answer.status {
        404 => true,
        403 => false,
        other => panic!("{other}: {}", answer.text),
    }
}

async fn may_query(app: &TestApp, person: &Person) -> bool {
    app.as_person(person).execute("executeQuery", json!({ "entity": "Car", "limit": 1 })).await.status == 200
}

/// Waits until it holds, two seconds at most.
async fn soon(mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < SEEN, "not seen within {SEEN:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_right_that_is_granted_while_it_runs_is_seen_within_two_seconds() {
    let app = TestApp::sqlite().await;
    assert!(!may_delete(&app, &people::viewer()).await);
    add_right(&app, "Delete/Car", false);
    soon(async || may_delete(&app, &people::viewer()).await).await;
}

#[tokio::test]
async fn a_right_that_is_taken_away_while_it_runs_is_gone_within_two_seconds() {
    let app = TestApp::sqlite().await;
    assert!(may_query(&app, &people::viewer()).await);
    let text = std::fs::read_to_string(file(&app)).unwrap().replace("QueryRead/Car", "Read/Car");
    std::fs::write(file(&app), text).unwrap();
    soon(async || !may_query(&app, &people::viewer()).await).await;
}

#[tokio::test]
async fn a_denial_beats_a_permission_of_the_token() {
    let app = TestApp::sqlite().await;
    let holder = people::viewer().permissions(&["Delete/Car"]);
    assert!(may_delete(&app, &holder).await);
    add_right(&app, "Delete/Car", true);
    soon(async || !may_delete(&app, &holder).await).await;
    assert!(may_delete(&app, &people::nobody().permissions(&["Delete/Car"])).await, "of another group");
}

#[tokio::test]
async fn a_free_name_is_granted_with_a_star_for_its_target() {
    let app = TestApp::sqlite().await;
    let params = json!({ "id": crate::support::CAR, "name": "Ada", "email": "ada@example.com" });
    let may_edit =
        async || app.as_person(&people::viewer()).execute("user.update", params.clone()).await.status == 200;
    assert!(!may_edit().await);
    add_right(&app, "USER.edit/*", false);
    soon(may_edit).await;
}

#[tokio::test]
async fn a_broken_edit_leaves_the_last_good_rights_in_force() {
    let app = TestApp::sqlite().await;
    let good = std::fs::read_to_string(file(&app)).unwrap();
    for broken in ["", "{", r#"{"rights":[{"resource":"*/*"}]}"#] {
        std::fs::write(file(&app), broken).unwrap();
        tokio::time::sleep(LOOKED).await;
        assert!(may_query(&app, &people::viewer()).await, "{broken:?} closed a door");
        assert!(!may_delete(&app, &people::viewer()).await, "{broken:?} opened a door");
    }
    std::fs::write(file(&app), good).unwrap();
    add_right(&app, "Delete/Car", false);
    soon(async || may_delete(&app, &people::viewer()).await).await;
}

#[tokio::test]
async fn a_file_that_is_deleted_leaves_the_last_good_rights_in_force() {
    let app = TestApp::sqlite().await;
    let good = std::fs::read_to_string(file(&app)).unwrap();
    std::fs::remove_file(file(&app)).unwrap();
    tokio::time::sleep(LOOKED).await;
    assert!(may_query(&app, &people::viewer()).await);
    assert!(!may_delete(&app, &people::viewer()).await);
    std::fs::write(file(&app), good).unwrap();
    add_right(&app, "Delete/Car", false);
    soon(async || may_delete(&app, &people::viewer()).await).await;
}
