//! Several callers at once, and many rows.

use std::sync::Arc;
use std::time::Duration;

use action_core::Value;
use action_core::expression::field;
use action_core::ports::{BulkChange, BulkRows, Storage};
use action_sqlx::Dialect;
use action_tests::statements;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{Try, made};
use crate::records::things::{ADA, Tables, indexed, rule};

on_both_databases!(
    four_callers_on_overlapping_rows_wait_and_none_fails,
    ten_thousand_rows_are_a_handful_of_statements,
    a_failing_row_costs_as_many_statements_as_its_number_has_digits,
    a_hundred_thousand_rows_by_a_filter,
);

/// Things of acme's with a size from 1 on, made by the database.
async fn crowd(tables: &Tables, count: u32) {
    let columns = "id, tenant_id, name, size, version, created_at, created_by, updated_by";
    let ids = "00000000-0000-4000-8000-";
    tables
        .run(
            &format!(
                "INSERT INTO things ({columns}) SELECT ('{ids}' || lpad(to_hex(n), 12, '0'))::uuid, \
                 '11111111-1111-4111-8111-111111111111', 'x' || n, n, 1, now(), '{ADA}', '{ADA}' \
                 FROM generate_series(1, {count}) AS n; ANALYZE things"
            ),
            &format!(
                "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) \
                 INSERT INTO things ({columns}) SELECT '{ids}' || lower(printf('%012x', n)), \
                 '11111111-1111-4111-8111-111111111111', 'x' || n, n, 1, '2026-03-01T10:00:00.000000Z', '{ADA}', '{ADA}' FROM s"
            ),
        )
        .await;
}

fn crowd_keys(numbers: impl Iterator<Item = u32>) -> Vec<Value> {
    numbers.map(|it| Uuid::from_u64_pair(0x4000, 0x8000_0000_0000_0000 | u64::from(it)).into()).collect()
}

async fn four_callers_on_overlapping_rows_wait_and_none_fails(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    crowd(&tables, 2_000).await;
    let mut callers = JoinSet::new();
    for caller in 0..4_u32 {
        let tables = tables.clone();
        callers.spawn(async move {
            for round in 0..5 {
                // Each in an order of its own, and by keys as well as by a filter.
                let mut keys = crowd_keys(1 + caller * 100..=1_500 + caller * 100);
                if caller % 2 == 0 {
                    keys.reverse();
                }
                let values = indexed(&tables.things, &[("note", format!("{caller} {round}").into())]);
                let filter = rule(&field("size").gt(i64::from(caller) * 100), &tables.things);
                let rows = if round % 2 == 0 {
                    BulkRows::Keys(&keys)
                } else {
                    BulkRows::Matching { filter: &filter, at_most: 2_000 }
                };
                let it = Try::new(&tables, &tables.things);
                made(it.run(rows, BulkChange::Update(&values)).await.expect("nobody is in the way"));
            }
        });
    }
    let all = tokio::time::timeout(Duration::from_mins(1), callers.join_all()).await;
    all.expect("they do not wait for each other");
    let busiest = tables.one(&crowd_keys(1_000..=1_000)[0]).await;
    assert_eq!(busiest.version(), Some(21), "no change is lost");
}

async fn ten_thousand_rows_are_a_handful_of_statements(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    crowd(&tables, 10_000).await;
    let keys = crowd_keys(1..=10_000);
    let values = indexed(&tables.things, &[("note", "n".into()), ("size", 5.into())]);
    for (independent, most) in [(false, [2, 8]), (true, [4, 8])] {
        let it = Try { independent, ..Try::new(&tables, &tables.things) };
        let count = it.run(BulkRows::Keys(&keys), BulkChange::Update(&values));
        let (outcome, sent) = statements::counted(count).await;
        assert_eq!(made(outcome.unwrap()).changed, 10_000);
        let most = most[usize::from(tables.dialect().await == Dialect::Sqlite)];
        assert!((1..=most).contains(&sent), "{sent} statements, at most {most} wanted");
    }
    let it = Try::new(&tables, &tables.things);
    let (outcome, sent) = statements::counted(it.run(BulkRows::Keys(&keys), BulkChange::Delete)).await;
    assert_eq!(made(outcome.unwrap()).changed, 10_000);
    assert!((1..=8).contains(&sent), "{sent} statements");
    assert_eq!(it.audited().await.len(), 10_000);
}

async fn a_failing_row_costs_as_many_statements_as_its_number_has_digits(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    crowd(&tables, 10_000).await;
    let index = "CREATE UNIQUE INDEX things_by_name_and_size ON things (name, size)";
    tables.run(index, index).await;
    tables.thing(&[("name", "x5000".into()), ("size", 0.into())]).await;
    let keys = crowd_keys(1..=10_000);
    let values = indexed(&tables.things, &[("size", 0.into())]);
    let it = Try::new(&tables, &tables.things).independent();
    let run = it.run(BulkRows::Keys(&keys), BulkChange::Update(&values));
    let (outcome, sent) = statements::counted(run).await;
    let done = made(outcome.unwrap());
    assert_eq!((done.changed, done.failed.len()), (9_999, 1));
    assert_eq!(done.failed[0].key, crowd_keys(5_000..=5_000)[0]);
    // 14 halvings: two goes each, of a savepoint and at most four statements.
    assert!(sent <= 14 * 2 * 6 + 6, "{sent} statements");
}

async fn a_hundred_thousand_rows_by_a_filter(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    crowd(&tables, 100_001).await;
    let filter = rule(&field("size").lte(100_000), &tables.things);
    let matching = BulkRows::Matching { filter: &filter, at_most: 100_000 };
    let values = indexed(&tables.things, &[("note", "n".into())]);
    let it = Try::new(&tables, &tables.things);
    let (outcome, sent) = statements::counted(it.run(matching, BulkChange::Update(&values))).await;
    let done = made(outcome.unwrap());
    assert_eq!((done.changed, done.keys, done.first.len()), (100_000, None, 100));
    assert!(sent <= 8, "{sent} statements");
    let schema = if tables.dialect().await == Dialect::Postgres { "actions." } else { "" };
    let sql = format!(
        "SELECT count(*) || ' ' || max(position) || ' ' || count(DISTINCT record_id) FROM {schema}action_audit_changes"
    );
    assert_eq!(tables.texts(&sql).await, ["100000 100000 100000"]);
}
