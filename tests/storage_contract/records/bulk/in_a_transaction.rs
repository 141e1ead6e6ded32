//! What stands before and behind it in the same transaction.

use std::sync::Arc;

use action_core::audit::Change;
use action_core::entity::Record;
use action_core::expression::field;
use action_core::ports::{Bulk, BulkChange, BulkOutcome, BulkRows, ChangeLog, Ending, RowScope, Storage};
use action_sqlx::Dialect;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{audited, keys, made, sorted};
use crate::records::things::{Tables, audit_record, in_acme, indexed, rule};

on_both_databases!(
    a_refused_change_leaves_a_transaction_that_can_go_on,
    changes_before_and_behind_it_are_numbered_with_it,
    a_change_that_is_undone_leaves_no_audit,
);

async fn a_refused_change_leaves_a_transaction_that_can_go_on(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("size", 1.into())]).await;
    let small = rule(&field("size").eq(1), &tables.things);
    let scope = RowScope { rule: Some(&small), ..in_acme(&tables.things) };
    let record = audit_record();
    let log = ChangeLog { record: record.id, written: 0, redact: &[] };
    let values = indexed(&tables.things, &[("size", 2.into())]);
    let (own, missing) = ([row.key().clone()], [row.key().clone(), Uuid::new_v4().into()]);
    let all = rule(&field("size").eq(1), &tables.things);
    let store = tables.storage.record_store();
    let mut tx = tables.begin().await;
    for rows in
        [BulkRows::Keys(&missing), BulkRows::Keys(&own), BulkRows::Matching { filter: &all, at_most: 0 }]
    {
        let bulk = Bulk { rows, change: BulkChange::Update(&values), independent: false, log };
        let outcome = store.change_all(tx.as_mut(), &scope, bulk).await.expect("it is refused, not broken");
        assert!(!matches!(outcome, BulkOutcome::Made(_)), "{outcome:?}");
    }
    tx.commit(Ending::default()).await.expect("it commits");
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
    assert!(audited(&tables, record.id).await.is_empty());
}

async fn changes_before_and_behind_it_are_numbered_with_it(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows = tables.many_things(&vec![vec![("name", "x".into())]; 4]).await;
    let change = |row: &Record| Change::created(row);
    let all = sorted(keys(&rows));
    let mut record = audit_record();
    let store = tables.storage.record_store();
    let mut tx = tables.begin().await;
    tx.write_changes(record.id, 0, &[change(&rows[0]), change(&rows[1])]).await.unwrap();
    let values = indexed(&tables.things, &[("size", 2.into())]);
    let log = ChangeLog { record: record.id, written: 2, redact: &[] };
    let bulk =
        Bulk { rows: BulkRows::Keys(&all), change: BulkChange::Update(&values), independent: false, log };
    let done = made(store.change_all(tx.as_mut(), &in_acme(&tables.things), bulk).await.unwrap());
    record.written.count = 2 + done.changed;
    record.written.first = vec![change(&rows[0]), change(&rows[1])];
    record.written.first.extend(done.first);
    // More than are inserted one by one.
    record.changes = rows.iter().map(change).collect();
    tx.commit(Ending { audit: Some(&record), ..Ending::default() }).await.unwrap();
    let audited = audited(&tables, record.id).await;
    let operations: Vec<&str> = audited.iter().map(|it| it["operation"].as_str().unwrap()).collect();
    let expected = [["created"; 2].as_slice(), &["updated"; 4], &["created"; 4]].concat();
    assert_eq!(operations, expected);

    let schema = if tables.dialect().await == Dialect::Postgres { "actions." } else { "" };
    let in_record =
        tables.texts(&format!("SELECT CAST(changed_records AS TEXT) FROM {schema}action_audit_log")).await;
    assert_eq!(in_record[0].parse::<Json>().unwrap(), json!(audited));
    let count = tables
        .texts(&format!("SELECT CAST(changed_records_count AS TEXT) FROM {schema}action_audit_log"))
        .await;
    assert_eq!(count, ["10"]);
}

async fn a_change_that_is_undone_leaves_no_audit(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let record = audit_record();
    let log = ChangeLog { record: record.id, written: 0, redact: &[] };
    let values = indexed(&tables.things, &[("size", 2.into())]);
    let all = [row.key().clone()];
    let bulk =
        Bulk { rows: BulkRows::Keys(&all), change: BulkChange::Update(&values), independent: true, log };
    let mut tx = tables.begin().await;
    made(
        tables.storage.record_store().change_all(tx.as_mut(), &in_acme(&tables.things), bulk).await.unwrap(),
    );
    tx.rollback().await;
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
    assert!(audited(&tables, record.id).await.is_empty());
}
