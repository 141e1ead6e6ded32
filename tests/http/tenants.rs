//! Tenants: what needs one, and that nothing of another one is ever seen or touched.

use action_tests::{Person, TestApp, people};
use serde_json::{Value, json};

use crate::support::{
    CAR, CARS, FOREIGN_CAR, NO_CAR, anonymous_text, count, create, delete, plates, query, read, told, update,
};

on_both_fleets!(
    what_works_on_records_needs_a_tenant,
    a_missing_tenant_is_told_before_a_missing_permission,
    an_unknown_action_or_entity_is_told_before_a_missing_tenant,
    what_touches_no_record_needs_no_tenant,
    listing_actions_entities_and_ones_own_audit_needs_no_tenant,
    a_query_finds_the_callers_tenants_rows_alone,
    another_tenants_row_is_not_found_by_its_id,
    another_tenants_row_is_to_a_change_exactly_like_a_missing_one,
    another_tenants_row_is_to_a_deletion_exactly_like_a_missing_one,
    the_version_of_another_tenants_row_is_not_told,
    the_tenant_column_cannot_be_named,
    a_new_row_belongs_to_the_callers_tenant,
);

fn without_a_tenant() -> Person {
    Person::new(30).roles(&["Administrators", "admin"])
}

async fn what_works_on_records_needs_a_tenant(app: TestApp) {
    let ask = app.as_person(&without_a_tenant());
    let calls = [
        ("createRecord", json!({ "entity": "Car", "values": crate::support::car("T-1") })),
        ("updateRecord", json!({ "entity": "Car", "id": CAR, "values": { "color": "red" } })),
        ("deleteRecord", json!({ "entity": "Car", "id": CAR })),
        ("executeQuery", json!({ "entity": "Car" })),
        ("executeQuery", json!({ "query": "cars.available" })),
        ("user.update", json!({ "id": CAR, "name": "Ada", "email": "ada@example.com" })),
        ("diagnostics.write_then_fail", json!({ "licensePlate": "T-2" })),
    ];
    for (action, params) in calls {
        assert_eq!(ask.execute(action, params).await.brief(), "403 tenant_required", "{action}");
    }
    assert_eq!(count(&app.as_person(&people::administrator())).await, CARS);
}

async fn a_missing_tenant_is_told_before_a_missing_permission(app: TestApp) {
    let ask = app.as_person(&Person::new(31));
    assert_eq!(ask.execute("executeQuery", json!({ "entity": "Car" })).await.brief(), "403 tenant_required");
}

async fn an_unknown_action_or_entity_is_told_before_a_missing_tenant(app: TestApp) {
    let ask = app.as_person(&Person::new(31));
    assert_eq!(ask.execute("no.such", json!({})).await.brief(), "404 action_not_found");
    assert_eq!(ask.execute("createRecord", json!({ "entity": "Ship" })).await.brief(), "404 not_found");
    assert_eq!(told(&ask.execute("createRecord", json!({})).await), ["entity required"]);
}

async fn what_touches_no_record_needs_no_tenant(app: TestApp) {
    let ask = app.as_person(&Person::new(32).permissions(&["diag.a", "diag.b"]));
    let calls = [
        ("echo", json!({}), 200),
        ("diagnostics.limited", json!({}), 200),
        ("diagnostics.slow", json!({ "ms": 1 }), 200),
        ("diagnostics.two_permissions", json!({}), 200),
        ("diagnostics.fail", json!({}), 500),
        ("diagnostics.panic", json!({}), 500),
    ];
    for (action, params, status) in calls {
        assert_eq!(ask.execute(action, params).await.status, status, "{action}");
    }
}

async fn listing_actions_entities_and_ones_own_audit_needs_no_tenant(app: TestApp) {
    let ask = app.as_person(&without_a_tenant());
    assert_eq!(ask.execute("echo", json!({})).await.status, 200);
    for path in ["/ui/actions", "/ui/actions/echo", "/ui/entities", "/ui/actions/audit"] {
        assert_eq!(ask.get(path).await.status, 200, "{path}");
    }
    let own = crate::support::audit(&ask, "").await;
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["actionId"], &own[0]["tenantId"]), (&json!("echo"), &Value::Null));
}

async fn a_query_finds_the_callers_tenants_rows_alone(app: TestApp) {
    let acme = query(&app.as_person(&people::administrator()), &json!({ "limit": 1000 })).await;
    assert_eq!(
        (acme.data()["total"].as_u64(), acme.data()["records"].as_array().unwrap().len()),
        (Some(25), 25)
    );
    let globex = app.as_person(&people::stranger());
    let all = json!({ "field": "licensePlate", "operator": "is_not_null" });
    assert_eq!(plates(&globex, &all).await, ["GLX-001", "GLX-002", "GLX-003", "GLX-004", "GLX-005"]);
    assert_eq!(count(&globex).await, 5);
    let third = Person::new(33).tenant("33333333-3333-4333-8333-333333333333").roles(&["Administrators"]);
    assert_eq!(count(&app.as_person(&third)).await, 0);
}

async fn another_tenants_row_is_not_found_by_its_id(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(read(&ask, FOREIGN_CAR).await, Value::Null);
    let either = json!({ "or": [
        { "field": "id", "operator": "in", "value": [FOREIGN_CAR] },
        { "field": "licensePlate", "operator": "starts_with", "value": "GLX" },
        { "not": { "field": "year", "operator": "gt", "value": 0 } },
    ] });
    assert!(plates(&ask, &either).await.is_empty());
}

async fn another_tenants_row_is_to_a_change_exactly_like_a_missing_one(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let foreign = update(&ask, FOREIGN_CAR, json!({ "color": "red" })).await;
    let missing = update(&ask, NO_CAR, json!({ "color": "red" })).await;
    assert_eq!(foreign.brief(), "404 not_found");
    assert_eq!(anonymous_text(&foreign), anonymous_text(&missing));
    let untouched = read(&app.as_person(&people::stranger()), FOREIGN_CAR).await;
    assert_eq!((&untouched["color"], &untouched["version"]), (&json!("blue"), &json!(1)));
}

async fn another_tenants_row_is_to_a_deletion_exactly_like_a_missing_one(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let foreign = delete(&ask, FOREIGN_CAR).await;
    let missing = delete(&ask, NO_CAR).await;
    assert_eq!(foreign.brief(), "404 not_found");
    assert_eq!(anonymous_text(&foreign), anonymous_text(&missing));
    assert_eq!(count(&app.as_person(&people::stranger())).await, 5);
}

async fn the_version_of_another_tenants_row_is_not_told(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (action, values) in [("updateRecord", Some(json!({ "color": "red" }))), ("deleteRecord", None)] {
        let mut params = json!({ "entity": "Car", "id": FOREIGN_CAR, "version": 99 });
        if let Some(values) = values {
            params["values"] = values;
        }
        assert_eq!(ask.execute(action, params).await.brief(), "404 not_found", "{action}");
    }
}

async fn the_tenant_column_cannot_be_named(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for name in ["tenantId", "tenant_id"] {
        let created = create(&ask, crate::support::car_with("T-1", &json!({ name: people::GLOBEX }))).await;
        assert_eq!(told(&created), [format!("values.{name} unknown_field")]);
        let updated = update(&ask, CAR, json!({ name: people::GLOBEX })).await;
        assert_eq!(told(&updated), [format!("values.{name} unknown_field")]);
        let filtered =
            query(&ask, &json!({ "filter": { "field": name, "operator": "eq", "value": people::GLOBEX } }))
                .await;
        assert_eq!(told(&filtered), ["filter.field unknown_field"]);
        let sorted = query(&ask, &json!({ "sort": [{ "field": name, "direction": "asc" }] })).await;
        assert_eq!(told(&sorted), ["sort[0].field unknown_field"]);
        assert_eq!(told(&query(&ask, &json!({ "fields": [name] })).await), ["fields[0] unknown_field"]);
    }
}

async fn a_new_row_belongs_to_the_callers_tenant(app: TestApp) {
    let id =
        create(&app.as_person(&people::stranger()), crate::support::car("T-1")).await.data()["id"].clone();
    let id = id.as_str().unwrap();
    assert_eq!(read(&app.as_person(&people::administrator()), id).await, Value::Null);
    assert_eq!(read(&app.as_person(&people::stranger()), id).await["licensePlate"], "T-1");
}
