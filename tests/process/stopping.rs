//! SIGTERM and Ctrl-C: nobody new is let in, what runs may end, and the program ends well.

use std::time::{Duration, Instant};

use action_tests::people::viewer;
use serde_json::json;
use tokio::net::TcpStream;

use crate::database::Database;
use crate::host::Host;
use crate::wire::execute;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_lets_running_calls_end() {
    a_signal_lets_running_calls_end("TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_lets_running_calls_end() {
    a_signal_lets_running_calls_end("INT").await;
}

async fn a_signal_lets_running_calls_end(signal: &str) {
    let database = Database::sqlite();
    let host = Host::start_with(database.url(), &[("FLEET_DIAGNOSTICS", "1")]).await;
    let slow = execute(&viewer(), "diagnostics.slow", &json!({ "ms": 300 }), None);
    // One who waits, one who hangs up, and one who only keeps a connection.
    let (mut waits, mut hangs_up) = (host.wire().await, host.wire().await);
    let _idle = host.wire().await;
    waits.send(&slow).await.unwrap();
    hangs_up.send(&slow).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(hangs_up);
    let signalled = Instant::now();
    host.signal(signal);

    assert_eq!(waits.read().await.unwrap().data()["slept"], 300);
    let (status, log) = host.end(Duration::from_secs(10)).await;
    assert_eq!(status.code(), Some(0));
    assert!(
        signalled.elapsed() < Duration::from_secs(5),
        "nothing was left to wait for: {:?}",
        signalled.elapsed()
    );
    assert!(!log.iter().any(|it| it.contains("did not end in time")), "{log:?}");
    let audited = "SELECT CAST(count(*) AS TEXT) FROM {library}action_audit_log
                   WHERE action_id = 'diagnostics.slow' AND outcome = 'succeeded'";
    assert_eq!(database.number(audited).await, 2, "of the call whose client hung up, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_dawdles_is_waited_for_ten_seconds_while_nobody_new_is_let_in() {
    let mut host = Host::start("sqlite::memory:").await;
    let request = execute(&viewer(), "echo", &json!({ "name": "Ada" }), None);
    let mut dawdler = host.wire().await;
    dawdler.send(&request[..request.len() - 1]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let signalled = Instant::now();
    host.signal("TERM");

    while TcpStream::connect(host.address()).await.is_ok() {
        assert!(signalled.elapsed() < Duration::from_secs(2), "new connections are still accepted");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(host.is_running(), "they were refused because it was gone");
    let (status, _) = host.end(Duration::from_secs(13)).await;
    assert_eq!(status.code(), Some(0));
    assert!(signalled.elapsed() > Duration::from_secs(9), "{:?}", signalled.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_who_dawdles_and_then_sends_the_rest_is_answered() {
    let host = Host::start("sqlite::memory:").await;
    let request = execute(&viewer(), "echo", &json!({ "name": "Ada" }), None);
    let mut dawdler = host.wire().await;
    let (most, rest) = request.split_at(request.len() - 1);
    dawdler.send(most).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    host.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    dawdler.send(rest).await.unwrap();
    assert_eq!(dawdler.read().await.unwrap().data()["name"], "Ada");
    let (status, _) = host.end(Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(0));
}
