//! A condition means the same in memory and in both databases.

use std::collections::BTreeMap;

use action_core::entity_actions::HostTable;
use action_core::{Kind, Value};
use action_sqlx::Dialect;
use action_tests::databases::TestDatabase;
use serde_json::{Value as Json, json};

use super::{either, judge, kind, literal, read, script, table};
use crate::dice::Dice;

on_both_databases!(
    every_case_of_the_fixture_is_judged_as_written,
    a_random_condition_is_judged_in_a_database_as_in_memory,
    a_time_is_its_instant_however_the_host_spells_it,
    a_binary_number_is_what_its_shortest_spelling_says,
    a_condition_on_many_columns_of_many_rows_is_one_statement,
);

const FIXTURE: &str = include_str!("../../../action-core/tests/fixtures/conditions.json");

const POSTGRES: &str = "
    CREATE TABLE stages (id INTEGER PRIMARY KEY, status_key TEXT, rank SMALLINT, since TIMESTAMPTZ);
    CREATE TABLE facts (id BIGINT PRIMARY KEY, status TEXT, severity INTEGER, big BIGINT, amount NUMERIC(12, 2),
        ratio DOUBLE PRECISION, name VARCHAR(40), open BOOLEAN, closed_at TIMESTAMPTZ, reported_at TIMESTAMP, due DATE,
        token UUID, extra JSONB, status_id INTEGER REFERENCES stages);";
const SQLITE: &str = "
    CREATE TABLE stages (id INTEGER PRIMARY KEY, status_key TEXT, rank SMALLINT, since TIMESTAMP);
    CREATE TABLE facts (id INTEGER PRIMARY KEY, status TEXT, severity INTEGER, big BIGINT, amount NUMERIC,
        ratio DOUBLE, name VARCHAR(40) COLLATE NOCASE, open BOOLEAN, closed_at TIMESTAMP, reported_at DATETIME, due DATE,
        token UUID, extra JSON, status_id INTEGER REFERENCES stages);";

const COLUMNS: [&str; 14] = [
    "id",
    "status",
    "severity",
    "big",
    "amount",
    "ratio",
    "name",
    "open",
    "closed_at",
    "reported_at",
    "due",
    "token",
    "extra",
    "status_id",
];
const BEHIND: [&str; 4] = ["status_id.id", "status_id.status_key", "status_id.rank", "status_id.since"];

type Row = BTreeMap<String, Value>;

async fn facts(database: &TestDatabase) -> HostTable {
    script(database, either(database, POSTGRES, SQLITE)).await;
    table(database, "facts").await.expect("it is there")
}

/// Writes a row by the names of its columns.
fn insert(database: &TestDatabase, table: &str, row: &[(&str, Value)], dice: &mut Dice) -> String {
    let names: Vec<&str> = row.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = row.iter().map(|(_, value)| spelled(database, value, dice)).collect();
    format!("INSERT INTO {table} ({}) VALUES ({});", names.join(", "), values.join(", "))
}

/// SQLite keeps times as texts, and its hosts spell them as they like.
fn spelled(database: &TestDatabase, value: &Value, dice: &mut Dice) -> String {
    let Value::Timestamp(at) = value else { return literal(database, value) };
    let text = match dice.roll(4) {
        0 => at.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        1 => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        2 if database.dialect() == Dialect::Sqlite && (1900..3000).contains(&chrono::Datelike::year(at)) => {
            let offset = chrono::FixedOffset::east_opt(7_200).expect("an offset");
            at.with_timezone(&offset).to_rfc3339()
        }
        _ => at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
    };
    format!("'{text}'")
}

async fn every_case_of_the_fixture_is_judged_as_written(database: TestDatabase) {
    let table = facts(&database).await;
    let fixture: Json = serde_json::from_str(FIXTURE).unwrap();
    let facts = &fixture["row"];
    script(&database, "INSERT INTO stages (id, status_key) VALUES (2, 'review');").await;
    let mut row = Vec::new();
    let mut in_memory = Row::new();
    for (name, json) in facts.as_object().unwrap() {
        let json = if name == "status_id" { &json["id"] } else { json };
        let value = kind(&table, name).read(json).unwrap();
        row.push((name.as_str(), value.clone()));
        in_memory.insert(name.clone(), value);
    }
    in_memory.insert("status_id.status_key".to_owned(), "review".into());
    script(&database, &insert(&database, "facts", &row, &mut Dice(1))).await;

    let mut told = 0;
    for case in fixture["cases"].as_array().unwrap() {
        let judged = match read(&case["condition"], &table) {
            Err(_) => "invalid",
            Ok(tree) => {
                let answers = judge(&database, &table, &[7.into()], &[&tree]).await;
                assert_eq!(answers.len(), 1);
                assert_eq!(answers[0].1, [tree.holds(&in_memory)], "memory and database: {case}");
                if answers[0].1[0] { "true" } else { "false" }
            }
        };
        assert_eq!(judged, case["result"], "{case}");
        told += 1;
    }
    assert!(told >= 45, "the fixture lost cases");
}

async fn a_random_condition_is_judged_in_a_database_as_in_memory(database: TestDatabase) {
    const ROWS: i64 = 50;
    const CONDITIONS: usize = 800;
    let table = facts(&database).await;
    let dice = &mut Dice(0x5eed);
    let stages: Vec<Vec<(&str, Value)>> = (1..=6)
        .map(|id: i64| {
            vec![
                ("id", id.into()),
                ("status_key", dice.value(Kind::Text)),
                ("rank", small(&dice.value(Kind::Integer))),
                ("since", dice.value(Kind::Timestamp)),
            ]
        })
        .collect();
    let mut inserts: String = stages.iter().map(|it| insert(&database, "stages", it, dice)).collect();
    let mut rows: Vec<Row> = Vec::new();
    for id in 1..=ROWS {
        let mut row: Vec<(&str, Value)> = vec![("id", id.into())];
        for name in &COLUMNS[1..13] {
            let value = match *name {
                "severity" => small(&dice.value(Kind::Integer)),
                "ratio" => ratio(dice),
                _ => dice.value(kind(&table, name)),
            };
            row.push((name, value));
        }
        let stage = (dice.roll(4) > 0).then(|| &stages[dice.roll(stages.len())]);
        row.push(("status_id", stage.map_or(Value::Null, |it| it[0].1.clone())));
        inserts.push_str(&insert(&database, "facts", &row, dice));
        let mut in_memory: Row = row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (name, value) in stage.into_iter().flatten() {
            in_memory.insert(format!("status_id.{name}"), value.clone());
        }
        rows.push(in_memory);
    }
    script(&database, &inserts).await;

    let conditions: Vec<Json> = (0..CONDITIONS).map(|_| condition(&table, &rows, dice, 4)).collect();
    let trees: Vec<_> = conditions.iter().map(|it| read(it, &table).unwrap()).collect();
    let keys: Vec<Value> = (1..=ROWS).map(Value::from).collect();
    let mut told_apart = 0;
    for (conditions, trees) in conditions.chunks(40).zip(trees.chunks(40)) {
        let judged = judge(&database, &table, &keys, &trees.iter().collect::<Vec<_>>()).await;
        assert_eq!(judged.len(), rows.len());
        for (at, (condition, tree)) in conditions.iter().zip(trees).enumerate() {
            let mut holding = 0;
            for (row, (key, answers)) in rows.iter().zip(&judged) {
                assert_eq!(*key, row["id"]);
                assert_eq!(answers[at], tree.holds(row), "{condition} of {row:?}");
                holding += i64::from(answers[at]);
            }
            told_apart += usize::from(holding > 0 && holding < ROWS);
        }
    }
    assert!(told_apart > CONDITIONS / 3, "only {told_apart} conditions told rows apart");
}

/// A column of two or four bytes has no greater ones.
fn small(value: &Value) -> Value {
    match value {
        Value::Integer(it) => Value::Integer(it % 10_000),
        other => other.clone(),
    }
}

/// Numbers that a binary column has exactly, or by their shortest spelling.
fn ratio(dice: &mut Dice) -> Value {
    let text = dice.pick(&["", "-2.25", "0", "0.1", "0.5", "3", "1234.5", "1000000"]);
    text.parse().map_or(Value::Null, Value::Decimal)
}

fn condition(table: &HostTable, rows: &[Row], dice: &mut Dice, depth: usize) -> Json {
    match dice.roll(if depth == 0 { 6 } else { 10 }) {
        6 => json!({ "not": condition(table, rows, dice, depth - 1) }),
        7 | 8 => {
            let parts: Vec<Json> =
                (0..dice.roll(4)).map(|_| condition(table, rows, dice, depth - 1)).collect();
            if dice.roll(2) == 0 { json!({ "and": parts }) } else { json!({ "or": parts }) }
        }
        _ => leaf(table, rows, dice),
    }
}

fn leaf(table: &HostTable, rows: &[Row], dice: &mut Dice) -> Json {
    let field = match dice.roll(12) {
        0 => dice.pick(&["missing", "name.x", "status_id.nothing", "status_id.rank.x", "rowid", "ctid", ""]),
        1..=3 => dice.pick(&BEHIND),
        _ => dice.pick(&COLUMNS),
    };
    let operator =
        dice.pick(&["eq", "ne", "gt", "lt", "gte", "lte", "in", "is_null", "is_not_null", "eq", "ne", "in"]);
    match operator.as_str() {
        "is_null" | "is_not_null" => json!({ "field": field, "operator": operator }),
        "in" => {
            let values: Vec<Json> = (0..dice.roll(5)).map(|_| value(table, &field, rows, dice)).collect();
            json!({ "field": field, "operator": "in", "value": values })
        }
        _ => json!({ "field": field, "operator": operator, "value": value(table, &field, rows, dice) }),
    }
}

/// Mostly one that some row has, perhaps in another spelling; else any, of the column's type or another.
fn value(table: &HostTable, field: &str, rows: &[Row], dice: &mut Dice) -> Json {
    use action_core::expression::Fields as _;
    let stored = rows[dice.roll(rows.len())].get(field).filter(|it| !it.is_null());
    match (stored, dice.roll(8)) {
        (Some(Value::Timestamp(at)), 0 | 1) => {
            let offset = chrono::FixedOffset::east_opt(-5_400).expect("an offset");
            at.with_timezone(&offset).to_rfc3339().into()
        }
        (Some(Value::Uuid(id)), 0) => id.to_string().to_uppercase().into(),
        (Some(value), 1) => value.to_json().to_string().into(),
        (Some(value), 2..) => value.to_json(),
        (_, 0) => [json!(null), json!(true), json!({}), json!([1]), json!("")][dice.roll(5)].clone(),
        (_, 1 | 2) => {
            let numbers =
                [json!(2.5), json!(1e300), json!(-1e300), json!(0), json!(1.0), json!(1e-300), json!(19.9)];
            numbers[dice.roll(numbers.len())].clone()
        }
        (_, 3) => json!(dice.pick(&["3", "2026-03-01", "2026-03-01T10:00:00Z", "true", "null", "a", "\0"])),
        _ => {
            let of = table.field(field).map_or(Kind::Text, |it| it.kind());
            dice.value(of).to_json()
        }
    }
}

async fn a_time_is_its_instant_however_the_host_spells_it(database: TestDatabase) {
    let table = facts(&database).await;
    let spellings = [
        "2026-03-01T10:00:00Z",
        "2026-03-01T10:00:00.000000Z",
        "2026-03-01 10:00:00",
        "2026-03-01 10:00:00.000",
        "2026-03-01T12:00:00+02:00",
    ];
    for (id, spelling) in (1..).zip(spellings) {
        let row = format!("INSERT INTO facts (id, closed_at) VALUES ({id}, '{spelling}');");
        script(&database, &row).await;
    }
    for (operator, at, expected) in [
        ("eq", "2026-03-01T10:00:00Z", true),
        ("eq", "2026-03-01T09:00:00-01:00", true),
        ("gte", "2026-03-01T10:00:00Z", true),
        ("lt", "2026-03-01T10:00:00.000001Z", true),
        ("gt", "2026-03-01T09:59:59.999999Z", true),
        ("gt", "2026-03-01T10:00:00Z", false),
        ("ne", "2026-03-01T10:00:00Z", false),
    ] {
        let condition = json!({ "field": "closed_at", "operator": operator, "value": at });
        let tree = read(&condition, &table).unwrap();
        let listed = json!({ "field": "closed_at", "operator": "in", "value": ["2026-03-01T10:00:00Z"] });
        let listed = read(&listed, &table).unwrap();
        let keys: Vec<Value> = (1..=5_i64).map(Value::from).collect();
        for (key, answers) in judge(&database, &table, &keys, &[&tree, &listed]).await {
            assert_eq!(answers, [expected, true], "{condition} of row {key:?}");
        }
    }
}

async fn a_binary_number_is_what_its_shortest_spelling_says(database: TestDatabase) {
    let table = facts(&database).await;
    script(&database, "INSERT INTO facts (id, ratio) VALUES (1, 0.1), (2, 0.30000000000000004), (3, 1e15);")
        .await;
    for (operator, value, expected) in [
        ("eq", json!(0.1), [true, false, false]),
        ("eq", json!(0.3), [false, false, false]),
        ("gt", json!(0.3), [false, true, true]),
        ("lte", json!(0.3), [true, false, false]),
        ("eq", json!(1e15), [false, false, true]),
        ("in", json!([0.1, 0.3]), [true, false, false]),
    ] {
        let condition = json!({ "field": "ratio", "operator": operator, "value": value });
        let tree = read(&condition, &table).unwrap();
        let judged = judge(&database, &table, &[1.into(), 2.into(), 3.into()], &[&tree]).await;
        let answers: Vec<bool> = judged.iter().map(|it| it.1[0]).collect();
        assert_eq!(answers, expected, "{condition}");
    }
}

async fn a_condition_on_many_columns_of_many_rows_is_one_statement(database: TestDatabase) {
    let table = facts(&database).await;
    let rows: Vec<String> = (1..=500).map(|id| format!("({id}, {id})")).collect();
    let rows = format!("INSERT INTO facts (id, severity) VALUES {}", rows.join(", "));
    script(&database, &rows).await;
    let all: Vec<Json> =
        (1..=200).map(|it| json!({ "field": "severity", "operator": "gte", "value": it })).collect();
    let trees: Vec<_> = all.iter().map(|it| read(it, &table).unwrap()).collect();
    let keys: Vec<Value> = (1..=500_i64).map(Value::from).collect();
    let judged = judge(&database, &table, &keys, &trees.iter().collect::<Vec<_>>()).await;
    assert_eq!(judged.len(), 500);
    for (key, answers) in judged {
        let id = key.to_json().as_u64().unwrap();
        let holding = answers.iter().filter(|it| **it).count() as u64;
        assert_eq!(holding, id.min(200));
    }
}
