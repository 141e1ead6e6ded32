//! `workflows.json` of a running host: edits are seen within two seconds, and a folder without one has the example's.
//!
//! No database takes part in this, so one is enough.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use action_tests::{TestApp, people};
use serde_json::{Value, json};

use crate::support::CAR;

/// How long an edit may take to be seen.
const SEEN: Duration = Duration::from_secs(2);

fn file(app: &TestApp) -> PathBuf {
    app.config().join("workflows.json")
}

async fn ways(app: &TestApp) -> Vec<String> {
    let ask = app.as_person(&people::administrator());
    let answer = ask.execute("listTransitions", json!({ "entity": "Car", "id": CAR })).await;
    let listed = answer.data()["transitions"].as_array().unwrap().iter();
    listed.map(|it| it["transition"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_transition_that_is_taken_away_while_it_runs_is_gone_within_two_seconds() {
    let app = TestApp::sqlite().await;
    let mut json: Value = serde_json::from_slice(&std::fs::read(file(&app)).unwrap()).unwrap();
    json["car_status"]["transitions"].as_object_mut().unwrap().shift_remove("check_out");
    std::fs::write(file(&app), json.to_string()).unwrap();
    let started = Instant::now();
    while ways(&app).await != ["retire", "report_stolen"] {
        assert!(started.elapsed() < SEEN, "not seen within {SEEN:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let params = json!({ "entity": "Car", "id": CAR, "transition": "check_out" });
    let answer = app.as_person(&people::administrator()).execute("processWorkflow", params).await;
    assert_eq!(answer.brief(), "409 transition_refused");
}

#[tokio::test]
async fn a_folder_without_workflows_has_the_examples_own() {
    let app = TestApp::sqlite().await;
    std::fs::remove_file(file(&app)).unwrap();
    let app = app.restart(|_| ()).await;
    assert!(!file(&app).exists());
    assert_eq!(ways(&app).await, ["check_out", "retire", "report_stolen"]);
}
