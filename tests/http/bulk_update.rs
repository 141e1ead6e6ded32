//! `bulkUpdate`: the same change of many rows, all of them or as many as can be.

use std::sync::Arc;

use action_core::Kind;
use action_core::entity::{Column, Entity, RowRule};
use action_core::expression::field;
use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, CARS, COMPANY, FOREIGN_CAR, FOREIGN_COMPANY, NO_CAR, OTHER_CAR, anonymous_text, at_once, audit, car,
    count, create, plates, read, told, update,
};

on_both_fleets!(
    the_rows_are_changed_and_their_ids_answered,
    ids_that_are_named_twice_count_once_however_they_are_spelled,
    each_row_is_audited_and_the_first_hundred_stand_in_the_record,
    a_missing_id_fails_the_whole_and_is_named,
    another_tenants_row_is_answered_like_a_missing_one,
    in_independent_mode_the_rest_succeeds_and_each_failure_is_listed,
    a_taken_value_fails_the_whole_with_its_field,
    a_row_that_fails_in_the_middle_of_ten_thousand,
    an_unknown_reference_is_told_with_its_field_or_for_each_row,
    a_filter_picks_the_rows,
    more_rows_than_may_be_affected_change_nothing_and_are_counted,
    ids_and_filter_together_or_neither_are_refused,
    max_affected_belongs_to_a_filter_and_is_needed_with_it,
    ids_are_one_to_ten_thousand,
    max_affected_is_one_to_a_hundred_thousand,
    malformed_ids_are_told_with_their_places,
    a_wrong_filter_is_told_with_its_places,
    values_are_checked_as_for_one_record,
    an_unknown_mode_is_refused,
    every_mistake_is_told_in_the_order_of_declaration,
    more_than_ten_thousand_rows_are_answered_without_their_ids,
    a_call_of_many_rows_is_repeated_under_its_key,
    callers_on_overlapping_rows_wait_for_each_other,
    a_row_rule_hides_rows_and_keeps_them_in_sight,
    a_caller_needs_the_permission_to_edit,
);

async fn bulk(ask: &Ask<'_>, params: &Value) -> Answer {
    let mut params = params.clone();
    if params.get("entity").is_none() {
        params["entity"] = json!("Car");
    }
    ask.execute("bulkUpdate", params).await
}

async fn paint(ask: &Ask<'_>, ids: &[&str]) -> Answer {
    bulk(ask, &json!({ "ids": ids, "values": { "color": "pink" } })).await
}

/// Many cars more, of one brand, in the order of their ids.
async fn crowd(app: &TestApp, number: usize) -> Vec<String> {
    let ids: Vec<String> = (0..number).map(|it| format!("cb000000-0000-4000-8000-{it:012}")).collect();
    for part in ids.chunks(5_000) {
        let rows: Vec<String> = part
            .iter()
            .map(|id| {
                let plate = &id[24..];
                format!("('{id}', '{}', 'B{plate}', 'Bulk', 'B', 2000)", people::ACME)
            })
            .collect();
        let text = format!(
            "INSERT INTO cars (id, tenant_id, license_plate, brand, model, year) VALUES {}",
            rows.join(",")
        );
        app.parts().storage.run_script(Box::leak(text.into_boxed_str())).await.unwrap();
    }
    ids
}

const PINK: fn() -> Value = || json!({ "field": "color", "operator": "eq", "value": "pink" });

async fn the_rows_are_changed_and_their_ids_answered(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let done =
        bulk(&ask, &json!({ "ids": [OTHER_CAR, CAR], "values": { "color": "pink", "notes": null } })).await;
    assert_eq!(done.data(), &json!({ "updated": 2, "ids": [CAR, OTHER_CAR] }));
    assert_eq!(done.json["metadata"]["affectedRecords"], 2);
    for id in [CAR, OTHER_CAR] {
        let row = read(&ask, id).await;
        assert_eq!(
            (&row["color"], &row["notes"], &row["version"]),
            (&json!("pink"), &Value::Null, &json!(2))
        );
        assert_eq!(row["updatedBy"], people::fleet_manager().id());
        assert!(row["updatedAt"].is_string());
    }
    assert_eq!(plates(&ask, &PINK()).await, ["ACM-001", "ACM-002"]);
}

async fn ids_that_are_named_twice_count_once_however_they_are_spelled(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let done = paint(&ask, &[CAR, &CAR.to_uppercase(), CAR]).await;
    assert_eq!(done.data(), &json!({ "updated": 1, "ids": [CAR] }));
    assert_eq!(read(&ask, CAR).await["version"], 2);
}

async fn each_row_is_audited_and_the_first_hundred_stand_in_the_record(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let ids = crowd(&app, 130).await;
    assert_eq!(
        bulk(&ask, &json!({ "ids": ids, "values": { "year": 2001, "model": "B" } })).await.status,
        200
    );
    let row = audit(&ask, "?pageSize=1").await.remove(0);
    assert_eq!((&row["actionId"], &row["affectedRecords"]), (&json!("bulkUpdate"), &json!(130)));
    assert_eq!(row["changedRecordsCount"], 130);
    let shown = row["changedRecords"].as_array().unwrap();
    assert_eq!(shown.len(), 100);
    for (change, id) in shown.iter().zip(&ids) {
        let before_and_after = (json!({ "year": 2000 }), json!({ "year": 2001 }));
        assert_eq!((&change["before"], &change["after"]), (&before_and_after.0, &before_and_after.1));
        assert_eq!((&change["id"], &change["entity"]), (&json!(id), &json!("Car")));
        assert_eq!(change["operation"], "updated");
    }
}

async fn a_missing_id_fails_the_whole_and_is_named(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = paint(&ask, &[CAR, &NO_CAR.to_uppercase(), OTHER_CAR, FOREIGN_CAR]).await;
    assert_eq!(answer.brief(), "404 not_found");
    assert_eq!(told(&answer), ["ids[1] not_found", "ids[3] not_found"]);
    assert_eq!(answer.json["errors"][0]["message"], format!("{NO_CAR} was not found"));
    assert_eq!(plates(&ask, &PINK()).await.len(), 0, "nothing changes");
    assert_eq!(read(&ask, CAR).await["version"], 1);
    let row = audit(&ask, "?actionId=bulkUpdate").await.remove(0);
    assert_eq!((&row["outcome"], &row["changedRecordsCount"]), (&json!("refused"), &json!(0)));
}

async fn another_tenants_row_is_answered_like_a_missing_one(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for action in ["bulkUpdate", "bulkDelete"] {
        for mode in ["atomic", "independent"] {
            let mut texts = Vec::new();
            for id in [FOREIGN_CAR, NO_CAR] {
                let mut params = json!({ "entity": "Car", "ids": [id], "mode": mode });
                if action == "bulkUpdate" {
                    params["values"] = json!({ "color": "pink" });
                }
                let answer = ask.execute(action, params).await;
                let text = if mode == "atomic" { anonymous_text(&answer) } else { answer.data().to_string() };
                texts.push((answer.status, text.replace(id, "id")));
            }
            assert_eq!(texts[0], texts[1]);
        }
    }
    let theirs = read(&app.as_person(&people::stranger()), FOREIGN_CAR).await;
    assert_eq!(theirs["version"], 1);
}

async fn in_independent_mode_the_rest_succeeds_and_each_failure_is_listed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let ids = json!([NO_CAR, OTHER_CAR, FOREIGN_CAR, CAR, NO_CAR]);
    let params = json!({ "ids": ids, "values": { "color": "pink" }, "mode": "independent" });
    let missing = |id: &str| json!({ "id": id, "code": "not_found", "message": "not found" });
    let done = bulk(&ask, &params).await;
    let failed = json!([missing(NO_CAR), missing(FOREIGN_CAR)]);
    assert_eq!(done.data(), &json!({ "updated": 2, "ids": [CAR, OTHER_CAR], "failed": failed }));
    assert_eq!(done.json["metadata"]["affectedRecords"], 2);

    let none =
        bulk(&ask, &json!({ "ids": [NO_CAR], "values": { "color": "red" }, "mode": "independent" })).await;
    assert_eq!(none.data(), &json!({ "updated": 0, "ids": [], "failed": [missing(NO_CAR)] }));
    let row = audit(&ask, "?pageSize=1").await.remove(0);
    assert_eq!((&row["outcome"], &row["affectedRecords"]), (&json!("succeeded"), &json!(0)));
}

async fn a_taken_value_fails_the_whole_with_its_field(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "ids": [CAR, OTHER_CAR], "values": { "licensePlate": "X-1" } });
    let answer = bulk(&ask, &params).await;
    assert_eq!(answer.brief(), "409 conflict");
    assert_eq!(told(&answer), ["values.licensePlate taken"]);
    assert_eq!(
        plates(&ask, &json!({ "field": "licensePlate", "operator": "eq", "value": "X-1" })).await.len(),
        0
    );

    let mut params = params;
    params["mode"] = json!("independent");
    let done = bulk(&ask, &params).await;
    let failed = json!([{ "id": OTHER_CAR, "code": "conflict", "message": "licensePlate is already taken" }]);
    assert_eq!(done.data(), &json!({ "updated": 1, "ids": [CAR], "failed": failed }));
    let one = bulk(&ask, &json!({ "ids": [CAR], "values": { "licensePlate": "X-2" } })).await;
    assert_eq!(one.data()["updated"], 1, "one row may have it");
}

async fn a_row_that_fails_in_the_middle_of_ten_thousand(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let ids = crowd(&app, 10_000).await;
    // A rule of the table's own, about one row.
    let index = "CREATE UNIQUE INDEX one_model_a_year ON cars (model, year, notes)";
    app.parts().storage.run_script(index).await.unwrap();
    let middle = &ids[5_000];
    assert_eq!(update(&ask, middle, json!({ "model": "M" })).await.status, 200);
    let twin = json!({ "licensePlate": "T-1", "brand": "T", "model": "M", "year": 2000, "notes": "n" });
    assert_eq!(create(&ask, twin).await.status, 200);
    // All others stay apart by their model.
    app.parts()
        .storage
        .run_script("UPDATE cars SET model = license_plate WHERE brand = 'Bulk' AND model = 'B'")
        .await
        .unwrap();

    let mut params = json!({ "ids": ids, "values": { "notes": "n" } });
    assert_eq!(bulk(&ask, &params).await.brief(), "409 conflict");
    assert_eq!(read(&ask, &ids[0]).await["notes"], Value::Null, "nothing changes");

    params["mode"] = json!("independent");
    let done = bulk(&ask, &params).await;
    assert_eq!(done.data()["updated"], 9_999);
    assert_eq!(done.data()["ids"].as_array().unwrap().len(), 9_999);
    let failed = done.data()["failed"].as_array().unwrap();
    assert_eq!((failed.len(), &failed[0]["id"], &failed[0]["code"]), (1, &json!(middle), &json!("conflict")));
    assert_eq!(read(&ask, middle).await["notes"], Value::Null);
    assert_eq!(read(&ask, &ids[5_001]).await["notes"], "n");
}

async fn an_unknown_reference_is_told_with_its_field_or_for_each_row(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let invoices = ask.execute("executeQuery", json!({ "entity": "Invoice" })).await;
    let ids: Vec<Value> =
        invoices.data()["records"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    let mut params = json!({ "entity": "Invoice", "ids": ids, "values": { "companyId": FOREIGN_COMPANY } });
    let answer = bulk(&ask, &params).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(told(&answer), ["values.companyId unknown_reference"]);
    params["mode"] = json!("independent");
    let done = bulk(&ask, &params).await;
    assert_eq!(
        (&done.data()["updated"], &done.data()["failed"][0]["code"]),
        (&json!(0), &json!("unknown_reference"))
    );
    assert_eq!(done.data()["failed"].as_array().unwrap().len(), ids.len());
    params["values"] = json!({ "companyId": COMPANY });
    assert_eq!(bulk(&ask, &params).await.data()["updated"], ids.len());
}

async fn a_filter_picks_the_rows(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let old = json!({ "field": "year", "operator": "lt", "value": 2015 });
    let expected = plates(&ask, &old).await;
    assert!(expected.len() > 1 && (expected.len() as u64) < CARS);
    let params = json!({ "filter": old, "maxAffected": expected.len(), "values": { "color": "pink" } });
    let done = bulk(&ask, &params).await;
    assert_eq!(done.data()["updated"], expected.len());
    assert_eq!(done.data()["ids"].as_array().unwrap().len(), expected.len());
    assert_eq!(plates(&ask, &PINK()).await, expected);

    let none = json!({ "field": "year", "operator": "gt", "value": 3000 });
    let done = bulk(&ask, &json!({ "filter": none, "maxAffected": 1, "values": { "color": "red" } })).await;
    assert_eq!(done.data(), &json!({ "updated": 0, "ids": [] }));
    let everything = json!({ "filter": { "and": [] }, "maxAffected": 1000, "values": { "color": "pink" } });
    assert_eq!(bulk(&ask, &everything).await.data()["updated"], CARS, "of the own tenant");
}

async fn more_rows_than_may_be_affected_change_nothing_and_are_counted(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for mode in ["atomic", "independent"] {
        let params = json!({ "filter": { "and": [] }, "maxAffected": CARS - 1, "values": { "color": "pink" }, "mode": mode });
        let answer = bulk(&ask, &params).await;
        assert_eq!(answer.brief(), "409 too_many_affected");
        assert_eq!(answer.json["detail"], "25 records match the filter, and at most 24 may be changed");
        assert_eq!(told(&answer), ["too_many_affected"]);
    }
    assert_eq!(plates(&ask, &PINK()).await.len(), 0);
}

async fn ids_and_filter_together_or_neither_are_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let values = json!({ "color": "pink" });
    for neither in [json!({ "values": values }), json!({ "values": values, "ids": null, "filter": null })] {
        assert_eq!(told(&bulk(&ask, &neither).await), ["ids required"]);
    }
    let both = json!({ "values": values, "ids": [CAR], "filter": { "and": [] }, "maxAffected": 100 });
    let answer = bulk(&ask, &both).await;
    assert_eq!(
        (answer.brief().as_str(), told(&answer)),
        ("400 validation_failed", vec!["filter not_allowed".to_owned()])
    );
    assert_eq!(read(&ask, CAR).await["version"], 1);
}

async fn max_affected_belongs_to_a_filter_and_is_needed_with_it(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let values = json!({ "color": "pink" });
    let without = json!({ "values": values, "filter": { "and": [] } });
    assert_eq!(told(&bulk(&ask, &without).await), ["maxAffected required"]);
    let with_ids = json!({ "values": values, "ids": [CAR], "maxAffected": 5 });
    assert_eq!(told(&bulk(&ask, &with_ids).await), ["maxAffected not_allowed"]);
    assert_eq!(read(&ask, CAR).await["version"], 1);
}

async fn ids_are_one_to_ten_thousand(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&paint(&ask, &[]).await), ["ids too_few"]);
    assert_eq!(paint(&ask, &[CAR]).await.data()["updated"], 1);
    let mut ids = vec![CAR; 10_000];
    ids[0] = OTHER_CAR;
    assert_eq!(paint(&ask, &ids).await.data()["updated"], 2);
    ids.push(CAR);
    assert_eq!(told(&paint(&ask, &ids).await), ["ids too_many"]);
}

async fn max_affected_is_one_to_a_hundred_thousand(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (most, expected) in [
        (json!(0), "maxAffected out_of_range"),
        (json!(100_001), "maxAffected out_of_range"),
        (json!(-1), "maxAffected out_of_range"),
        (json!(5_000_000_000_i64), "maxAffected out_of_range"),
        (json!(1.5), "maxAffected wrong_type"),
        (json!("5"), "maxAffected wrong_type"),
    ] {
        let params = json!({ "filter": { "or": [] }, "maxAffected": most, "values": { "color": "pink" } });
        assert_eq!(told(&bulk(&ask, &params).await), [expected], "{most}");
    }
    for most in [1, 100_000] {
        let params = json!({ "filter": { "or": [] }, "maxAffected": most, "values": { "color": "pink" } });
        assert_eq!(bulk(&ask, &params).await.data()["updated"], 0);
    }
}

async fn malformed_ids_are_told_with_their_places(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "ids": [CAR, "x", 7, null, [CAR]], "values": { "color": "pink" } });
    let answer = bulk(&ask, &params).await;
    assert_eq!(
        told(&answer),
        ["ids[1] wrong_type", "ids[2] wrong_type", "ids[3] required", "ids[4] wrong_type"]
    );
    for ids in [json!(CAR), json!({ "0": CAR }), json!(7)] {
        let answer = bulk(&ask, &json!({ "ids": ids, "values": { "color": "pink" } })).await;
        assert_eq!(told(&answer), ["ids wrong_type"], "{ids}");
    }
    assert_eq!(read(&ask, CAR).await["version"], 1);
    let many = bulk(&ask, &json!({ "ids": vec!["x"; 10_000], "values": { "color": "pink" } })).await;
    assert_eq!((many.status, told(&many).len()), (400, 100), "no more than anybody reads");
}

async fn a_wrong_filter_is_told_with_its_places(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let filter = json!({ "and": [
        { "field": "colour", "operator": "eq", "value": "red" },
        { "field": "year", "operator": "like", "value": 1 },
        { "field": "year", "operator": "eq", "value": "2017" },
    ] });
    let params = json!({ "filter": filter, "maxAffected": 9, "values": { "color": "pink" } });
    let expected = [
        "filter.and[1].operator unknown_operator",
        "filter.and[0].field unknown_field",
        "filter.and[2].value wrong_type",
    ];
    assert_eq!(told(&bulk(&ask, &params).await), expected);
    for odd in [json!([]), json!("color"), json!(1), json!({})] {
        let params = json!({ "filter": odd, "maxAffected": 9, "values": { "color": "pink" } });
        assert_eq!(bulk(&ask, &params).await.brief(), "400 validation_failed", "{odd}");
    }
}

async fn values_are_checked_as_for_one_record(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (values, expected) in [
        (json!({}), vec!["values too_few"]),
        (json!({ "status": "retired" }), vec!["values.status read_only"]),
        (json!({ "version": 1, "id": CAR }), vec!["values.id read_only", "values.version read_only"]),
        (
            json!({ "year": 1, "colour": "x" }),
            vec!["values.year out_of_range", "values.colour unknown_field"],
        ),
        (json!({ "brand": null }), vec!["values.brand required"]),
    ] {
        let answer = bulk(&ask, &json!({ "ids": [CAR], "values": values })).await;
        assert_eq!(told(&answer), expected, "{values}");
    }
    assert_eq!(told(&bulk(&ask, &json!({ "ids": [CAR] })).await), ["values required"]);
    assert_eq!(told(&bulk(&ask, &json!({ "ids": [CAR], "values": [] })).await), ["values wrong_type"]);
}

async fn an_unknown_mode_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for mode in [json!("best"), json!("Atomic"), json!(1)] {
        let answer = bulk(&ask, &json!({ "ids": [CAR], "values": { "color": "pink" }, "mode": mode })).await;
        assert_eq!((answer.status, answer.fields()[0].0.as_str()), (400, "mode"), "{}", answer.text);
    }
}

async fn every_mistake_is_told_in_the_order_of_declaration(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params =
        json!({ "force": true, "maxAffected": 3, "mode": "x", "ids": ["y"], "values": { "year": 1 } });
    let expected = [
        "values.year out_of_range",
        "ids[0] wrong_type",
        "mode not_allowed",
        "maxAffected not_allowed",
        "force unknown_field",
    ];
    assert_eq!(told(&bulk(&ask, &params).await), expected);
}

async fn more_than_ten_thousand_rows_are_answered_without_their_ids(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    crowd(&app, 10_001).await;
    let filter = json!({ "field": "brand", "operator": "eq", "value": "Bulk" });
    let params = json!({ "filter": filter, "maxAffected": 100_000, "values": { "color": "pink" } });
    let done = bulk(&ask, &params).await;
    assert_eq!(done.data(), &json!({ "updated": 10_001 }));
    let row = audit(&ask, "?pageSize=1").await.remove(0);
    assert_eq!((&row["affectedRecords"], &row["changedRecordsCount"]), (&json!(10_001), &json!(10_001)));
}

async fn a_call_of_many_rows_is_repeated_under_its_key(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "bulk-1");
    let first = paint(&ask, &[CAR, OTHER_CAR]).await;
    let again = paint(&ask, &[CAR, OTHER_CAR]).await;
    assert_eq!(again.data(), first.data());
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(read(&app.as_person(&people::viewer()), CAR).await["version"], 2, "changed once");
}

async fn callers_on_overlapping_rows_wait_for_each_other(app: TestApp) {
    let ids = Arc::new(crowd(&app, 400).await);
    let app = Arc::new(app);
    let answers = at_once(&app, 8, &people::administrator(), |number, app, person| {
        let ids = Arc::clone(&ids);
        async move {
            let mut own: Vec<String> = ids[number * 20..number * 20 + 240].to_vec();
            if number % 2 == 0 {
                own.reverse();
            }
            let values = json!({ "notes": number.to_string() });
            bulk(&app.as_person(&person), &json!({ "ids": own, "values": values })).await
        }
    })
    .await;
    assert!(answers.iter().all(|it| it.status == 200), "{:?}", crate::support::tally(&answers));
    assert_eq!(read(&app.as_person(&people::viewer()), &ids[200]).await["version"], 9);
}

/// An engine on the fleet's cars, of which a caller sees those of one brand only.
async fn with_a_rule(app: &TestApp) -> axum::Router {
    let cars = Entity::builder("Car", "cars")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("brand", Kind::Text).required())
        .column(Column::new("color", Kind::Text))
        .column(Column::new("version", Kind::Integer))
        .row_rule(RowRule::new(|_, _| field("brand").eq("Toyota")))
        .build()
        .unwrap();
    let engine = action_core::Engine::builder()
        .storage(app.parts().storage.clone())
        .authenticator(action_axum::Jwt::hs256(fleet::DEVELOPMENT_SECRET).unwrap())
        .security_file(app.config().join("security.json"))
        .without_linked_actions()
        .entity_definition(cars)
        .build()
        .await
        .unwrap();
    action_axum::router(engine)
}

async fn execute(router: &axum::Router, action: &str, params: Value) -> (u16, Value) {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let body = json!({ "actionId": action, "params": params }).to_string();
    let request = axum::http::Request::post("/ui/actions/execute")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {}", people::administrator().token()))
        .body(axum::body::Body::from(body))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn a_row_rule_hides_rows_and_keeps_them_in_sight(app: TestApp) {
    let router = with_a_rule(&app).await;
    let ask = app.as_person(&people::administrator());
    let mut others = car("R-1");
    others["brand"] = json!("Lada");
    let lada = create(&ask, others).await.data()["id"].clone();
    let params = |values: Value, mode: &str| json!({ "entity": "Car", "ids": [CAR, lada], "values": values, "mode": mode });

    let (status, answer) = execute(&router, "bulkUpdate", params(json!({ "color": "pink" }), "atomic")).await;
    assert_eq!((status, &answer["errors"][0]["field"]), (404, &json!("ids[1]")));
    let (status, answer) =
        execute(&router, "bulkUpdate", params(json!({ "color": "pink" }), "independent")).await;
    assert_eq!((status, &answer["data"]["updated"]), (200, &json!(1)));
    assert_eq!(
        answer["data"]["failed"],
        json!([{ "id": lada, "code": "not_found", "message": "not found" }])
    );

    // A row must not leave the caller's sight by being changed.
    let away = json!({ "entity": "Car", "ids": [CAR], "values": { "brand": "Lada" } });
    let (status, answer) = execute(&router, "bulkUpdate", away.clone()).await;
    assert_eq!((status, &answer["code"]), (403, &json!("permission_denied")));
    let mut away = away;
    away["mode"] = json!("independent");
    let (status, answer) = execute(&router, "bulkUpdate", away).await;
    assert_eq!((status, &answer["data"]["failed"][0]["code"]), (200, &json!("permission_denied")));
    assert_eq!(read(&ask, CAR).await["brand"], "Toyota");

    let everything = json!({ "entity": "Car", "filter": { "and": [] }, "maxAffected": 1000 });
    let (_, answer) = execute(&router, "bulkDelete", everything).await;
    assert!(answer["data"]["deleted"].as_u64().unwrap() < CARS);
    let toyota = json!({ "field": "brand", "operator": "eq", "value": "Toyota" });
    assert_eq!(plates(&ask, &toyota).await.len(), 0);
    assert!(count(&ask).await > 1, "the others are there");
}

async fn a_caller_needs_the_permission_to_edit(app: TestApp) {
    for (person, expected) in [
        (people::viewer(), "403 permission_denied"),
        (people::nobody(), "403 permission_denied"),
        (people::fleet_manager(), "200"),
    ] {
        assert_eq!(paint(&app.as_person(&person), &[CAR]).await.brief(), expected);
    }
}
