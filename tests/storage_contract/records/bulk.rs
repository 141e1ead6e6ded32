//! Many rows at once: what is changed, what keeps it from being changed, and what the audit says of it.

use std::sync::Arc;
use std::time::Duration;

use action_core::Value;
use action_core::audit::{AuditRecord, Change};
use action_core::entity::{Entity, Record};
use action_core::expression::{Expression, field};
use action_core::ports::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, Ending, RowFailure, RowScope, RowStop,
    Storage, StoreError,
};
use action_sqlx::Dialect;
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::things::{ADA, GLOBEX, Tables, audit_record, fields, in_acme, indexed, later, rule};

on_both_databases!(
    many_rows_are_changed_and_each_is_audited_as_the_road_would_have_done,
    many_rows_are_removed_and_each_is_audited_as_it_was,
    columns_that_the_server_keeps_change_with_each_row,
    keys_of_other_kinds_serve_as_well,
    what_a_document_hides_is_not_in_the_audit,
    a_column_that_the_action_marks_is_not_in_the_audit,
    a_missing_key_keeps_all_rows_as_they_are,
    a_missing_key_is_no_matter_to_an_independent_change,
    another_tenants_rows_are_missing,
    without_a_tenant_all_rows_are_missing,
    a_row_the_rule_refuses_is_missing,
    a_row_must_satisfy_its_rule_after_the_change_too,
    a_filter_changes_the_rows_it_matches,
    more_rows_than_may_be_changed_are_counted_and_left,
    a_row_that_fails_in_the_middle_keeps_all_as_they_are,
    an_independent_change_leaves_out_the_rows_that_fail,
    an_independent_change_by_a_filter_leaves_out_the_rows_that_fail,
    of_many_rows_that_want_one_unique_value_the_first_gets_it,
    rows_that_are_referred_to_stay_and_the_others_go,
    a_refused_change_leaves_a_transaction_that_can_go_on,
    changes_before_and_behind_it_are_numbered_with_it,
    a_change_that_is_undone_leaves_no_audit,
    an_unknown_reference_fails_for_every_row,
);

/// One change of many rows, in a transaction of its own; committed where it was made.
struct Try<'a> {
    tables: &'a Tables,
    scope: RowScope<'a>,
    independent: bool,
    redact: &'a [std::borrow::Cow<'static, str>],
    record: AuditRecord,
}

impl<'a> Try<'a> {
    fn new(tables: &'a Tables, entity: &'a Arc<Entity>) -> Self {
        let scope = RowScope { now: later(), ..in_acme(entity) };
        Self { tables, scope, independent: false, redact: &[], record: audit_record() }
    }

    fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    async fn run(&self, rows: BulkRows<'_>, change: BulkChange<'_>) -> Result<BulkOutcome, StoreError> {
        let mut tx = self.tables.begin().await;
        let log = ChangeLog { record: self.record.id, written: 0, redact: self.redact };
        let bulk = Bulk { rows, change, independent: self.independent, log };
        let outcome = self.tables.storage.record_store().change_all(tx.as_mut(), &self.scope, bulk).await;
        match outcome {
            Ok(BulkOutcome::Made(made)) => {
                let mut record = self.record.clone();
                record.written.count = made.changed;
                record.written.first.clone_from(&made.first);
                tx.commit(Ending { audit: Some(&record), ..Ending::default() }).await.expect("it commits");
                Ok(BulkOutcome::Made(made))
            }
            other => {
                tx.rollback().await;
                other
            }
        }
    }

    async fn update(&self, keys: &[Value], values: &[(&str, Value)]) -> BulkOutcome {
        let values = indexed(self.scope.entity, values);
        self.run(BulkRows::Keys(keys), BulkChange::Update(&values)).await.expect("the change runs")
    }

    async fn delete(&self, keys: &[Value]) -> BulkOutcome {
        self.run(BulkRows::Keys(keys), BulkChange::Delete).await.expect("the removal runs")
    }

    /// The changes beside the record, in the order of their positions, which are 1, 2, 3, ….
    async fn audited(&self) -> Vec<Json> {
        audited(self.tables, self.record.id).await
    }
}

async fn audited(tables: &Tables, record: Uuid) -> Vec<Json> {
    let schema = if tables.dialect().await == Dialect::Postgres { "actions." } else { "" };
    let rows = tables
        .texts(&format!(
            "SELECT position || ' \"' || entity || '\" \"' || record_id || '\" \"' || operation || '\" ' \
             || coalesce(CAST(before AS TEXT), 'null') || ' ' || coalesce(CAST(after AS TEXT), 'null') \
             FROM {schema}action_audit_changes WHERE CAST(audit_id AS TEXT) = '{record}' ORDER BY position"
        ))
        .await;
    let parts = |text: &String| -> Vec<Json> {
        serde_json::Deserializer::from_str(text).into_iter().map(|it| it.expect("JSON")).collect()
    };
    let rows: Vec<Vec<Json>> = rows.iter().map(parts).collect();
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row[0], json!(at + 1), "positions are gapless");
    }
    let change = |it: Vec<Json>| json!({ "entity": it[1], "id": it[2], "operation": it[3], "before": it[4], "after": it[5] });
    rows.into_iter().map(change).collect()
}

fn made(outcome: BulkOutcome) -> BulkMade {
    match outcome {
        BulkOutcome::Made(made) => made,
        other => panic!("it was not made: {other:?}"),
    }
}

fn keys(records: &[Record]) -> Vec<Value> {
    records.iter().map(|it| it.key().clone()).collect()
}

fn sorted(mut keys: Vec<Value>) -> Vec<Value> {
    keys.sort_by_key(|it| it.to_json().to_string());
    keys
}

fn as_json(change: &Change) -> Json {
    let mut json = serde_json::to_value(change).expect("it is JSON");
    if let Json::Number(id) = &json["id"] {
        json["id"] = id.to_string().into();
    }
    json
}

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

async fn a_missing_key_keeps_all_rows_as_they_are(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let missing = Uuid::new_v4().into();
    for odd in [missing, "not a uuid".into(), Value::Null] {
        let it = Try::new(&tables, &tables.things);
        let outcome = it.update(&[row.key().clone(), odd.clone()], &[("size", 1.into())]).await;
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[row.key().clone()]),
            "{outcome:?}"
        );
        let outcome = it.delete(&[odd, row.key().clone()]).await;
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[row.key().clone()]),
            "{outcome:?}"
        );
        assert!(it.audited().await.is_empty());
    }
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn a_missing_key_is_no_matter_to_an_independent_change(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let asked = [Uuid::new_v4().into(), row.key().clone(), "x".into()];
    let it = Try::new(&tables, &tables.things).independent();
    let done = made(it.update(&asked, &[("size", 1.into())]).await);
    assert_eq!((done.changed, done.keys, done.failed.len()), (1, Some(vec![row.key().clone()]), 0));
    assert_eq!(it.audited().await.len(), 1);
    let nothing = made(Try::new(&tables, &tables.things).independent().delete(&[Value::Null]).await);
    assert_eq!((nothing.changed, nothing.keys), (0, Some(Vec::new())));
}

async fn another_tenants_rows_are_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let globex = RowScope { tenant: Some(GLOBEX), ..in_acme(&tables.things) };
    let all = [row.key().clone()];
    let it = Try { scope: globex, ..Try::new(&tables, &tables.things) };
    let outcome = it.update(&all, &[("size", 1.into())]).await;
    assert!(matches!(&outcome, BulkOutcome::Missing { found } if found.is_empty()), "{outcome:?}");
    assert_eq!(made(Try { independent: true, ..it }.delete(&all).await).changed, 0);
    let it = Try { scope: globex, ..Try::new(&tables, &tables.things) };
    let filter = rule(&field("name").eq("thing"), &tables.things);
    let matching = BulkRows::Matching { filter: &filter, at_most: 9 };
    assert_eq!(made(it.run(matching, BulkChange::Delete).await.unwrap()).changed, 0);
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn without_a_tenant_all_rows_are_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let nowhere = RowScope { tenant: None, ..in_acme(&tables.things) };
    let it = Try { scope: nowhere, ..Try::new(&tables, &tables.things) };
    let outcome = it.delete(&[row.key().clone()]).await;
    assert!(matches!(outcome, BulkOutcome::Missing { .. }), "{outcome:?}");
    let done = made(Try { independent: true, ..it }.delete(&[row.key().clone()]).await);
    assert_eq!((done.changed, done.keys), (0, Some(Vec::new())));
}

async fn a_row_the_rule_refuses_is_missing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let own = tables.thing(&[("size", 1.into())]).await;
    let others = tables.thing(&[("size", 2.into())]).await;
    let small = rule(&field("size").eq(1), &tables.things);
    let all = keys(&[own.clone(), others.clone()]);
    let scope = RowScope { rule: Some(&small), ..in_acme(&tables.things) };
    let it = Try { scope, ..Try::new(&tables, &tables.things) };
    for outcome in [it.update(&all, &[("note", "n".into())]).await, it.delete(&all).await] {
        assert!(
            matches!(&outcome, BulkOutcome::Missing { found } if found == &[own.key().clone()]),
            "{outcome:?}"
        );
    }
    let done = made(Try { scope, ..Try::new(&tables, &tables.things).independent() }.delete(&all).await);
    assert_eq!(done.keys, Some(vec![own.key().clone()]));
    assert_eq!(tables.one(others.key()).await.into_values(), others.into_values());
}

async fn a_row_must_satisfy_its_rule_after_the_change_too(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let stays = tables.thing(&[("size", 1.into()), ("note", "in".into())]).await;
    let leaves = tables.thing(&[("size", 1.into())]).await;
    // For the one it holds by its note, whatever its size.
    let held = rule(&field("size").eq(1).or(field("note").eq("in")), &tables.things);
    let all = keys(&[stays.clone(), leaves.clone()]);
    let scope = RowScope { rule: Some(&held), ..in_acme(&tables.things) };
    let it = Try { scope, ..Try::new(&tables, &tables.things) };
    let outcome = it.update(&all, &[("size", 2.into())]).await;
    assert!(matches!(outcome, BulkOutcome::OutOfScope), "{outcome:?}");
    assert_eq!(tables.one(stays.key()).await.into_values(), stays.clone().into_values());

    let it = Try { scope, ..Try::new(&tables, &tables.things).independent() };
    let done = made(it.update(&all, &[("size", 2.into())]).await);
    assert_eq!(done.keys, Some(vec![stays.key().clone()]));
    assert!(
        matches!(done.failed.as_slice(), [RowFailure { key, stop: RowStop::OutOfScope }] if key == leaves.key())
    );
    assert_eq!(tables.one(leaves.key()).await.into_values(), leaves.into_values());
    assert_eq!(it.audited().await.len(), 1);
}

async fn a_filter_changes_the_rows_it_matches(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows: Vec<_> = (0..20).map(|it| vec![("name", "x".into()), ("size", it.into())]).collect();
    let all = tables.many_things(&rows).await;
    let filter = json!({"or": [{"field": "size", "operator": "lt", "value": 3}, {"field": "size", "operator": "gte", "value": 18}]});
    let filter = Expression::filter(&filter, &fields(&tables.things)).expect("the filter is right");
    let matching = BulkRows::Matching { filter: &filter, at_most: 5 };
    let values = indexed(&tables.things, &[("size", 10.into())]);
    let it = Try::new(&tables, &tables.things);
    let done = made(it.run(matching, BulkChange::Update(&values)).await.unwrap());
    let expected: Vec<Value> = [0, 1, 2, 18, 19].map(|it: usize| all[it].key().clone()).to_vec();
    assert_eq!(done.keys, Some(sorted(expected)));
    assert_eq!(it.audited().await.len(), 5);
    let again = made(Try::new(&tables, &tables.things).run(matching, BulkChange::Delete).await.unwrap());
    assert_eq!((again.changed, again.keys), (0, Some(Vec::new())), "they match no more");
}

async fn more_rows_than_may_be_changed_are_counted_and_left(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows: Vec<_> = (0..20).map(|_| vec![("name", "x".into()), ("size", 1.into())]).collect();
    tables.many_things(&rows).await;
    let filter = rule(&field("size").eq(1), &tables.things);
    let values = indexed(&tables.things, &[("size", 2.into())]);
    for at_most in [1, 19] {
        let matching = BulkRows::Matching { filter: &filter, at_most };
        for independent in [false, true] {
            let it = Try { independent, ..Try::new(&tables, &tables.things) };
            for change in [BulkChange::Update(&values), BulkChange::Delete] {
                let outcome = it.run(matching, change).await.unwrap();
                assert!(matches!(outcome, BulkOutcome::TooMany { matching: 20 }), "{outcome:?}");
            }
            assert!(it.audited().await.is_empty());
        }
    }
    let matching = BulkRows::Matching { filter: &filter, at_most: 20 };
    let it = Try::new(&tables, &tables.things);
    assert_eq!(made(it.run(matching, BulkChange::Update(&values)).await.unwrap()).changed, 20);
}

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

mod at_once {
    //! Several callers at once, and many rows.

    use super::*;

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
}

mod statements {
    //! How many statements a piece of work sends: the library tells of each by a `tracing` event.

    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tracing::instrument::WithSubscriber as _;
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    struct Counter(Arc<AtomicUsize>);

    impl Subscriber for Counter {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "action_sqlx::statement"
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    pub(super) async fn counted<T>(work: impl Future<Output = T>) -> (T, usize) {
        let sent = Arc::new(AtomicUsize::new(0));
        let done = work.with_subscriber(Counter(Arc::clone(&sent))).await;
        // Of those, one is the audit record's, at the commit.
        (done, sent.load(Ordering::Relaxed))
    }
}
