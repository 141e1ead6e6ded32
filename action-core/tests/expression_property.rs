//! Laws that hold for every tree and every row.
//!
//! The reference below judges JSON by JSON, leaf by leaf, without a tree: slow, plain, and written from the
//! contract. Trees must agree with it. Values come from small pools, so that equality and ties happen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::cmp::Ordering;

use action_core::expression::{Expression, Field, Sort, Step};
use action_core::{Kind, Value};
use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

const COLUMNS: [(&str, Kind); 9] = [
    ("name", Kind::Text),
    ("count", Kind::Integer),
    ("amount", Kind::Decimal { precision: 15, scale: 3 }),
    ("open", Kind::Boolean),
    ("token", Kind::Uuid),
    ("at", Kind::Timestamp),
    ("day", Kind::Date),
    ("extra", Kind::Json),
    ("status_id.key", Kind::Text),
];

fn fields() -> Vec<Field> {
    let field = |(path, kind)| match kind {
        Kind::Text if path == "status_id.key" => {
            Field::new(path, kind).through([Step::new("status_id", "statuses", "id")])
        }
        _ => Field::new(path, kind),
    };
    COLUMNS.into_iter().map(field).collect()
}

/// What a column of this kind may hold.
fn pool(kind: Kind) -> Vec<Json> {
    match kind {
        Kind::Text => {
            vec![
                json!(""),
                json!("a"),
                json!("Ab"),
                json!("b%_"),
                json!("é"),
                json!("1"),
                json!("2026-03-01"),
            ]
        }
        Kind::Integer => vec![json!(0), json!(1), json!(2), json!(-1), json!(i64::MAX), json!(i64::MIN)],
        Kind::Decimal { .. } => {
            vec![json!(0), json!(1), json!(1.5), json!(-0.001), json!(999_999_999_999.999), json!(2)]
        }
        Kind::Boolean => vec![json!(true), json!(false)],
        Kind::Uuid => {
            vec![
                json!("00000000-0000-4000-8000-00000000000a"),
                json!("FFFFFFFF-0000-4000-8000-00000000000A"),
                json!("80000000-0000-4000-8000-00000000000a"),
            ]
        }
        Kind::Timestamp => {
            vec![
                json!("2026-03-01T10:00:00Z"),
                json!("2026-03-01T12:00:00+02:00"),
                json!("2026-03-01T10:00:00.000001Z"),
                json!("1969-12-31T23:59:59.5Z"),
            ]
        }
        Kind::Date => vec![json!("2026-03-01"), json!("2026-02-28"), json!("1969-12-31")],
        Kind::Json => vec![json!({"a": 1}), json!([]), json!(1)],
    }
}

/// What a condition may compare with: any column's values, and some that no column has.
fn literals() -> Vec<Json> {
    let strange = [
        json!(null),
        json!(2.5),
        json!(1.0),
        json!(0.1),
        json!(1e300),
        json!(-1e300),
        json!(1e-300),
        json!(-1e-300),
        json!(u64::MAX),
        json!([1]),
        json!("A"),
    ];
    COLUMNS.iter().flat_map(|(_, kind)| pool(*kind)).chain(strange).collect()
}

const ORDERS: [&str; 4] = ["gt", "lt", "gte", "lte"];
const EQUALITIES: [&str; 2] = ["eq", "ne"];

fn row() -> impl Strategy<Value = Json> {
    COLUMNS.map(|(_, kind)| prop::option::weighted(0.75, select(pool(kind)))).prop_map(|cells| {
        let cells = cells.into_iter().map(|it| it.unwrap_or(Json::Null));
        COLUMNS.iter().map(|(path, _)| (*path).to_owned()).zip(cells).collect()
    })
}

fn leaf(field: &str, operator: &str, value: impl Into<Json>) -> Json {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

fn condition_leaf() -> impl Strategy<Value = Json> {
    let field =
        || select(COLUMNS.map(|(path, _)| path).into_iter().chain(["missing", "a.b"]).collect::<Vec<_>>());
    let operator = select([EQUALITIES.as_slice(), &ORDERS].concat());
    let among = prop::collection::vec(select(literals()), 0..5);
    prop_oneof![
        6 => (field(), operator, select(literals())).prop_map(|(field, op, value)| leaf(field, op, value)),
        2 => (field(), among).prop_map(|(field, values)| leaf(field, "in", values)),
        1 => field().prop_map(|it| json!({"field": it, "operator": "is_null"})),
        1 => field().prop_map(|it| json!({"field": it, "operator": "is_not_null"})),
    ]
}

/// Leaves that fit their column, as a filter must.
fn filter_leaf() -> impl Strategy<Value = Json> {
    select(COLUMNS.to_vec()).prop_flat_map(|(field, kind)| {
        let mut operators = vec!["is_null", "is_not_null"];
        if kind != Kind::Json {
            operators.extend(["eq", "ne", "in"]);
            if kind != Kind::Boolean {
                operators.extend(ORDERS);
            }
        }
        if kind == Kind::Text {
            operators.extend(["contains", "starts_with"]);
        }
        let mut values = pool(kind);
        if matches!(kind, Kind::Decimal { .. }) {
            values.extend([json!(1e300), json!(-1e-300), json!(0.123_456_789), json!("1.50")]);
        }
        let or_null: Vec<_> = values.iter().cloned().chain([Json::Null]).collect();
        (select(operators), select(values), prop::collection::vec(select(or_null), 0..5)).prop_map(
            move |(operator, value, values)| match operator {
                "is_null" | "is_not_null" => json!({ "field": field, "operator": operator }),
                "in" => leaf(field, operator, values),
                _ => leaf(field, operator, value),
            },
        )
    })
}

fn tree_of(leaf: impl Strategy<Value = Json> + 'static) -> impl Strategy<Value = Json> {
    leaf.prop_recursive(4, 24, 4, |inner| {
        let parts = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts.clone().prop_map(|it| json!({ "and": it })),
            parts.prop_map(|it| json!({ "or": it })),
            inner.prop_map(|it| json!({ "not": it })),
        ]
    })
}

/// Any JSON at all, with a liking for the words of the language.
fn anything() -> impl Strategy<Value = Json> {
    let words =
        ["and", "or", "not", "field", "operator", "value", "direction", "eq", "in", "name", "asc", "x"];
    let scalar = prop_oneof![
        select(words.map(Json::from).to_vec()),
        select(literals()),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    scalar.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::vec((select(words.to_vec()), inner), 0..4)
                .prop_map(|it| it.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

/// The row as a table holds it.
fn cells(row: &Json) -> Vec<Value> {
    COLUMNS.iter().map(|(path, kind)| kind.read(&row[path]).unwrap()).collect()
}

fn condition(json: &Json) -> Expression {
    Expression::condition(Some(json), &fields()).unwrap_or_else(|it| panic!("{json}: {it}"))
}

fn filter(json: &Json) -> Expression {
    Expression::filter(json, &fields()).unwrap_or_else(|it| panic!("{json}: {it:?}"))
}

/// The reference. `strict` is a filter, where every type but booleans has an order.
fn judge(json: &Json, row: &Json, strict: bool) -> bool {
    let all = |name: &str| {
        json[name].as_array().map(|it| it.iter().map(|part| judge(part, row, strict)).collect::<Vec<_>>())
    };
    if let Some(parts) = all("and") {
        return !parts.contains(&false);
    }
    if let Some(parts) = all("or") {
        return parts.contains(&true);
    }
    if let Some(part) = json.get("not") {
        return !judge(part, row, strict);
    }
    let path = json["field"].as_str().unwrap();
    let (cell, value) = (&row[path], &json["value"]);
    let kind = COLUMNS.iter().find(|(name, _)| *name == path).map_or(Kind::Json, |(_, kind)| *kind);
    let same = |value: &Json| match (cell, value) {
        (Json::Null, Json::Null) => true,
        (Json::Null, _) | (_, Json::Null) => false,
        _ => reference_order(kind, cell, value) == Some(Ordering::Equal),
    };
    let ordered =
        strict || matches!(kind, Kind::Integer | Kind::Decimal { .. } | Kind::Timestamp | Kind::Date);
    let order = reference_order(kind, cell, value).filter(|_| ordered);
    let text = |it: &Json| it.as_str().map(str::to_ascii_lowercase);
    match json["operator"].as_str().unwrap() {
        "eq" => same(value),
        "ne" => !same(value),
        "gt" => order == Some(Ordering::Greater),
        "lt" => order == Some(Ordering::Less),
        "gte" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        "lte" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        "in" => value.as_array().unwrap().iter().any(same),
        "is_null" => cell.is_null(),
        "is_not_null" => !cell.is_null(),
        "contains" => text(cell).zip(text(value)).is_some_and(|(cell, value)| cell.contains(&value)),
        "starts_with" => text(cell).zip(text(value)).is_some_and(|(cell, value)| cell.starts_with(&value)),
        other => panic!("{other}"),
    }
}

fn reference_order(kind: Kind, left: &Json, right: &Json) -> Option<Ordering> {
    let texts = left.as_str().zip(right.as_str());
    match kind {
        Kind::Integer | Kind::Decimal { .. } => {
            let whole = |it: &Json| it.as_i64().map(i128::from).or(it.as_u64().map(i128::from));
            // Only a filter gets here with decimal text.
            let real = |it: &Json| it.as_f64().or(it.as_str().filter(|it| *it == "1.50").map(|_| 1.5));
            match (whole(left), whole(right)) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                // At most 15 digits on either side: two different decimals are two different binary numbers.
                _ => real(left)?.partial_cmp(&real(right)?),
            }
        }
        Kind::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
        Kind::Text => texts.map(|(left, right)| left.chars().cmp(right.chars())),
        Kind::Uuid => {
            let uuid = |it: &str| it.parse::<uuid::Uuid>().ok().map(|it| it.to_string());
            texts.and_then(|(left, right)| Some(uuid(left)?.cmp(&uuid(right)?)))
        }
        Kind::Timestamp => {
            let at = |it: &str| DateTime::parse_from_rfc3339(it).ok();
            texts.and_then(|(left, right)| Some(at(left)?.cmp(&at(right)?)))
        }
        Kind::Date => {
            let day = |it: &str| it.parse::<NaiveDate>().ok();
            texts.and_then(|(left, right)| Some(day(left)?.cmp(&day(right)?)))
        }
        Kind::Json => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_agrees_with_the_reference(json in tree_of(condition_leaf()), row in row()) {
        prop_assert_eq!(condition(&json).holds(&cells(&row)), judge(&json, &row, false), "{}", json);
    }

    #[test]
    fn a_filter_agrees_with_the_reference(json in tree_of(filter_leaf()), row in row()) {
        prop_assert_eq!(filter(&json).holds(&cells(&row)), judge(&json, &row, true), "{}", json);
    }

    #[test]
    fn a_tree_written_as_json_is_read_as_the_same_tree(
        lenient in tree_of(condition_leaf()),
        strict in tree_of(filter_leaf()),
    ) {
        let tree = condition(&lenient);
        prop_assert_eq!(condition(&tree.to_json()), tree);
        let tree = filter(&strict);
        prop_assert_eq!(filter(&tree.to_json()), tree);
    }

    #[test]
    fn the_leaves_keep_what_the_tree_promises(json in tree_of(condition_leaf())) {
        for part in condition(&json).parts() {
            match part {
                Expression::Compare { field, value, op, .. } => {
                    prop_assert!(is_of(field.kind(), value), "{:?}", part);
                    prop_assert!(!op.is_order() || field.kind() != Kind::Boolean);
                }
                Expression::In { field, values, .. } => {
                    prop_assert!(!values.is_empty() && values.iter().all(|it| is_of(field.kind(), it)));
                }
                Expression::All(parts) | Expression::Any(parts) => prop_assert!(!parts.is_empty()),
                _ => {}
            }
        }
    }

    #[test]
    fn negation_twice_is_none_and_de_morgan_holds(
        parts in prop::collection::vec(tree_of(filter_leaf()), 0..4),
        row in row(),
    ) {
        let row = cells(&row);
        let holds = |json: Json| filter(&json).holds(&row);
        for part in &parts {
            prop_assert_eq!(holds(json!({"not": {"not": part}})), holds(part.clone()));
            prop_assert_eq!(holds(json!({"not": part})), !holds(part.clone()));
        }
        let negated: Vec<_> = parts.iter().map(|it| json!({ "not": it })).collect();
        prop_assert_eq!(holds(json!({"not": {"and": parts}})), holds(json!({ "or": negated })));
        prop_assert_eq!(holds(json!({"not": {"or": parts}})), holds(json!({ "and": negated })));
    }

    #[test]
    fn empty_and_and_empty_or_are_neutral(json in tree_of(filter_leaf()), row in row()) {
        let row = cells(&row);
        let holds = |json: Json| filter(&json).holds(&row);
        let expected = holds(json.clone());
        prop_assert_eq!(holds(json!({"and": [json, {"and": []}]})), expected);
        prop_assert_eq!(holds(json!({"or": [{"or": []}, json]})), expected);
        prop_assert_eq!(holds(json!({"or": [json, {"and": []}]})), true);
        prop_assert_eq!(holds(json!({"and": [json, {"or": []}]})), false);
        prop_assert_eq!(filter(&json).and(filter(&json)).holds(&row), expected);
    }

    #[test]
    fn whatever_is_sent_is_a_tree_or_a_mistake(json in anything(), row in row()) {
        let row = cells(&row);
        match Expression::filter(&json, &fields()) {
            Ok(tree) => { tree.holds(&row); }
            Err(errors) => prop_assert!(!errors.is_empty()),
        }
        match Expression::condition(Some(&json), &fields()) {
            Ok(tree) => { tree.holds(&row); }
            Err(invalid) => prop_assert!(!invalid.reason().is_empty()),
        }
        if let Err(errors) = Sort::read(&json, &fields()) {
            prop_assert!(!errors.is_empty());
        }
    }

    #[test]
    fn sorting_is_a_total_order(
        rows in prop::collection::vec(row(), 3),
        by in prop::collection::vec((select(COLUMNS[..7].to_vec()), any::<bool>()), 1..3),
    ) {
        let entry = |((path, _), up): &((&str, Kind), bool)| json!({"field": path, "direction": if *up { "asc" } else { "desc" }});
        let Ok(sort) = Sort::read(&by.iter().map(entry).collect(), &fields()) else {
            // The same field twice.
            return Ok(());
        };
        let rows: Vec<_> = rows.iter().map(cells).collect();
        let order = |left: usize, right: usize| sort.compare(&rows[left], &rows[right]);
        prop_assert_eq!(order(0, 1), order(1, 0).reverse());
        prop_assert_eq!(order(0, 0), Ordering::Equal);
        if order(0, 1).is_le() && order(1, 2).is_le() {
            prop_assert!(order(0, 2).is_le());
        }
    }
}

fn is_of(kind: Kind, value: &Value) -> bool {
    matches!(
        (kind, value),
        (Kind::Text, Value::Text(_))
            | (Kind::Integer, Value::Integer(_))
            | (Kind::Decimal { .. }, Value::Decimal(_))
            | (Kind::Boolean, Value::Boolean(_))
            | (Kind::Uuid, Value::Uuid(_))
            | (Kind::Timestamp, Value::Timestamp(_))
            | (Kind::Date, Value::Date(_))
    )
}
