//! Rows at which a change fails: they keep all others back, or are left out alone.

use std::sync::Arc;

use action_core::Value;
use action_core::expression::field;
use action_core::ports::{BulkChange, BulkRows, RowFailure, RowStop, Storage, StoreError};
use action_sqlx::Dialect;
use action_tests::statements;
use serde_json::Value as Json;
use uuid::Uuid;

use super::{Try, as_json, keys, made, sorted};
use crate::records::things::{Tables, in_acme, indexed, rule};

on_both_databases!(
    a_row_that_fails_in_the_middle_keeps_all_as_they_are,
    an_independent_change_leaves_out_the_rows_that_fail,
    an_independent_change_by_a_filter_leaves_out_the_rows_that_fail,
    of_many_rows_that_want_one_unique_value_the_first_gets_it,
    rows_that_are_referred_to_stay_and_the_others_go,
    an_unknown_reference_fails_for_every_row,
);

/// Things of which the one in the middle cannot get the size 1: another of its name has it.
async fn one_that_fails(tables: &Tables, count: usize) -> (Vec<Value>, Value) {
    let index = "CREATE UNIQUE INDEX things_by_name_and_size ON things (name, size)";
    tables.run(index, index).await;
    let rows: Vec<_> =
        (0..count).map(|it| vec![("name", format!("thing {it}").into()), ("size", 0.into())]).collect();
    let all = sorted(keys(&tables.many_things(&rows).await));
    let middle = all[count / 2].clone();
    let name = tables.one(&middle).await.value("name").clone();
    tables.thing(&[("name", name), ("size", 1.into())]).await;
    (all, middle)
}

async fn a_row_that_fails_in_the_middle_keeps_all_as_they_are(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let (all, _) = one_that_fails(&tables, 101).await;
    let it = Try::new(&tables, &tables.things);
    let values = indexed(&tables.things, &[("size", 1.into())]);
    let outcome = it.run(BulkRows::Keys(&all), BulkChange::Update(&values)).await;
    assert!(
        matches!(&outcome, Err(StoreError::Taken { columns }) if columns == &["name", "size"]),
        "{outcome:?}"
    );
    let after = tables.find(&in_acme(&tables.things), &all).await;
    assert!(after.iter().all(|it| it.value("size") == &0.into() && it.version() == Some(1)));
    assert!(it.audited().await.is_empty());
}

async fn an_independent_change_leaves_out_the_rows_that_fail(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let (all, middle) = one_that_fails(&tables, 201).await;
    let it = Try::new(&tables, &tables.things).independent();
    let mut asked = all.clone();
    asked.reverse();
    asked.insert(7, Uuid::new_v4().into());
    let done = made(it.update(&asked, &[("size", 1.into())]).await);
    assert_eq!(done.changed, 200);
    assert!(
        matches!(done.failed.as_slice(), [RowFailure { key, stop: RowStop::Store(StoreError::Taken { .. }) }] if *key == middle),
        "{:?}",
        done.failed
    );
    let changed: Vec<Value> = all.into_iter().filter(|it| *it != middle).collect();
    assert_eq!(done.keys.as_ref(), Some(&changed));
    let audited = it.audited().await;
    let ids: Vec<Json> = audited.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, changed.iter().map(Value::to_json).collect::<Vec<_>>());
    let first: Vec<Json> = done.first.iter().map(as_json).collect();
    assert_eq!(first, audited[..100]);
}

async fn an_independent_change_by_a_filter_leaves_out_the_rows_that_fail(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let (_, middle) = one_that_fails(&tables, 33).await;
    let filter = rule(&field("size").eq(0), &tables.things);
    let matching = BulkRows::Matching { filter: &filter, at_most: 33 };
    let values = indexed(&tables.things, &[("size", 1.into())]);
    let it = Try::new(&tables, &tables.things).independent();
    let done = made(it.run(matching, BulkChange::Update(&values)).await.unwrap());
    assert_eq!((done.changed, done.failed.len(), &done.failed[0].key), (32, 1, &middle));
}

async fn of_many_rows_that_want_one_unique_value_the_first_gets_it(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let index = "CREATE UNIQUE INDEX things_by_note ON things (note)";
    tables.run(index, index).await;
    let all = sorted(keys(&tables.many_things(&vec![vec![("name", "x".into())]; 20]).await));
    let it = Try::new(&tables, &tables.things).independent();
    let done = made(it.update(&all, &[("note", "mine".into())]).await);
    assert_eq!((done.changed, done.keys, done.failed.len()), (1, Some(vec![all[0].clone()]), 19));
    let failed: Vec<Value> = done.failed.into_iter().map(|it| it.key).collect();
    assert_eq!(failed, all[1..]);
    assert_eq!(it.audited().await.len(), 1);
}

async fn rows_that_are_referred_to_stay_and_the_others_go(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let mut makers: Vec<Value> = Vec::new();
    for _ in 0..9 {
        let key: Value = Uuid::new_v4().into();
        tables.try_insert(&in_acme(&tables.makers), Some(&key), &[]).await.unwrap();
        makers.push(key);
    }
    let makers = sorted(makers);
    tables.thing(&[("makerId", makers[4].clone())]).await;
    let it = Try::new(&tables, &tables.makers);
    let outcome = it.run(BulkRows::Keys(&makers), BulkChange::Delete).await;
    assert!(matches!(outcome, Err(StoreError::StillReferenced)), "{outcome:?}");
    assert_eq!(tables.find(&in_acme(&tables.makers), &makers).await.len(), 9);

    let it = Try::new(&tables, &tables.makers).independent();
    let done = made(it.delete(&makers).await);
    assert_eq!(done.changed, 8);
    assert!(
        matches!(done.failed.as_slice(), [RowFailure { key, stop: RowStop::Store(StoreError::StillReferenced) }] if *key == makers[4]),
        "{:?}",
        done.failed
    );
    assert_eq!(keys(&tables.find(&in_acme(&tables.makers), &makers).await), [makers[4].clone()]);
    assert_eq!(it.audited().await.len(), 8);
}

async fn an_unknown_reference_fails_for_every_row(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let all = sorted(keys(&tables.many_things(&vec![vec![("name", "x".into())]; 50]).await));
    let values = [("makerId", Uuid::new_v4().into())];
    let it = Try::new(&tables, &tables.things);
    let indexed = indexed(&tables.things, &values);
    let outcome = it.run(BulkRows::Keys(&all), BulkChange::Update(&indexed)).await;
    assert!(matches!(outcome, Err(StoreError::MissingReference { .. })), "{outcome:?}");
    let it = Try::new(&tables, &tables.things).independent();
    let (outcome, sent) = statements::counted(it.update(&all, &values)).await;
    let done = made(outcome);
    let failed: Vec<Value> = done.failed.into_iter().map(|it| it.key).collect();
    assert_eq!((done.changed, failed), (0, all));
    // SQLite does not tell which reference is missing, so there each row is tried.
    assert!(tables.dialect().await == Dialect::Sqlite || sent < 12, "{sent} statements");
}
