//! A change whose audit record the store writes itself: it must be the record that the road would have written.

use std::sync::Arc;

use action_core::Value;
use action_core::audit::{AuditRecord, Change};
use action_core::entity::Record;
use action_core::ports::{Ending, Storage, StoreError, Update, Updated};
use action_sqlx::Dialect;
use serde_json::{Value as Json, json};

use super::things::{Tables, audit_record, in_acme, indexed};
use crate::calls::connection;

on_both_databases!(
    a_sealed_updates_audit_is_what_the_road_would_have_written,
    a_sealed_update_that_is_not_made_writes_nothing,
    a_sealed_update_and_its_audit_are_undone_together,
);

/// Updates a thing with an audit record, and tells what the audit then holds about it, where the store wrote it.
async fn seal(
    tables: &Tables,
    key: &Value,
    values: &[(&str, Value)],
    expected_version: Option<i64>,
    record: &AuditRecord,
) -> Result<Updated, StoreError> {
    let values = indexed(&tables.things, values);
    let mut tx = tables.begin().await;
    let update = Update { key, values: &values, expected_version, seal: Some(record) };
    let updated = tables.storage.record_store().update(tx.as_mut(), &in_acme(&tables.things), update).await;
    tx.commit(Ending::default()).await.expect("it commits");
    updated
}

async fn audited(tables: &Tables) -> Vec<Json> {
    let table = audit_table(tables, "action_audit_log").await;
    let sql = format!("SELECT CAST(changed_records AS TEXT) FROM {table} ORDER BY id");
    tables.texts(&sql).await.iter().map(|it| it.parse().expect("it is JSON")).collect()
}

async fn audit_table(tables: &Tables, name: &str) -> String {
    match tables.dialect().await {
        Dialect::Postgres => format!("actions.{name}"),
        Dialect::Sqlite => name.to_owned(),
    }
}

fn change(before: &Record, after: &Record) -> Json {
    serde_json::to_value([Change::updated(before, after)]).expect("it is JSON")
}

async fn a_sealed_updates_audit_is_what_the_road_would_have_written(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let postgres = tables.dialect().await == Dialect::Postgres;
    let row = tables.thing(&[]).await;
    let mut before = row.clone();
    let all: [(&str, &[Value]); 13] = [
        ("name", &["a".into(), "A".into(), "é\"\\\u{1}😀".into()]),
        ("note", &[Value::Null, "".into(), "[redacted]".into()]),
        ("size", &[Value::Null, 0.into(), 7.into()]),
        ("big", &[i64::MIN.into(), i64::MAX.into(), 9_007_199_254_740_993_i64.into()]),
        (
            "price",
            &["0", "100", "19.90", "-0.01", "9999999999.99", "0.1"]
                .map(|it| Value::Decimal(it.parse().unwrap())),
        ),
        ("active", &[Value::Null, true.into(), false.into()]),
        ("day", &["2024-02-29", "0001-01-01", "9999-12-31"].map(|it| Value::Date(it.parse().unwrap()))),
        (
            "seen",
            &[
                "2026-03-01T10:00:00Z",
                "2026-03-01T10:00:00.1Z",
                "2026-03-01T10:00:00.123Z",
                "2026-03-01T10:00:00.000001Z",
                "1969-12-31T23:59:59.999999Z",
                "1969-12-31T23:59:59.5Z",
                "0001-01-01T00:00:00Z",
            ]
            .map(|it| Value::Timestamp(it.parse().unwrap())),
        ),
        (
            "local",
            &["2026-03-01T10:00:00Z", "2026-03-01T10:00:00.12Z"]
                .map(|it| Value::Timestamp(it.parse().unwrap())),
        ),
        (
            "data",
            &[
                Value::Null,
                Value::Json(json!({"a": 1, "b": [null, 0.5]})),
                Value::Json(json!({"b": [null, 0.5], "a": 1})),
                Value::Json(json!(1)),
                Value::Json(json!(1.0)),
                Value::Json(json!("x")),
                Value::Json(json!({"k": 1e-7})),
            ],
        ),
        ("apiKey", &[Value::Null, "k1".into(), "k2".into()]),
        ("iban", &[Value::Null, "DE1".into(), "DE2".into()]),
        ("hostile", &[Value::Null, "'".into(), "\"".into()]),
    ];
    let mut expected = Vec::new();
    for round in 0..60_usize {
        let set: Vec<(&str, Value)> = all
            .iter()
            .enumerate()
            .filter(|(place, _)| (round * 7 + place * 3) % 5 < 2)
            .map(|(place, (name, values))| (*name, values[(round + place) % values.len()].clone()))
            .collect();
        let record = audit_record();
        let updated = seal(&tables, row.key(), &set, None, &record).await.unwrap();
        let Updated::Made { before: told, after, sealed } = updated else { panic!("{updated:?}") };
        assert_eq!(sealed, postgres);
        assert_eq!(tables.one(row.key()).await.into_values(), after.clone().into_values());
        if let Some(told) = told {
            assert_eq!(told.into_values(), before.clone().into_values());
        }
        if sealed {
            expected.push(change(&before, &after));
        }
        before = after;
    }
    let audited = audited(&tables).await;
    assert_eq!(audited.len(), expected.len());
    for (audited, expected) in audited.iter().zip(&expected) {
        assert_eq!(audited, expected);
        // Also the spelling: an answer shows what was stored.
        assert_eq!(sorted(audited), sorted(expected));
    }
    let text = json!(audited).to_string();
    assert!(!text.contains("k1") && !text.contains("DE1"), "a secret is in the audit");

    let table = audit_table(&tables, "action_audit_changes").await;
    let details = tables
        .texts(&format!(
            "SELECT CAST(before AS TEXT) || ' ' || CAST(after AS TEXT) || ' ' || entity || record_id || operation || position \
             FROM {table} ORDER BY audit_id"
        ))
        .await;
    let key = row.key().to_json();
    for (detail, expected) in details.iter().zip(&expected) {
        assert!(detail.ends_with(&format!(" Thing{}updated1", key.as_str().unwrap())), "{detail}");
        let mut images = serde_json::Deserializer::from_str(detail).into_iter::<Json>();
        assert_eq!(images.next().unwrap().unwrap(), expected[0]["before"]);
        assert_eq!(images.next().unwrap().unwrap(), expected[0]["after"]);
    }
    assert_eq!(details.len(), expected.len());
}

/// The text with members in one order.
fn sorted(json: &Json) -> String {
    match json {
        Json::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, it)| format!("{name:?}:{}", sorted(it))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

async fn a_sealed_update_that_is_not_made_writes_nothing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let set = [("size", 1.into())];
    let stale = seal(&tables, row.key(), &set, Some(5), &audit_record()).await;
    assert!(matches!(stale, Ok(Updated::Stale { current: 1 })), "{stale:?}");
    let missing = seal(&tables, &uuid::Uuid::new_v4().into(), &set, None, &audit_record()).await;
    assert!(matches!(missing, Ok(Updated::Missing)), "{missing:?}");
    assert!(audited(&tables).await.is_empty());
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn a_sealed_update_and_its_audit_are_undone_together(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let record = audit_record();
    let values = indexed(&tables.things, &[("size", 1.into())]);
    let mut tx = tables.begin().await;
    // What came before it, so that it is not a statement on its own (see `alone`).
    connection(tx.as_mut()).await.unwrap();
    let update = Update { key: row.key(), values: &values, expected_version: Some(1), seal: Some(&record) };
    let updated = tables.storage.record_store().update(tx.as_mut(), &in_acme(&tables.things), update).await;
    assert!(matches!(updated, Ok(Updated::Made { .. })), "{updated:?}");
    tx.rollback().await;
    assert!(audited(&tables).await.is_empty());
    assert_eq!(tables.one(row.key()).await.version(), Some(1));
}
