//! Two programs on one database: what is changed on one is soon read on the other.

use std::time::{Duration, Instant};

use action_tests::people::administrator;
use serde_json::{Value, json};

use crate::database::{Database, on_both};
use crate::host::Host;
use crate::wire::request;

const PAGE: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const BUTTON: &str = "ab000000-0000-4000-8000-000000000001";

/// What the contract allows.
const SOON: Duration = Duration::from_secs(1);

on_both!(
    a_change_on_one_node_is_read_on_the_other_within_a_second,
    a_change_is_read_on_a_node_that_lost_its_connections,
);

async fn ask(host: &Host, method: &str, path: &str, body: &str) -> Value {
    let authorization = format!("Bearer {}", administrator().token());
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    let reply = host.wire().await.ask(&request(method, path, &headers, body)).await.unwrap();
    assert_eq!(reply.status, 200, "{}", reply.json);
    reply.json
}

async fn rename(host: &Host, label: &str) {
    let body = json!({ "label": label }).to_string();
    ask(host, "PUT", &format!("/v1/config/page-actions/buttons/{BUTTON}"), &body).await;
}

async fn label(host: &Host) -> Value {
    let read = ask(host, "GET", &format!("/v1/config/page-configs/{PAGE}/actions"), "").await;
    let buttons = read["buttons"].as_array().unwrap();
    buttons.iter().find(|it| it["id"] == BUTTON).unwrap()["button"]["label"].clone()
}

/// Reads until the label is there, and no longer than a second since `changed`.
async fn becomes(host: &Host, expected: &str, changed: Instant) {
    loop {
        let read = label(host).await;
        if read == expected {
            return;
        }
        assert!(changed.elapsed() < SOON, "{read} is still read, and not {expected}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn a_change_on_one_node_is_read_on_the_other_within_a_second(database: Database) {
    let (here, there) = (Host::start(database.url()).await, Host::start(database.url()).await);
    // Until both listen.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for round in 0..10 {
        let new = format!("Label {round}");
        let (one, other) = if round % 2 == 0 { (&here, &there) } else { (&there, &here) };
        // Both have the one before in memory.
        label(one).await;
        label(other).await;
        rename(one, &new).await;
        let changed = Instant::now();
        assert_eq!(label(one).await, new, "the next read of the node itself");
        becomes(other, &new, changed).await;
    }
}

async fn a_change_is_read_on_a_node_that_lost_its_connections(database: Database) {
    let (here, there) = (Host::start(database.url()).await, Host::start(database.url()).await);
    tokio::time::sleep(Duration::from_millis(500)).await;
    for round in 0..3 {
        label(&there).await;
        if database.is_postgres() {
            let lost = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity \
                        WHERE query LIKE 'LISTEN%' AND datname = current_database()";
            assert_eq!(database.rows(lost).await.len(), 2);
        }
        let new = format!("Label {round}");
        rename(&here, &new).await;
        becomes(&there, &new, Instant::now()).await;
        // They listen again.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    }
}
