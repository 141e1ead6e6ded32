//! What a newcomer sees first: an address, and a line to try that works as it stands.

use action_tests::people::fleet_manager;
use serde_json::{Value, json};

use crate::database::Database;
use crate::host::Host;
use crate::wire::{Reply, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_printed_line_works_as_printed() {
    let host = Host::start("sqlite::memory:").await;
    let line = host.line("curl ").await;
    let answer = send(&host, &line).await;
    assert_eq!(answer.data()["records"].as_array().map(Vec::len), Some(3), "{}", answer.json);

    // And by a shell, where there is a curl for it to start.
    let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
    if output.status.code() != Some(127) {
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(printed["data"], answer.json["data"], "{output:?}");
    }
}

/// Sends what a printed line says, read as a shell reads it.
pub(crate) async fn send(host: &Host, line: &str) -> Reply {
    let words = words(line);
    let after = |option: &str| {
        let found =
            words.iter().zip(words.iter().skip(1)).filter(|it| it.0 == option).map(|it| it.1.as_str());
        found.collect::<Vec<_>>()
    };
    let address = words.iter().find_map(|it| it.strip_prefix("http://")).unwrap();
    let (authority, path) = address.split_once('/').unwrap();
    assert_eq!(authority, host.address().to_string());
    let headers: Vec<_> = after("-H").into_iter().map(|it| it.split_once(": ").unwrap()).collect();
    let sent = request("POST", &format!("/{path}"), &headers, after("-d")[0]);
    host.wire().await.ask(&sent).await.unwrap()
}

/// The words of a line in which some are quoted with `'`.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_secret_of_its_own_it_prints_no_token() {
    let secret = "a secret that the operator keeps to themselves";
    let host = Host::start_with("sqlite::memory:", &[("ACTIONS_JWT_SECRET", secret)]).await;
    let params = json!({ "entity": "Car" });
    let with_the_development_secret = host.execute(&fleet_manager(), "executeQuery", &params).await;
    assert_eq!(with_the_development_secret.status, 401);
    let token = format!("Bearer {}", fleet_manager().signed_with(secret));
    let ask = request("GET", "/ui/actions", &[("Authorization", &token)], "");
    assert_eq!(host.wire().await.ask(&ask).await.unwrap().status, 200);
    assert!(!host.printed().iter().any(|it| it.contains("Bearer")), "{:?}", host.printed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_data_is_written_once() {
    let database = Database::sqlite();
    for _ in 0..2 {
        let host = Host::start(database.url()).await;
        let counted =
            host.execute(&fleet_manager(), "executeQuery", &json!({ "entity": "Car", "limit": 1 })).await;
        assert_eq!(counted.data()["total"], 25);
        host.kill().await;
    }
}
