//! The OpenAPI document: whole, resolvable, and in agreement with what is answered.

use std::collections::BTreeSet;

use action_axum::Options;
use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{App, BOB, Claims, bare, builder};

async fn document() -> Value {
    action_axum::openapi(&builder().build().await.unwrap())
}

/// Every reference in it, with the place where it stands.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => found.push(target.clone()),
                    other => references(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_served_without_a_token_and_asked_for_again_only_when_it_changed() {
    let app = App::start().await;
    let answer = app.send(bare(Method::GET, "/openapi.json")).await;
    assert_eq!((answer.outcome().as_str(), answer.header("content-type")), ("200", "application/json"));
    assert_eq!(answer.header("cache-control"), "no-cache");
    let etag = answer.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() > 10, "{etag}");
    for (known, status) in [
        (etag.clone(), 304),
        (format!("W/{etag}"), 304),
        (format!("\"x\", {etag}"), 304),
        ("*".to_owned(), 304),
        ("\"x\"".to_owned(), 200),
    ] {
        let request =
            Request::get("/openapi.json").header("if-none-match", &known).body(Body::empty()).unwrap();
        let again = app.send(request).await;
        assert_eq!(again.status.as_u16(), status, "{known}");
        assert_eq!(again.header("etag"), etag);
        assert_eq!(again.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn it_is_openapi_3_1_with_the_hosts_title_and_prefix() {
    let engine = builder().build().await.unwrap();
    let document = Options::new().title("Fleet").version("2.3.0").prefix("api/").openapi(&engine);
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(
        (&document["info"]["title"], &document["info"]["version"]),
        (&json!("Fleet"), &json!("2.3.0"))
    );
    assert!(document["paths"].as_object().unwrap().keys().all(|it| it.starts_with("/api/")));
}

#[tokio::test]
async fn every_mounted_route_is_in_it() {
    let document = document().await;
    let paths: BTreeSet<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "/entity-actions/definitions",
        "/entity-actions/definitions/{id}",
        "/entity-actions/{table}/availability",
        "/entity-actions/{table}/{subject}",
        "/entity-actions/{table}/{subject}/bulk",
        "/healthz",
        "/openapi.json",
        "/readyz",
        "/rpc/{function}",
        "/schema_entity_actions",
        "/spark/actions/{objectTypeId}",
        "/spark/actions/{objectTypeId}/{actionName}",
        "/ui/actions",
        "/ui/actions/audit",
        "/ui/actions/execute",
        "/ui/actions/{actionId}",
        "/ui/entities",
        "/ui/files/{fileId}",
        "/v1/config/page-actions",
        "/v1/config/page-actions/buttons",
        "/v1/config/page-actions/buttons/{id}",
        "/v1/config/page-actions/dropdowns",
        "/v1/config/page-actions/dropdowns/{id}",
        "/v1/config/page-actions/separators",
        "/v1/config/page-actions/separators/{id}",
        "/v1/config/page-actions/{id}",
        "/v1/config/page-actions/{id}/execute",
        "/v1/config/page-actions/{id}/history",
        "/v1/config/page-actions/{id}/revert",
        "/v1/config/page-configs",
        "/v1/config/page-configs/{id}",
        "/v1/config/page-configs/{id}/actions",
        "/v1/config/page-configs/{id}/actions/batch",
        "/v1/config/page-configs/{id}/actions/order",
    ];
    assert_eq!(paths, BTreeSet::from(expected));
}

#[tokio::test]
async fn every_reference_resolves_inside_it() {
    let document = document().await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.iter().any(|it| it.contains("/$defs/")), "an action with a shape of its own is among them");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads outside"));
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
    }
    assert!(!document.to_string().contains("\"$schema\""));
}

#[tokio::test]
async fn every_action_is_in_it_with_its_parameters() {
    let document = document().await;
    let schemas = &document["components"]["schemas"];
    let execute = &schemas["ExecuteRequest"];
    let mapping = execute["discriminator"]["mapping"].as_object().unwrap();
    assert_eq!(execute["oneOf"].as_array().unwrap().len(), mapping.len());
    for id in ["ask", "echo", "greet", "guarded", "limited", "createRecord"] {
        let request = &schemas[format!("action.{id}.request")];
        assert_eq!(mapping[id], format!("#/components/schemas/action.{id}.request"));
        assert_eq!(request["properties"]["actionId"]["const"], id);
        assert_eq!(
            request["properties"]["params"]["$ref"],
            format!("#/components/schemas/action.{id}.params")
        );
        assert_eq!(schemas[format!("action.{id}.params")]["type"], "object");
    }
    assert_eq!(schemas["action.greet.request"]["required"], json!(["actionId", "params"]));
    assert_eq!(schemas["action.echo.request"]["required"], json!(["actionId"]));
    assert_eq!(schemas["action.greet.params"]["properties"]["name"]["maxLength"], 10);
}

#[tokio::test]
async fn an_engine_without_actions_still_has_a_valid_request() {
    let engine =
        action_core::Engine::builder().without_core_actions().without_linked_actions().build().await.unwrap();
    let request = action_axum::openapi(&engine)["components"]["schemas"]["ExecuteRequest"].clone();
    assert_eq!((&request["type"], request.get("oneOf")), (&json!("object"), None));
}

#[tokio::test]
async fn every_status_of_an_execution_is_listed_and_every_error_has_the_same_body() {
    let document = document().await;
    let responses = document["paths"]["/ui/actions/execute"]["post"]["responses"].as_object().unwrap();
    let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
    for status in [
        "200", "400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "449", "500",
        "503", "504",
    ] {
        assert!(statuses.contains(&status), "{status} of {statuses:?}");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (status, response) in item["get"]["responses"].as_object().into_iter().flatten() {
            if status.starts_with(['4', '5']) {
                let body = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(body, "#/components/schemas/Problem", "{path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn what_needs_a_token_says_so_and_what_does_not_does_not() {
    let document = document().await;
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            assert_eq!(operation.get("security").is_some(), needs_token(path), "{path}");
            assert!(operation["operationId"].is_string(), "{path}");
        }
    }
}

fn needs_token(path: &str) -> bool {
    ["/ui/", "/spark/", "/v1/", "/entity-actions/", "/rpc/", "/schema_entity_actions"]
        .iter()
        .any(|it| path.starts_with(it))
}

#[tokio::test]
async fn answers_have_the_members_that_their_schemas_say() {
    let (app, document) = (App::start().await, document().await);
    let auditor = Claims::of(BOB).with("roles", json!(["editors"]));
    let greeted = app.run("greet", json!({ "name": "Ada", "age": 36 })).await.json();
    let asked = app.run("ask", json!({})).await.json();
    let problem = app.run("nothing", json!({})).await.json();
    let actions = app.get("/ui/actions").await.json();
    let audit = app.get_as(&auditor, "/ui/actions/audit").await.json();
    for (schema, answer) in [
        ("Success", &greeted),
        ("Metadata", &greeted["metadata"]),
        ("Asked", &asked),
        ("Problem", &problem),
        ("ActionItem", &actions[0]),
        ("AuditListing", &audit),
        ("AuditItem", &audit["items"][0]),
    ] {
        let described = &document["components"]["schemas"][schema]["properties"];
        let names = |it: &Value| {
            it.as_object().map(|it| it.keys().cloned().collect::<BTreeSet<_>>()).unwrap_or_default()
        };
        assert_eq!(names(described), names(answer), "{schema}");
    }
}
