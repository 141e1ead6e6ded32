//! Filters, row rules and sorting: each operator, each mistake, and input that means harm.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use action_core::expression::{
    Comparison, Direction, Expression, Field, Fields, Sort, TextMatch, all, always, any, field, never,
};
use action_core::{FieldErrors, Kind, Value};
use serde_json::{Value as Json, json};

const PRICE: Kind = Kind::Decimal { precision: 12, scale: 2 };

fn fields() -> Vec<Field> {
    vec![
        Field::new("brand", Kind::Text),
        Field::new("year", Kind::Integer),
        Field::new("price", PRICE),
        Field::new("stolen", Kind::Boolean),
        Field::new("id", Kind::Uuid).not_null(),
        Field::new("createdAt", Kind::Timestamp).with_column("created_at"),
        Field::new("bought", Kind::Date),
        Field::new("extra", Kind::Json),
    ]
}

const SENT: [(&str, &str); 8] = [
    ("brand", "\"Volvo 50%_\""),
    ("year", "2020"),
    ("price", "19.9"),
    ("stolen", "false"),
    ("id", "\"aaaaaaaa-0000-4000-8000-000000000001\""),
    ("createdAt", "\"2026-03-01T10:00:00Z\""),
    ("bought", "\"2026-03-01\""),
    ("extra", "{\"a\":1}"),
];

fn car() -> Vec<Value> {
    let cell = |(field, (_, json)): (&Field, &(&str, &str))| {
        field.kind().read(&serde_json::from_str(json).unwrap()).unwrap()
    };
    fields().iter().zip(&SENT).map(cell).collect()
}

fn leaf(field: &str, operator: &str, value: impl Into<Json>) -> Json {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

#[track_caller]
fn holds(filter: &Json) -> bool {
    Expression::filter(filter, &fields()).unwrap_or_else(|it| panic!("{filter}: {it:?}")).holds(&car())
}

/// The mistakes as `path code`.
#[track_caller]
fn mistakes(filter: &Json) -> Vec<String> {
    let errors = Expression::filter(filter, &fields()).expect_err(&filter.to_string());
    told(&errors)
}

fn told(errors: &FieldErrors) -> Vec<String> {
    errors.iter().map(|it| format!("{} {}", it.field, it.code)).collect()
}

#[test]
fn each_operator_answers_on_each_type_it_fits() {
    let table = [
        ("brand", "eq", json!("Volvo 50%_"), true),
        ("brand", "eq", json!("volvo 50%_"), false),
        ("brand", "ne", json!("Saab"), true),
        ("brand", "gt", json!("Saab"), true),
        ("brand", "lt", json!("a"), true),
        ("brand", "gte", json!("Volvo 50%_"), true),
        ("brand", "lte", json!("Volvo 50%"), false),
        ("brand", "in", json!(["Saab", "Volvo 50%_"]), true),
        ("brand", "in", json!([]), false),
        ("brand", "contains", json!("LVO 5"), true),
        ("brand", "contains", json!("%_"), true),
        ("brand", "contains", json!("l%o"), false),
        ("brand", "contains", json!("V_lvo"), false),
        ("brand", "contains", json!(""), true),
        ("brand", "starts_with", json!("vOLV"), true),
        ("brand", "starts_with", json!("olvo"), false),
        ("brand", "starts_with", json!("Volvo 50%_ and more"), false),
        ("year", "eq", json!(2020), true),
        ("year", "eq", json!(2020.0), true),
        ("year", "gt", json!(2019), true),
        ("year", "gte", json!(2021), false),
        ("year", "lt", json!(2021), true),
        ("year", "lte", json!(2020), true),
        ("year", "in", json!([1, 2020]), true),
        ("price", "eq", json!(19.9), true),
        ("price", "eq", json!("19.90"), true),
        ("price", "gt", json!(19.899), true),
        ("price", "lt", json!(1e300), true),
        ("price", "gt", json!(19), true),
        ("price", "in", json!(["19.90", 3]), true),
        ("stolen", "eq", json!(false), true),
        ("stolen", "ne", json!(true), true),
        ("stolen", "in", json!([true]), false),
        ("id", "eq", json!("AAAAAAAA-0000-4000-8000-000000000001"), true),
        ("id", "gt", json!("00000000-0000-4000-8000-000000000001"), true),
        ("createdAt", "eq", json!("2026-03-01T11:00:00+01:00"), true),
        ("createdAt", "lt", json!("2026-03-01T10:00:00.000001Z"), true),
        ("bought", "gte", json!("2026-03-01"), true),
    ];
    for (name, operator, value, expected) in table {
        let filter = leaf(name, operator, value);
        assert_eq!(holds(&filter), expected, "{filter}");
        assert_eq!(holds(&json!({ "not": filter })), !expected, "not {filter}");
    }
    for (name, _) in SENT {
        assert!(holds(&json!({"field": name, "operator": "is_not_null"})), "{name}");
        assert!(!holds(&json!({"field": name, "operator": "is_null", "value": null})), "{name}");
    }
}

#[test]
fn and_or_not_combine() {
    let (yes, no) = (leaf("year", "eq", 2020), leaf("year", "eq", 2021));
    assert!(holds(&json!({"and": [yes, {"not": no}]})));
    assert!(!holds(&json!({"and": [yes, no]})));
    assert!(holds(&json!({"or": [no, yes]})));
    assert!(holds(&json!({"and": []})));
    assert!(!holds(&json!({"or": []})));
}

#[test]
fn null_is_a_value_for_equality_and_a_mistake_for_order() {
    let tree = |filter| Expression::filter(&filter, &fields()).unwrap();
    assert_eq!(tree(leaf("year", "eq", Json::Null)), tree(json!({"field": "year", "operator": "is_null"})));
    assert_eq!(
        tree(leaf("year", "ne", Json::Null)),
        tree(json!({"field": "year", "operator": "is_not_null"}))
    );
    assert_eq!(tree(leaf("year", "in", json!([null]))), tree(leaf("year", "eq", Json::Null)));
    assert_eq!(mistakes(&leaf("year", "gt", Json::Null)), ["filter.value wrong_type"]);
    assert_eq!(mistakes(&leaf("brand", "contains", Json::Null)), ["filter.value wrong_type"]);
    let empty = vec![Value::Null; 8];
    for (operator, value, expected) in [
        ("eq", json!(2020), false),
        ("ne", json!(2020), true),
        ("gt", json!(0), false),
        ("lte", json!(9999), false),
        ("in", json!([2020]), false),
        ("in", json!([2020, null]), true),
    ] {
        assert_eq!(tree(leaf("year", operator, value)).holds(&empty), expected, "{operator}");
    }
    assert!(!tree(leaf("brand", "contains", "")).holds(&empty));
}

#[test]
fn only_ascii_letters_match_in_either_case() {
    let fields = [Field::new("name", Kind::Text)];
    let found = |cell: &str, text: &str| {
        let filter = leaf("name", "contains", text);
        Expression::filter(&filter, &fields).unwrap().holds(&[Value::from(cell)])
    };
    assert!(found("GRÜN", "gr"));
    assert!(!found("GRÜN", "ü"));
    assert!(found("GRÜN", "Ün"));
    assert!(!found("K", "\u{212a}"), "the Kelvin sign is no k");
    assert!(!found("[", "{"), "only letters have a case");
    assert!(found("日本語", "本"));
}

#[test]
fn text_is_ordered_by_code_point() {
    let fields = [Field::new("name", Kind::Text)];
    let less = |cell: &str, than: &str| {
        Expression::filter(&leaf("name", "lt", than), &fields).unwrap().holds(&[Value::from(cell)])
    };
    assert!(less("Z", "a"));
    assert!(less("z", "é"));
    // UTF-16 would say otherwise.
    assert!(less("\u{ffff}", "\u{10000}"));
}

#[test]
fn a_value_or_operator_that_does_not_fit_the_column_is_refused() {
    for (name, operator, value, at) in [
        ("year", "eq", json!("2020"), "value"),
        ("year", "eq", json!(2020.5), "value"),
        ("year", "gt", json!(1e300), "value"),
        ("year", "eq", json!(true), "value"),
        ("price", "eq", json!("cheap"), "value"),
        ("price", "eq", json!(true), "value"),
        ("price", "eq", json!("1e2"), "value"),
        ("brand", "eq", json!(1), "value"),
        ("brand", "eq", json!("a\u{0}"), "value"),
        ("brand", "contains", json!("a\u{0}"), "value"),
        ("brand", "contains", json!(["a"]), "value"),
        ("stolen", "eq", json!("false"), "value"),
        ("stolen", "eq", json!(0), "value"),
        ("id", "eq", json!("7"), "value"),
        ("createdAt", "eq", json!("2026-03-01"), "value"),
        ("bought", "eq", json!("2026-03-01T10:00:00Z"), "value"),
        ("year", "in", json!([1, 2, "3"]), "value[2]"),
        ("stolen", "gt", json!(false), "operator"),
        ("year", "contains", json!("2"), "operator"),
        ("id", "starts_with", json!("a"), "operator"),
        ("extra", "eq", json!({"a": 1}), "operator"),
        ("extra", "eq", json!(null), "operator"),
        ("extra", "in", json!([]), "operator"),
        ("extra", "contains", json!("a"), "operator"),
        ("extra", "lt", json!(1), "operator"),
    ] {
        let filter = leaf(name, operator, value);
        assert_eq!(mistakes(&filter), [format!("filter.{at} wrong_type")], "{filter}");
    }
}

#[test]
fn a_malformed_filter_is_refused_at_its_place() {
    let cases = [
        (json!(null), "filter invalid_filter"),
        (json!([]), "filter invalid_filter"),
        (json!("brand = 1"), "filter invalid_filter"),
        (json!({"and": {}}), "filter.and invalid_filter"),
        (json!({"or": [1]}), "filter.or[0] invalid_filter"),
        (json!({"not": [leaf("year", "eq", 1)]}), "filter.not invalid_filter"),
        (json!({"field": "year", "operator": "eq"}), "filter.value invalid_filter"),
        (json!({"field": "year", "value": 1}), "filter.operator invalid_filter"),
        (json!({"operator": "eq", "value": 1}), "filter.field invalid_filter"),
        (json!({"field": ["year"], "operator": "eq", "value": 1}), "filter.field invalid_filter"),
        (json!({"field": "year", "operator": 7, "value": 1}), "filter.operator invalid_filter"),
        (leaf("year", "in", 2020), "filter.value invalid_filter"),
        (leaf("year", "is_null", false), "filter.value invalid_filter"),
        (leaf("year", "EQ", 2020), "filter.operator unknown_operator"),
        (leaf("year", "= 1; drop table cars", 2020), "filter.operator unknown_operator"),
        (leaf("colour", "eq", 1), "filter.field unknown_field"),
        (leaf("", "eq", 1), "filter.field unknown_field"),
        (leaf("created_at", "is_null", Json::Null), "filter.field unknown_field"),
        (json!({"and": [], "or": []}), "filter.or unknown_field"),
        (json!({"and": [], "comment": 1}), "filter.comment unknown_field"),
        (json!({"field": "year", "operator": "eq", "value": 1, "x": 1}), "filter.x unknown_field"),
    ];
    for (filter, expected) in cases {
        assert_eq!(mistakes(&filter), [expected], "{filter}");
    }
    assert_eq!(mistakes(&json!({})), ["filter.field invalid_filter", "filter.operator invalid_filter"]);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let filter = json!({"and": [
        leaf("colour", "eq", 1),
        {"or": [leaf("year", "eq", "x"), leaf("year", "like", 1)]},
        {"not": leaf("stolen", "gt", true)},
        leaf("year", "in", json!(["a", 1, "b"])),
        7,
    ]});
    assert_eq!(
        mistakes(&filter),
        [
            "filter.and[1].or[1].operator unknown_operator",
            "filter.and[4] invalid_filter",
            "filter.and[0].field unknown_field",
            "filter.and[1].or[0].value wrong_type",
            "filter.and[2].not.operator wrong_type",
            "filter.and[3].value[0] wrong_type",
            "filter.and[3].value[2] wrong_type",
        ]
    );
}

#[test]
fn the_messages_say_what_would_be_right() {
    let message = |filter: Json| {
        Expression::filter(&filter, &fields()).unwrap_err().iter().next().unwrap().message.to_string()
    };
    assert_eq!(message(leaf("year", "eq", "x")), "the value for `year` must be a whole number");
    assert_eq!(message(leaf("stolen", "gt", true)), "`gt` does not fit a boolean field");
    assert_eq!(message(leaf("colour", "eq", 1)), "`colour` is not a field that can be read");
    assert_eq!(message(json!({"field": "year", "operator": "eq"})), "`eq` needs a `value`");
    assert!(message(leaf("year", "like", 1)).ends_with("is_not_null, contains, starts_with"));
}

#[test]
fn depth_nodes_and_values_have_limits() {
    let nested = |depth| (0..depth).fold(leaf("year", "eq", 1), |inner, _| json!({ "not": inner }));
    let tree = Expression::filter(&nested(16), &fields()).unwrap();
    assert_eq!((tree.depth(), tree.nodes()), (16, 17));
    let at = format!("filter{} invalid_filter", ".not".repeat(17));
    assert_eq!(mistakes(&nested(17)), [at]);

    let wide = |parts: usize| json!({ "or": vec![leaf("year", "eq", 1); parts] });
    assert_eq!(Expression::filter(&wide(499), &fields()).unwrap().nodes(), 500);
    assert_eq!(mistakes(&wide(500)), ["filter invalid_filter"]);

    let among = |values: usize| leaf("year", "in", vec![1; values]);
    assert!(Expression::filter(&among(1_000), &fields()).is_ok());
    assert_eq!(mistakes(&among(1_001)), ["filter.value invalid_filter"]);
}

#[test]
fn hostile_input_is_refused_with_a_short_answer() {
    for word in ["and", "not"] {
        let deep = (0..200_000).fold(json!({}), |inner, _| {
            let inner = if word == "and" { Json::Array(vec![inner]) } else { inner };
            Json::Object([(word.to_owned(), inner)].into_iter().collect())
        });
        assert_eq!(told(&Expression::filter(&deep, &fields()).unwrap_err()).len(), 1);
        // serde_json drops a deep value by recursion; that is not what is tested here.
        std::mem::forget(deep);
    }

    assert_eq!(mistakes(&json!({ "and": vec![json!({"or": []}); 200_000] })), ["filter invalid_filter"]);
    assert_eq!(mistakes(&leaf("year", "in", vec!["x"; 100_000])), ["filter.value invalid_filter"]);
    assert_eq!(mistakes(&json!({ "and": vec![leaf("year", "in", vec!["x"; 1_000]); 400] })).len(), 100);

    let long = "x".repeat(1_000_000);
    let members: serde_json::Map<_, _> = (0..50_000).map(|it| (it.to_string(), json!(1))).collect();
    for filter in [
        leaf(&long, "eq", 1),
        leaf("year", &long, 1),
        leaf("year", "eq", long.as_str()),
        json!({ long.clone(): 1, "and": [] }),
        Json::Object(members),
    ] {
        let errors = Expression::filter(&filter, &fields()).unwrap_err();
        let answer = serde_json::to_string(&errors).unwrap();
        assert!(answer.len() < 2_000, "{} bytes", answer.len());
    }
    assert!(holds(&json!({"not": leaf("brand", "contains", long)})));
}

#[test]
fn a_tree_lists_its_fields_and_counts_itself() {
    let filter = json!({"or": [leaf("year", "eq", 1), {"not": leaf("createdAt", "is_null", Json::Null)}, {"and": []}]});
    let tree = Expression::filter(&filter, &fields()).unwrap();
    let named: Vec<_> = tree.fields().map(|it| (it.path(), it.column(), it.slot())).collect();
    assert_eq!(named, [("year", "year", Some(1)), ("createdAt", "created_at", Some(5))]);
    assert_eq!((tree.nodes(), tree.depth()), (5, 2));
}

#[test]
fn a_tree_holds_typed_values_only() {
    let tree = |filter| Expression::filter(&filter, &fields()).unwrap();
    match tree(leaf("price", "gt", 19)) {
        Expression::Compare { op: Comparison::Gt, value: Value::Decimal(_), .. } => {}
        other => panic!("{other:?}"),
    }
    match tree(leaf("year", "in", json!([2020.0]))) {
        Expression::In { values, .. } => assert_eq!(values, [Value::Integer(2020)]),
        other => panic!("{other:?}"),
    }
    match tree(leaf("brand", "contains", "V")) {
        Expression::Text { op: TextMatch::Contains, text, .. } => assert_eq!(text, "V"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_rule_in_rust_is_the_tree_of_the_same_filter() {
    let id = uuid::Uuid::from_u128(7);
    let rule = field("id")
        .eq(id)
        .and(field("year").gte(2020).or(field("year").is_null()))
        .and(!field("brand").starts_with("V"))
        .and(field("price").is_in([rust_decimal::Decimal::new(199, 1)]))
        .and(
            field("brand")
                .contains("o")
                .or(field("stolen").ne(None::<bool>))
                .or(field("bought").is_not_null()),
        );
    let filter = json!({"and": [
        leaf("id", "eq", id.to_string()),
        {"or": [leaf("year", "gte", 2020), {"field": "year", "operator": "is_null"}]},
        {"not": leaf("brand", "starts_with", "V")},
        leaf("price", "in", [19.9]),
        {"or": [leaf("brand", "contains", "o"), leaf("stolen", "ne", Json::Null), {"field": "bought", "operator": "is_not_null"}]},
    ]});
    assert_eq!(rule.check(&fields()).unwrap(), Expression::filter(&filter, &fields()).unwrap());
    assert_eq!(always().check(&fields()), Ok(Expression::Constant(true)));
    assert_eq!(never().check(&fields()), Ok(Expression::Constant(false)));
    assert_eq!(all([never()]).check(&fields()).map(|it| it.holds(&car())), Ok(false));
    assert_eq!(any([never(), always()]).check(&fields()).map(|it| it.holds(&car())), Ok(true));
}

#[test]
fn a_rule_that_does_not_fit_its_entity_says_where() {
    let rule = field("ownerId")
        .eq(7)
        .and(field("year").lt("x"))
        .and(field("stolen").gt(true))
        .and(field("brand").eq("a\0"));
    let errors = rule.check(&fields()).unwrap_err();
    assert_eq!(
        told(&errors),
        [
            "rule.and[0].field unknown_field",
            "rule.and[1].value wrong_type",
            "rule.and[2].operator wrong_type",
            "rule.and[3].value wrong_type",
        ]
    );
    let deep = (0..17).fold(always(), |inner, _| !inner);
    assert_eq!(told(&deep.check(&fields()).unwrap_err()).len(), 1);
    let wide = all(std::iter::repeat_n(always(), 500));
    assert_eq!(told(&wide.check(&fields()).unwrap_err()), ["rule invalid_rule"]);
    assert!(field("year").is_in(0..10_000).check(&fields()).is_ok());
    assert!(field("year").is_in(0..10_001).check(&fields()).is_err());
}

#[test]
fn a_rule_and_a_filter_are_joined_flat() {
    let tree = |filter| Expression::filter(&filter, &fields()).unwrap();
    let (one, two) = (tree(leaf("year", "eq", 1)), tree(leaf("year", "eq", 2)));
    assert_eq!(one.clone().and(two.clone()), Expression::All(vec![one.clone(), two.clone()]));
    assert_eq!(Expression::Constant(true).and(one.clone()), one);
    assert_eq!(one.clone().and(Expression::Constant(true)), one);
    assert_eq!(one.clone().and(two.clone()).and(two.clone()).depth(), 1);
    assert!(!Expression::Constant(false).and(one).holds(&car()));
}

#[test]
fn a_row_may_be_keyed_by_name() {
    let tree = Expression::filter(&leaf("year", "eq", 2020), &fields()).unwrap();
    let by_name = |name: &str| std::collections::BTreeMap::from([(name.to_owned(), Value::from(2020))]);
    assert!(tree.holds(&by_name("year")));
    assert!(!tree.holds(&by_name("price")));
    assert!(!tree.holds(&Vec::<Value>::new()));
}

#[test]
fn nobody_is_asked_for_a_name_without_end() {
    struct Patient;
    impl Fields for Patient {
        fn field(&self, path: &str) -> Option<Field> {
            assert!(path.len() <= 500, "asked for {} bytes", path.len());
            Some(Field::new(path.to_owned(), Kind::Integer))
        }
    }
    let named = |bytes| "x".repeat(bytes);
    assert!(Expression::filter(&leaf(&named(500), "eq", 1), &Patient).is_ok());
    assert!(Expression::filter(&leaf(&named(501), "eq", 1), &Patient).is_err());
    let by = |bytes| json!([{"field": named(bytes), "direction": "asc"}]);
    assert!(Sort::read(&by(500), &Patient).is_ok());
    assert!(Sort::read(&by(501), &Patient).is_err());
}

#[test]
fn a_field_keeps_the_slot_it_has_and_without_one_it_is_null() {
    struct Unplaced;
    impl Fields for Unplaced {
        fn field(&self, path: &str) -> Option<Field> {
            Some(Field::new(path.to_owned(), Kind::Integer))
        }
    }
    let placed = [Field::new("year", Kind::Integer).with_slot(1)];
    let rule = field("year").eq(2020);
    let row = [Value::Null, Value::from(2020)];
    assert!(rule.check(&placed).unwrap().holds(&row));
    assert!(!rule.check(&Unplaced).unwrap().holds(&[Value::from(2020)]));
}

#[test]
fn a_decimal_too_long_for_a_binary_number_is_written_as_text() {
    let long = json!("0.12345678901234567891");
    let tree = Expression::filter(&leaf("price", "gt", long.clone()), &fields()).unwrap();
    assert_eq!(tree.to_json(), leaf("price", "gt", long));
    assert_eq!(Expression::filter(&tree.to_json(), &fields()), Ok(tree));
    let short = Expression::filter(&leaf("price", "gt", "0.10"), &fields()).unwrap();
    assert_eq!(short.to_json(), leaf("price", "gt", 0.1));
}

fn sort(json: &Json) -> Result<Sort, Vec<String>> {
    Sort::read(json, &fields()).map_err(|it| told(&it))
}

#[test]
fn sorting_puts_nulls_last_in_both_directions_and_ends_with_the_key() {
    let key = Field::new("id", Kind::Integer).with_slot(0);
    let fields = [Field::new("id", Kind::Integer), Field::new("brand", Kind::Text)];
    let row = |id: i32, brand: Option<&str>| [Value::from(id), Value::from(brand)];
    for (direction, expected) in [("asc", [3, 1, 4, 2, 5]), ("desc", [1, 4, 3, 2, 5])] {
        let json = json!([{"field": "brand", "direction": direction}]);
        let sort = Sort::read(&json, &fields).unwrap().ended_by(key.clone());
        let mut rows = [row(5, None), row(4, Some("b")), row(2, None), row(1, Some("b")), row(3, Some("B"))];
        rows.sort_by(|a, b| sort.compare(a, b));
        assert_eq!(rows.map(|[id, _]| id), expected.map(Value::from), "{direction}");
    }
}

#[test]
fn a_sort_that_names_the_key_is_not_ended_twice() {
    let read =
        sort(&json!([{"field": "id", "direction": "desc"}, {"field": "year", "direction": "asc"}])).unwrap();
    let ended = read.clone().ended_by(Field::new("id", Kind::Uuid));
    assert_eq!(ended, read);
    let directions: Vec<_> = read.iter().map(|it| it.direction.name()).collect();
    assert_eq!(directions, ["desc", "asc"]);
    assert!(sort(&json!([])).unwrap().is_empty());
    let only = Sort::default().ended_by(Field::new("id", Kind::Uuid));
    assert_eq!(only.iter().map(|it| it.direction).collect::<Vec<_>>(), [Direction::Ascending]);
}

#[test]
fn a_wrong_sort_is_refused_with_all_its_mistakes() {
    let entry = |field: &str, direction: &str| json!({"field": field, "direction": direction});
    let wrong = json!([
        entry("year", "asc"),
        entry("year", "desc"),
        entry("colour", "up"),
        entry("extra", "asc"),
        {"field": "brand"},
        {"field": 1, "direction": "asc"},
        "year",
        {"field": "brand", "direction": "asc", "nulls": "first"},
    ]);
    assert_eq!(
        sort(&wrong).unwrap_err(),
        [
            "sort[1].field duplicate_field",
            "sort[2].field unknown_field",
            "sort[2].direction unknown_direction",
            "sort[3].field wrong_type",
            "sort[4].direction invalid_sort",
            "sort[5].field invalid_sort",
            "sort[6] invalid_sort",
            "sort[7].nulls unknown_field",
        ]
    );
    assert_eq!(sort(&json!({"field": "year"})).unwrap_err(), ["sort invalid_sort"]);
    assert_eq!(sort(&json!(vec![entry("year", "asc"); 17])).unwrap_err(), ["sort invalid_sort"]);
    assert_eq!(sort(&json!([entry("year", "ASC")])).unwrap_err(), ["sort[0].direction unknown_direction"]);
}
