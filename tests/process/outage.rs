//! The database goes away and comes back: the program says so in time, and goes on by itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use action_tests::people::administrator;
use action_tests::postgres::Server;
use serde_json::json;
use tokio::task::JoinSet;

use crate::books::balanced;
use crate::database::Database;
use crate::host::Host;
use crate::wire::{Wire, execute};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_goes_away_is_told_of_and_found_again() {
    let server = Server::private();
    let database = Database::of(server.create_database(None).await);
    let host = Host::start(database.url()).await;
    assert_eq!(host.get("/readyz").await.status, 200);
    // Callers who go on whatever they are told.
    let over = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        callers.spawn(call_again_and_again(host.address(), caller, Arc::clone(&over)));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;

    server.stop();
    let ready = host.get("/readyz").await;
    assert_eq!((ready.status, &ready.json["code"]), (503, &json!("unavailable")));
    assert!(ready.header("retry-after").is_some());
    assert_eq!(host.get("/healthz").await.status, 200, "the process lives");
    for action in ["createRecord", "executeQuery"] {
        let params = match action {
            "createRecord" => new_car("while-down"),
            _ => json!({ "entity": "Car" }),
        };
        let asked = Instant::now();
        let told = host.execute(&administrator(), action, &params).await;
        assert_eq!(
            (told.status, &told.json["code"]),
            (503, &json!("unavailable")),
            "{action}: {}",
            told.json
        );
        assert!(told.header("retry-after").and_then(|it| it.parse::<u32>().ok()).is_some(), "{told:?}");
        assert!(asked.elapsed() < Duration::from_secs(6), "{action}: {:?}", asked.elapsed());
    }

    server.start();
    let back = Instant::now();
    while host.get("/readyz").await.status != 200 {
        assert!(back.elapsed() < Duration::from_secs(5), "the database is back, and not found");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for number in 0..40 {
        let made = host.execute(&administrator(), "createRecord", &new_car(&format!("after-{number}"))).await;
        assert_eq!(made.status, 200, "call {number} after it is back: {}", made.json);
    }
    over.store(true, Ordering::Relaxed);
    let mut told: BTreeMap<u16, usize> = BTreeMap::new();
    for status in callers.join_all().await.into_iter().flatten() {
        *told.entry(status).or_default() += 1;
    }
    assert!(told.keys().eq(&[200, 503]), "an outage is nobody's fault and nobody's right: {told:?}");
    balanced(&database).await;
}

async fn call_again_and_again(address: SocketAddr, caller: u32, over: Arc<AtomicBool>) -> Vec<u16> {
    let mut told = Vec::new();
    let mut wire = Wire::connect(address).await.unwrap();
    while !over.load(Ordering::Relaxed) {
        let plate = format!("O{caller}-{}", told.len());
        let request = execute(&administrator(), "createRecord", &new_car(&plate), Some(&plate));
        told.push(wire.ask(&request).await.unwrap().status);
    }
    told
}

fn new_car(plate: &str) -> serde_json::Value {
    json!({ "entity": "Car", "values": { "licensePlate": plate, "brand": "Kia", "model": "Niro", "year": 2020 } })
}
