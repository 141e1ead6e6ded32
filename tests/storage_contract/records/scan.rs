//! Rows that are handed over as they are read.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use action_core::Value;
use action_core::entity::Record;
use action_core::expression::{Expression, Sort, field};
use action_core::ports::{Access, Ending, RowScope, RowSink, SCAN_BATCH, Scan, Scope, Storage};
use async_trait::async_trait;
use serde_json::json;

use super::things::{ACME, GLOBEX, Tables, in_acme, rule};

on_both_databases!(
    a_scan_hands_over_every_row_once_in_order_and_in_small_batches,
    a_scan_sees_neither_other_tenants_rows_nor_those_the_rule_refuses,
    a_scan_stops_at_its_limit_and_where_its_sink_says_so,
    a_scan_is_one_snapshot_and_lets_others_write,
    a_slow_sink_is_waited_for_and_a_scan_may_stand_in_what_is_committed,
);

/// Keeps what it is given.
#[derive(Default)]
struct Kept {
    batches: Vec<usize>,
    rows: Vec<Record>,
    most: Option<usize>,
}

#[async_trait]
impl RowSink for Kept {
    async fn rows(&mut self, rows: Vec<Record>) -> ControlFlow<()> {
        self.batches.push(rows.len());
        self.rows.extend(rows);
        match self.most {
            Some(most) if self.rows.len() >= most => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

const READING: Scope =
    Scope { tenant: Some(ACME), access: Access::ReadOnly, time_limit: Duration::from_secs(30) };

async fn scan(
    storage: &Arc<dyn Storage>,
    scope: &RowScope<'_>,
    scan: &Scan<'_>,
    sink: &mut dyn RowSink,
) -> u64 {
    let mut tx = storage.unit_of_work().begin(&READING).await.unwrap();
    let handed = storage.record_store().scan(tx.as_mut(), scope, scan, sink).await.unwrap();
    tx.rollback().await;
    handed
}

async fn numbered(tables: &Tables, many: i64) {
    let rows: Vec<_> = (0..many).map(|it| vec![("name", "x".into()), ("big", it.into())]).collect();
    tables.many_things(&rows).await;
}

fn by_number(tables: &Tables) -> Sort {
    let json = json!([{ "field": "big", "direction": "desc" }]);
    Sort::read(&json, &tables.things.readable_fields()).unwrap()
}

async fn a_scan_hands_over_every_row_once_in_order_and_in_small_batches(storage: Arc<dyn Storage>) {
    let tables = Tables::new(Arc::clone(&storage)).await;
    let (scope, sort) = (in_acme(&tables.things), by_number(&tables));
    let all = Scan { filter: None, sort: &sort, limit: None };
    let mut kept = Kept::default();
    assert_eq!(scan(&storage, &scope, &all, &mut kept).await, 0);
    assert_eq!(kept.batches, Vec::<usize>::new(), "no rows, no batch");

    let many = 2 * i64::try_from(SCAN_BATCH).unwrap() + 7;
    numbered(&tables, many).await;
    assert_eq!(scan(&storage, &scope, &all, &mut kept).await, many.unsigned_abs());
    assert_eq!(kept.batches, [SCAN_BATCH, SCAN_BATCH, 7]);
    let numbers: Vec<Value> = kept.rows.iter().map(|it| it.value("big").clone()).collect();
    assert_eq!(numbers, (0..many).rev().map(Value::from).collect::<Vec<_>>());
}

async fn a_scan_sees_neither_other_tenants_rows_nor_those_the_rule_refuses(storage: Arc<dyn Storage>) {
    let tables = Tables::new(Arc::clone(&storage)).await;
    numbered(&tables, 10).await;
    let sort = Sort::default();
    let filter = field("big").gte(5).check(tables.things.all_fields()).unwrap();
    let all = Scan { filter: Some(&filter), sort: &sort, limit: None };
    let scope = in_acme(&tables.things);
    assert_eq!(scan(&storage, &scope, &all, &mut Kept::default()).await, 5);
    let foreign = RowScope { tenant: Some(GLOBEX), ..scope };
    assert_eq!(scan(&storage, &foreign, &all, &mut Kept::default()).await, 0);
    let nobody = RowScope { tenant: None, ..scope };
    assert_eq!(scan(&storage, &nobody, &all, &mut Kept::default()).await, 0);
    let rule: Expression = rule(&field("big").lt(7), &tables.things);
    let ruled = RowScope { rule: Some(&rule), ..scope };
    assert_eq!(scan(&storage, &ruled, &all, &mut Kept::default()).await, 2);
}

async fn a_scan_stops_at_its_limit_and_where_its_sink_says_so(storage: Arc<dyn Storage>) {
    let tables = Tables::new(Arc::clone(&storage)).await;
    let many = 3 * i64::try_from(SCAN_BATCH).unwrap();
    numbered(&tables, many).await;
    let (scope, sort) = (in_acme(&tables.things), by_number(&tables));
    for (limit, handed) in [(0, 0), (1, 1), (300, 300), (u64::MAX, many.unsigned_abs())] {
        let limited = Scan { filter: None, sort: &sort, limit: Some(limit) };
        assert_eq!(scan(&storage, &scope, &limited, &mut Kept::default()).await, handed);
    }
    let mut kept = Kept { most: Some(1), ..Kept::default() };
    let all = Scan { filter: None, sort: &sort, limit: None };
    assert_eq!(scan(&storage, &scope, &all, &mut kept).await, SCAN_BATCH as u64);
    // Whatever it left behind, the next one finds a sound connection.
    assert_eq!(scan(&storage, &scope, &all, &mut Kept::default()).await, many.unsigned_abs());
}

/// Writes a row while it is given others, and looks whether that row comes, too.
struct Writing<'t> {
    tables: &'t Tables,
    kept: Kept,
}

#[async_trait]
impl RowSink for Writing<'_> {
    async fn rows(&mut self, rows: Vec<Record>) -> ControlFlow<()> {
        self.tables.thing(&[("name", "new".into()), ("big", (-1).into())]).await;
        self.kept.rows(rows).await
    }
}

async fn a_scan_is_one_snapshot_and_lets_others_write(storage: Arc<dyn Storage>) {
    let tables = Tables::new(Arc::clone(&storage)).await;
    let many = 4 * i64::try_from(SCAN_BATCH).unwrap();
    numbered(&tables, many).await;
    let (scope, sort) = (in_acme(&tables.things), by_number(&tables));
    let all = Scan { filter: None, sort: &sort, limit: None };
    let mut writing = Writing { tables: &tables, kept: Kept::default() };
    assert_eq!(scan(&storage, &scope, &all, &mut writing).await, many.unsigned_abs());
    assert!(writing.kept.rows.iter().all(|it| it.value("name") == &Value::from("x")));
    let written = scan(&storage, &scope, &all, &mut Kept::default()).await - many.unsigned_abs();
    assert_eq!(written, 4, "one a batch, each committed meanwhile");
}

struct Slow(Duration);

#[async_trait]
impl RowSink for Slow {
    async fn rows(&mut self, _: Vec<Record>) -> ControlFlow<()> {
        tokio::time::sleep(self.0).await;
        ControlFlow::Continue(())
    }
}

async fn a_slow_sink_is_waited_for_and_a_scan_may_stand_in_what_is_committed(storage: Arc<dyn Storage>) {
    let tables = Tables::new(Arc::clone(&storage)).await;
    let many = 4 * i64::try_from(SCAN_BATCH).unwrap();
    numbered(&tables, many).await;
    let (scope, sort) = (in_acme(&tables.things), by_number(&tables));
    let all = Scan { filter: None, sort: &sort, limit: None };
    let since = Instant::now();
    assert_eq!(scan(&storage, &scope, &all, &mut Slow(Duration::from_millis(50))).await, many.unsigned_abs());
    assert!(since.elapsed() >= Duration::from_millis(200));

    // A transaction that may write can be committed after a scan that came to its end.
    let writing = Scope { access: Access::ReadWrite, ..READING };
    let mut tx = storage.unit_of_work().begin(&writing).await.unwrap();
    storage.record_store().scan(tx.as_mut(), &scope, &all, &mut Kept::default()).await.unwrap();
    tx.commit(Ending::default()).await.unwrap();
}
