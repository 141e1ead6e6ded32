//! A filter means the same in a database and in memory: random filters over random rows find the same rows on both
//! databases as `Expression::holds` does, in the order that `Sort::compare` gives.

use std::collections::HashMap;
use std::sync::Arc;

use action_core::expression::{Expression, Field, Sort};
use action_core::ports::{Bulk, BulkChange, BulkOutcome, BulkRows, ChangeLog, Query, Storage};
use action_core::{Kind, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::things::{Tables, fields, in_acme, indexed};
use crate::dice::Dice;

const ROWS: usize = 60;
const FILTERS: usize = 300;

on_both_databases!(a_filter_finds_in_a_database_what_it_finds_in_memory);

async fn a_filter_finds_in_a_database_what_it_finds_in_memory(storage: Arc<dyn Storage>) {
    let tables = Tables::new(storage).await;
    let dice = &mut Dice(0x9e37_79b9_7f4a_7c15);
    let makers = makers(&tables, dice).await;
    let fields = fields(&tables.things);
    let rows: Vec<_> = (0..ROWS).map(|_| row(&fields, &makers, dice)).collect();
    let records = tables.many_things(&rows).await;

    let mut in_memory: Vec<Vec<Value>> = Vec::new();
    for record in &records {
        let mut values = record.clone().into_values();
        let behind = makers.get(&record.value("makerId").to_json().to_string());
        values.extend(behind.cloned().unwrap_or([Value::Null, Value::Null]));
        in_memory.push(values);
    }

    let scope = in_acme(&tables.things);
    let mut found_any = 0;
    for _ in 0..FILTERS {
        let json = filter(&fields, &in_memory, dice, 3);
        let filter = Expression::filter(&json, &fields).unwrap_or_else(|it| panic!("{json}: {it:?}"));
        let order = order(&fields, dice);
        let sort = Sort::read(&order, &fields).expect("the order is right");

        let page =
            tables.query(&scope, &Query { filter: Some(&filter), sort: &sort, limit: 1000, offset: 0 }).await;
        let found: Vec<Json> = page.records.iter().map(|it| it.key().to_json()).collect();

        let key = fields.iter().find(|it| it.path() == "id").expect("there is a key").clone();
        let sort = sort.ended_by(key);
        let mut expected: Vec<&Vec<Value>> = in_memory.iter().filter(|it| filter.holds(*it)).collect();
        expected.sort_by(|a, b| sort.compare(*a, *b));
        let expected: Vec<Json> = expected.iter().map(|it| it[0].to_json()).collect();
        assert_eq!(found, expected, "{json} by {order}");
        assert_eq!(page.total, expected.len() as u64);
        found_any += usize::from(!expected.is_empty() && expected.len() < ROWS);
        let at_most = u32::try_from(ROWS).expect("they are few");
        let rows = BulkRows::Matching { filter: &filter, at_most };
        assert_eq!(picked(&tables, rows).await, by_key(expected), "{json} picks the rows that it lists");
    }
    assert!(found_any > FILTERS / 4, "only {found_any} filters told rows apart");
}

/// The rows that a change of many picks, by key. It is undone.
async fn picked(tables: &Tables, rows: BulkRows<'_>) -> Vec<Json> {
    let mut tx = tables.begin().await;
    let log = ChangeLog { record: Uuid::from_u128(1), written: 0, redact: &[] };
    let values = indexed(&tables.things, &[("note", "picked".into())]);
    let bulk = Bulk { rows, change: BulkChange::Update(&values), independent: false, log };
    let outcome = tables.storage.record_store().change_all(tx.as_mut(), &in_acme(&tables.things), bulk).await;
    tx.rollback().await;
    match outcome.expect("the change runs") {
        BulkOutcome::Made(made) => made.keys.unwrap_or_default().iter().map(Value::to_json).collect(),
        other => panic!("{other:?}"),
    }
}

fn by_key(mut keys: Vec<Json>) -> Vec<Json> {
    keys.sort_by_key(Json::to_string);
    keys
}

/// Makers by the JSON of their key: the country, and the boss's name.
async fn makers(tables: &Tables, dice: &mut Dice) -> HashMap<String, [Value; 2]> {
    let scope = in_acme(&tables.makers);
    let mut known: Vec<(Value, Value)> = Vec::new();
    let mut makers = HashMap::new();
    for _ in 0..8 {
        let key: Value = dice.uuid().into();
        let (name, country) = (dice.value(Kind::Text), dice.value(Kind::Text));
        let boss = (!known.is_empty() && dice.roll(3) > 0).then(|| known[dice.roll(known.len())].clone());
        let (boss_key, boss_name) = boss.unwrap_or((Value::Null, Value::Null));
        let values = [("name", name.clone()), ("country", country.clone()), ("bossId", boss_key)];
        tables.try_insert(&scope, Some(&key), &values).await.expect("the maker is inserted");
        makers.insert(key.to_json().to_string(), [country, boss_name]);
        known.push((key, name));
    }
    makers
}

fn row<'f>(
    fields: &'f [Field],
    makers: &HashMap<String, [Value; 2]>,
    dice: &mut Dice,
) -> Vec<(&'f str, Value)> {
    let given =
        ["note", "size", "big", "price", "active", "day", "seen", "local", "data", "apiKey", "hostile"];
    let mut row = vec![("name", dice.text().into()), ("status", dice.text().into())];
    for field in fields.iter().filter(|it| given.contains(&it.path())) {
        row.push((field.path(), dice.value(field.kind())));
    }
    if dice.roll(4) > 0 {
        let mut keys: Vec<&String> = makers.keys().collect();
        keys.sort();
        let key: Uuid = keys[dice.roll(keys.len())].trim_matches('"').parse().expect("a uuid");
        row.push(("makerId", key.into()));
    }
    // The column has four bytes.
    for (name, value) in &mut row {
        if let ("size", Value::Integer(size)) = (*name, &value) {
            *value = (size % 100_000).into();
        }
    }
    row
}

fn filter(fields: &[Field], rows: &[Vec<Value>], dice: &mut Dice, depth: usize) -> Json {
    match dice.roll(if depth == 0 { 6 } else { 10 }) {
        6 => json!({"not": filter(fields, rows, dice, depth - 1)}),
        7 | 8 => {
            let parts: Vec<Json> = (0..dice.roll(4)).map(|_| filter(fields, rows, dice, depth - 1)).collect();
            if dice.roll(2) == 0 { json!({"and": parts}) } else { json!({"or": parts}) }
        }
        _ => leaf(fields, rows, dice),
    }
}

fn leaf(fields: &[Field], rows: &[Vec<Value>], dice: &mut Dice) -> Json {
    let field = &fields[dice.roll(fields.len())];
    let operators: &[&str] = match field.kind() {
        Kind::Json => &["is_null", "is_not_null"],
        Kind::Boolean => &["eq", "ne", "in", "is_null", "is_not_null"],
        Kind::Text => &[
            "eq",
            "ne",
            "gt",
            "lt",
            "gte",
            "lte",
            "in",
            "is_null",
            "is_not_null",
            "contains",
            "starts_with",
            "contains",
            "starts_with",
        ],
        _ => &["eq", "ne", "gt", "lt", "gte", "lte", "in", "is_null", "is_not_null"],
    };
    let operator = operators[dice.roll(operators.len())];
    let path = field.path();
    match operator {
        "is_null" | "is_not_null" => json!({"field": path, "operator": operator}),
        "in" => {
            let values: Vec<Json> = (0..dice.roll(5)).map(|_| literal(field, rows, dice)).collect();
            json!({"field": path, "operator": "in", "value": values})
        }
        "contains" | "starts_with" => {
            let text = dice.text();
            let (from, to) = (dice.roll(3), 1 + dice.roll(3));
            let text: String = text.chars().skip(from).take(to).collect();
            let text = if dice.roll(2) == 0 { text.to_uppercase() } else { text };
            json!({"field": path, "operator": operator, "value": text})
        }
        "eq" | "ne" if dice.roll(8) == 0 => json!({"field": path, "operator": operator, "value": null}),
        _ => json!({"field": path, "operator": operator, "value": literal(field, rows, dice)}),
    }
}

/// Mostly a value that some row has.
fn literal(field: &Field, rows: &[Vec<Value>], dice: &mut Dice) -> Json {
    let stored =
        field.slot().and_then(|slot| rows[dice.roll(rows.len())].get(slot)).filter(|it| !it.is_null());
    match stored {
        Some(value) if dice.roll(4) > 0 => match (value, dice.roll(3)) {
            (Value::Uuid(id), 0) => id.to_string().to_uppercase().into(),
            // The same instant, seen from elsewhere.
            (Value::Timestamp(at), 0) => {
                let offset = chrono::FixedOffset::east_opt(-5400).expect("an offset");
                at.with_timezone(&offset).to_rfc3339().into()
            }
            (Value::Decimal(number), 0) => format!("{number}").into(),
            // A hair above what a column can hold.
            (Value::Decimal(number), 1) if number.scale() > 0 => format!("{number}00000000000000001").into(),
            _ => value.to_json(),
        },
        _ => loop {
            let value = dice.value(field.kind()).to_json();
            if !value.is_null() {
                break value;
            }
        },
    }
}

fn order(fields: &[Field], dice: &mut Dice) -> Json {
    let mut entries: Vec<Json> = Vec::new();
    for _ in 0..dice.roll(3) {
        let field = &fields[dice.roll(fields.len())];
        let entry = |it: &Json| it["field"] == field.path();
        if field.kind() != Kind::Json && !entries.iter().any(entry) {
            let direction = if dice.roll(2) == 0 { "asc" } else { "desc" };
            entries.push(json!({"field": field.path(), "direction": direction}));
        }
    }
    entries.into()
}
