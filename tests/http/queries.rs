//! `executeQuery`: pages, orders, columns, and registered queries.

use std::collections::BTreeSet;

use action_tests::{TestApp, people};
use serde_json::{Value, json};

use crate::support::{CAR, CARS, car_with, column, create, members, query, told};

on_both_fleets!(
    a_page_has_its_records_the_total_and_its_bounds,
    a_page_has_a_hundred_records_unless_it_says_otherwise,
    the_order_is_that_of_the_key_unless_it_says_otherwise,
    pages_follow_each_other_without_gap_or_repetition,
    limit_and_offset_have_bounds,
    a_page_beyond_the_end_is_empty_and_knows_the_total,
    the_total_is_of_all_that_match,
    rows_are_sorted_by_several_fields_and_ended_by_the_key,
    rows_without_a_value_come_last_in_both_directions,
    text_is_sorted_by_code_point,
    decimals_are_sorted_as_numbers,
    what_is_wrong_with_a_sort_is_told_at_once,
    only_the_named_columns_and_the_key_are_answered,
    what_is_wrong_with_the_columns_is_told,
    everything_wrong_with_a_query_is_told_at_once,
    a_registered_query_runs_by_name,
    a_registered_query_takes_its_arguments,
    a_registered_query_is_sorted_and_paged_like_any_other,
    an_unknown_registered_query_is_not_found,
    wrong_arguments_are_told_under_their_name,
    a_registered_query_takes_no_entity_and_no_filter,
    neither_entity_nor_query_is_told_on_the_entity,
    a_query_changes_nothing,
    rows_have_the_types_of_their_columns,
);

async fn a_page_has_its_records_the_total_and_its_bounds(app: TestApp) {
    let page = query(&app.as_person(&people::viewer()), &json!({ "limit": 2, "offset": 3 })).await;
    assert_eq!(members(page.data()), ["records", "total", "limit", "offset"]);
    assert_eq!(page.data()["records"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&page.data()["total"], &page.data()["limit"], &page.data()["offset"]),
        (&json!(CARS), &json!(2), &json!(3))
    );
}

async fn a_page_has_a_hundred_records_unless_it_says_otherwise(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for number in 0..80 {
        assert_eq!(create(&ask, crate::support::car(&format!("Q-{number}"))).await.status, 200);
    }
    let page = query(&ask, &json!({})).await;
    assert_eq!(
        (&page.data()["limit"], &page.data()["offset"], &page.data()["total"]),
        (&json!(100), &json!(0), &json!(105))
    );
    assert_eq!(page.data()["records"].as_array().unwrap().len(), 100);
    let all = query(&ask, &json!({ "limit": 1000 })).await;
    assert_eq!(all.data()["records"].as_array().unwrap().len(), 105);
}

async fn the_order_is_that_of_the_key_unless_it_says_otherwise(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    create(&ask, crate::support::car("AAA-0")).await;
    let page = query(&ask, &json!({})).await;
    let ids = column(&page, "id");
    let mut sorted = ids.clone();
    sorted.sort_by_key(ToString::to_string);
    assert_eq!(ids, sorted);
    assert_eq!(query(&ask, &json!({})).await.data(), page.data(), "the same on every call");
}

async fn pages_follow_each_other_without_gap_or_repetition(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    // Two or three cars of each brand: without the key at the end, equal ones could come twice.
    let sort = json!([{ "field": "brand", "direction": "desc" }]);
    let mut seen = BTreeSet::new();
    for page in 0..9 {
        let page = query(&ask, &json!({ "sort": sort, "limit": 3, "offset": page * 3 })).await;
        for id in column(&page, "id") {
            assert!(seen.insert(id.to_string()), "{id} twice");
        }
    }
    assert_eq!(seen.len(), 25);
}

async fn limit_and_offset_have_bounds(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    for limit in [json!(1), json!(1000)] {
        assert_eq!(query(&ask, &json!({ "limit": limit })).await.status, 200, "{limit}");
    }
    for limit in [json!(0), json!(1001), json!(-1)] {
        assert_eq!(told(&query(&ask, &json!({ "limit": limit })).await), ["limit out_of_range"], "{limit}");
    }
    for offset in [json!(-1)] {
        assert_eq!(
            told(&query(&ask, &json!({ "offset": offset })).await),
            ["offset out_of_range"],
            "{offset}"
        );
    }
    for wrong in [json!("10"), json!(1.5), json!(true), json!([1])] {
        assert_eq!(told(&query(&ask, &json!({ "limit": wrong })).await), ["limit wrong_type"], "{wrong}");
        assert_eq!(told(&query(&ask, &json!({ "offset": wrong })).await), ["offset wrong_type"], "{wrong}");
    }
}

async fn a_page_beyond_the_end_is_empty_and_knows_the_total(app: TestApp) {
    let page = query(&app.as_person(&people::viewer()), &json!({ "offset": 1_000_000 })).await;
    assert_eq!(page.data()["records"], json!([]));
    assert_eq!(page.data()["total"], CARS);
}

async fn the_total_is_of_all_that_match(app: TestApp) {
    let filter = json!({ "field": "brand", "operator": "eq", "value": "Toyota" });
    let page = query(&app.as_person(&people::viewer()), &json!({ "filter": filter, "limit": 1 })).await;
    assert_eq!((&page.data()["total"], page.data()["records"].as_array().unwrap().len()), (&json!(3), 1));
}

async fn rows_are_sorted_by_several_fields_and_ended_by_the_key(app: TestApp) {
    let sort = json!([{ "field": "brand", "direction": "asc" }, { "field": "year", "direction": "desc" }]);
    let page = query(&app.as_person(&people::viewer()), &json!({ "sort": sort, "limit": 6 })).await;
    let found: Vec<(Value, Value)> = column(&page, "brand").into_iter().zip(column(&page, "year")).collect();
    let expected =
        [("BMW", 2024), ("BMW", 2020), ("BMW", 2014), ("Fiat", 2025), ("Fiat", 2015), ("Kia", 2020)];
    assert_eq!(found, expected.map(|(brand, year)| (json!(brand), json!(year))));
    // Equal in all that was asked for: the key decides, upwards whatever the direction.
    for direction in ["asc", "desc"] {
        let sort = json!([{ "field": "model", "direction": direction }]);
        let filter = json!({ "field": "model", "operator": "eq", "value": "Corolla" });
        let page = query(&app.as_person(&people::viewer()), &json!({ "sort": sort, "filter": filter })).await;
        assert_eq!(column(&page, "licensePlate"), ["ACM-001", "ACM-011", "ACM-021"], "{direction}");
    }
}

async fn rows_without_a_value_come_last_in_both_directions(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    for direction in ["asc", "desc"] {
        for (field, nulls) in [("price", 4), ("color", 5)] {
            let sort = json!([{ "field": field, "direction": direction }]);
            let values = column(&query(&ask, &json!({ "sort": sort })).await, field);
            let first_null = values.iter().position(Value::is_null).unwrap();
            assert_eq!(first_null, 25 - nulls, "{field} {direction}");
            assert!(values[first_null..].iter().all(Value::is_null), "{field} {direction}");
        }
    }
}

async fn text_is_sorted_by_code_point(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let ordered = ["A1", "B1", "Z1", "_1", "a1", "b1", "z1", "É1", "é1", "車1", "🚗1"];
    for plate in ordered.iter().rev() {
        let values = car_with(plate, &json!({ "brand": "sorted" }));
        assert_eq!(create(&ask, values).await.status, 200, "{plate}");
    }
    let filter = json!({ "field": "brand", "operator": "eq", "value": "sorted" });
    let sort = |direction: &str| json!([{ "field": "licensePlate", "direction": direction }]);
    let upwards = query(&ask, &json!({ "filter": filter, "sort": sort("asc") })).await;
    assert_eq!(column(&upwards, "licensePlate"), ordered);
    let downwards = query(&ask, &json!({ "filter": filter, "sort": sort("desc") })).await;
    assert!(column(&downwards, "licensePlate").iter().eq(ordered.iter().rev()));
}

async fn decimals_are_sorted_as_numbers(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (plate, price) in
        [("N-1", "9.5"), ("N-2", "10"), ("N-3", "-1.25"), ("N-4", "100.01"), ("N-5", "9999999999.99")]
    {
        create(&ask, car_with(plate, &json!({ "price": price, "brand": "sorted" }))).await;
    }
    let filter = json!({ "field": "brand", "operator": "eq", "value": "sorted" });
    let sort = json!([{ "field": "price", "direction": "asc" }]);
    let page = query(&ask, &json!({ "filter": filter, "sort": sort })).await;
    assert_eq!(column(&page, "licensePlate"), ["N-3", "N-1", "N-2", "N-4", "N-5"]);
}

async fn what_is_wrong_with_a_sort_is_told_at_once(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let sort = json!([
        { "field": "wheels", "direction": "asc" },
        { "field": "year", "direction": "up" },
        { "field": "brand", "direction": "asc" },
        { "field": "brand", "direction": "desc" },
        { "field": "license_plate", "direction": "asc" },
    ]);
    let answer = query(&ask, &json!({ "sort": sort })).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(
        told(&answer),
        [
            "sort[0].field unknown_field",
            "sort[1].direction unknown_direction",
            "sort[3].field duplicate_field",
            "sort[4].field unknown_field",
        ]
    );
    for wrong in [json!("year"), json!({ "field": "year" }), json!(["year"]), json!([{ "field": "year" }])] {
        let answer = query(&ask, &json!({ "sort": wrong })).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{wrong}");
        assert!(answer.fields()[0].0.starts_with("sort"), "{wrong}");
    }
}

async fn only_the_named_columns_and_the_key_are_answered(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let page = query(&ask, &json!({ "fields": ["year", "brand"], "limit": 1 })).await;
    assert_eq!(page.data()["records"], json!([{ "id": CAR, "brand": "Toyota", "year": 2017 }]));
    let page = query(&ask, &json!({ "fields": ["id"], "limit": 1 })).await;
    assert_eq!(page.data()["records"], json!([{ "id": CAR }]));
}

async fn what_is_wrong_with_the_columns_is_told(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let answer = query(&ask, &json!({ "fields": ["brand", "wheels", "license_plate", "*"] })).await;
    let expected = ["fields[1] unknown_field", "fields[2] unknown_field", "fields[3] unknown_field"];
    assert_eq!(told(&answer), expected);
    for wrong in [json!("brand"), json!([1]), json!({})] {
        assert_eq!(query(&ask, &json!({ "fields": wrong })).await.status, 400, "{wrong}");
    }
}

async fn everything_wrong_with_a_query_is_told_at_once(app: TestApp) {
    let params = json!({
        "filter": { "field": "wheels", "operator": "eq", "value": 4 },
        "sort": [{ "field": "doors", "direction": "asc" }],
        "limit": 0,
        "offset": -1,
        "fields": ["windows"],
        "order": "by",
    });
    let answer = query(&app.as_person(&people::viewer()), &params).await;
    let expected = [
        "filter.field unknown_field",
        "sort[0].field unknown_field",
        "limit out_of_range",
        "offset out_of_range",
        "fields[0] unknown_field",
        "order unknown_field",
    ];
    assert_eq!(told(&answer), expected);
}

async fn a_registered_query_runs_by_name(app: TestApp) {
    let page =
        app.as_person(&people::viewer()).execute("executeQuery", json!({ "query": "cars.available" })).await;
    assert_eq!(page.data()["total"], 19);
    assert!(column(&page, "status").iter().all(|it| it == "available"));
}

async fn a_registered_query_takes_its_arguments(app: TestApp) {
    let params = json!({ "query": "cars.available", "arguments": { "fromYear": 2020 } });
    let page = app.as_person(&people::viewer()).execute("executeQuery", params).await;
    assert!(column(&page, "year").iter().all(|it| it.as_i64().unwrap() >= 2020));
    assert_eq!(page.data()["total"], 7);
    let foreign = json!({ "query": "cars.available", "arguments": { "fromYear": null } });
    assert_eq!(app.as_person(&people::stranger()).execute("executeQuery", foreign).await.data()["total"], 4);
}

async fn a_registered_query_is_sorted_and_paged_like_any_other(app: TestApp) {
    let params = json!({
        "query": "cars.available", "sort": [{ "field": "year", "direction": "desc" }], "limit": 2, "offset": 1, "fields": ["year"],
    });
    let page = app.as_person(&people::viewer()).execute("executeQuery", params).await;
    assert_eq!(column(&page, "year"), [2024, 2023]);
    assert_eq!(
        (&page.data()["total"], &page.data()["limit"], &page.data()["offset"]),
        (&json!(19), &json!(2), &json!(1))
    );
}

async fn an_unknown_registered_query_is_not_found(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    for name in ["cars.stolen", "Cars.Available", "", "SELECT 1"] {
        let answer = ask.execute("executeQuery", json!({ "query": name })).await;
        assert_eq!(answer.brief(), "404 query_not_found", "{name}");
    }
}

async fn wrong_arguments_are_told_under_their_name(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let with = |arguments: Value| json!({ "query": "cars.available", "arguments": arguments });
    for (arguments, expected) in [
        (json!({ "fromYear": 1 }), "arguments.fromYear out_of_range"),
        (json!({ "fromYear": "2020" }), "arguments.fromYear wrong_type"),
        (json!({ "toYear": 2020 }), "arguments.toYear unknown_field"),
    ] {
        assert_eq!(told(&ask.execute("executeQuery", with(arguments)).await), [expected]);
    }
    assert_eq!(told(&ask.execute("executeQuery", with(json!([]))).await), ["arguments wrong_type"]);
}

async fn a_registered_query_takes_no_entity_and_no_filter(app: TestApp) {
    let filter = json!({ "field": "year", "operator": "gt", "value": 0 });
    let params = json!({ "query": "cars.available", "entity": "Invoice", "filter": filter });
    let answer = app.as_person(&people::viewer()).execute("executeQuery", params).await;
    assert_eq!(told(&answer), ["entity not_allowed", "filter not_allowed"]);
    let arguments = query(&app.as_person(&people::viewer()), &json!({ "arguments": {} })).await;
    assert_eq!(told(&arguments), ["arguments not_allowed"]);
}

async fn neither_entity_nor_query_is_told_on_the_entity(app: TestApp) {
    let answer = app.as_person(&people::viewer()).execute("executeQuery", json!({ "limit": 1 })).await;
    assert_eq!(told(&answer), ["entity required"]);
}

async fn a_query_changes_nothing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let before = query(&ask, &json!({})).await;
    let row = &crate::support::audit(&ask, "?actionId=executeQuery").await[0];
    assert_eq!(
        (&row["affectedRecords"], &row["changedRecords"], &row["changedRecordsCount"]),
        (&json!(25), &json!([]), &json!(0))
    );
    assert_eq!(query(&ask, &json!({})).await.data(), before.data());
}

async fn rows_have_the_types_of_their_columns(app: TestApp) {
    let page = query(&app.as_person(&people::viewer()), &json!({ "limit": 6 })).await;
    let car = &page.data()["records"][0];
    assert_eq!(car["id"], CAR);
    assert_eq!((&car["year"], &car["price"], &car["notes"]), (&json!(2017), &json!(4731.25), &Value::Null));
    assert_eq!(page.data()["records"][3]["price"].to_string(), "6924", "a whole number has no point");
    let at = car["createdAt"].as_str().unwrap();
    assert!(at.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{at}");
    let lines = app
        .as_person(&people::administrator())
        .execute("executeQuery", json!({ "entity": "InvoiceLine" }))
        .await;
    assert!(column(&lines, "approved").iter().all(|it| *it == json!(false)));
}
