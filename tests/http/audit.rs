//! The audit: which attempts leave a row, what stands in it, and what must never.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use action_sqlx::Dialect;
use action_tests::{TestApp, people};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use serde_json::{Value, json};
use sqlx::Connection as _;
use tower::ServiceExt as _;

use crate::support::{
    CAR, CARS, COMPANY, EXECUTE, NO_CAR, at_once, audit, car, car_with, count, create, delete, members,
    tally, update,
};

on_both_fleets!(
    every_end_of_an_attempt_leaves_one_row,
    what_comes_before_the_permission_check_leaves_none,
    looking_at_listings_leaves_none,
    a_row_has_everything_of_its_attempt,
    a_row_of_a_refusal_says_what_the_caller_was_told,
    a_new_row_is_shown_as_it_is,
    a_changed_row_is_shown_in_the_fields_that_differ,
    a_deleted_row_is_shown_as_it_was,
    changes_have_rows_of_their_own,
    a_refusal_has_no_changes,
    a_password_is_not_kept,
    secrets_of_any_name_case_and_depth_are_not_kept,
    long_parameters_are_kept_as_their_size_and_digest,
    parameters_are_kept_also_of_a_refused_call,
    of_many_effects_at_once_each_has_its_row,
    without_its_audit_row_there_is_no_effect,
    without_its_audit_row_a_read_is_not_answered,
    a_caller_without_a_tenant_is_audited_without_one,
    the_clients_address_is_its_peers,
);

async fn last(app: &TestApp) -> Value {
    audit(&app.as_person(&people::administrator()), "?pageSize=1").await.remove(0)
}

async fn every_end_of_an_attempt_leaves_one_row(app: TestApp) {
    let admin = app.as_person(&people::administrator());
    let nobody = app.as_person(&people::nobody());
    let reused = admin.clone().header("idempotency-key", "k");
    reused.execute("echo", json!({})).await;
    reused.execute("echo", json!({ "other": 1 })).await;
    create(&nobody, car("A-1")).await;
    create(&admin, json!({})).await;
    create(&admin, car("ACM-001")).await;
    delete(&admin, NO_CAR).await;
    admin
        .execute(
            "updateRecord",
            json!({ "entity": "Car", "id": CAR, "version": 9, "values": { "color": "x" } }),
        )
        .await;
    admin.execute("deleteRecord", json!({ "entity": "Company", "id": COMPANY })).await;
    for _ in 0..6 {
        nobody.execute("diagnostics.limited", json!({})).await;
    }
    admin.execute("diagnostics.fail", json!({})).await;
    admin.execute("diagnostics.panic", json!({})).await;
    admin.execute("diagnostics.slow", json!({ "ms": 60_000 })).await;
    create(&admin, car("A-1")).await;
    let rows = audit(&admin, "?pageSize=200").await;
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let told: Vec<String> = rows
        .iter()
        .rev()
        .map(|it| {
            format!(
                "{} {} {} {}",
                text(&it["actionId"]),
                text(&it["outcome"]),
                it["success"],
                text(&it["errorCode"])
            )
        })
        .collect();
    insta::allow_duplicates! {
        insta::assert_snapshot!(told.join("\n"), @r"
    echo succeeded true -
    echo refused false idempotency_key_reused
    createRecord refused false permission_denied
    createRecord refused false validation_failed
    createRecord refused false conflict
    deleteRecord refused false not_found
    updateRecord refused false version_conflict
    deleteRecord refused false dependency
    diagnostics.limited succeeded true -
    diagnostics.limited succeeded true -
    diagnostics.limited succeeded true -
    diagnostics.limited succeeded true -
    diagnostics.limited succeeded true -
    diagnostics.limited refused false rate_limited
    diagnostics.fail failed false internal
    diagnostics.panic failed false internal
    diagnostics.slow failed false timeout
    createRecord succeeded true -
    ");
    }
}

async fn what_comes_before_the_permission_check_leaves_none(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let json = ask.clone().header("content-type", "application/json");
    app.anonymous().execute("echo", json!({})).await;
    ask.send(Method::POST, EXECUTE, "{}").await;
    json.send(Method::POST, EXECUTE, "{").await;
    json.send(Method::POST, EXECUTE, vec![b' '; 2 * 1024 * 1024]).await;
    ask.execute("echo", json!([])).await;
    ask.clone().header("idempotency-key", "").execute("echo", json!({})).await;
    ask.execute("no.such", json!({})).await;
    ask.execute("createRecord", json!({})).await;
    ask.execute("createRecord", json!({ "entity": "Ship" })).await;
    assert_eq!(audit(&ask, "").await, Vec::<Value>::new());
}

async fn looking_at_listings_leaves_none(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for path in [
        "/ui/actions",
        "/ui/actions/echo",
        "/ui/actions/none",
        "/ui/entities",
        "/ui/actions/audit",
        "/healthz",
        "/nowhere",
    ] {
        ask.get(path).await;
    }
    assert_eq!(audit(&ask, "").await, Vec::<Value>::new());
}

async fn a_row_has_everything_of_its_attempt(app: TestApp) {
    let before = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    let ask = app
        .as_person(&people::fleet_manager())
        .header("x-request-id", "request-1")
        .header("user-agent", "tests/1")
        .header("idempotency-key", "\"key-1\"");
    let body = json!({
        "actionId": "createRecord", "params": { "entity": "Car", "values": car("A-1") },
        "context": { "pageId": "cars", "widgetId": "form-1" },
    });
    let id = ask.post(EXECUTE, &body).await.data()["id"].clone();
    let row = last(&app).await;
    assert_eq!(
        members(&row),
        [
            "id",
            "actionId",
            "userId",
            "tenantId",
            "params",
            "success",
            "outcome",
            "errorCode",
            "errorMessage",
            "executionTimeMs",
            "ipAddress",
            "userAgent",
            "pageId",
            "widgetId",
            "affectedRecords",
            "changedRecords",
            "changedRecordsCount",
            "requestId",
            "idempotencyKey",
            "createdAt",
        ]
    );
    let mut expected = row.clone();
    for (name, value) in [
        ("actionId", json!("createRecord")),
        ("userId", json!(people::fleet_manager().id())),
        ("tenantId", json!(people::ACME)),
        ("params", body["params"].clone()),
        ("success", json!(true)),
        ("outcome", json!("succeeded")),
        ("errorCode", Value::Null),
        ("errorMessage", Value::Null),
        ("userAgent", json!("tests/1")),
        ("pageId", json!("cars")),
        ("widgetId", json!("form-1")),
        ("affectedRecords", json!(1)),
        ("changedRecordsCount", json!(1)),
        ("requestId", json!("request-1")),
        ("idempotencyKey", json!("key-1")),
    ] {
        expected[name] = value;
    }
    assert_eq!(row, expected);
    assert_eq!(row["changedRecords"][0]["id"], id);
    assert!(row["executionTimeMs"].as_u64().is_some_and(|it| it < 10_000), "{row}");
    assert_eq!(row["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
    let at = row["createdAt"].as_str().unwrap();
    assert!(at.ends_with('Z'), "{at}");
    let at = chrono::DateTime::parse_from_rfc3339(at).unwrap().to_utc();
    assert!((before..=chrono::Utc::now()).contains(&at), "{at}");
}

async fn a_row_of_a_refusal_says_what_the_caller_was_told(app: TestApp) {
    let ask = app.as_person(&people::viewer()).header("x-request-id", "request-1");
    let refused = create(&ask, car("A-1")).await;
    let row = last(&app).await;
    assert_eq!((&row["success"], &row["outcome"]), (&json!(false), &json!("refused")));
    assert_eq!((&row["errorCode"], &row["errorMessage"]), (&refused.json["code"], &refused.json["detail"]));
    assert_eq!((&row["userId"], &row["requestId"]), (&json!(people::viewer().id()), &json!("request-1")));
    assert_eq!(
        (&row["idempotencyKey"], &row["pageId"], &row["affectedRecords"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}

async fn a_new_row_is_shown_as_it_is(app: TestApp) {
    let made =
        create(&app.as_person(&people::fleet_manager()), car_with("A-1", &json!({ "price": "9.90" }))).await;
    let after = json!({
        "licensePlate": "A-1", "brand": "Lada", "model": "Niva", "year": 1999, "color": null, "status": "available",
        "price": 9.9, "notes": null,
    });
    let change = json!({ "entity": "Car", "id": made.data()["id"], "operation": "created", "before": null, "after": after });
    let row = last(&app).await;
    assert_eq!(row["changedRecords"], json!([change]));
    let mut names = members(&row["changedRecords"][0]);
    names.sort_unstable();
    assert_eq!(names, ["after", "before", "entity", "id", "operation"]);
}

async fn a_changed_row_is_shown_in_the_fields_that_differ(app: TestApp) {
    let values = json!({ "color": null, "price": "10", "brand": "Toyota", "licensePlate": "A-1" });
    assert_eq!(update(&app.as_person(&people::fleet_manager()), CAR, values).await.status, 200);
    let change = json!({
        "entity": "Car", "id": CAR, "operation": "updated",
        "before": { "licensePlate": "ACM-001", "color": "blue", "price": 4731.25 },
        "after": { "licensePlate": "A-1", "color": null, "price": 10 },
    });
    assert_eq!(last(&app).await["changedRecords"], json!([change]));
}

async fn a_deleted_row_is_shown_as_it_was(app: TestApp) {
    assert_eq!(delete(&app.as_person(&people::administrator()), CAR).await.status, 200);
    let before = json!({
        "licensePlate": "ACM-001", "brand": "Toyota", "model": "Corolla", "year": 2017, "color": "blue",
        "status": "available", "price": 4731.25, "notes": null,
    });
    let change =
        json!({ "entity": "Car", "id": CAR, "operation": "deleted", "before": before, "after": null });
    assert_eq!(last(&app).await["changedRecords"], json!([change]));
}

async fn changes_have_rows_of_their_own(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    create(&ask, car("A-1")).await;
    update(&ask, CAR, json!({ "color": "red" })).await;
    delete(&ask, CAR).await;
    update(&ask, CAR, json!({ "color": "red" })).await;
    let url = &app.settings().database_url;
    let kept: Vec<(String, String)> = match app.parts().storage.dialect() {
        Dialect::Postgres => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let sql = "SELECT changes.operation, log.action_id FROM actions.action_audit_changes AS changes
                       JOIN actions.action_audit_log AS log ON log.id = changes.audit_id ORDER BY log.created_at, log.id";
            sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap()
        }
        Dialect::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
            let sql = "SELECT changes.operation, log.action_id FROM action_audit_changes AS changes
                       JOIN action_audit_log AS log ON log.id = changes.audit_id ORDER BY log.created_at, log.id";
            sqlx::query_as(sql).fetch_all(&mut connection).await.unwrap()
        }
    };
    let expected = [("created", "createRecord"), ("updated", "updateRecord"), ("deleted", "deleteRecord")];
    assert_eq!(kept, expected.map(|(operation, action)| (operation.to_owned(), action.to_owned())));
}

async fn a_refusal_has_no_changes(app: TestApp) {
    update(&app.as_person(&people::administrator()), CAR, json!({ "licensePlate": "ACM-002" })).await;
    let row = last(&app).await;
    assert_eq!(
        (&row["outcome"], &row["changedRecords"], &row["changedRecordsCount"]),
        (&json!("refused"), &json!([]), &json!(0))
    );
}

async fn a_password_is_not_kept(app: TestApp) {
    let params = json!({ "user": "ada", "password": "hunter2" });
    let answer = app.as_person(&people::nobody()).execute("echo", params.clone()).await;
    assert_eq!(answer.data(), &params, "the handler has it");
    assert_eq!(last(&app).await["params"], json!({ "user": "ada", "password": "[redacted]" }));
}

async fn secrets_of_any_name_case_and_depth_are_not_kept(app: TestApp) {
    let params = json!({
        "Password": "hunter2", "TOKEN": { "value": "hunter2" }, "apikey": ["hunter2"], "api_key": "hunter2",
        "list": [{ "deep": { "Authorization": "Bearer hunter2", "secret": 42 } }], "apiKey": null,
        "note": "no secret",
    });
    app.as_person(&people::nobody()).execute("echo", params).await;
    let kept = last(&app).await["params"].clone();
    assert!(!kept.to_string().contains("hunter2") && !kept.to_string().contains("42"), "{kept}");
    let hidden = "[redacted]";
    assert_eq!(kept["list"], json!([{ "deep": { "Authorization": hidden, "secret": hidden } }]));
    for name in ["Password", "TOKEN", "apikey", "api_key", "apiKey"] {
        assert_eq!(kept[name], hidden, "{name}");
    }
    assert_eq!(kept["note"], "no secret");
}

async fn long_parameters_are_kept_as_their_size_and_digest(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let of = |bytes: usize| json!({ "text": "x".repeat(bytes - r#"{"text":""}"#.len()) });
    ask.execute("echo", of(16 * 1024)).await;
    assert_eq!(last(&app).await["params"], of(16 * 1024), "16 KiB are kept whole");
    ask.execute("echo", of(16 * 1024 + 1)).await;
    let kept = last(&app).await["params"].clone();
    let mut names = members(&kept);
    names.sort_unstable();
    assert_eq!(names, ["sha256", "size", "truncated"]);
    assert_eq!((&kept["truncated"], &kept["size"]), (&json!(true), &json!(16 * 1024 + 1)));
    assert_eq!(kept["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(last(&app).await["success"], true);
}

async fn parameters_are_kept_also_of_a_refused_call(app: TestApp) {
    let params = json!({ "entity": "Car", "values": { "year": 1, "token": "hunter2" } });
    app.as_person(&people::nobody()).execute("createRecord", params).await;
    let expected = json!({ "entity": "Car", "values": { "year": 1, "token": "[redacted]" } });
    assert_eq!(last(&app).await["params"], expected);
}

async fn of_many_effects_at_once_each_has_its_row(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 40, &people::fleet_manager(), |number, app, person| async move {
        // Half of them collide.
        create(&app.as_person(&person), car(&format!("M-{}", number / 2))).await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×20", "409 conflict ×20"]);
    let ask = app.as_person(&people::administrator());
    assert_eq!(count(&ask).await, CARS + 20);
    let rows = audit(&ask, "?actionId=createRecord&pageSize=200").await;
    assert_eq!(rows.iter().filter(|it| it["success"] == true).count(), 20);
    assert_eq!(rows.len(), 40);
    for answer in answers.iter().filter(|it| it.status == 200) {
        let id = &answer.data()["id"];
        assert!(rows.iter().any(|it| it["changedRecords"][0]["id"] == *id), "{id}");
    }
}

/// Takes the audit's table away, and gives it back.
pub(crate) async fn hide_audit(app: &TestApp, hidden: bool) {
    let script = match (app.parts().storage.dialect(), hidden) {
        (Dialect::Postgres, true) => "ALTER TABLE actions.action_audit_log RENAME TO audit_away",
        (Dialect::Postgres, false) => "ALTER TABLE actions.audit_away RENAME TO action_audit_log",
        (Dialect::Sqlite, true) => "ALTER TABLE action_audit_log RENAME TO audit_away",
        (Dialect::Sqlite, false) => "ALTER TABLE audit_away RENAME TO action_audit_log",
    };
    app.parts().storage.run_script(script).await.unwrap();
}

async fn without_its_audit_row_there_is_no_effect(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    hide_audit(&app, true).await;
    for answer in [
        create(&ask, car("A-1")).await,
        update(&ask, CAR, json!({ "color": "red" })).await,
        delete(&ask, CAR).await,
        create(&ask.clone().header("idempotency-key", "k"), car("A-2")).await,
    ] {
        assert!([500, 503].contains(&answer.status), "{}", answer.text);
        assert!(!answer.text.contains("audit"), "{}", answer.text);
    }
    hide_audit(&app, false).await;
    assert_eq!(count(&ask).await, CARS);
    assert_eq!(crate::support::read(&ask, CAR).await["color"], "blue");
    assert_eq!(audit(&ask, "?success=true&actionId=createRecord").await.len(), 0);
    assert_eq!(create(&ask.clone().header("idempotency-key", "k"), car("A-2")).await.status, 200);
}

async fn without_its_audit_row_a_read_is_not_answered(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    hide_audit(&app, true).await;
    for answer in
        [ask.execute("echo", json!({})).await, ask.execute("executeQuery", json!({ "entity": "Car" })).await]
    {
        assert!([500, 503].contains(&answer.status), "{}", answer.text);
    }
    hide_audit(&app, false).await;
    assert_eq!(ask.execute("echo", json!({})).await.status, 200);
}

async fn a_caller_without_a_tenant_is_audited_without_one(app: TestApp) {
    let ask = app.as_person(&people::administrator().without("tenant_id"));
    ask.execute("echo", json!({})).await;
    let own = audit(&ask, "").await;
    assert_eq!((own.len(), &own[0]["tenantId"]), (1, &Value::Null));
    assert_eq!(audit(&app.as_person(&people::administrator()), "").await.len(), 0);
}

async fn the_clients_address_is_its_peers(app: TestApp) {
    for (peer, kept) in [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        // What a listener for both families sees of an IPv4 peer.
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ] {
        let request = Request::post(EXECUTE)
            .header("authorization", format!("Bearer {}", people::nobody().token()))
            .header("content-type", "application/json")
            // The host names no proxies, so nobody is believed about others.
            .header("x-forwarded-for", "198.51.100.1")
            .header("forwarded", "for=198.51.100.1")
            .extension(ConnectInfo(SocketAddr::new(peer.parse::<IpAddr>().unwrap(), 4711)))
            .body(Body::from(r#"{"actionId":"echo"}"#))
            .unwrap();
        let answer = app.parts().router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(last(&app).await["ipAddress"], kept, "{peer}");
    }
    app.as_person(&people::nobody()).execute("echo", json!({})).await;
    assert_eq!(last(&app).await["ipAddress"], Value::Null, "where nobody knows");
}
