//! Filters of `executeQuery`: every operator, what is literal, and everything that can be wrong.

use action_tests::{TestApp, people};
use serde_json::{Value, json};

use crate::support::{CAR, car_with, create, plates, query, told};

on_both_fleets!(
    every_operator_finds_its_cars,
    conditions_combine_and_nest,
    a_missing_value_differs_from_every_value,
    percent_and_underscore_are_ordinary,
    searching_ignores_the_case_of_ascii_letters_alone,
    comparing_heeds_case,
    text_is_compared_by_code_point,
    decimals_are_compared_as_numbers,
    times_are_compared_as_instants,
    booleans_and_references_are_compared,
    ids_are_found_in_either_case,
    an_unknown_field_is_refused,
    an_unknown_operator_is_refused,
    a_value_of_the_wrong_type_is_refused,
    an_operator_that_does_not_fit_the_column_is_refused,
    a_filter_of_no_known_shape_is_refused,
    every_mistake_is_told_at_once,
    no_text_reaches_the_statement,
    an_empty_list_of_values_finds_nothing,
);

fn leaf(field: &str, operator: &str, value: impl Into<Value>) -> Value {
    json!({ "field": field, "operator": operator, "value": value.into() })
}

/// How many of acme's cars a filter finds.
async fn found(app: &TestApp, filter: Value) -> u64 {
    let page = query(&app.as_person(&people::viewer()), &json!({ "filter": filter, "limit": 1 })).await;
    page.data()["total"].as_u64().unwrap()
}

async fn every_operator_finds_its_cars(app: TestApp) {
    let expected = [
        (leaf("brand", "eq", json!("BMW")), 3),
        (leaf("brand", "ne", json!("BMW")), 22),
        (leaf("year", "gt", json!(2022)), 5),
        (leaf("year", "gte", json!(2022)), 7),
        (leaf("year", "lt", json!(2012)), 3),
        (leaf("year", "lte", json!(2012)), 4),
        (leaf("year", "in", json!([2010, 2011, 2099])), 3),
        (leaf("brand", "in", json!(["BMW", "Kia"])), 5),
        (json!({ "field": "color", "operator": "is_null" }), 5),
        (json!({ "field": "color", "operator": "is_not_null" }), 20),
        (leaf("licensePlate", "contains", json!("M-00")), 9),
        (leaf("licensePlate", "starts_with", json!("ACM-02")), 6),
        (leaf("licensePlate", "starts_with", json!("CM")), 0),
    ];
    for (filter, count) in expected {
        assert_eq!(found(&app, filter.clone()).await, count, "{filter}");
    }
}

async fn conditions_combine_and_nest(app: TestApp) {
    let bmw = leaf("brand", "eq", json!("BMW"));
    let young = leaf("year", "gte", json!(2020));
    let expected = [
        (json!({ "and": [bmw, young] }), 2),
        (json!({ "or": [bmw, leaf("brand", "eq", json!("Fiat"))] }), 5),
        (json!({ "not": bmw }), 22),
        (json!({ "not": { "not": bmw } }), 3),
        (json!({ "and": [{ "or": [bmw, leaf("brand", "eq", json!("Kia"))] }, { "not": young }] }), 2),
    ];
    for (filter, count) in expected {
        assert_eq!(found(&app, filter.clone()).await, count, "{filter}");
    }
}

async fn a_missing_value_differs_from_every_value(app: TestApp) {
    assert_eq!(found(&app, leaf("color", "eq", json!("blue"))).await, 5);
    assert_eq!(found(&app, leaf("color", "ne", json!("blue"))).await, 20, "those without a colour too");
    assert_eq!(found(&app, json!({ "not": leaf("color", "eq", json!("blue")) })).await, 20);
    assert_eq!(found(&app, leaf("price", "lt", json!(0))).await, 0);
    let not_greater = json!({ "not": leaf("price", "gte", json!(0)) });
    assert_eq!(found(&app, not_greater).await, 4, "exactly those without a price");
}

async fn with_notes(app: &TestApp, notes: &[(&str, &str)]) {
    for (plate, notes) in notes {
        let made =
            create(&app.as_person(&people::fleet_manager()), car_with(plate, &json!({ "notes": notes })))
                .await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
}

async fn percent_and_underscore_are_ordinary(app: TestApp) {
    with_notes(
        &app,
        &[
            ("L-1", "100%"),
            ("L-2", "1000"),
            ("L-3", "a_b"),
            ("L-4", "axb"),
            ("L-5", r"a\b"),
            ("L-6", "a*b?[c]"),
        ],
    )
    .await;
    let ask = app.as_person(&people::viewer());
    for (operator, sought, expected) in [
        ("contains", "0%", &["L-1"][..]),
        ("contains", "%", &["L-1"]),
        ("contains", "a_b", &["L-3"]),
        ("contains", "_", &["L-3"]),
        ("contains", "\\", &["L-5"]),
        ("contains", "*", &["L-6"]),
        ("contains", "[c]", &["L-6"]),
        ("starts_with", "a", &["L-3", "L-4", "L-5", "L-6"]),
        ("starts_with", "%", &[]),
        ("starts_with", "a_", &["L-3"]),
        ("starts_with", "a\\", &["L-5"]),
    ] {
        assert_eq!(
            plates(&ask, &leaf("notes", operator, json!(sought))).await,
            expected,
            "{operator} {sought}"
        );
    }
}

async fn searching_ignores_the_case_of_ascii_letters_alone(app: TestApp) {
    with_notes(
        &app,
        &[
            ("L-1", "CAFÉ"),
            ("L-2", "café"),
            ("L-3", "STRASSE"),
            ("L-4", "straße"),
            ("L-5", "kelvin \u{212a}"),
        ],
    )
    .await;
    let ask = app.as_person(&people::viewer());
    for (sought, expected) in [
        ("caf", &["L-1", "L-2"][..]),
        ("CAFé", &["L-2"]),
        ("cafÉ", &["L-1"]),
        ("strasse", &["L-3"]),
        ("STRAß", &["L-4"]),
        ("KELVIN", &["L-5"]),
        ("n k", &[]),
    ] {
        assert_eq!(plates(&ask, &leaf("notes", "contains", json!(sought))).await, expected, "{sought}");
    }
    assert_eq!(plates(&ask, &leaf("notes", "starts_with", json!("Str"))).await, ["L-3", "L-4"]);
}

async fn comparing_heeds_case(app: TestApp) {
    assert_eq!(found(&app, leaf("brand", "eq", json!("bmw"))).await, 0);
    assert_eq!(found(&app, leaf("brand", "in", json!(["bmw", "KIA"]))).await, 0);
}

async fn text_is_compared_by_code_point(app: TestApp) {
    with_notes(&app, &[("L-1", "Z"), ("L-2", "a"), ("L-3", "é"), ("L-4", "車")]).await;
    let ask = app.as_person(&people::viewer());
    assert_eq!(plates(&ask, &leaf("notes", "gt", json!("Z"))).await, ["L-2", "L-3", "L-4"]);
    assert_eq!(plates(&ask, &leaf("notes", "lte", json!("z"))).await, ["L-1", "L-2"]);
}

async fn decimals_are_compared_as_numbers(app: TestApp) {
    for value in [json!(9848), json!("9848.00"), json!(9848.0)] {
        let ask = app.as_person(&people::viewer());
        assert_eq!(plates(&ask, &leaf("price", "eq", value.clone())).await, ["ACM-008"], "{value}");
        assert_eq!(found(&app, leaf("price", "lt", value.clone())).await, 6, "{value}");
        assert_eq!(found(&app, leaf("price", "lte", value)).await, 7);
    }
    assert_eq!(found(&app, leaf("price", "gt", json!(22_275.25))).await, 0);
    assert_eq!(found(&app, leaf("price", "gte", json!(22_275.25))).await, 1);
    assert_eq!(found(&app, leaf("price", "lt", json!(22_275.251))).await, 21);
}

async fn times_are_compared_as_instants(app: TestApp) {
    let made =
        create(&app.as_person(&people::fleet_manager()), crate::support::car("T-1")).await.data().clone();
    let at = chrono::DateTime::parse_from_rfc3339(made["createdAt"].as_str().unwrap()).unwrap();
    let elsewhere = at.with_timezone(&chrono::FixedOffset::east_opt(5 * 3_600 + 1_800).unwrap()).to_rfc3339();
    let ask = app.as_person(&people::viewer());
    assert_eq!(plates(&ask, &leaf("createdAt", "eq", json!(elsewhere))).await, ["T-1"]);
    let later = (at + chrono::TimeDelta::microseconds(1)).to_rfc3339();
    assert!(plates(&ask, &leaf("createdAt", "gte", json!(later))).await.is_empty());
}

async fn booleans_and_references_are_compared(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let count = async |entity: &str, filter: Value| {
        let page = ask.execute("executeQuery", json!({ "entity": entity, "filter": filter })).await;
        page.data()["total"].as_u64().unwrap()
    };
    assert_eq!(count("InvoiceLine", leaf("approved", "eq", json!(false))).await, 6);
    assert_eq!(count("InvoiceLine", leaf("approved", "ne", json!(false))).await, 0);
    assert_eq!(count("InvoiceLine", leaf("approved", "eq", json!(true))).await, 0);
    assert_eq!(count("Invoice", leaf("companyId", "eq", json!(crate::support::COMPANY))).await, 2);
}

async fn ids_are_found_in_either_case(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    for id in [CAR.to_owned(), CAR.to_uppercase()] {
        assert_eq!(plates(&ask, &leaf("id", "eq", json!(id))).await, ["ACM-001"]);
        assert_eq!(plates(&ask, &leaf("id", "in", json!([id]))).await, ["ACM-001"]);
    }
}

async fn refused(app: &TestApp, filter: Value) -> Vec<String> {
    let answer = query(&app.as_person(&people::viewer()), &json!({ "filter": filter })).await;
    assert_eq!(answer.status, 400, "{filter}: {}", answer.text);
    told(&answer)
}

async fn an_unknown_field_is_refused(app: TestApp) {
    for field in ["wheels", "license_plate", "Year", "cars.year", "year; DROP TABLE cars", "", "tenantId"] {
        assert_eq!(
            refused(&app, leaf(field, "eq", json!(1))).await,
            ["filter.field unknown_field"],
            "{field}"
        );
    }
}

async fn an_unknown_operator_is_refused(app: TestApp) {
    for operator in ["=", "like", "EQ", "ends_with", "between", "", "gt or 1=1"] {
        let told = refused(&app, leaf("year", operator, json!(2020))).await;
        assert_eq!(told, ["filter.operator unknown_operator"], "{operator}");
    }
}

async fn a_value_of_the_wrong_type_is_refused(app: TestApp) {
    for (field, value) in [
        ("year", json!("2020")),
        ("year", json!([2020])),
        ("year", json!(true)),
        ("brand", json!(7)),
        ("price", json!("dear")),
        ("price", json!({})),
        ("id", json!("seven")),
        ("createdAt", json!("yesterday")),
        ("createdAt", json!(0)),
    ] {
        assert_eq!(
            refused(&app, leaf(field, "eq", value.clone())).await,
            ["filter.value wrong_type"],
            "{field} {value}"
        );
    }
    assert_eq!(
        refused(&app, leaf("year", "in", json!([2020, "2021"]))).await,
        ["filter.value[1] wrong_type"]
    );
    let lines = json!({ "entity": "InvoiceLine", "filter": leaf("approved", "eq", json!("true")) });
    let answer = app.as_person(&people::administrator()).execute("executeQuery", lines).await;
    assert_eq!(told(&answer), ["filter.value wrong_type"]);
}

async fn an_operator_that_does_not_fit_the_column_is_refused(app: TestApp) {
    for (field, operator) in [("year", "contains"), ("price", "starts_with"), ("id", "contains")] {
        let answer =
            query(&app.as_person(&people::viewer()), &json!({ "filter": leaf(field, operator, json!("1")) }))
                .await;
        assert_eq!(answer.status, 400, "{field} {operator}");
    }
}

async fn a_filter_of_no_known_shape_is_refused(app: TestApp) {
    for filter in [
        json!("year > 2020"),
        json!([]),
        json!(7),
        json!({}),
        json!({ "year": 2020 }),
        json!({ "field": "year" }),
        json!({ "field": "year", "operator": "eq" }),
        json!({ "and": leaf("year", "eq", json!(1)) }),
        json!({ "not": [leaf("year", "eq", json!(1))] }),
        json!({ "and": [], "or": [] }),
        json!({ "field": "year", "operator": "in", "value": 2020 }),
        json!({ "field": "year", "operator": "eq", "value": 1, "sql": "1=1" }),
        json!({ "xor": [] }),
    ] {
        let answer = query(&app.as_person(&people::viewer()), &json!({ "filter": filter })).await;
        assert_eq!(answer.status, 400, "{filter}");
        assert!(
            answer.fields().iter().all(|(field, _)| field.starts_with("filter")),
            "{filter}: {}",
            answer.text
        );
    }
}

async fn every_mistake_is_told_at_once(app: TestApp) {
    let filter = json!({ "and": [
        leaf("wheels", "eq", json!(4)),
        { "or": [leaf("year", "eq", json!("old")), leaf("year", "eq", json!(2020))] },
        { "not": leaf("brand", "eq", json!(7)) },
    ] });
    let expected = [
        "filter.and[0].field unknown_field",
        "filter.and[1].or[0].value wrong_type",
        "filter.and[2].not.value wrong_type",
    ];
    assert_eq!(refused(&app, filter).await, expected);
}

async fn no_text_reaches_the_statement(app: TestApp) {
    for text in ["' OR 1=1 --", "\" OR \"\"=\"", "'; DROP TABLE cars; --", "$1", "?", "%' OR '%'='"] {
        for operator in ["eq", "contains", "starts_with", "gt"] {
            let total = found(
                &app,
                json!({ "and": [leaf("brand", operator, json!(text)), leaf("brand", "eq", json!("BMW"))] }),
            )
            .await;
            assert!(total == 0 || operator == "gt", "{operator} {text}");
        }
    }
    assert_eq!(found(&app, leaf("brand", "is_not_null", json!(null))).await, 25);
}

async fn an_empty_list_of_values_finds_nothing(app: TestApp) {
    assert_eq!(found(&app, leaf("year", "in", json!([]))).await, 0);
}
