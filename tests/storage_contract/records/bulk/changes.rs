//! What is changed and removed, and what the audit says of it.

use std::sync::Arc;

use action_core::Value;
use action_core::audit::Change;
use action_core::entity::Record;
use action_core::ports::Storage;
use serde_json::{Value as Json, json};

use super::{Try, as_json, keys, made, sorted};
use crate::records::things::{ADA, Tables, in_acme, later};

on_both_databases!(
    many_rows_are_changed_and_each_is_audited_as_the_road_would_have_done,
    many_rows_are_removed_and_each_is_audited_as_it_was,
    columns_that_the_server_keeps_change_with_each_row,
    keys_of_other_kinds_serve_as_well,
    what_a_document_hides_is_not_in_the_audit,
    a_column_that_the_action_marks_is_not_in_the_audit,
);

/// Values of every kind, some of them those that a row has already.
fn rounds() -> Vec<Vec<(&'static str, Value)>> {
    let decimal = |it: &str| Value::Decimal(it.parse().expect("a number"));
    let time = |it: &str| Value::Timestamp(it.parse().expect("a time"));
    let date = |it: &str| Value::Date(it.parse().expect("a day"));
    vec![
        vec![
            ("name", "é\"\\\u{1}\u{7f}😀".into()),
            ("note", Value::Null),
            ("size", 7.into()),
            ("price", decimal("19.90")),
        ],
        vec![("name", "A".into()), ("note", "".into()), ("active", true.into()), ("day", date("2024-02-29"))],
        vec![
            ("seen", time("2026-03-01T10:00:00Z")),
            ("local", time("2026-03-01T10:00:00.12Z")),
            ("apiKey", "k1".into()),
        ],
        vec![
            ("seen", time("2026-03-01T10:00:00.000001Z")),
            ("data", Value::Json(json!({"a": 1, "b": [null, 0.5]}))),
        ],
        vec![("seen", time("1969-12-31T23:59:59.5Z")), ("iban", "DE1".into()), ("hostile", "'".into())],
        vec![
            ("price", decimal("100")),
            ("big", i64::MAX.into()),
            ("active", Value::Null),
            ("status", "".into()),
        ],
        vec![
            ("price", decimal("-0.01")),
            ("big", i64::MIN.into()),
            ("active", false.into()),
            ("name", "a".into()),
        ],
        vec![
            ("price", Value::Null),
            ("data", Value::Json(json!(1.0))),
            ("day", Value::Null),
            ("iban", Value::Null),
        ],
        vec![("price", decimal("9999999999.99")), ("data", Value::Json(json!("x"))), ("seen", Value::Null)],
    ]
}

/// Things that differ from each other in every column.
async fn things(tables: &Tables) -> Vec<Record> {
    let rows: Vec<_> = rounds()
        .into_iter()
        .map(|mut row| {
            if row.iter().all(|(name, _)| *name != "name") {
                row.push(("name", "thing".into()));
            }
            row
        })
        .collect();
    tables.many_things(&rows).await
}

async fn many_rows_are_changed_and_each_is_audited_as_the_road_would_have_done(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let all = sorted(keys(&things(&tables).await));
    let scope = in_acme(&tables.things);
    for values in rounds() {
        let before = tables.find(&scope, &all).await;
        let it = Try::new(&tables, &tables.things);
        let done = made(it.update(&all, &values).await);
        assert_eq!((done.changed, &done.keys), (all.len() as u64, &Some(all.clone())));
        let after = tables.find(&scope, &all).await;
        let expected: Vec<Json> = before
            .iter()
            .zip(&after)
            .map(|(before, after)| as_json(&Change::updated(before, after)))
            .collect();
        for row in &after {
            assert!(values.iter().all(|(name, value)| row.value(name) == value), "{values:?}");
        }
        assert_eq!(it.audited().await, expected, "{values:?}");
        assert_eq!(done.first.iter().map(as_json).collect::<Vec<_>>(), expected, "{values:?}");
    }
}

async fn many_rows_are_removed_and_each_is_audited_as_it_was(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let all = sorted(keys(&things(&tables).await));
    let spared = tables.thing(&[]).await;
    let before = tables.find(&in_acme(&tables.things), &all).await;
    let it = Try::new(&tables, &tables.things);
    let done = made(it.delete(&all).await);
    assert_eq!((done.changed, &done.keys), (all.len() as u64, &Some(all)));
    let expected: Vec<Json> = before.iter().map(|it| as_json(&Change::deleted(it))).collect();
    assert_eq!(it.audited().await, expected);
    assert_eq!(done.first.iter().map(as_json).collect::<Vec<_>>(), expected);
    assert_eq!(tables.names(None, &json!([])).await, [spared.value("name").clone()]);
}

async fn columns_that_the_server_keeps_change_with_each_row(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let first = tables.thing(&[]).await;
    let second = tables.thing(&[]).await;
    tables.update(second.key(), &[("size", 1.into())], None).await;
    let all = keys(&[first, second]);
    made(Try::new(&tables, &tables.things).update(&all, &[("size", 2.into())]).await);
    let (first, second) = (tables.one(&all[0]).await, tables.one(&all[1]).await);
    assert_eq!((first.version(), second.version()), (Some(2), Some(3)));
    for row in [first, second] {
        assert_eq!(row.value("updatedAt"), &later().into());
        assert_eq!(row.value("updatedBy"), &ADA.into());
        assert_ne!(row.value("createdAt"), &later().into());
    }
}

async fn keys_of_other_kinds_serve_as_well(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    for count in 1..=12 {
        tables.try_insert(&in_acme(&tables.counters), None, &[("count", count.into())]).await.unwrap();
    }
    let it = Try::new(&tables, &tables.counters);
    let done = made(it.update(&[12.into(), 3.into()], &[("count", 0.into())]).await);
    assert_eq!(done.keys, Some(vec![3.into(), 12.into()]), "numbers are in the order of numbers");
    let first = serde_json::to_value(&done.first).unwrap();
    assert_eq!(
        first[1],
        json!({"entity": "Counter", "id": 12, "operation": "updated", "before": {"count": 12}, "after": {"count": 0}})
    );
    assert_eq!(made(Try::new(&tables, &tables.counters).delete(&[3.into()]).await).changed, 1);

    let words = ["b", "B", "a'%", "é"];
    for word in words {
        tables.try_insert(&in_acme(&tables.words), Some(&word.into()), &[]).await.unwrap();
    }
    let it = Try::new(&tables, &tables.words);
    let done = made(it.update(&words.map(Value::from), &[("meaning", "m".into())]).await);
    assert_eq!(done.keys, Some(["B", "a'%", "b", "é"].map(Value::from).to_vec()));
    let ids: Vec<Json> = it.audited().await.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids.len(), 4);
}

async fn what_a_document_hides_is_not_in_the_audit(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let secret = json!({"a": [{"password": "hush", "n": 1}], "z": 1});
    let rows: Vec<_> =
        (0..1_100).map(|_| vec![("name", "x".into()), ("data", Value::Json(secret.clone()))]).collect();
    let all = sorted(keys(&tables.many_things(&rows).await));

    // The same document, in another order: nothing changes.
    let same = Value::Json(json!({"z": 1, "a": [{"n": 1, "password": "hush"}]}));
    let it = Try::new(&tables, &tables.things);
    made(it.update(&all, &[("data", same)]).await);
    assert!(it.audited().await.iter().all(|it| it["before"] == json!({}) && it["after"] == json!({})));

    let other = Value::Json(json!({"b": {"apiKey": "hush"}}));
    let it = Try::new(&tables, &tables.things);
    made(it.update(&all, &[("data", other)]).await);
    let audited = it.audited().await;
    assert_eq!(audited.len(), all.len());
    for change in &audited {
        assert_eq!(change["before"], json!({"data": {"a": [{"password": "[redacted]", "n": 1}], "z": 1}}));
        assert_eq!(change["after"], json!({"data": {"b": {"apiKey": "[redacted]"}}}));
    }
    let it = Try::new(&tables, &tables.things);
    made(it.delete(&all).await);
    assert!(!json!(it.audited().await).to_string().contains("hush"));
}

async fn a_column_that_the_action_marks_is_not_in_the_audit(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let noted = tables.thing(&[("note", "hush".into())]).await;
    let bare = tables.thing(&[]).await;
    let all = keys(&[noted, bare]);
    let redact = ["note".into()];
    let scope = in_acme(&tables.things);
    let before = tables.find(&scope, &all).await;
    let it = Try { redact: &redact, ..Try::new(&tables, &tables.things) };
    made(it.update(&all, &[("note", "quiet".into())]).await);
    let after = tables.find(&scope, &all).await;
    let marked = |before: &Record, after: &Record| as_json(&Change::updated(before, after).redacted(&redact));
    let expected: Vec<Json> =
        before.iter().zip(&after).map(|(before, after)| marked(before, after)).collect();
    assert_eq!(it.audited().await, expected);
    let it = Try { redact: &redact, ..Try::new(&tables, &tables.things) };
    made(it.delete(&all).await);
    let expected: Vec<Json> =
        after.iter().map(|it| as_json(&Change::deleted(it).redacted(&redact))).collect();
    assert_eq!(it.audited().await, expected);
    assert!(expected.iter().all(|it| it["before"]["note"] == "[redacted]"));
}
