//! `GET /ui/actions/audit`: whose rows, which of them, and how they are paged.

use std::time::Duration;

use action_tests::{Person, TestApp, people};
use serde_json::{Value, json};

use crate::support::{audit, car, create, members, told};

on_both_fleets!(
    a_page_has_its_items_the_total_and_its_bounds,
    rows_come_newest_first,
    pages_follow_each_other_without_gap_or_repetition,
    a_page_beyond_the_end_is_empty_and_knows_the_total,
    whoever_may_not_read_the_audit_sees_their_own_rows,
    whoever_may_not_read_the_audit_finds_nobody_elses_by_asking,
    the_right_to_read_the_audit_shows_every_row_of_the_tenant,
    no_right_shows_another_tenants_rows,
    a_caller_of_two_tenants_sees_those_of_the_present_one,
    without_a_tenant_no_right_shows_others_rows,
    rows_are_found_by_action,
    rows_are_found_by_user,
    rows_are_found_by_success,
    rows_are_found_by_outcome,
    rows_are_found_by_time,
    filters_must_all_hold,
    parameters_out_of_bounds_are_refused,
    an_unknown_parameter_is_refused,
    a_repeated_parameter_is_refused,
    every_wrong_parameter_is_told_at_once,
);

const LISTING: &str = "/ui/actions/audit";

/// One success of the administrator, one of the manager, one refusal of the viewer, one failure of the administrator.
async fn some_history(app: &TestApp) {
    app.as_person(&people::administrator()).execute("echo", json!({})).await;
    create(&app.as_person(&people::fleet_manager()), car("A-1")).await;
    create(&app.as_person(&people::viewer()), car("A-2")).await;
    app.as_person(&people::administrator()).execute("diagnostics.fail", json!({})).await;
}

async fn actions(app: &TestApp, person: &Person, query: &str) -> Vec<String> {
    let rows = audit(&app.as_person(person), query).await;
    rows.iter()
        .map(|it| format!("{} {}", it["actionId"].as_str().unwrap(), it["outcome"].as_str().unwrap()))
        .collect()
}

async fn a_page_has_its_items_the_total_and_its_bounds(app: TestApp) {
    some_history(&app).await;
    let ask = app.as_person(&people::administrator());
    let page = ask.get(LISTING).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("application/json")));
    assert_eq!(members(&page.json), ["items", "total", "page", "pageSize"]);
    assert_eq!(
        (&page.json["total"], &page.json["page"], &page.json["pageSize"]),
        (&json!(4), &json!(1), &json!(50))
    );
    let page = ask.get(&format!("{LISTING}?page=2&pageSize=3")).await;
    assert_eq!(
        (&page.json["total"], &page.json["page"], &page.json["pageSize"]),
        (&json!(4), &json!(2), &json!(3))
    );
    assert_eq!(page.json["items"].as_array().unwrap().len(), 1);
}

async fn rows_come_newest_first(app: TestApp) {
    some_history(&app).await;
    let expected =
        ["diagnostics.fail failed", "createRecord refused", "createRecord succeeded", "echo succeeded"];
    assert_eq!(actions(&app, &people::administrator(), "").await, expected);
    let rows = audit(&app.as_person(&people::administrator()), "").await;
    let order: Vec<(&str, &str)> =
        rows.iter().map(|it| (it["createdAt"].as_str().unwrap(), it["id"].as_str().unwrap())).collect();
    assert!(order.is_sorted_by(|later, earlier| later > earlier), "{order:?}");
}

async fn pages_follow_each_other_without_gap_or_repetition(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for number in 0..23 {
        ask.execute("echo", json!({ "number": number })).await;
    }
    let mut numbers = Vec::new();
    for page in 1..=5 {
        let rows = audit(&ask, &format!("?pageSize=5&page={page}")).await;
        numbers.extend(rows.iter().map(|it| it["params"]["number"].as_i64().unwrap()));
    }
    assert_eq!(numbers, (0..23).rev().collect::<Vec<_>>());
}

async fn a_page_beyond_the_end_is_empty_and_knows_the_total(app: TestApp) {
    some_history(&app).await;
    let page = app.as_person(&people::administrator()).get(&format!("{LISTING}?page=1000")).await;
    assert_eq!((&page.json["items"], &page.json["total"]), (&json!([]), &json!(4)));
}

async fn whoever_may_not_read_the_audit_sees_their_own_rows(app: TestApp) {
    some_history(&app).await;
    assert_eq!(actions(&app, &people::viewer(), "").await, ["createRecord refused"]);
    assert_eq!(actions(&app, &people::fleet_manager(), "").await, ["createRecord succeeded"]);
    let none = app.as_person(&people::nobody()).get(LISTING).await;
    assert_eq!(none.json, json!({ "items": [], "total": 0, "page": 1, "pageSize": 50 }));
}

async fn whoever_may_not_read_the_audit_finds_nobody_elses_by_asking(app: TestApp) {
    some_history(&app).await;
    let of = |person: &Person| format!("?userId={}", person.id());
    assert_eq!(actions(&app, &people::viewer(), &of(&people::administrator())).await, [""; 0]);
    assert_eq!(actions(&app, &people::viewer(), &of(&people::viewer())).await, ["createRecord refused"]);
    assert_eq!(actions(&app, &people::viewer(), "?actionId=echo").await, [""; 0]);
    assert_eq!(actions(&app, &people::viewer(), "?success=true").await, [""; 0]);
}

async fn the_right_to_read_the_audit_shows_every_row_of_the_tenant(app: TestApp) {
    some_history(&app).await;
    let auditor = people::nobody().permissions(&["read/ACTION_AUDIT_LOG"]);
    assert_eq!(actions(&app, &auditor, "").await.len(), 4);
    for near in ["Read/*", "*/action_audit_log", "QueryRead/action_audit_log", "Query/action_audit_log"] {
        assert_eq!(actions(&app, &people::nobody().permissions(&[near]), "").await.len(), 0, "{near}");
    }
}

async fn no_right_shows_another_tenants_rows(app: TestApp) {
    some_history(&app).await;
    assert_eq!(actions(&app, &people::stranger(), "").await, [""; 0]);
    let by_user = format!("?userId={}", people::administrator().id());
    assert_eq!(actions(&app, &people::stranger(), &by_user).await, [""; 0]);
    let by_tenant =
        app.as_person(&people::stranger()).get(&format!("{LISTING}?tenantId={}", people::ACME)).await;
    assert_eq!(by_tenant.brief(), "400 invalid_parameter");
}

async fn a_caller_of_two_tenants_sees_those_of_the_present_one(app: TestApp) {
    app.as_person(&people::nobody()).execute("echo", json!({ "in": "acme" })).await;
    app.as_person(&people::nobody().tenant(people::GLOBEX)).execute("echo", json!({ "in": "globex" })).await;
    app.as_person(&people::nobody().without("tenant_id")).execute("echo", json!({ "in": "none" })).await;
    for (person, place) in [
        (people::nobody(), "acme"),
        (people::nobody().tenant(people::GLOBEX), "globex"),
        (people::nobody().without("tenant_id"), "none"),
    ] {
        let rows = audit(&app.as_person(&person), "").await;
        assert_eq!(rows.iter().map(|it| &it["params"]["in"]).collect::<Vec<_>>(), [place]);
    }
}

async fn without_a_tenant_no_right_shows_others_rows(app: TestApp) {
    app.as_person(&people::nobody().without("tenant_id")).execute("echo", json!({})).await;
    some_history(&app).await;
    let administrator_of_nothing = people::administrator().without("tenant_id");
    assert_eq!(actions(&app, &administrator_of_nothing, "").await, [""; 0]);
}

async fn rows_are_found_by_action(app: TestApp) {
    some_history(&app).await;
    let admin = people::administrator();
    assert_eq!(actions(&app, &admin, "?actionId=echo").await, ["echo succeeded"]);
    assert_eq!(actions(&app, &admin, "?actionId=createRecord").await.len(), 2);
    for none in ["Echo", "ech", "ech%25", "createRecord/Car"] {
        assert_eq!(actions(&app, &admin, &format!("?actionId={none}")).await, [""; 0], "{none}");
    }
}

async fn rows_are_found_by_user(app: TestApp) {
    some_history(&app).await;
    let of = |person: &Person| format!("?userId={}", person.id());
    let admin = people::administrator();
    assert_eq!(actions(&app, &admin, &of(&people::viewer())).await, ["createRecord refused"]);
    assert_eq!(actions(&app, &admin, &of(&admin)).await, ["diagnostics.fail failed", "echo succeeded"]);
    assert_eq!(actions(&app, &admin, &of(&Person::new(99))).await, [""; 0]);
}

async fn rows_are_found_by_success(app: TestApp) {
    some_history(&app).await;
    let admin = people::administrator();
    assert_eq!(actions(&app, &admin, "?success=true").await, ["createRecord succeeded", "echo succeeded"]);
    assert_eq!(
        actions(&app, &admin, "?success=false").await,
        ["diagnostics.fail failed", "createRecord refused"]
    );
}

async fn rows_are_found_by_outcome(app: TestApp) {
    some_history(&app).await;
    let admin = people::administrator();
    assert_eq!(actions(&app, &admin, "?outcome=refused").await, ["createRecord refused"]);
    assert_eq!(actions(&app, &admin, "?outcome=failed").await, ["diagnostics.fail failed"]);
    assert_eq!(actions(&app, &admin, "?outcome=asked").await, [""; 0]);
    assert_eq!(actions(&app, &admin, "?outcome=succeeded").await.len(), 2);
}

async fn rows_are_found_by_time(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for number in 0..3 {
        ask.execute("echo", json!({ "number": number })).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let at: Vec<String> =
        audit(&ask, "").await.iter().rev().map(|it| it["createdAt"].as_str().unwrap().to_owned()).collect();
    let numbers = async |query: String| -> Vec<Value> {
        audit(&ask, &query).await.iter().map(|it| it["params"]["number"].clone()).collect()
    };
    assert_eq!(numbers(format!("?from={}", at[1])).await, [2, 1]);
    assert_eq!(numbers(format!("?to={}", at[1])).await, [0]);
    assert_eq!(numbers(format!("?from={}&to={}", at[0], at[2])).await, [1, 0]);
    let elsewhere = chrono::DateTime::parse_from_rfc3339(&at[1])
        .unwrap()
        .with_timezone(&chrono::FixedOffset::east_opt(7_200).unwrap())
        .to_rfc3339();
    assert_eq!(numbers(format!("?from={}", elsewhere.replace('+', "%2B"))).await, [2, 1]);
    assert_eq!(numbers("?from=2100-01-01T00:00:00Z".to_owned()).await, [0; 0]);
    assert_eq!(numbers("?to=1900-01-01T00:00:00Z".to_owned()).await, [0; 0]);
}

async fn filters_must_all_hold(app: TestApp) {
    some_history(&app).await;
    let query = format!("?actionId=createRecord&success=true&userId={}", people::fleet_manager().id());
    assert_eq!(actions(&app, &people::administrator(), &query).await, ["createRecord succeeded"]);
    assert_eq!(actions(&app, &people::administrator(), "?success=true&outcome=refused").await, [""; 0]);
}

async fn parameters_out_of_bounds_are_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for query in ["page=1&pageSize=1", "pageSize=200", "page=1"] {
        assert_eq!(ask.get(&format!("{LISTING}?{query}")).await.status, 200, "{query}");
    }
    for query in [
        "pageSize=0",
        "pageSize=201",
        "pageSize=-1",
        "pageSize=ten",
        "pageSize=",
        "pageSize=1.5",
        "pageSize=99999999999999999999",
        "page=0",
        "page=-1",
        "page=one",
        "page=",
        "page=%2B1",
        "success=yes",
        "success=1",
        "success=",
        "success=True",
        "outcome=success",
        "outcome=",
        "outcome=SUCCEEDED",
        "userId=ada",
        "userId=",
        "userId=1",
        "from=yesterday",
        "from=2026-01-31",
        "from=",
        "to=12:00",
        "to=2026-13-01T00:00:00Z",
        "actionId=",
    ] {
        let answer = ask.get(&format!("{LISTING}?{query}")).await;
        assert_eq!(answer.brief(), "400 invalid_parameter", "{query}");
        let (name, _) = query.split_once('=').unwrap();
        assert_eq!(told(&answer), [format!("{name} invalid_parameter")], "{query}");
    }
}

async fn an_unknown_parameter_is_refused(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for query in ["limit=5", "actionid=echo", "page_size=5", "x"] {
        let answer = ask.get(&format!("{LISTING}?{query}")).await;
        assert_eq!(answer.brief(), "400 invalid_parameter", "{query}");
        assert_eq!(answer.fields().len(), 1, "{query}");
    }
}

async fn a_repeated_parameter_is_refused(app: TestApp) {
    let answer = app.as_person(&people::administrator()).get(&format!("{LISTING}?page=1&page=2")).await;
    assert_eq!(told(&answer), ["page invalid_parameter"]);
}

async fn every_wrong_parameter_is_told_at_once(app: TestApp) {
    let query = "limit=1&pageSize=0&page=0&to=x&from=x&outcome=x&success=x&userId=x";
    let answer = app.as_person(&people::administrator()).get(&format!("{LISTING}?{query}")).await;
    let names: Vec<String> = answer.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["userId", "success", "outcome", "from", "to", "page", "pageSize", "limit"]);
}
