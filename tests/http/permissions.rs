//! Permissions: who holds what, by role and by token.

use action_tests::{Person, TestApp, people};
use serde_json::{Value, json};

use crate::support::{CAR, CARS, OTHER_CAR, anonymous_text, car, count, create, delete, query, read, update};

on_both_fleets!(
    whoever_holds_nothing_may_do_nothing_to_records,
    a_viewer_looks_and_changes_nothing,
    a_fleet_manager_makes_and_changes_cars_and_removes_none,
    a_right_on_one_entity_says_nothing_of_another,
    an_administrator_holds_free_names_too,
    a_permission_of_the_token_is_a_grant,
    a_permission_of_the_token_ignores_case,
    wildcards_and_combined_names_in_a_token_grant_nothing,
    of_several_permissions_all_are_needed,
    a_role_that_nothing_is_written_of_grants_nothing,
    a_refusal_is_constant_text,
    a_named_query_asks_for_the_right_to_query_its_entity,
);

fn holding(permissions: &[&str]) -> Person {
    Person::new(40).tenant(people::ACME).permissions(permissions)
}

fn every_core_call() -> [(&'static str, Value); 4] {
    [
        ("createRecord", json!({ "entity": "Car", "values": car("P-1") })),
        ("updateRecord", json!({ "entity": "Car", "id": CAR, "values": { "color": "red" } })),
        ("deleteRecord", json!({ "entity": "Car", "id": OTHER_CAR })),
        ("executeQuery", json!({ "entity": "Car" })),
    ]
}

/// Which of the core actions a person may run on a car.
async fn open_to(app: &TestApp, person: &Person) -> Vec<&'static str> {
    let mut open = Vec::new();
    for (action, params) in every_core_call() {
        let answer = app.as_person(person).execute(action, params).await;
        match answer.brief().as_str() {
            "200" => open.push(action),
            "403 permission_denied" => {}
            other => panic!("{action}: {other}"),
        }
    }
    open
}

async fn whoever_holds_nothing_may_do_nothing_to_records(app: TestApp) {
    assert_eq!(open_to(&app, &people::nobody()).await, [""; 0]);
    let ask = app.as_person(&people::administrator());
    assert_eq!(count(&ask).await, CARS);
    assert_eq!(read(&ask, CAR).await["color"], "blue");
}

async fn a_viewer_looks_and_changes_nothing(app: TestApp) {
    assert_eq!(open_to(&app, &people::viewer()).await, ["executeQuery"]);
    assert_eq!(count(&app.as_person(&people::viewer())).await, CARS);
}

async fn a_fleet_manager_makes_and_changes_cars_and_removes_none(app: TestApp) {
    assert_eq!(
        open_to(&app, &people::fleet_manager()).await,
        ["createRecord", "updateRecord", "executeQuery"]
    );
}

async fn a_right_on_one_entity_says_nothing_of_another(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for (action, params) in [
        ("executeQuery", json!({ "entity": "Company" })),
        ("createRecord", json!({ "entity": "Company", "values": { "name": "Mine" } })),
        ("executeQuery", json!({ "entity": "Invoice" })),
    ] {
        assert_eq!(ask.execute(action, params).await.brief(), "403 permission_denied", "{action}");
    }
}

async fn an_administrator_holds_free_names_too(app: TestApp) {
    let params = json!({ "id": CAR, "name": "Ada", "email": "ada@example.com" });
    let allowed = app.as_person(&people::administrator()).execute("user.update", params.clone()).await;
    assert_eq!(allowed.status, 200, "{}", allowed.text);
    let refused = app.as_person(&people::fleet_manager()).execute("user.update", params).await;
    assert_eq!(refused.brief(), "403 permission_denied");
}

async fn a_permission_of_the_token_is_a_grant(app: TestApp) {
    assert_eq!(open_to(&app, &holding(&["Delete/Car"])).await, ["deleteRecord"]);
    let params = json!({ "id": CAR, "name": "Ada", "email": "ada@example.com" });
    let answer = app.as_person(&holding(&["user.edit"])).execute("user.update", params).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn a_permission_of_the_token_ignores_case(app: TestApp) {
    assert_eq!(open_to(&app, &holding(&["NEW/cAR", "query/car"])).await, ["createRecord", "executeQuery"]);
    let answer = app
        .as_person(&holding(&["DIAG.A", "diag.B"]))
        .execute("diagnostics.two_permissions", json!({}))
        .await;
    assert_eq!(answer.status, 200);
}

async fn wildcards_and_combined_names_in_a_token_grant_nothing(app: TestApp) {
    let claimed = [
        "*/*",
        "*/Car",
        "New/*",
        "*",
        "QueryReadEditNewDelete/Car",
        "QueryRead/Car",
        "New/",
        "/Car",
        "New",
        "Car",
    ];
    assert_eq!(open_to(&app, &holding(&claimed)).await, [""; 0]);
    let answer = app
        .as_person(&holding(&["diag.a", "diag.*", "*"]))
        .execute("diagnostics.two_permissions", json!({}))
        .await;
    assert_eq!(answer.brief(), "403 permission_denied");
}

async fn of_several_permissions_all_are_needed(app: TestApp) {
    for (held, expected) in [
        (&[][..], "403 permission_denied"),
        (&["diag.a"], "403 permission_denied"),
        (&["diag.b"], "403 permission_denied"),
        (&["diag.a", "diag.b"], "200"),
    ] {
        let answer = app.as_person(&holding(held)).execute("diagnostics.two_permissions", json!({})).await;
        assert_eq!(answer.brief(), expected, "{held:?}");
    }
    let by_right =
        app.as_person(&people::administrator()).execute("diagnostics.two_permissions", json!({})).await;
    assert_eq!(by_right.status, 200);
}

async fn a_role_that_nothing_is_written_of_grants_nothing(app: TestApp) {
    let person = Person::new(41).tenant(people::ACME).roles(&["Owners", "Fleet", "managers", "Viewer", ""]);
    assert_eq!(open_to(&app, &person).await, [""; 0]);
}

async fn a_refusal_is_constant_text(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let first = create(&ask, car("P-1")).await;
    for other in [
        create(&ask, json!({})).await,
        update(&ask, CAR, json!({ "color": "red" })).await,
        delete(&ask, "no id at all").await,
        ask.execute("user.update", json!({})).await,
        ask.execute("executeQuery", json!({ "entity": "Invoice" })).await,
    ] {
        assert_eq!(anonymous_text(&other), anonymous_text(&first));
    }
    for internal in ["New/Car", "createRecord", "Viewers", "Car"] {
        assert!(!first.text.contains(internal), "{}", first.text);
    }
    assert_eq!(query(&ask, &json!({})).await.status, 200);
}

async fn a_named_query_asks_for_the_right_to_query_its_entity(app: TestApp) {
    let params = json!({ "query": "cars.available" });
    assert_eq!(app.as_person(&people::viewer()).execute("executeQuery", params.clone()).await.status, 200);
    let refused = app.as_person(&people::nobody()).execute("executeQuery", params).await;
    assert_eq!(refused.brief(), "403 permission_denied");
}
