//! `kill -9` in the middle of load: nothing that was answered is lost, nothing is done by halves, and repeating what
//! was interrupted does it once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use action_tests::people::administrator;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::books::{balanced, succeeded_requests};
use crate::database::{Database, on_both};
use crate::host::Host;
use crate::wire::{Reply, Wire, execute};

/// Clients whose calls have keys, and clients whose calls have none, which take another road.
const CLIENTS: usize = 32;
const WITHOUT_KEYS: usize = 8;

/// How long the load lasts before each kill, in milliseconds.
const ROUNDS: [u64; 5] = [30, 90, 200, 380, 650];

on_both!(what_was_answered_is_there_after_a_kill_and_repetitions_do_it_once);

/// A call, and its answer if one came.
struct Call {
    key: Option<String>,
    request: Vec<u8>,
    reply: Option<Reply>,
}

async fn what_was_answered_is_there_after_a_kill_and_repetitions_do_it_once(database: Database) {
    let mut sent = BTreeSet::new();
    let mut interrupted = 0;
    for (round, load) in ROUNDS.into_iter().enumerate() {
        let host = Host::start(database.url()).await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS + WITHOUT_KEYS {
            clients.spawn(load_until_cut_off(host.address(), format!("{round}-{client}"), client < CLIENTS));
        }
        tokio::time::sleep(Duration::from_millis(load)).await;
        host.kill().await;
        let calls: Vec<Call> = clients.join_all().await.into_iter().flatten().collect();

        let host = Host::start(database.url()).await;
        let (answered, cut_off): (Vec<_>, Vec<_>) = calls.iter().partition(|it| it.reply.is_some());
        interrupted += cut_off.len();
        answered_calls_are_there(&database, &answered).await;
        for call in cut_off.iter().filter(|it| it.key.is_some()) {
            repeat(&host, call).await;
        }
        // And what was answered is answered again, a sample of it.
        for call in answered.iter().filter(|it| it.key.is_some()).step_by(7) {
            let again = host.wire().await.ask(&call.request).await.unwrap();
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{}", again.json);
            assert_eq!(Some(again.data()), call.reply.as_ref().map(Reply::data), "{:?}", call.key);
        }
        sent.extend(calls.into_iter().filter_map(|it| it.key));
        assert!(balanced(&database).await == sent, "every call with a key took effect, and no other");
        host.kill().await;
    }
    assert!(
        sent.len() > 100 && interrupted > CLIENTS,
        "hardly any load: {} calls, {interrupted} cut off",
        sent.len()
    );
}

/// Makes cars and changes each, one call after the other, until the connection breaks.
async fn load_until_cut_off(address: SocketAddr, name: String, keyed: bool) -> Vec<Call> {
    let mut calls = Vec::new();
    let Ok(mut wire) = Wire::connect(address).await else { return calls };
    for number in 0.. {
        let values = json!({ "licensePlate": format!("K{name}-{number}"), "brand": "Kia", "model": "Niro", "year": 2020 });
        let params = json!({ "entity": "Car", "values": values });
        let key = keyed.then(|| format!("{name}-{number}-new"));
        let Some(made) = call(&mut wire, &mut calls, "createRecord", &params, key).await else { break };
        let params = json!({ "entity": "Car", "id": made["id"], "values": { "notes": name } });
        let key = keyed.then(|| format!("{name}-{number}-edit"));
        let Some(_) = call(&mut wire, &mut calls, "updateRecord", &params, key).await else { break };
    }
    calls
}

async fn call(
    wire: &mut Wire,
    calls: &mut Vec<Call>,
    action: &str,
    params: &Value,
    key: Option<String>,
) -> Option<Value> {
    let request = execute(&administrator(), action, params, key.as_deref());
    let reply = wire.ask(&request).await.ok();
    let data = reply.as_ref().map(|it| it.data().clone());
    calls.push(Call { key, request, reply });
    data
}

async fn answered_calls_are_there(database: &Database, answered: &[&Call]) {
    let audited = succeeded_requests(database).await;
    let cars = database.rows("SELECT CAST(id AS TEXT) FROM cars").await;
    let cars: BTreeSet<String> = cars.into_iter().map(|row| row[0].clone()).collect();
    for reply in answered.iter().filter_map(|it| it.reply.as_ref()) {
        let request = reply.header("x-request-id").unwrap();
        assert!(audited.contains(request), "answered, and not in the audit: {request} {}", reply.json);
        let id = reply.data()["id"].as_str().unwrap();
        assert!(cars.contains(id), "answered, and not there: {request} {id}");
    }
}

/// With the same key. The database may still be busy with the call of the program that is gone.
async fn repeat(host: &Host, call: &Call) {
    let began = Instant::now();
    loop {
        let reply = host.wire().await.ask(&call.request).await.unwrap();
        match reply.status {
            200 => return,
            409 if reply.json["code"] == "in_progress" && began.elapsed() < Duration::from_secs(5) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            _ => panic!("{:?} repeated: {}", call.key, reply.json),
        }
    }
}
