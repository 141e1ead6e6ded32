//! How much memory a report takes: no more for many rows than for few.
//!
//! A process of its own, because its resident memory is what is measured: `VmHWM`, which the kernel keeps and takes back
//! on request. The same test is the benchmark of a million rows:
//! `REPORT_ROWS=1000000 cargo test -p action-tests --all-features --test memory -- --nocapture`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on should stop loudly, and its figure is printed"
)]
#![cfg(target_os = "linux")]

use std::time::Instant;

use action_sqlx::Dialect;
use action_tests::{TestApp, people};
use serde_json::json;

const MIB: u64 = 1024 * 1024;

/// What a report may take beyond what the process had, however many rows it has.
const MOST: u64 = 48 * MIB;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_csv_report_takes_bounded_memory_on_both_databases() {
    let rows = std::env::var("REPORT_ROWS").map_or(50_000, |it| it.parse().unwrap());
    // One after the other: the peak is the process's.
    report("sqlite", TestApp::sqlite().await, rows).await;
    report("postgres", TestApp::postgres().await, rows).await;
}

async fn report(name: &str, app: TestApp, rows: u64) {
    fill(&app, rows).await;
    let ask = app.as_person(&people::administrator());
    let params = |filter: &str| {
        let filter = json!({ "field": "brand", "operator": "eq", "value": filter });
        json!({ "actionId": "generateReport", "params": { "entity": "Car", "format": "csv", "filter": filter } })
    };
    // Everything that is made once is there before the measuring begins.
    ask.post("/ui/actions/execute", &params("Toyota")).await.data();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (before, since) = (status("VmRSS"), Instant::now());
    let answer = ask.post("/ui/actions/execute", &params("Many")).await;
    let peak = status("VmHWM");
    let data = answer.data();
    println!(
        "{name}: {} rows, {} MiB of csv in {:.1} s; peak {} MiB, of which the report took {} MiB",
        data["rows"],
        data["size"].as_u64().unwrap() / MIB,
        since.elapsed().as_secs_f64(),
        peak / MIB,
        peak.saturating_sub(before) / MIB,
    );
    assert_eq!(data["rows"], rows);
    assert!(peak.saturating_sub(before) < MOST, "{} MiB", peak.saturating_sub(before) / MIB);
}

/// A line of the process's status, in bytes.
fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with(name)).unwrap();
    let kib: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib * 1024
}

/// So many cars of a brand of their own.
async fn fill(app: &TestApp, rows: u64) {
    let storage = &app.parts().storage;
    let (id, numbers) = match storage.dialect() {
        Dialect::Postgres => ("gen_random_uuid()", format!("SELECT n FROM generate_series(1, {rows}) AS n")),
        Dialect::Sqlite => (
            "lower(printf('%08x-0000-4000-8000-%012x', random() & 4294967295, n))",
            format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) SELECT n FROM s"
            ),
        ),
    };
    let script = format!(
        "INSERT INTO cars (id, tenant_id, license_plate, brand, model, year, status, notes, version, created_at)
         SELECT {id}, tenant_id, 'M-' || n, 'Many', 'One', 2020, 'available', 'a note of some length', 1, created_at
         FROM cars CROSS JOIN ({numbers}) AS numbers WHERE cars.id = 'ca000000-0000-4000-8000-000000000001'"
    );
    // Scripts are literals: this one is made once in the life of the process.
    storage.run_script(Box::leak(script.into_boxed_str())).await.unwrap();
}
