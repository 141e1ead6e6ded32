//! `updateRecord`: what a change touches, what it may not, and who wins when several come at once.

use std::sync::Arc;

use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, FOREIGN_COMPANY, NO_CAR, OTHER_CAR, anonymous_text, at_once, audit, read, tally, told, update,
};

on_both_fleets!(
    of_many_changes_at_once_with_one_version_one_is_made,
    of_many_changes_at_once_without_a_version_none_is_lost,
    a_stale_version_is_a_conflict_that_tells_the_current_one,
    a_version_that_is_still_current_is_taken,
    a_version_is_a_number_from_one,
    an_absent_column_is_unchanged,
    null_clears_a_column_that_may_be_empty,
    null_is_refused_where_a_column_may_not_be_empty,
    the_server_keeps_version_and_who_and_when,
    what_the_server_sets_cannot_be_changed,
    a_column_under_a_workflow_cannot_be_changed,
    at_least_one_column_is_named,
    every_mistake_is_told_at_once_in_the_order_of_declaration,
    mistakes_beside_the_values_are_told_with_those_in_them,
    an_id_is_required_and_of_the_keys_type,
    an_id_may_be_written_in_upper_case,
    a_missing_row_is_not_found,
    a_plate_that_is_taken_is_a_conflict,
    a_row_may_keep_its_own_plate,
    a_reference_to_another_tenants_row_is_refused,
    what_is_answered_is_what_is_stored,
    an_unknown_parameter_is_refused,
);

async fn with_version(ask: &Ask<'_>, version: Value, values: Value) -> Answer {
    let params = json!({ "entity": "Car", "id": CAR, "values": values, "version": version });
    ask.execute("updateRecord", params).await
}

async fn of_many_changes_at_once_with_one_version_one_is_made(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::fleet_manager(), |number, app, person| async move {
        with_version(&app.as_person(&person), json!(1), json!({ "color": format!("shade {number}") })).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×1", "409 version_conflict ×15"]);
    let winner = answers.iter().find(|it| it.status == 200).unwrap();
    let ask = app.as_person(&people::administrator());
    assert_eq!(&read(&ask, CAR).await, winner.data());
    assert_eq!(winner.data()["version"], 2);
    assert_eq!(audit(&ask, "?actionId=updateRecord&success=true").await.len(), 1);
    assert_eq!(audit(&ask, "?actionId=updateRecord&outcome=refused").await.len(), 15);
}

async fn of_many_changes_at_once_without_a_version_none_is_lost(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::fleet_manager(), |number, app, person| async move {
        update(&app.as_person(&person), CAR, json!({ "notes": number.to_string() })).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×16"]);
    let mut versions: Vec<u64> = answers.iter().map(|it| it.data()["version"].as_u64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (2..=17).collect::<Vec<_>>());
    let last = answers.iter().find(|it| it.data()["version"] == 17).unwrap();
    assert_eq!(&read(&app.as_person(&people::viewer()), CAR).await, last.data());
}

async fn a_stale_version_is_a_conflict_that_tells_the_current_one(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for color in ["red", "green"] {
        assert_eq!(update(&ask, CAR, json!({ "color": color })).await.status, 200);
    }
    // Of the past, and of a future that never was.
    for version in [1, 2, 4] {
        let stale = with_version(&ask, json!(version), json!({ "color": "white" })).await;
        assert_eq!(stale.brief(), "409 version_conflict", "{version}");
        assert_eq!(stale.json["detail"], "the record was changed by someone else; its version is now 3");
    }
    assert_eq!(read(&ask, CAR).await["color"], "green");
}

async fn a_version_that_is_still_current_is_taken(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    assert_eq!(with_version(&ask, json!(1), json!({ "color": "red" })).await.data()["version"], 2);
    assert_eq!(with_version(&ask, json!(2), json!({ "color": "green" })).await.data()["version"], 3);
    assert_eq!(with_version(&ask, json!(null), json!({ "color": "white" })).await.data()["version"], 4);
}

async fn a_version_is_a_number_from_one(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for version in [json!(0), json!(-1), json!("1"), json!(1.5), json!(true)] {
        let answer = with_version(&ask, version.clone(), json!({ "color": "red" })).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{version}");
        assert_eq!(answer.fields()[0].0, "version", "{version}");
    }
}

async fn an_absent_column_is_unchanged(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let before = read(&ask, CAR).await;
    let after = update(&ask, CAR, json!({ "color": "red" })).await.data().clone();
    for (name, value) in before.as_object().unwrap() {
        if !["color", "version", "updatedAt", "updatedBy"].contains(&name.as_str()) {
            assert_eq!(&after[name], value, "{name}");
        }
    }
    assert_eq!(after["color"], "red");
}

async fn null_clears_a_column_that_may_be_empty(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let after = update(&ask, CAR, json!({ "color": null, "price": null })).await.data().clone();
    assert_eq!((&after["color"], &after["price"]), (&Value::Null, &Value::Null));
    assert_eq!(read(&ask, CAR).await, after);
}

async fn null_is_refused_where_a_column_may_not_be_empty(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let nulls = json!({ "licensePlate": null, "brand": null, "model": null, "year": null });
    let required = ["licensePlate", "brand", "model", "year"].map(|it| format!("values.{it} required"));
    assert_eq!(told(&update(&ask, CAR, nulls).await), required);
}

async fn the_server_keeps_version_and_who_and_when(app: TestApp) {
    let made =
        crate::support::create(&app.as_person(&people::administrator()), crate::support::car("U-1")).await;
    let made = made.data().clone();
    let ask = app.as_person(&people::fleet_manager());
    let after = update(&ask, made["id"].as_str().unwrap(), json!({ "color": "red" })).await.data().clone();
    assert_eq!(after["version"], 2);
    assert_eq!((&after["createdAt"], &after["createdBy"]), (&made["createdAt"], &made["createdBy"]));
    assert_eq!(after["updatedBy"], people::fleet_manager().id());
    assert!(after["updatedAt"].as_str().unwrap().ends_with('Z'));
    assert!(after["updatedAt"].as_str() >= made["createdAt"].as_str());
}

async fn what_the_server_sets_cannot_be_changed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let sent = json!({ "id": NO_CAR, "tenantId": people::GLOBEX, "version": 9, "createdAt": null, "createdBy": null, "updatedAt": null, "updatedBy": null });
    let answer = update(&ask, CAR, sent).await;
    assert_eq!(
        told(&answer),
        [
            "values.id read_only",
            "values.version read_only",
            "values.createdAt read_only",
            "values.createdBy read_only",
            "values.updatedAt read_only",
            "values.updatedBy read_only",
            "values.tenantId unknown_field",
        ]
    );
}

async fn a_column_under_a_workflow_cannot_be_changed(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    // Not even to the value it has.
    for status in [json!("available"), json!("retired"), json!(null), json!(7)] {
        let answer = update(&ask, CAR, json!({ "status": status })).await;
        assert_eq!(answer.brief(), "400 validation_failed", "{status}");
        assert_eq!(answer.fields()[0].0, "values.status", "{status}");
    }
    assert_eq!(read(&ask, CAR).await["status"], "available");
}

async fn at_least_one_column_is_named(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    assert_eq!(told(&update(&ask, CAR, json!({})).await), ["values too_few"]);
    let none = ask.execute("updateRecord", json!({ "entity": "Car", "id": CAR })).await;
    assert_eq!(told(&none), ["values required"]);
    assert_eq!(read(&ask, CAR).await["version"], 1);
}

async fn every_mistake_is_told_at_once_in_the_order_of_declaration(app: TestApp) {
    let values =
        json!({ "wheels": 4, "price": 0.125, "year": 1, "licensePlate": "p".repeat(21), "id": NO_CAR });
    let answer = update(&app.as_person(&people::fleet_manager()), CAR, values).await;
    assert_eq!(
        told(&answer),
        [
            "values.id read_only",
            "values.licensePlate too_long",
            "values.year out_of_range",
            "values.price wrong_type",
            "values.wheels unknown_field",
        ]
    );
}

async fn mistakes_beside_the_values_are_told_with_those_in_them(app: TestApp) {
    let params =
        json!({ "entity": "Car", "id": "seven", "values": { "year": 1 }, "version": 0, "force": true });
    let answer = app.as_person(&people::fleet_manager()).execute("updateRecord", params).await;
    assert_eq!(
        told(&answer),
        ["id wrong_type", "values.year out_of_range", "version out_of_range", "force unknown_field"]
    );
    let without_an_id = json!({ "entity": "Car", "values": { "year": 1 } });
    let answer = app.as_person(&people::fleet_manager()).execute("updateRecord", without_an_id).await;
    assert_eq!(told(&answer), ["id required", "values.year out_of_range"]);
}

async fn an_id_is_required_and_of_the_keys_type(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let values = json!({ "color": "red" });
    let absent = ask.execute("updateRecord", json!({ "entity": "Car", "values": values })).await;
    assert_eq!(told(&absent), ["id required"]);
    let null = ask.execute("updateRecord", json!({ "entity": "Car", "id": null, "values": values })).await;
    assert_eq!(told(&null), ["id required"]);
    for id in [
        json!("1"),
        json!(1),
        json!([CAR]),
        json!("ca000000000040008000000000000001"),
        json!("{ca000000-0000-4000-8000-000000000001}"),
    ] {
        let answer =
            ask.execute("updateRecord", json!({ "entity": "Car", "id": id, "values": values })).await;
        assert_eq!(told(&answer), ["id wrong_type"], "{id}");
    }
}

async fn an_id_may_be_written_in_upper_case(app: TestApp) {
    let after =
        update(&app.as_person(&people::fleet_manager()), &CAR.to_uppercase(), json!({ "color": "red" }))
            .await;
    assert_eq!(after.data()["id"], CAR);
}

async fn a_missing_row_is_not_found(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let answer = update(&ask, NO_CAR, json!({ "color": "red" })).await;
    assert_eq!(answer.brief(), "404 not_found");
    assert!(!answer.text.contains(NO_CAR), "{}", answer.text);
}

async fn a_plate_that_is_taken_is_a_conflict(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let answer = update(&ask, CAR, json!({ "licensePlate": "ACM-002", "color": "red" })).await;
    assert_eq!(answer.brief(), "409 conflict");
    assert_eq!(told(&answer), ["values.licensePlate taken"]);
    assert_eq!(read(&ask, CAR).await["color"], "blue");
    assert_eq!(
        update(&ask, CAR, json!({ "licensePlate": "GLX-001" })).await.status,
        200,
        "of another tenant"
    );
}

async fn a_row_may_keep_its_own_plate(app: TestApp) {
    let answer =
        update(&app.as_person(&people::fleet_manager()), OTHER_CAR, json!({ "licensePlate": "ACM-002" }))
            .await;
    assert_eq!(answer.status, 200);
}

async fn a_reference_to_another_tenants_row_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let to = |company: &str| json!({ "entity": "Invoice", "id": "d0000000-0000-4000-8000-000000000001", "values": { "companyId": company } });
    let foreign = ask.execute("updateRecord", to(FOREIGN_COMPANY)).await;
    assert_eq!(told(&foreign), ["values.companyId unknown_reference"]);
    let unknown = ask.execute("updateRecord", to(NO_CAR)).await;
    assert_eq!(anonymous_text(&foreign), anonymous_text(&unknown));
}

async fn what_is_answered_is_what_is_stored(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let values = json!({ "licensePlate": "U-1", "brand": "Saab", "model": "9-5", "year": 2011, "color": "Zoë", "price": "0.10", "notes": "n" });
    let after = update(&ask, CAR, values).await;
    assert_eq!(after.json["metadata"]["affectedRecords"], 1);
    assert_eq!(after.data()["price"], 0.1);
    assert_eq!(&read(&ask, CAR).await, after.data());
}

async fn an_unknown_parameter_is_refused(app: TestApp) {
    let params = json!({ "entity": "Car", "id": CAR, "values": { "color": "red" }, "where": "1=1" });
    let answer = app.as_person(&people::fleet_manager()).execute("updateRecord", params).await;
    assert_eq!(told(&answer), ["where unknown_field"]);
}
