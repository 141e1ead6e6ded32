//! Domain events across a `kill -9` between a delivery and its acknowledgement.

use std::time::{Duration, Instant};

use action_tests::people::administrator;
use serde_json::{Value, json};

use crate::database::{Database, on_both};
use crate::host::Host;
use crate::wire::request;

const CARS_PAGE: &str = "aaaaaaaa-0000-4000-8000-000000000002";

on_both!(an_event_that_was_told_and_not_acknowledged_is_told_again_after_a_kill);

/// Kind, attempt and id of what the host's subscriber was told of an action.
fn told(host: &Host, subject: &str) -> Vec<(String, u64, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let lines = host.log().into_iter().filter_map(|it| serde_json::from_str::<Value>(&it).ok());
    lines
        .filter(|it| it["fields"]["message"] == "a page action changed" && it["fields"]["subject"] == subject)
        .map(|it| {
            let fields = &it["fields"];
            (text(&fields["kind"]), fields["attempt"].as_u64().unwrap(), text(&fields["event"]))
        })
        .collect()
}

async fn until_told(host: &Host, subject: &str, count: usize) -> Vec<(String, u64, String)> {
    let began = Instant::now();
    loop {
        let told = told(host, subject);
        if told.len() >= count {
            return told;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{told:?} {:?}", host.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn send(host: &Host, method: &str, path: &str, body: &Value) -> Value {
    let authorization = format!("Bearer {}", administrator().token());
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let path = format!("/v1/config/page-actions/{path}");
    let reply = host.wire().await.ask(&request(method, &path, &headers, &body.to_string())).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

async fn an_event_that_was_told_and_not_acknowledged_is_told_again_after_a_kill(database: Database) {
    let host = Host::start_with(database.url(), &[("FLEET_DIAGNOSTICS", "1")]).await;
    let button = json!({ "pageConfigId": CARS_PAGE, "label": "diagnostics.hang", "targetPath": "/cars",
                        "variant": "default", "alignment": "right" });
    let made = send(&host, "POST", "buttons", &button).await;
    let subject = made["id"].as_str().unwrap();
    // One subscriber has been told, and another one is at it.
    let before = until_told(&host, subject, 1).await;
    send(&host, "PUT", &format!("buttons/{subject}"), &json!({ "label": "Keep" })).await;
    host.kill().await;

    let host = Host::start_with(database.url(), &[("FLEET_DIAGNOSTICS", "1")]).await;
    let after = until_told(&host, subject, 2).await;
    let (created, updated) = ("page_action.created".to_owned(), "page_action.updated".to_owned());
    assert_eq!((&before[0].0, before[0].1, before.len()), (&created, 1, 1));
    assert_eq!(after[0], (created, 2, before[0].2.clone()), "the id tells the repetition");
    assert_eq!((&after[1].0, after[1].1, after.len()), (&updated, 1, 2), "in order");
}
