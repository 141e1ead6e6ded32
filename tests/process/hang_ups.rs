//! Clients that hang up in the middle, thousands of times: nothing is left open, nothing is done by halves.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use action_tests::people::administrator;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::books::{balanced, succeeded_requests};
use crate::database::{Database, on_both};
use crate::host::Host;
use crate::wire::{Wire, execute};

const CLIENTS: u64 = 64;
const TIMES: u64 = 100;

/// The connections that the program may have open to PostgreSQL, beside the one that listens to other nodes.
const POOL: usize = 16;

on_both!(clients_that_hang_up_leave_nothing_behind);

/// What a client remembers.
#[derive(Default)]
struct Memory {
    /// Calls with a key that were sent whole.
    sent: Vec<(String, Vec<u8>)>,
    /// Ids of requests that were answered as a success.
    answered: Vec<String>,
}

async fn clients_that_hang_up_leave_nothing_behind(database: Database) {
    let host = Host::start(database.url()).await;
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        clients.spawn(hang_up_again_and_again(
            host.address(),
            client,
            car(&host, &format!("H{client}")).await,
        ));
    }
    let memories = clients.join_all().await;

    settled(&database).await;
    let done = balanced(&database).await;
    let answered: Vec<&String> = memories.iter().flat_map(|it| &it.answered).collect();
    let succeeded = succeeded_requests(&database).await;
    for request in &answered {
        assert!(succeeded.contains(*request), "answered as a success, and not in the audit: {request}");
    }
    let sent: BTreeSet<&String> = memories.iter().flat_map(|it| &it.sent).map(|it| &it.0).collect();
    assert!(done.iter().all(|it| sent.contains(it)), "an effect of a call that was not sent whole");
    // Otherwise nobody hung up, or nobody was served.
    assert!(answered.len() > 300 && done.len() > 2 * answered.len(), "{}, {}", answered.len(), done.len());

    // The answer of a call whose client hung up is kept: its repetition does not do it again.
    for (key, request) in memories.iter().filter_map(|it| it.sent.last()) {
        let reply = host.wire().await.ask(request).await.unwrap();
        let replayed = reply.header("idempotency-replayed").is_some();
        assert_eq!((reply.status, replayed), (200, done.contains(key)), "{key}: {}", reply.json);
    }
    // And everybody is served as ever.
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let mut wire = host.wire().await;
        let params = new_car(&format!("after-{client}"));
        clients
            .spawn(async move { wire.ask(&execute(&administrator(), "createRecord", &params, None)).await });
    }
    assert!(clients.join_all().await.into_iter().all(|it| it.unwrap().status == 200));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    balanced(&database).await;

    host.signal("TERM");
    let (status, log) = host.end(Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(0));
    assert!(
        !log.iter().any(|it| it.contains("\"ERROR\"")),
        "{:?}",
        log.iter().find(|it| it.contains("\"ERROR\""))
    );
}

async fn hang_up_again_and_again(address: SocketAddr, client: u64, car: Value) -> Memory {
    let mut memory = Memory::default();
    for time in 0..TIMES {
        // Spread by a multiplication, and the same in every run.
        let dice = (client * TIMES + time).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        // Most have no patience to speak of; every sixteenth waits for its answer, so that there are some to be lost.
        let waits = time % 16 == 15;
        let patience = if waits { Duration::from_secs(30) } else { Duration::from_micros(dice % 5_000) };
        let key = format!("{client}-{time}");
        let (kind, cut) = (dice / 5_000 % 4, dice / 20_000 % 8);
        let request = match kind {
            0 => execute(&administrator(), "executeQuery", &json!({ "entity": "Car", "limit": 20 }), None),
            1 => {
                let params = json!({ "entity": "Car", "id": car["id"], "values": { "notes": key } });
                execute(&administrator(), "updateRecord", &params, Some(&key))
            }
            2 => execute(&administrator(), "createRecord", &new_car(&key), Some(&key)),
            _ => execute(&administrator(), "createRecord", &new_car(&key), None),
        };
        let keyed = kind == 1 || kind == 2;
        let mut wire = Wire::connect(address).await.unwrap();
        // Every eighth does not even send it whole.
        if !waits && cut == 0 {
            let half = usize::try_from(dice).unwrap() % request.len();
            wire.send(&request[..half]).await.unwrap();
            tokio::time::sleep(patience).await;
            continue;
        }
        wire.send(&request).await.unwrap();
        if keyed {
            memory.sent.push((key, request));
        }
        let read = tokio::time::timeout(patience, wire.read()).await;
        assert!(read.is_ok() || !waits, "no answer within {patience:?}");
        if let Ok(Ok(reply)) = read {
            assert_eq!(reply.status, 200, "{}", reply.json);
            memory.answered.extend(reply.header("x-request-id").map(str::to_owned));
        }
    }
    memory
}

fn new_car(plate: &str) -> Value {
    json!({ "entity": "Car", "values": { "licensePlate": plate, "brand": "Kia", "model": "Niro", "year": 2020 } })
}

async fn car(host: &Host, plate: &str) -> Value {
    host.execute(&administrator(), "createRecord", &new_car(plate)).await.data().clone()
}

/// Waits until calls whose clients are gone have ended, and looks at what they left in the database.
async fn settled(database: &Database) {
    let began = Instant::now();
    let mut before = usize::MAX;
    loop {
        let audited = database.number("SELECT CAST(count(*) AS TEXT) FROM {library}action_audit_log").await;
        let sessions = sessions(database).await;
        if audited == before && sessions.iter().all(|it| it == "idle") {
            assert!(sessions.len() <= POOL, "{sessions:?}");
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "sessions still busy: {sessions:?}");
        before = audited;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// What PostgreSQL says each of the program's connections is doing.
async fn sessions(database: &Database) -> Vec<String> {
    if !database.is_postgres() {
        return Vec::new();
    }
    let states = "SELECT state FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                  AND query NOT LIKE 'LISTEN %'";
    database.rows(states).await.into_iter().map(|row| row[0].clone()).collect()
}
