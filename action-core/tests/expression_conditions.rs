//! Conditions of entity actions: every case of the fixture, and what the fixture leaves out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use action_core::expression::{Expression, Field, Fields, Step};
use action_core::{Kind, Value};
use serde_json::{Value as Json, json};

const FIXTURE: &str = include_str!("fixtures/conditions.json");
const AMOUNT: Kind = Kind::Decimal { precision: 12, scale: 2 };

/// The fixture's row as a table declares it: the foreign key is its key, the related row is reached through it.
fn fields() -> Vec<Field> {
    vec![
        Field::new("id", Kind::Integer).not_null(),
        Field::new("status", Kind::Text),
        Field::new("severity", Kind::Integer),
        Field::new("amount", AMOUNT),
        Field::new("name", Kind::Text),
        Field::new("open", Kind::Boolean),
        Field::new("closed_at", Kind::Timestamp),
        Field::new("reported_at", Kind::Timestamp),
        Field::new("status_id", Kind::Integer),
        Field::new("status_id.status_key", Kind::Text).through([Step::new("status_id", "statuses", "id")]),
        Field::new("due", Kind::Date),
        Field::new("token", Kind::Uuid),
        Field::new("extra", Kind::Json),
    ]
}

fn row(fixture: &Json) -> Vec<Value> {
    let mut row = fixture["row"].clone();
    row["status_id.status_key"] = row["status_id"]["status_key"].take();
    row["status_id"] = row["status_id"]["id"].take();
    row["due"] = json!("2026-03-01");
    row["token"] = json!("aaaaaaaa-0000-4000-8000-000000000001");
    row["extra"] = json!({"a": 1});
    fields().iter().map(|it| it.kind().read(&row[it.path()]).unwrap()).collect()
}

fn judge(condition: &Json) -> &'static str {
    let fixture = serde_json::from_str(FIXTURE).unwrap();
    match Expression::condition(Some(condition), &fields()) {
        Ok(tree) if tree.holds(&row(&fixture)) => "true",
        Ok(_) => "false",
        Err(_) => "invalid",
    }
}

fn leaf(field: &str, operator: &str, value: impl Into<Json>) -> Json {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

#[track_caller]
fn assert_judged(expected: &str, cases: &[Json]) {
    for case in cases {
        assert_eq!(judge(case), expected, "{case}");
    }
}

#[test]
fn every_case_of_the_fixture_is_judged_as_written() {
    let fixture: Json = serde_json::from_str(FIXTURE).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() >= 45, "the fixture lost cases");
    for case in cases {
        assert_eq!(judge(&case["condition"]), case["result"], "{case}");
    }
}

#[test]
fn no_condition_is_true() {
    assert_eq!(Expression::condition(None, &fields()), Ok(Expression::Constant(true)));
    assert_eq!(Expression::condition(Some(&Json::Null), &fields()), Ok(Expression::Constant(true)));
}

#[test]
fn times_compare_by_their_instant_and_only_with_times() {
    assert_judged(
        "true",
        &[
            leaf("reported_at", "eq", "2026-03-01T12:00:00+02:00"),
            leaf("reported_at", "in", json!(["2026-03-01T12:00:00+02:00"])),
            leaf("reported_at", "ne", "2026-03-01"),
            leaf("reported_at", "lte", "2026-03-01T10:00:00.000Z"),
            leaf("due", "gt", "2026-02-28"),
            leaf("due", "eq", "2026-03-01"),
        ],
    );
    assert_judged(
        "false",
        &[
            leaf("reported_at", "gt", "2026-02-01"),
            leaf("reported_at", "gt", 1),
            leaf("due", "gt", "2026-02-01T00:00:00Z"),
            leaf("due", "gt", "yesterday"),
        ],
    );
}

#[test]
fn a_leap_second_is_the_first_of_the_next_minute() {
    let fields = [Field::new("at", Kind::Timestamp)];
    let condition = leaf("at", "eq", "2016-12-31T23:59:60Z");
    let tree = Expression::condition(Some(&condition), &fields).unwrap();
    assert!(tree.holds(&[Kind::Timestamp.read(&json!("2017-01-01T00:00:00Z")).unwrap()]));
}

#[test]
fn the_declared_type_decides_never_the_look() {
    // A text that looks like a time, or like a number, is a text, and texts have no order here.
    let fields = [Field::new("note", Kind::Text)];
    let row = [Value::from("2026-03-01T10:00:00Z")];
    for (operator, value, expected) in [
        ("eq", "2026-03-01T12:00:00+02:00", false),
        ("gt", "2026-02-01T00:00:00Z", false),
        ("lt", "zzz", false),
        ("eq", "2026-03-01T10:00:00Z", true),
    ] {
        let tree = Expression::condition(Some(&leaf("note", operator, value)), &fields).unwrap();
        assert_eq!(tree.holds(&row), expected, "{operator} {value}");
    }
}

#[test]
fn a_uuid_is_one_whatever_the_case_of_its_letters_and_has_no_order() {
    assert_judged("true", &[leaf("token", "eq", "AAAAAAAA-0000-4000-8000-000000000001")]);
    assert_judged("false", &[leaf("token", "gt", "00000000-0000-4000-8000-000000000001")]);
}

#[test]
fn numbers_no_column_can_hold_still_have_their_place() {
    assert_judged(
        "true",
        &[
            leaf("severity", "lt", 1e300),
            leaf("severity", "gt", -1e300),
            leaf("severity", "lt", u64::MAX),
            leaf("severity", "gt", 2.5),
            leaf("severity", "gte", 2.5),
            leaf("severity", "lt", 3.5),
            leaf("severity", "ne", 3.5),
            leaf("severity", "gt", -0.5),
            leaf("severity", "gt", 1e-300),
            leaf("amount", "lt", 1e300),
            leaf("amount", "gt", 1e-300),
            leaf("amount", "gt", -1e-300),
            leaf("amount", "lt", 100.000_000_000_1),
            leaf("amount", "in", json!([1e300, 100])),
        ],
    );
    assert_judged(
        "false",
        &[
            leaf("severity", "eq", 1e300),
            leaf("severity", "gt", 1e300),
            leaf("severity", "lt", -1e300),
            leaf("severity", "eq", 3.000_000_1),
            leaf("severity", "lte", 2.5),
            leaf("severity", "gte", 3.5),
            leaf("severity", "in", json!([2.5, 1e300])),
            leaf("amount", "eq", "100"),
            leaf("amount", "lt", 1e-300),
            leaf("closed_at", "lt", 1e300),
        ],
    );
    // The same on a row without a value: only `ne` is true of it.
    let fields = [Field::new("severity", Kind::Integer)];
    for (operator, value, expected) in [("lt", 1e300, false), ("lt", 2.5, false), ("ne", 1e300, true)] {
        let tree = Expression::condition(Some(&leaf("severity", operator, value)), &fields).unwrap();
        assert_eq!(tree.holds(&[Value::Null]), expected, "{operator} {value}");
    }
}

#[test]
fn a_number_just_beside_zero_is_not_zero() {
    let fields = [Field::new("amount", AMOUNT), Field::new("count", Kind::Integer)];
    let zero = [Value::Decimal(0.into()), Value::Integer(0)];
    for field in ["amount", "count"] {
        for (operator, value, expected) in [
            ("lt", 1e-300, true),
            ("gte", 1e-300, false),
            ("gt", -1e-300, true),
            ("lte", -1e-300, false),
            ("gt", -1e-29, true),
            ("gt", 1e-29, false),
            ("lt", 1.5e-28, true),
            ("eq", -0.0, true),
        ] {
            let tree = Expression::condition(Some(&leaf(field, operator, value)), &fields).unwrap();
            assert_eq!(tree.holds(&zero), expected, "{field} {operator} {value}");
        }
    }
}

#[test]
fn a_number_between_two_of_the_finest_decimals_equals_neither() {
    let fields = [Field::new("amount", AMOUNT)];
    let finest = [Value::Decimal(rust_decimal::Decimal::from_i128_with_scale(1, 28))];
    for (operator, value, expected) in
        [("eq", 1e-28, true), ("eq", 1.5e-28, false), ("lt", 1.5e-28, true), ("gte", 1.5e-28, false)]
    {
        let tree = Expression::condition(Some(&leaf("amount", operator, value)), &fields).unwrap();
        assert_eq!(tree.holds(&finest), expected, "{operator} {value}");
    }
}

#[test]
fn null_in_a_list_is_equal_to_null() {
    assert_judged(
        "true",
        &[
            leaf("closed_at", "in", json!([null])),
            leaf("closed_at", "in", json!(["2026-03-01T10:00:00Z", null])),
            leaf("missing", "in", json!([1, null])),
            leaf("status", "in", json!([null, "pending"])),
        ],
    );
    assert_judged("false", &[leaf("status", "in", json!([null])), leaf("missing", "in", json!([1]))]);
}

#[test]
fn a_json_column_is_null_or_not_and_equals_nothing() {
    assert_judged(
        "true",
        &[
            json!({"field": "extra", "operator": "is_not_null"}),
            leaf("extra", "ne", json!({"a": 1})),
            leaf("extra", "ne", Json::Null),
        ],
    );
    assert_judged("false", &[leaf("extra", "eq", json!({"a": 1})), leaf("extra", "gt", 1)]);
}

#[test]
fn order_with_null_or_a_missing_field_is_false_both_ways() {
    for operator in ["gt", "lt", "gte", "lte"] {
        let unordered = leaf("severity", operator, Json::Null);
        assert_judged(
            "false",
            &[unordered.clone(), leaf("missing", operator, 1), leaf("missing", operator, Json::Null)],
        );
        assert_judged("true", &[json!({ "not": unordered })]);
    }
}

#[test]
fn text_search_and_members_from_elsewhere_are_invalid() {
    assert_judged(
        "invalid",
        &[
            leaf("status", "contains", "pend"),
            leaf("status", "starts_with", "pend"),
            json!({"field": "status", "operator": "eq"}),
            json!({"field": 3, "operator": "is_null"}),
            json!({"and": [], "or": []}),
            json!({"and": [], "field": "status"}),
            json!({"not": []}),
            json!({"not": null}),
            json!({"and": null}),
            json!({"and": [null]}),
            json!({"field": "status", "operator": "eq", "value": "x", "valeu": "y"}),
        ],
    );
}

#[test]
fn a_condition_nests_sixteen_deep_and_no_deeper() {
    let nested = |depth| (0..depth).fold(leaf("severity", "eq", 3), |inner, _| json!({ "and": [inner] }));
    assert_eq!(judge(&nested(16)), "true");
    assert_eq!(judge(&nested(17)), "invalid");
    assert_eq!(judge(&nested(127)), "invalid");
}

#[test]
fn the_reason_names_the_first_mistake_and_its_place() {
    let condition = json!({"or": [leaf("status", "eq", 1), leaf("status", "EQ", 1)]});
    let invalid = Expression::condition(Some(&condition), &fields()).unwrap_err();
    assert_eq!(
        invalid.reason(),
        "condition.or[1].operator: `EQ` is not an operator; there are eq, ne, gt, lt, gte, lte, in, is_null, is_not_null"
    );
    assert_eq!(invalid.to_string(), invalid.reason());
}

#[test]
fn a_dotted_field_tells_which_foreign_keys_to_follow() {
    let tree = Expression::condition(Some(&leaf("status_id.status_key", "eq", "review")), &fields()).unwrap();
    let field = tree.fields().next().unwrap();
    assert_eq!(field.column(), "status_key");
    assert_eq!(field.steps(), [Step::new("status_id", "statuses", "id")]);
    assert_eq!(
        (field.steps()[0].column(), field.steps()[0].table(), field.steps()[0].key()),
        ("status_id", "statuses", "id")
    );
    assert_eq!(fields().field("status_id.nothing"), None);
}
