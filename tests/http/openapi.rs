//! `/openapi.json`: every mounted route and every registered action, and nothing else.

use std::collections::BTreeSet;

use action_tests::{TestApp, people};
use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

on_both_fleets!(
    the_document_is_of_openapi_3_1,
    every_route_is_in_the_document,
    every_route_of_the_document_is_mounted_with_these_methods_alone,
    every_registered_action_is_in_the_document_with_its_schema,
    every_custom_action_is_in_the_document_with_its_schema,
    the_schema_of_a_request_names_every_action,
    every_reference_in_the_document_leads_somewhere,
    the_statuses_of_refusals_are_in_the_document,
    every_error_is_described_as_a_problem,
    what_needs_a_token_says_so,
);

async fn document(app: &TestApp) -> Value {
    let answer = app.anonymous().get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json
}

/// `GET /ui/actions`, for every operation of the document.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

async fn the_document_is_of_openapi_3_1(app: TestApp) {
    let document = document(&app).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
}

async fn every_route_is_in_the_document(app: TestApp) {
    let mut listed: Vec<String> = operations(&document(&app).await)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    listed.sort();
    assert_eq!(
        listed,
        [
            "DELETE /entity-actions/definitions/{id}",
            "DELETE /v1/config/page-actions/{id}",
            "DELETE /v1/config/page-configs/{id}",
            "GET /entity-actions/definitions",
            "GET /entity-actions/definitions/{id}",
            "GET /entity-actions/{table}/{subject}",
            "GET /healthz",
            "GET /openapi.json",
            "GET /readyz",
            "GET /schema_entity_actions",
            "GET /spark/actions/{objectTypeId}",
            "GET /ui/actions",
            "GET /ui/actions/audit",
            "GET /ui/actions/{actionId}",
            "GET /ui/entities",
            "GET /ui/files/{fileId}",
            "GET /v1/config/page-actions",
            "GET /v1/config/page-actions/{id}",
            "GET /v1/config/page-actions/{id}/history",
            "GET /v1/config/page-configs",
            "GET /v1/config/page-configs/{id}/actions",
            "POST /entity-actions/definitions",
            "POST /entity-actions/{table}/availability",
            "POST /entity-actions/{table}/{subject}",
            "POST /entity-actions/{table}/{subject}/bulk",
            "POST /rpc/{function}",
            "POST /spark/actions/{objectTypeId}/{actionName}",
            "POST /ui/actions/execute",
            "POST /v1/config/page-actions/buttons",
            "POST /v1/config/page-actions/dropdowns",
            "POST /v1/config/page-actions/separators",
            "POST /v1/config/page-actions/{id}/execute",
            "POST /v1/config/page-actions/{id}/revert",
            "POST /v1/config/page-configs",
            "POST /v1/config/page-configs/{id}/actions/batch",
            "PUT /entity-actions/definitions/{id}",
            "PUT /v1/config/page-actions/buttons/{id}",
            "PUT /v1/config/page-actions/dropdowns/{id}",
            "PUT /v1/config/page-actions/separators/{id}",
            "PUT /v1/config/page-configs/{id}/actions/order",
        ]
    );
}

async fn every_route_of_the_document_is_mounted_with_these_methods_alone(app: TestApp) {
    let document = document(&app).await;
    let operations = operations(&document);
    for path in document["paths"].as_object().unwrap().keys() {
        let documented: Vec<&Method> =
            operations.iter().filter(|(_, its, _)| its == path).map(|(method, ..)| method).collect();
        let file =
            crate::files_upload::upload(&app.as_person(&people::administrator()), "a.txt", b"words").await;
        let file_id = file.data()["fileId"].as_str().unwrap().to_owned();
        let address = path.replace("{actionId}", "echo").replace("{fileId}", &file_id);
        let address = address.replace("{objectTypeId}", "Car").replace("{actionName}", "CarCopy");
        let address = address.replace("{table}", "issues").replace("{subject}", "1");
        let address = address.replace("{function}", "approve_pothole_fix");
        let address = address.replace("{id}", on_a_page(&address));
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let answer =
                app.as_person(&people::administrator()).send(method.clone(), &address, Body::empty()).await;
            assert_eq!(answer.status != 405, documented.contains(&&method), "{method} {path}");
            assert_ne!(answer.status, 404, "{method} {path}");
        }
    }
}

/// Something that is there for the address of a page, or of what stands on one. What is removed at one address is not
/// what another one needs.
fn on_a_page(address: &str) -> &'static str {
    use crate::page_actions_seed::{BUTTON, CARS_PAGE, DASHBOARD, DROPDOWN, SEPARATOR};
    match address {
        "/v1/config/page-configs/{id}" => CARS_PAGE,
        "/v1/config/page-actions/{id}" => "ab000000-0000-4000-8000-000000000003",
        it if it.contains("definitions") => "1",
        it if it.contains("page-configs") => DASHBOARD,
        it if it.contains("dropdowns") => DROPDOWN,
        it if it.contains("separators") => SEPARATOR,
        _ => BUTTON,
    }
}

async fn every_custom_action_is_in_the_document_with_its_schema(app: TestApp) {
    let document = document(&app).await;
    let schemas = &document["components"]["schemas"];
    let any = schemas["CustomActionRequest"]["anyOf"].as_array().unwrap();
    assert_eq!(any.len(), 4, "CarCopy, CarReportStolen, CarMakeNote, ApproveInvoiceLines");
    let note = &schemas["customAction.CarMakeNote.request"];
    assert_eq!(note["required"], json!(["params"]));
    assert_eq!(note["title"], "CarMakeNote on Car");
    assert_eq!(schemas["customAction.CarMakeNote.params"]["properties"]["text"]["maxLength"], 500);
}

async fn every_registered_action_is_in_the_document_with_its_schema(app: TestApp) {
    let document = document(&app).await;
    let schemas = &document["components"]["schemas"];
    let actions = app.parts().engine.all_actions();
    assert_eq!(actions.len(), 21);
    for action in actions {
        let mut described = schemas[format!("action.{}.params", action.action_id)].clone();
        assert!(described.is_object(), "{}", action.action_id);
        // References are spelled from the document's root there.
        let mut own = action.params.clone();
        own.as_object_mut().unwrap().remove("$schema");
        for schema in [&mut described, &mut own] {
            schema.as_object_mut().unwrap().remove("$defs");
        }
        if !own.to_string().contains("$ref") {
            assert_eq!(described, own, "{}", action.action_id);
        }
    }
}

async fn the_schema_of_a_request_names_every_action(app: TestApp) {
    let document = document(&app).await;
    let body = &document["paths"]["/ui/actions/execute"]["post"]["requestBody"];
    assert_eq!(body["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/ExecuteRequest");
    let request = &document["components"]["schemas"]["ExecuteRequest"];
    let mapped: BTreeSet<&String> = request["discriminator"]["mapping"].as_object().unwrap().keys().collect();
    let actions = app.parts().engine.all_actions();
    assert_eq!(mapped, actions.iter().map(|it| &it.action_id).collect::<BTreeSet<_>>());
    assert_eq!(request["oneOf"].as_array().unwrap().len(), mapped.len());
}

/// Every `$ref`, and every target of a discriminator.
fn references(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" || target.starts_with("#/") => {
                        found.push(target.clone());
                    }
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| references(it, found)),
        _ => {}
    }
}

async fn every_reference_in_the_document_leads_somewhere(app: TestApp) {
    let document = document(&app).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target}"));
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

async fn the_statuses_of_refusals_are_in_the_document(app: TestApp) {
    let document = document(&app).await;
    let statuses = |method: &str, path: &str| -> BTreeSet<String> {
        document["paths"][path][method]["responses"].as_object().unwrap().keys().cloned().collect()
    };
    let execute = statuses("post", "/ui/actions/execute");
    for status in
        ["200", "400", "401", "403", "404", "409", "413", "415", "422", "429", "449", "500", "503", "504"]
    {
        assert!(execute.contains(status), "{status}");
    }
    for path in ["/ui/actions", "/ui/actions/{actionId}", "/ui/actions/audit", "/ui/entities"] {
        for status in ["200", "400", "401", "500", "503"] {
            assert!(statuses("get", path).contains(status), "{path} {status}");
        }
    }
    assert!(statuses("get", "/ui/actions/{actionId}").contains("404"));
    assert!(statuses("get", "/readyz").contains("503"));
}

async fn every_error_is_described_as_a_problem(app: TestApp) {
    for (method, path, operation) in operations(&document(&app).await) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if status.starts_with(['4', '5']) && status != "449" {
                let schema = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
        }
    }
}

async fn what_needs_a_token_says_so(app: TestApp) {
    for (method, path, operation) in operations(&document(&app).await) {
        let address = path.replace("{actionId}", "echo");
        let refused = app.anonymous().send(method.clone(), &address, Body::empty()).await.status == 401;
        let expected = if refused { json!([{ "bearer": [] }]) } else { Value::Null };
        assert_eq!(operation["security"], expected, "{method} {path}");
    }
}
