//! The listing of the audit: filters, pages, and whose rows are seen.

use serde_json::{Value, json};

use crate::support::{ADA, App, BOB, Claims, GLOBEX, execute};

fn auditor() -> Claims {
    Claims::of(BOB).with("roles", json!(["editors"]))
}

/// Ada runs two actions, one in vain; Bob one; somebody of Globex one; Ada without a tenant one.
async fn busy() -> App {
    let app = App::start().await;
    app.run("echo", json!({ "n": 1 })).await;
    app.run("guarded", json!({})).await;
    for claims in [
        Claims::of(BOB),
        Claims::ada().with("tenant_id", GLOBEX.to_string()),
        Claims::ada().without("tenant_id"),
    ] {
        app.send(execute(&claims.bearer(), r#"{"actionId":"echo"}"#)).await;
    }
    app
}

async fn seen(app: &App, claims: &Claims, query: &str) -> Vec<String> {
    let page = app.get_as(claims, &format!("/ui/actions/audit{query}")).await.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items
        .iter()
        .map(|it| format!("{} {}", it["actionId"].as_str().unwrap(), it["outcome"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn a_page_has_its_items_and_its_place() {
    let page = busy().await.get_as(&auditor(), "/ui/actions/audit?page=2&pageSize=2").await.json();
    assert_eq!(page.as_object().unwrap().keys().collect::<Vec<_>>(), ["items", "total", "page", "pageSize"]);
    assert_eq!((&page["total"], &page["page"], &page["pageSize"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["params"], json!({ "n": 1 }), "the oldest stands last");
    let first = busy().await.get_as(&auditor(), "/ui/actions/audit").await.json();
    assert_eq!((&first["page"], &first["pageSize"]), (&json!(1), &json!(50)));
}

#[tokio::test]
async fn with_the_right_a_caller_sees_their_tenant_and_without_it_themselves() {
    let app = busy().await;
    assert_eq!(seen(&app, &auditor(), "").await, ["echo succeeded", "guarded refused", "echo succeeded"]);
    assert_eq!(seen(&app, &Claims::ada(), "").await, ["guarded refused", "echo succeeded"]);
    assert_eq!(seen(&app, &Claims::of(BOB), "").await, ["echo succeeded"]);
}

#[tokio::test]
async fn without_the_right_somebody_elses_rows_are_an_empty_page() {
    let app = busy().await;
    let page = app.get(&format!("/ui/actions/audit?userId={BOB}")).await.json();
    assert_eq!((&page["items"], &page["total"]), (&json!([]), &json!(0)));
    assert_eq!(seen(&app, &Claims::ada(), &format!("?userId={ADA}")).await.len(), 2);
    assert_eq!(seen(&app, &auditor(), &format!("?userId={ADA}")).await.len(), 2);
}

#[tokio::test]
async fn a_caller_without_a_tenant_sees_their_own_rows_without_one() {
    let app = busy().await;
    let nobody = auditor().without("tenant_id");
    assert_eq!(seen(&app, &nobody, "").await.len(), 0, "the right is worth nothing without a tenant");
    assert_eq!(seen(&app, &Claims::ada().without("tenant_id"), "").await, ["echo succeeded"]);
}

#[tokio::test]
async fn filters_narrow_what_is_listed() {
    let app = busy().await;
    for (query, count) in [
        ("?actionId=echo", 2),
        ("?actionId=ech", 0),
        ("?actionId=CarCopy/Car", 0),
        ("?success=true", 2),
        ("?success=false", 1),
        ("?outcome=refused", 1),
        ("?outcome=asked", 0),
        ("?from=2020-01-01T00:00:00Z", 3),
        ("?to=2020-01-01T00:00:00Z", 0),
        ("?from=2020-01-01T00:00:00%2B01:00&to=2999-01-01T00:00:00Z", 3),
        ("?from=2020-01-01T00:00:00+01:00", 3),
        ("?actionId=echo&success=false", 0),
        ("?page=1000000", 0),
    ] {
        assert_eq!(seen(&app, &auditor(), query).await.len(), count, "{query}");
    }
}

#[tokio::test]
async fn whatever_is_malformed_unknown_or_repeated_is_refused_all_at_once() {
    let app = App::start().await;
    let answer = app
        .get(
            "/ui/actions/audit?pageSize=201&page=0&to=now&from=2026-01-01&outcome=won&success=1&userId=ada&actionId=\
             &sort=id&page=1&sort=name",
        )
        .await;
    assert_eq!(answer.outcome(), "400 invalid_parameter");
    assert_eq!(
        answer.fields(),
        ["actionId", "userId", "success", "outcome", "from", "to", "page", "pageSize", "sort"]
            .map(|it| format!("{it} invalid_parameter"))
    );
}

#[tokio::test]
async fn single_values_out_of_bounds_are_refused() {
    let app = App::start().await;
    for query in [
        "page=0",
        "page=-1",
        "page=1.5",
        "page=1000001",
        "page=99999999999999999999",
        "page=",
        "page=%2B1",
        "page=a",
        "pageSize=0",
        "pageSize=201",
        "success=TRUE",
        "outcome=Succeeded",
        "userId=",
        "userId={00000000-0000-0000-0000-000000000000}",
        "userId=00000000000000000000000000000000",
        "actionId=a%00b",
        "from=",
        "Page=1",
        "actionId=x&actionId=x",
    ] {
        let path = format!("/ui/actions/audit?{}", query.replace(['{', '}'], "%7B"));
        assert_eq!(app.get(&path).await.outcome(), "400 invalid_parameter", "{query}");
    }
}

#[tokio::test]
async fn a_made_up_name_is_not_echoed_at_any_length() {
    let app = App::start().await;
    let answer = app.get(&format!("/ui/actions/audit?{}=1", "x".repeat(5_000))).await;
    assert_eq!(answer.fields(), [format!("{} invalid_parameter", "x".repeat(100))]);
}

#[tokio::test]
async fn a_refused_call_is_in_the_audit_with_its_request() {
    let app = App::start().await;
    let mut request = execute(
        &Claims::ada().bearer(),
        r#"{"actionId":"guarded","context":{"pageId":"p","widgetId":"w"},"params":{"password":"x"}}"#,
    );
    request.headers_mut().insert("x-request-id", "r-7".parse().unwrap());
    request.headers_mut().insert("user-agent", "tests".parse().unwrap());
    request.headers_mut().insert("idempotency-key", "k".parse().unwrap());
    app.send(request).await;
    let row: Value = app.get("/ui/actions/audit").await.json()["items"][0].clone();
    for (member, expected) in [
        ("requestId", "r-7"),
        ("userAgent", "tests"),
        ("pageId", "p"),
        ("widgetId", "w"),
        ("idempotencyKey", "k"),
        ("errorCode", "permission_denied"),
        ("outcome", "refused"),
    ] {
        assert_eq!(row[member], expected, "{member}");
    }
    assert_eq!(row["params"]["password"], "[redacted]");
    assert_eq!(app.storage.audit_records().len(), 1);
}
