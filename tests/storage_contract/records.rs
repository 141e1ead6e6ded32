//! The record store: what it writes and reads back, whose rows it touches, and what two callers at once may do.

mod agreement;
mod alone;
mod bulk;
mod scan;
mod sealed;
mod things;

use std::sync::Arc;
use std::time::Duration;

use action_core::entity::{Column, Entity, Record};
use action_core::expression::{Expression, Sort, field};
use action_core::ports::{Deleted, Ending, Query, RowScope, Storage, StoreError, Update, Updated};
use action_core::{Kind, Value};
use serde_json::{Value as Json, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use things::{ADA, BOB, GLOBEX, Tables, fields, in_acme, later, noon, rule};

on_both_databases!(
    a_new_row_comes_back_as_it_is_stored,
    a_row_keeps_every_kind_of_value_exactly,
    the_database_makes_whole_number_keys,
    a_new_row_without_its_tenant_is_refused,
    hostile_names_and_values_are_only_names_and_values,
    a_nul_is_refused_and_finds_nothing,
    a_value_of_another_kind_is_refused,
    columns_the_server_keeps_cannot_be_written,
    rows_are_found_by_their_keys_in_order,
    another_tenants_row_is_missing_everywhere,
    without_a_tenant_there_are_no_rows,
    a_row_the_rule_refuses_is_missing_everywhere,
    an_update_raises_the_version_and_returns_both_images,
    an_update_with_a_stale_version_changes_nothing,
    an_update_that_changes_nothing_still_counts,
    of_many_updates_of_one_version_one_wins,
    no_concurrent_update_is_lost,
    a_deleted_row_is_returned_and_gone,
    a_row_that_is_referred_to_stays,
    an_unknown_reference_is_refused,
    a_taken_key_is_refused,
    text_is_sorted_by_code_point,
    rows_without_a_value_come_last_in_both_directions,
    equal_rows_are_sorted_by_their_key,
    a_page_tells_the_total_of_all_pages,
    text_keys_are_compared_by_code_point,
    a_long_chain_of_conditions_is_no_burden,
    rows_are_sorted_by_what_lies_behind_a_foreign_key,
    a_rule_may_look_behind_a_foreign_key,
    rows_are_locked_in_the_order_of_their_keys,
    a_row_changed_while_its_deletion_waits_is_returned_as_it_was_at_last,
    tables_of_other_column_types_serve_as_well,
);

fn keys(records: &[Record]) -> Vec<Value> {
    records.iter().map(|it| it.key().clone()).collect()
}

async fn a_new_row_comes_back_as_it_is_stored(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("name", "a".into()), ("size", 7.into())]).await;

    assert_eq!(row.version(), Some(1));
    assert_eq!(row.value("status"), &Value::from("new"), "the table's default");
    assert_eq!((row.value("createdAt"), row.value("createdBy")), (&noon().into(), &ADA.into()));
    assert_eq!(row.value("updatedAt"), &Value::Null, "it was not changed yet");
    assert_eq!(row.value("updatedBy"), &ADA.into(), "this column cannot be null");
    assert_eq!(tables.one(row.key()).await.into_values(), row.into_values());
}

async fn a_row_keeps_every_kind_of_value_exactly(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let values: Vec<(&str, Value)> = vec![
        ("name", "Ünïcödé 😀 \u{fb00} \u{200f}".into()),
        ("note", "".into()),
        ("size", (-2_147_483_648).into()),
        ("big", i64::MIN.into()),
        ("price", Value::Decimal("9999999999.99".parse().unwrap())),
        ("active", false.into()),
        ("day", Value::Date("2024-02-29".parse().unwrap())),
        ("seen", Value::Timestamp("1969-12-31T23:59:59.999999Z".parse().unwrap())),
        ("local", Value::Timestamp("2026-03-01T10:00:00.100Z".parse().unwrap())),
        ("data", Value::Json(json!({"a": [1, 2.5, null, "é"], "b": {}}))),
    ];
    let row = tables.thing(&values).await;
    let again = tables.one(row.key()).await;
    for (name, value) in &values {
        assert_eq!(again.value(name), value, "{name}");
        assert_eq!(again.value(name).to_json(), value.to_json(), "{name}");
    }
    for text in ["0.1", "-0.01", "0.30", "1234567890.12", "100.00", "0"] {
        let price = Value::Decimal(text.parse().unwrap());
        let row = tables.thing(&[("price", price.clone())]).await;
        assert_eq!(row.value("price"), &price);
        assert_eq!(row.value("price").to_json(), price.to_json());
    }
}

async fn the_database_makes_whole_number_keys(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = in_acme(&tables.counters);
    let first = tables.try_insert(&scope, None, &[("count", 5.into())]).await.unwrap();
    let second = tables.try_insert(&scope, None, &[]).await.unwrap();
    assert_eq!(keys(&[first.clone(), second]), [1.into(), 2.into()]);
    assert_eq!(
        keys(&tables.find(&scope, &[2.into(), 1.into(), 2.into(), 9.into()]).await),
        [1.into(), 2.into()]
    );

    let updated = tables.try_update(&scope, first.key(), &[("count", 6.into())], None).await.unwrap();
    assert!(matches!(updated, Updated::Made { after, .. } if after.value("count") == &6.into()));
    let nothing_to_set = tables.try_update(&scope, first.key(), &[], None).await.unwrap();
    assert!(matches!(nothing_to_set, Updated::Made { after, .. } if after.value("count") == &6.into()));
    let versions = tables.try_update(&scope, first.key(), &[], Some(1)).await;
    assert!(matches!(versions, Err(StoreError::Fault(_))), "a version of what has none");
}

async fn a_new_row_without_its_tenant_is_refused(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = RowScope { tenant: None, ..in_acme(&tables.counters) };
    assert!(matches!(tables.try_insert(&scope, None, &[]).await, Err(StoreError::Fault(_))));
}

async fn hostile_names_and_values_are_only_names_and_values(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let nasty = "'; DROP TABLE things; -- \" $1 ? \\ %_";
    let row = tables.thing(&[("name", nasty.into()), ("hostile", nasty.into())]).await;
    tables.update(row.key(), &[("hostile", "\"".into())], None).await;
    tables.update(row.key(), &[("hostile", nasty.into())], None).await;

    for operator in ["eq", "contains", "starts_with", "gte"] {
        let filter = json!({"field": "hostile", "operator": operator, "value": nasty});
        let sort = json!([{"field": "hostile", "direction": "desc"}]);
        assert_eq!(tables.names(Some(&filter), &sort).await, [nasty.into()], "{operator}");
    }
    let filter = json!({"field": "hostile", "operator": "contains", "value": "%"});
    tables.thing(&[("hostile", "no percent".into())]).await;
    assert_eq!(tables.names(Some(&filter), &json!([])).await.len(), 1, "a percent sign is one");
}

async fn a_nul_is_refused_and_finds_nothing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = in_acme(&tables.things);
    let row = tables.thing(&[]).await;
    for (name, value) in [
        ("note", Value::from("a\0b")),
        ("data", Value::Json(json!({"a": ["\0"]}))),
        ("data", Value::Json(json!({"\0": 1}))),
    ] {
        let update = tables.try_update(&scope, row.key(), &[(name, value)], None).await;
        assert!(matches!(update, Err(StoreError::Fault(_))), "{name}");
    }
    let words = in_acme(&tables.words);
    assert!(tables.find(&words, &["a\0".into()]).await.is_empty());
    assert!(matches!(tables.try_delete(&words, &"a\0".into(), None).await, Ok(Deleted::Missing)));
    assert!(tables.try_insert(&words, Some(&"a\0".into()), &[]).await.is_err());
}

async fn a_value_of_another_kind_is_refused(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = in_acme(&tables.things);
    let row = tables.thing(&[]).await;
    for (name, value) in [("size", Value::from("7")), ("active", 1.into()), ("note", Value::Json(json!("a")))]
    {
        let update = tables.try_update(&scope, row.key(), &[(name, value)], None).await;
        assert!(matches!(update, Err(StoreError::Fault(_))), "{name}");
    }
    assert!(tables.find(&scope, &["thing".into(), 1.into(), Value::Null]).await.is_empty());
    assert!(matches!(tables.try_update(&scope, &"x".into(), &[], None).await, Ok(Updated::Missing)));
}

async fn columns_the_server_keeps_cannot_be_written(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = in_acme(&tables.things);
    let row = tables.thing(&[]).await;
    for (name, value) in [("version", 9.into()), ("id", Uuid::new_v4().into()), ("createdBy", BOB.into())] {
        let update = tables.try_update(&scope, row.key(), &[(name, value)], None).await;
        assert!(matches!(update, Err(StoreError::Fault(_))), "{name}");
    }
}

async fn rows_are_found_by_their_keys_in_order(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows = tables.many_things(&vec![vec![("name", "x".into())]; 20]).await;
    let mut sorted = keys(&rows);
    sorted.sort_by_key(Value::to_json_text);
    let mut asked = keys(&rows);
    asked.push(Uuid::new_v4().into());
    asked.extend(keys(&rows));
    let scope = in_acme(&tables.things);
    assert_eq!(keys(&tables.find(&scope, &asked).await), sorted);
    assert!(tables.find(&scope, &[]).await.is_empty());
}

trait JsonText {
    fn to_json_text(&self) -> String;
}

impl JsonText for Value {
    fn to_json_text(&self) -> String {
        self.to_json().to_string()
    }
}

/// All five methods, in a scope in which the row must not be there.
async fn is_missing(tables: &Tables, scope: &RowScope<'_>, row: &Record) {
    let key = row.key();
    assert!(tables.find(scope, std::slice::from_ref(key)).await.is_empty());
    let page =
        tables.query(scope, &Query { filter: None, sort: &Sort::default(), limit: 10, offset: 0 }).await;
    assert_eq!((page.records.len(), page.total), (0, 0));
    let page =
        tables.query(scope, &Query { filter: None, sort: &Sort::default(), limit: 10, offset: 3 }).await;
    assert_eq!((page.records.len(), page.total), (0, 0));
    for expected in [None, Some(1), Some(2)] {
        let update = tables.try_update(scope, key, &[("name", "stolen".into())], expected).await;
        assert!(matches!(update, Ok(Updated::Missing)), "{update:?}");
        let deletion = tables.try_delete(scope, key, expected).await;
        assert!(matches!(deletion, Ok(Deleted::Missing)), "{deletion:?}");
    }
    assert_eq!(tables.one(key).await.into_values(), row.clone().into_values());
}

async fn another_tenants_row_is_missing_everywhere(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    is_missing(&tables, &RowScope { tenant: Some(GLOBEX), ..in_acme(&tables.things) }, &row).await;
}

async fn without_a_tenant_there_are_no_rows(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    is_missing(&tables, &RowScope { tenant: None, ..in_acme(&tables.things) }, &row).await;
}

async fn a_row_the_rule_refuses_is_missing_everywhere(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("note", "x".into())]).await;
    for draft in [
        field("createdBy").eq(BOB),
        field("note").ne("x"),
        field("size").is_not_null(),
        !field("size").is_null(),
        field("makerId.country").eq("se"),
        !field("makerId.country").ne("se"),
    ] {
        let rule = rule(&draft, &tables.things);
        is_missing(&tables, &RowScope { rule: Some(&rule), ..in_acme(&tables.things) }, &row).await;
    }
    let rule = rule(&field("createdBy").eq(ADA).or(field("size").gt(3)), &tables.things);
    let scope = RowScope { rule: Some(&rule), ..in_acme(&tables.things) };
    assert_eq!(tables.find(&scope, &[row.key().clone()]).await.len(), 1);
    // The rule is about rows there are: a new one may be outside of it.
    let hidden = things::rule(&field("name").eq("never"), &tables.things);
    let scope = RowScope { rule: Some(&hidden), ..in_acme(&tables.things) };
    assert!(tables.try_insert(&scope, Some(&Uuid::new_v4().into()), &[("name", "a".into())]).await.is_ok());
}

async fn an_update_raises_the_version_and_returns_both_images(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("name", "a".into()), ("size", 1.into())]).await;
    let scope = RowScope { user: BOB, now: later(), ..in_acme(&tables.things) };
    let set = [("size", Value::Null), ("note", "n".into())];
    let updated = tables.try_update(&scope, row.key(), &set, Some(1)).await.unwrap();
    let Updated::Made { before: Some(before), after, sealed: false } = updated else { panic!("{updated:?}") };

    assert_eq!(before.into_values(), row.clone().into_values());
    assert_eq!((after.value("size"), after.value("note")), (&Value::Null, &"n".into()));
    assert_eq!(after.version(), Some(2));
    assert_eq!((after.value("updatedAt"), after.value("updatedBy")), (&later().into(), &BOB.into()));
    assert_eq!((after.value("createdAt"), after.value("createdBy")), (&noon().into(), &ADA.into()));
    assert_eq!(tables.one(row.key()).await.into_values(), after.into_values());
}

async fn an_update_with_a_stale_version_changes_nothing(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    tables.update(row.key(), &[("size", 1.into())], Some(1)).await;
    let stored = tables.one(row.key()).await;
    for expected in [1, 3, -1, i64::MAX] {
        let update = tables.update(row.key(), &[("size", 2.into())], Some(expected)).await;
        assert!(matches!(update, Updated::Stale { current: 2 }), "{update:?}");
        let deletion = tables.try_delete(&in_acme(&tables.things), row.key(), Some(expected)).await;
        assert!(matches!(deletion, Ok(Deleted::Stale { current: 2 })), "{deletion:?}");
    }
    assert_eq!(tables.one(row.key()).await.into_values(), stored.into_values());
}

async fn an_update_that_changes_nothing_still_counts(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("size", 1.into())]).await;
    for version in 2..4 {
        let update = tables.update(row.key(), &[("size", 1.into())], None).await;
        assert!(matches!(update, Updated::Made { after, .. } if after.version() == Some(version)));
    }
}

async fn of_many_updates_of_one_version_one_wins(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let mut callers = JoinSet::new();
    for number in 0..64 {
        let (tables, key) = (tables.clone(), row.key().clone());
        callers.spawn(async move { tables.update(&key, &[("size", number.into())], Some(1)).await });
    }
    let ends = callers.join_all().await;
    let winners: Vec<&Record> = ends
        .iter()
        .filter_map(|it| if let Updated::Made { after, .. } = it { Some(after) } else { None })
        .collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(ends.iter().filter(|it| matches!(it, Updated::Stale { current: 2 })).count(), 63);
    assert_eq!(tables.one(row.key()).await.value("size"), winners[0].value("size"));
}

async fn no_concurrent_update_is_lost(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("size", (-1).into())]).await;
    let mut callers = JoinSet::new();
    for number in 0..64 {
        let (tables, key) = (tables.clone(), row.key().clone());
        callers.spawn(async move { tables.update(&key, &[("size", number.into())], None).await });
    }
    let mut steps = Vec::new();
    for end in callers.join_all().await {
        let Updated::Made { before: Some(before), after, .. } = end else { panic!("{end:?}") };
        assert_eq!(before.version().map(|it| it + 1), after.version());
        steps.push((after.version(), before.value("size").clone(), after.value("size").clone()));
    }
    steps.sort_by_key(|(version, ..)| *version);
    assert_eq!(steps.last().unwrap().0, Some(65));
    // Each began with what the one before it left.
    let mut last = Value::from(-1);
    for (_, before, after) in steps {
        assert_eq!(before, last);
        last = after;
    }
    assert_eq!(tables.one(row.key()).await.value("size"), &last);
}

async fn a_deleted_row_is_returned_and_gone(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[("data", Value::Json(json!([1])))]).await;
    let scope = in_acme(&tables.things);
    let deleted = tables.try_delete(&scope, row.key(), Some(1)).await.unwrap();
    let Deleted::Made { before } = deleted else { panic!("{deleted:?}") };
    assert_eq!(before.into_values(), row.clone().into_values());
    for expected in [None, Some(1)] {
        assert!(matches!(tables.try_delete(&scope, row.key(), expected).await, Ok(Deleted::Missing)));
    }
    assert!(matches!(tables.update(row.key(), &[], None).await, Updated::Missing));
}

async fn a_row_that_is_referred_to_stays(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let makers = in_acme(&tables.makers);
    let maker = tables.try_insert(&makers, Some(&Uuid::new_v4().into()), &[]).await.unwrap();
    let row = tables.thing(&[("makerId", maker.key().clone())]).await;
    let refused = tables.try_delete(&makers, maker.key(), None).await;
    assert!(matches!(refused, Err(StoreError::StillReferenced)), "{refused:?}");
    assert_eq!(tables.find(&makers, &[maker.key().clone()]).await.len(), 1);
    tables.try_delete(&in_acme(&tables.things), row.key(), None).await.unwrap();
    assert!(matches!(tables.try_delete(&makers, maker.key(), None).await, Ok(Deleted::Made { .. })));
}

async fn an_unknown_reference_is_refused(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = tables.thing(&[]).await;
    let unknown = [("name", "x".into()), ("makerId", Uuid::new_v4().into())];
    let scope = in_acme(&tables.things);
    for end in [
        tables.try_update(&scope, row.key(), &unknown, None).await.err(),
        tables.try_insert(&scope, Some(&Uuid::new_v4().into()), &unknown).await.err(),
    ] {
        assert!(matches!(end, Some(StoreError::MissingReference { .. })), "{end:?}");
    }
}

async fn a_taken_key_is_refused(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = in_acme(&tables.words);
    tables.try_insert(&scope, Some(&"a".into()), &[]).await.unwrap();
    let taken = tables.try_insert(&scope, Some(&"a".into()), &[]).await;
    assert!(matches!(&taken, Err(StoreError::Taken { columns }) if columns == &["word"]), "{taken:?}");
}

const WORDS: [&str; 12] = ["", "a", "A", "b", "Z", "z", "é", "É", "ä", "\u{fb00}", "😀", "a b"];

async fn text_is_sorted_by_code_point(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows: Vec<_> = WORDS.iter().map(|it| vec![("name", (*it).into())]).collect();
    tables.many_things(&rows).await;
    let mut sorted = WORDS.map(Value::from);
    sorted.sort_by_key(|it| if let Value::Text(text) = it { text.clone() } else { String::new() });
    assert_eq!(tables.names(None, &json!([{"field": "name", "direction": "asc"}])).await, sorted);
    sorted.reverse();
    assert_eq!(tables.names(None, &json!([{"field": "name", "direction": "desc"}])).await, sorted);
}

async fn rows_without_a_value_come_last_in_both_directions(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let row = |name: &'static str, size: Option<i64>, price: Option<i64>| {
        let price = price.map_or(Value::Null, |it| Value::Decimal(it.into()));
        vec![("name", name.into()), ("size", size.into()), ("price", price)]
    };
    tables
        .many_things(&[row("none", None, None), row("two", Some(2), None), row("ten", Some(10), Some(-1))])
        .await;
    for (field, direction, expected) in
        [("size", "asc", ["two", "ten", "none"]), ("size", "desc", ["ten", "two", "none"])]
    {
        let sort = json!([{"field": field, "direction": direction}]);
        assert_eq!(tables.names(None, &sort).await, expected.map(Value::from), "{direction}");
    }
    for direction in ["asc", "desc"] {
        let sort =
            json!([{"field": "price", "direction": direction}, {"field": "size", "direction": "desc"}]);
        assert_eq!(tables.names(None, &sort).await, ["ten", "two", "none"].map(Value::from), "{direction}");
    }
}

async fn equal_rows_are_sorted_by_their_key(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows = tables.many_things(&vec![vec![("name", "x".into()), ("size", 1.into())]; 9]).await;
    let mut sorted = keys(&rows);
    sorted.sort_by_key(Value::to_json_text);
    let fields = fields(&tables.things);
    for (sort, reversed) in [
        (json!([]), false),
        (json!([{"field": "size", "direction": "desc"}]), false),
        (json!([{"field": "id", "direction": "desc"}, {"field": "size", "direction": "desc"}]), true),
    ] {
        let sort = Sort::read(&sort, &fields).unwrap();
        let query = Query { filter: None, sort: &sort, limit: 100, offset: 0 };
        let mut found = keys(&tables.query(&in_acme(&tables.things), &query).await.records);
        if reversed {
            found.reverse();
        }
        assert_eq!(found, sorted);
    }
}

async fn a_page_tells_the_total_of_all_pages(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    tables.many_things(&vec![vec![("name", "x".into())]; 7]).await;
    let scope = in_acme(&tables.things);
    for (limit, offset, on_page) in [
        (3, 0, 3),
        (3, 6, 1),
        (3, 7, 0),
        (3, 100, 0),
        (7, 0, 7),
        (8, 0, 7),
        (0, 0, 0),
        (5, u64::MAX, 0),
        (100, 2, 5),
    ] {
        let page = tables.query(&scope, &Query { filter: None, sort: &Sort::default(), limit, offset }).await;
        assert_eq!((page.records.len(), page.total), (on_page, 7), "{limit} after {offset}");
    }
}

async fn text_keys_are_compared_by_code_point(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let scope = RowScope { tenant: None, ..in_acme(&tables.words) };
    for word in WORDS {
        tables.try_insert(&scope, Some(&word.into()), &[("meaning", word.into())]).await.unwrap();
    }
    let mut sorted = WORDS;
    sorted.sort_unstable();
    let page =
        tables.query(&scope, &Query { filter: None, sort: &Sort::default(), limit: 100, offset: 0 }).await;
    assert_eq!(keys(&page.records), sorted.map(Value::from));
    assert_eq!(keys(&tables.find(&scope, &WORDS.map(Value::from)).await), sorted.map(Value::from));
    assert_eq!(keys(&tables.find(&scope, &["É".into(), "x".into()]).await), ["É".into()]);
    assert!(matches!(tables.try_delete(&scope, &"É".into(), None).await, Ok(Deleted::Made { .. })));
    assert_eq!(tables.find(&scope, &["é".into()]).await.len(), 1);
}

async fn a_long_chain_of_conditions_is_no_burden(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    tables.many_things(&[vec![("name", "a".into()), ("size", 3.into())], vec![("name", "b".into())]]).await;
    let leaf = |number: i64| json!({"field": "size", "operator": "ne", "value": number});
    let wide = json!({"and": (100..599).map(leaf).collect::<Vec<_>>()});
    assert_eq!(tables.names(Some(&wide), &json!([{"field": "name", "direction": "asc"}])).await.len(), 2);
    let either = json!({"or": (0..499).map(|it| json!({"not": leaf(it)})).take(249).collect::<Vec<_>>()});
    assert_eq!(tables.names(Some(&either), &json!([])).await, ["a".into()]);
    let deep = (0..16).fold(leaf(3), |inner, level| match level % 3 {
        0 => json!({"not": inner}),
        1 => json!({"and": [inner, leaf(4)]}),
        _ => json!({"or": [{"field": "size", "operator": "eq", "value": 4}, inner]}),
    });
    // Six negations leave it as it was.
    assert_eq!(tables.names(Some(&deep), &json!([])).await, ["b".into()]);
    let list = json!({"field": "size", "operator": "in", "value": (0..1000).collect::<Vec<_>>()});
    assert_eq!(tables.names(Some(&list), &json!([])).await, ["a".into()]);
}

async fn rows_are_sorted_by_what_lies_behind_a_foreign_key(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let makers = in_acme(&tables.makers);
    let mut rows = vec![vec![("name", "none".into())]];
    for country in ["se", "it", "SE"] {
        let key = Value::from(Uuid::new_v4());
        tables.try_insert(&makers, Some(&key), &[("country", country.into())]).await.unwrap();
        rows.push(vec![("name", country.into()), ("makerId", key)]);
    }
    tables.many_things(&rows).await;
    let sort = |direction: &str| json!([{"field": "makerId.country", "direction": direction}]);
    assert_eq!(tables.names(None, &sort("asc")).await, ["SE", "it", "se", "none"].map(Value::from));
    assert_eq!(tables.names(None, &sort("desc")).await, ["se", "it", "SE", "none"].map(Value::from));
}

async fn a_rule_may_look_behind_a_foreign_key(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let maker = Value::from(Uuid::new_v4());
    let makers = in_acme(&tables.makers);
    tables.try_insert(&makers, Some(&maker), &[("country", "se".into())]).await.unwrap();
    let row = tables.thing(&[("makerId", maker)]).await;
    let other = tables.thing(&[]).await;

    let rule = rule(&field("makerId.country").eq("se"), &tables.things);
    let scope = RowScope { rule: Some(&rule), ..in_acme(&tables.things) };
    let both = [row.key().clone(), other.key().clone()];
    assert_eq!(keys(&tables.find(&scope, &both).await), [row.key().clone()]);
    let updated = tables.try_update(&scope, row.key(), &[("size", 1.into())], Some(1)).await;
    assert!(matches!(updated, Ok(Updated::Made { .. })), "{updated:?}");
    let deleted = tables.try_delete(&scope, row.key(), Some(2)).await;
    assert!(matches!(deleted, Ok(Deleted::Made { .. })), "{deleted:?}");
}

async fn rows_are_locked_in_the_order_of_their_keys(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let rows = tables.many_things(&vec![vec![("name", "x".into())]; 30]).await;
    let mut callers = JoinSet::new();
    for caller in 0..32 {
        let (tables, mut asked) = (tables.clone(), keys(&rows));
        asked.rotate_left(caller % 30);
        if caller % 2 == 0 {
            asked.reverse();
        }
        // A deadlock would end one of them with an error.
        callers.spawn(async move { tables.find(&in_acme(&tables.things), &asked).await.len() });
    }
    assert_eq!(callers.join_all().await, [30; 32]);
}

async fn a_row_changed_while_its_deletion_waits_is_returned_as_it_was_at_last(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    for (expected, deleted) in [(None, true), (Some(1), false)] {
        let row = tables.thing(&[]).await;
        let mut tx = tables.begin().await;
        let values = things::indexed(&tables.things, &[("size", 1.into())]);
        let update = Update { key: row.key(), values: &values, expected_version: None, seal: None };
        let scope = in_acme(&tables.things);
        tables.storage.record_store().update(tx.as_mut(), &scope, update).await.unwrap();
        let deletion = {
            let (tables, key) = (tables.clone(), row.key().clone());
            tokio::spawn(
                async move { tables.try_delete(&in_acme(&tables.things), &key, expected).await.unwrap() },
            )
        };
        tokio::time::sleep(Duration::from_millis(100)).await;
        tx.commit(Ending::default()).await.unwrap();
        match deletion.await.unwrap() {
            Deleted::Made { before } if deleted => assert_eq!(before.value("size"), &1.into()),
            Deleted::Stale { current: 2 } if !deleted => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn tables_of_other_column_types_serve_as_well(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let postgres = r#"
        CREATE TYPE colour AS ENUM ('red', 'blue');
        CREATE TABLE "Odd.Rows" (
            id varchar(36) PRIMARY KEY, "Tenant" text NOT NULL, tiny smallint, whole numeric(10), real float8,
            colour colour DEFAULT 'blue', fixed char(5), day timestamp, version smallint)"#;
    let sqlite = r#"
        CREATE TABLE "Odd.Rows" (
            id BLOB PRIMARY KEY, "Tenant" NOT NULL, tiny, whole REAL, real FLOAT,
            colour DEFAULT 'blue', fixed CHAR(5), day DATETIME, version NUMERIC)"#;
    // A dot stands between a schema and a table; this table's own dot cannot be said.
    let rename = r#"ALTER TABLE "Odd.Rows" RENAME TO "Odd Rows""#;
    tables.run(&format!("{postgres}; {rename}"), &format!("{sqlite}; {rename}")).await;
    let odd = Entity::builder("Odd", "Odd Rows")
        .tenant_column("Tenant")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("tiny", Kind::Integer))
        .column(Column::new("whole", Kind::Integer))
        .column(Column::new("real", Kind::Decimal { precision: 10, scale: 3 }))
        .column(Column::new("colour", Kind::Text).not_null())
        .column(Column::new("fixed", Kind::Text))
        .column(Column::new("day", Kind::Timestamp))
        .column(Column::new("version", Kind::Integer));
    let odd = Arc::new(odd.build().unwrap());
    let scope = in_acme(&odd);
    let key = Value::from(Uuid::new_v4());
    let tenth = Value::Decimal("0.1".parse().unwrap());
    let values = [
        ("tiny", 7.into()),
        ("whole", 8.into()),
        ("real", tenth.clone()),
        ("fixed", "ab".into()),
        ("day", noon().into()),
    ];
    let row = tables.try_insert(&scope, Some(&key), &values).await.unwrap();
    assert_eq!(row.key(), &key);
    assert_eq!((row.value("real"), row.value("colour")), (&tenth, &"blue".into()));

    let updated =
        tables.try_update(&scope, &key, &[("tiny", 9.into()), ("whole", 10.into())], Some(1)).await.unwrap();
    assert!(matches!(updated, Updated::Made { after, .. } if after.version() == Some(2)));

    let leaf = |name: &str, value: Json| json!({"field": name, "operator": "eq", "value": value});
    let filter = json!({"and": [
        leaf("tiny", json!(9)), leaf("whole", json!(10)), leaf("real", json!(0.1)), leaf("colour", json!("blue")),
        leaf("day", json!("2026-03-01T12:00:00.123456Z")), leaf("id", key.to_json()),
        {"field": "colour", "operator": "starts_with", "value": "B"},
        {"field": "tiny", "operator": "in", "value": [1, 9]},
    ]});
    let fields = fields(&odd);
    let filter = Expression::filter(&filter, &fields).unwrap();
    let sort = Sort::read(&json!([{"field": "colour", "direction": "desc"}]), &fields).unwrap();
    let query = Query { filter: Some(&filter), sort: &sort, limit: 10, offset: 0 };
    assert_eq!(keys(&tables.query(&scope, &query).await.records), std::slice::from_ref(&key));
    assert_eq!(tables.find(&scope, std::slice::from_ref(&key)).await.len(), 1);
    assert!(matches!(tables.try_delete(&scope, &key, Some(2)).await, Ok(Deleted::Made { .. })));
}
