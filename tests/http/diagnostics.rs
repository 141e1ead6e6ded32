//! Faults, panics and time-outs: rolled back, audited, survived, and told to nobody in their words.

use std::sync::Arc;

use action_tests::{Answer, TestApp, people};
use serde_json::{Value, json};

use crate::support::{CARS, at_once, audit, car, count, create, tally};

on_both_fleets!(
    a_fault_tells_nothing_of_itself,
    a_panic_tells_nothing_of_itself,
    the_words_of_a_fault_are_nowhere_in_the_audit,
    a_fault_is_the_same_answer_as_a_panic,
    what_a_failed_call_wrote_is_undone_and_its_attempt_is_not,
    an_action_past_its_time_limit_is_ended_and_audited,
    an_action_within_its_time_limit_is_not_disturbed,
    after_many_failures_at_once_the_server_works_on,
    after_many_time_outs_at_once_the_server_works_on,
    a_fault_is_told_in_the_callers_language,
);

fn tells_nothing(answer: &Answer) {
    assert_eq!(answer.brief(), "500 internal", "{}", answer.text);
    let headers = format!("{:?}", answer.headers);
    for internal in
        ["secret-detail", "panic", "diagnostics", "sqlx", ".rs", "INSERT", "SELECT", "cars", "Error("]
    {
        assert!(!answer.text.contains(internal), "{internal}: {}", answer.text);
        assert!(!headers.contains(internal), "{internal}: {headers}");
    }
}

async fn a_fault_tells_nothing_of_itself(app: TestApp) {
    tells_nothing(&app.as_person(&people::nobody()).execute("diagnostics.fail", json!({})).await);
    let wrote = json!({ "licensePlate": "D-1" });
    tells_nothing(&app.as_person(&people::nobody()).execute("diagnostics.write_then_fail", wrote).await);
    // A fault of the database's own: the plate is taken only as far as PostgreSQL and SQLite say so.
    let taken = json!({ "licensePlate": "ACM-001" });
    let conflict = app.as_person(&people::nobody()).execute("diagnostics.write_then_fail", taken).await;
    assert!(
        !conflict.text.contains("secret-detail") && !conflict.text.contains("UNIQUE"),
        "{}",
        conflict.text
    );
}

async fn a_panic_tells_nothing_of_itself(app: TestApp) {
    tells_nothing(&app.as_person(&people::nobody()).execute("diagnostics.panic", json!({})).await);
}

async fn the_words_of_a_fault_are_nowhere_in_the_audit(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for action in ["diagnostics.fail", "diagnostics.panic"] {
        ask.execute(action, json!({})).await;
    }
    ask.execute("diagnostics.write_then_fail", json!({ "licensePlate": "D-1" })).await;
    let listing = ask.get("/ui/actions/audit").await;
    assert!(!listing.text.contains("secret-detail") && !listing.text.contains("panic!"), "{}", listing.text);
    for row in listing.json["items"].as_array().unwrap() {
        assert_eq!((&row["outcome"], &row["success"]), (&json!("failed"), &json!(false)));
        assert_eq!(
            (&row["errorCode"], &row["errorMessage"]),
            (&json!("internal"), &json!("an internal error occurred"))
        );
    }
    assert_eq!(listing.json["total"], 3);
    assert!(!ask.get("/metrics").await.text.contains("secret-detail"));
}

async fn a_fault_is_the_same_answer_as_a_panic(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("x-request-id", "the-same");
    let fault = ask.execute("diagnostics.fail", json!({})).await;
    assert_eq!(fault.text, ask.execute("diagnostics.panic", json!({})).await.text);
}

async fn what_a_failed_call_wrote_is_undone_and_its_attempt_is_not(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "licensePlate": "D-1" });
    let answer = ask.execute("diagnostics.write_then_fail", params.clone()).await;
    assert_eq!(answer.brief(), "500 internal");
    assert_eq!(count(&ask).await, CARS);
    let row = audit(&ask, "?actionId=diagnostics.write_then_fail").await.remove(0);
    assert_eq!((&row["outcome"], &row["params"]), (&json!("failed"), &params));
    assert_eq!((&row["changedRecords"], &row["affectedRecords"]), (&json!([]), &Value::Null));
    assert_eq!(row["requestId"], answer.json["requestId"]);
    assert_eq!(create(&ask, car("D-1")).await.status, 200, "the plate was never taken");
}

async fn an_action_past_its_time_limit_is_ended_and_audited(app: TestApp) {
    let started = std::time::Instant::now();
    let answer =
        app.as_person(&people::administrator()).execute("diagnostics.slow", json!({ "ms": 60_000 })).await;
    assert_eq!(answer.brief(), "504 timeout");
    assert!((500..3_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    let row = audit(&app.as_person(&people::administrator()), "").await.remove(0);
    assert_eq!((&row["outcome"], &row["errorCode"]), (&json!("failed"), &json!("timeout")));
    assert!(row["executionTimeMs"].as_u64().unwrap() >= 500, "{row}");
}

async fn an_action_within_its_time_limit_is_not_disturbed(app: TestApp) {
    let answer = app.as_person(&people::nobody()).execute("diagnostics.slow", json!({ "ms": 100 })).await;
    assert_eq!(answer.data(), &json!({ "slept": 100 }));
    assert!(answer.json["metadata"]["executionTime"].as_f64().unwrap() >= 100.0, "{}", answer.text);
}

async fn after_many_failures_at_once_the_server_works_on(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 48, &people::administrator(), |number, app, person| async move {
        let ask = app.as_person(&person);
        match number % 3 {
            0 => ask.execute("diagnostics.panic", json!({})).await,
            1 => ask.execute("diagnostics.fail", json!({})).await,
            _ => {
                ask.execute("diagnostics.write_then_fail", json!({ "licensePlate": format!("D-{number}") }))
                    .await
            }
        }
    })
    .await;
    assert_eq!(tally(&answers), ["500 internal ×48"]);
    let ask = app.as_person(&people::administrator());
    assert_eq!(count(&ask).await, CARS);
    assert_eq!(create(&ask, car("D-1")).await.status, 200);
    assert_eq!(audit(&ask, "?outcome=failed&pageSize=200").await.len(), 48);
}

async fn after_many_time_outs_at_once_the_server_works_on(app: TestApp) {
    let app = Arc::new(app);
    // With a key, each holds a transaction while it sleeps: more of them than there are connections.
    let answers = at_once(&app, 18, &people::administrator(), |number, app, person| async move {
        let ask = app.as_person(&person).header("idempotency-key", &format!("k{number}"));
        ask.execute("diagnostics.slow", json!({ "ms": 60_000 })).await
    })
    .await;
    assert!(answers.iter().all(|it| [503, 504].contains(&it.status)), "{:?}", tally(&answers));
    let ask = app.as_person(&people::administrator());
    assert_eq!(create(&ask, car("D-1")).await.status, 200);
    assert_eq!(ask.execute("diagnostics.slow", json!({ "ms": 1 })).await.status, 200);
}

async fn a_fault_is_told_in_the_callers_language(app: TestApp) {
    let ask = app.as_person(&people::nobody()).header("accept-language", "nl");
    let answer = ask.execute("diagnostics.fail", json!({})).await;
    assert_eq!(answer.json["detail"], "er is een interne fout opgetreden");
    tells_nothing(&answer);
}

#[tokio::test]
async fn without_being_asked_for_they_are_not_there() {
    let settings =
        fleet::Settings { database_url: "sqlite::memory:".to_owned(), ..fleet::Settings::default() };
    let app = fleet::app(&settings).await.unwrap();
    let ids: Vec<String> = app.engine.all_actions().into_iter().map(|it| it.action_id).collect();
    assert!(ids.contains(&"echo".to_owned()));
    assert!(!ids.iter().any(|it| it.starts_with("diagnostics.")), "{ids:?}");
}
