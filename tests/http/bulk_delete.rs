//! `bulkDelete`: many rows are removed, all of them or as many as can be.

use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, CARS, COMPANY, FOREIGN_CAR, IDLE_COMPANY, NO_CAR, OTHER_CAR, audit, count, read, told,
};

on_both_fleets!(
    the_rows_are_gone_and_their_ids_answered,
    a_second_time_they_are_missing,
    a_missing_id_fails_the_whole_and_is_named,
    in_independent_mode_the_rest_goes_and_each_failure_is_listed,
    rows_that_others_refer_to_fail_the_whole_or_are_listed,
    each_row_is_audited_as_it_was,
    a_filter_picks_the_rows_up_to_its_bound,
    ids_and_filter_are_checked_as_for_an_update,
    a_removal_takes_no_values,
    a_caller_needs_the_permission_to_delete,
);

async fn bulk(ask: &Ask<'_>, entity: &str, params: &Value) -> Answer {
    let mut params = params.clone();
    params["entity"] = json!(entity);
    ask.execute("bulkDelete", params).await
}

async fn the_rows_are_gone_and_their_ids_answered(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let gone = bulk(&ask, "Car", &json!({ "ids": [OTHER_CAR, CAR, CAR.to_uppercase()] })).await;
    assert_eq!(gone.data(), &json!({ "deleted": 2, "ids": [CAR, OTHER_CAR] }));
    assert_eq!(gone.json["metadata"]["affectedRecords"], 2);
    assert_eq!(count(&ask).await, CARS - 2);
    assert_eq!(read(&ask, CAR).await, Value::Null);
}

async fn a_second_time_they_are_missing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "ids": [CAR, OTHER_CAR] });
    assert_eq!(bulk(&ask, "Car", &params).await.status, 200);
    let again = bulk(&ask, "Car", &params).await;
    assert_eq!(again.brief(), "404 not_found");
    assert_eq!(told(&again), ["ids[0] not_found", "ids[1] not_found"]);
}

async fn a_missing_id_fails_the_whole_and_is_named(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for missing in [NO_CAR, FOREIGN_CAR] {
        let answer = bulk(&ask, "Car", &json!({ "ids": [CAR, missing] })).await;
        assert_eq!(
            (answer.brief().as_str(), told(&answer)),
            ("404 not_found", vec!["ids[1] not_found".to_owned()])
        );
        assert_eq!(answer.json["detail"], "some of these records were not found");
    }
    assert_eq!(count(&ask).await, CARS);
    assert_eq!(read(&app.as_person(&people::stranger()), FOREIGN_CAR).await["id"], FOREIGN_CAR);
}

async fn in_independent_mode_the_rest_goes_and_each_failure_is_listed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "ids": [FOREIGN_CAR, CAR, NO_CAR], "mode": "independent" });
    let gone = bulk(&ask, "Car", &params).await;
    let missing = |id: &str| json!({ "id": id, "code": "not_found", "message": "not found" });
    let failed = json!([missing(FOREIGN_CAR), missing(NO_CAR)]);
    assert_eq!(gone.data(), &json!({ "deleted": 1, "ids": [CAR], "failed": failed }));
    assert_eq!(count(&ask).await, CARS - 1);
    assert_eq!(read(&app.as_person(&people::stranger()), FOREIGN_CAR).await["id"], FOREIGN_CAR);
}

async fn rows_that_others_refer_to_fail_the_whole_or_are_listed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let mut params = json!({ "ids": [IDLE_COMPANY, COMPANY] });
    let answer = bulk(&ask, "Company", &params).await;
    assert_eq!(answer.brief(), "409 dependency");
    for internal in ["invoice", "companies", "constraint", "company_id"] {
        assert!(!answer.text.to_lowercase().contains(internal), "{}", answer.text);
    }
    let companies =
        async || ask.execute("executeQuery", json!({ "entity": "Company" })).await.data()["total"].clone();
    assert_eq!(companies().await, 3);

    params["mode"] = json!("independent");
    let done = bulk(&ask, "Company", &params).await;
    let failed = json!([{ "id": COMPANY, "code": "dependency", "message": "this Company is still in use" }]);
    assert_eq!(done.data(), &json!({ "deleted": 1, "ids": [IDLE_COMPANY], "failed": failed }));
    assert_eq!(companies().await, 2);
}

async fn each_row_is_audited_as_it_was(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let was = read(&ask, CAR).await;
    assert_eq!(bulk(&ask, "Car", &json!({ "ids": [CAR, OTHER_CAR] })).await.status, 200);
    let row = audit(&ask, "?pageSize=1").await.remove(0);
    assert_eq!((&row["actionId"], &row["changedRecordsCount"]), (&json!("bulkDelete"), &json!(2)));
    let change = &row["changedRecords"][0];
    assert_eq!(
        (&change["id"], &change["operation"], &change["after"]),
        (&json!(CAR), &json!("deleted"), &Value::Null)
    );
    for column in ["licensePlate", "brand", "model", "year", "color", "status", "price", "notes"] {
        assert_eq!(change["before"][column], was[column], "{column}");
    }
    assert_eq!(change["before"].as_object().unwrap().len(), 8);
}

async fn a_filter_picks_the_rows_up_to_its_bound(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let mut params =
        json!({ "filter": { "field": "year", "operator": "gte", "value": 1886 }, "maxAffected": CARS - 1 });
    let answer = bulk(&ask, "Car", &params).await;
    assert_eq!(answer.brief(), "409 too_many_affected");
    assert_eq!(count(&ask).await, CARS);
    params["maxAffected"] = json!(CARS);
    assert_eq!(bulk(&ask, "Car", &params).await.data()["deleted"], CARS);
    assert_eq!(count(&ask).await, 0);
    assert_eq!(count(&app.as_person(&people::stranger())).await, 5, "another tenant's are untouched");
}

async fn ids_and_filter_are_checked_as_for_an_update(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let everything = json!({ "and": [] });
    for (params, expected) in [
        (json!({}), vec!["ids required"]),
        (json!({ "ids": [] }), vec!["ids too_few"]),
        (json!({ "ids": vec![CAR; 10_001] }), vec!["ids too_many"]),
        (json!({ "ids": [CAR, "x"] }), vec!["ids[1] wrong_type"]),
        (json!({ "ids": [CAR], "filter": everything, "maxAffected": 9 }), vec!["filter not_allowed"]),
        (json!({ "ids": [CAR], "maxAffected": 9 }), vec!["maxAffected not_allowed"]),
        (json!({ "filter": everything }), vec!["maxAffected required"]),
        (json!({ "filter": everything, "maxAffected": 0 }), vec!["maxAffected out_of_range"]),
        (json!({ "filter": everything, "maxAffected": 100_001 }), vec!["maxAffected out_of_range"]),
        (json!({ "ids": [CAR], "mode": "some" }), vec!["mode not_allowed"]),
    ] {
        let answer = bulk(&ask, "Car", &params).await;
        assert_eq!((answer.status, told(&answer)), (400, expected.iter().map(ToString::to_string).collect()));
    }
    assert_eq!(count(&ask).await, CARS);
}

async fn a_removal_takes_no_values(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for name in ["values", "id", "version"] {
        let answer = bulk(&ask, "Car", &json!({ "ids": [CAR], name: {} })).await;
        assert_eq!(told(&answer), [format!("{name} unknown_field")]);
    }
    assert_eq!(count(&ask).await, CARS);
}

async fn a_caller_needs_the_permission_to_delete(app: TestApp) {
    for person in [people::viewer(), people::fleet_manager(), people::nobody()] {
        let answer = bulk(&app.as_person(&person), "Car", &json!({ "ids": [CAR] })).await;
        assert_eq!(answer.brief(), "403 permission_denied");
    }
}
