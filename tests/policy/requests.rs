//! A well-formed request for every action and every route: what a caller is told is then about their rights alone.
//!
//! The actions, entities and routes are walked from what is registered and mounted. Whoever adds one is told here to
//! say what a well-formed request for it is; whoever removes one is told to remove that.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use action_core::{Caller, Identity};
use action_tests::people::{ACME, administrator};
use action_tests::{Answer, Person, TestApp};
use serde_json::{Value, json};

use crate::callers::ask;

/// What stands in the permission of an action for the entity that a call names.
const ENTITY: &str = "{entity}";

/// One row of the matrix: what is asked.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// An action of the execution endpoint, on an entity where its permission names one.
    Action { id: String, entity: Option<String> },
    /// A custom action on an entity.
    Custom { name: String, entity: String },
    /// A registered query, which brings its own permission.
    Query { name: &'static str },
    /// A route.
    Route { method: String, path: String },
}

/// The parameters of an action, given what a call of it may need.
type Params = fn(&Needs) -> Value;

/// What a well-formed call may need; made anew for every cell.
struct Needs {
    /// The entity that the call is about.
    entity: String,
    /// A row of it that is in acme and that nothing refers to.
    row: Value,
    /// Values for another row of it.
    values: Value,
    /// A number that no other cell has.
    number: u32,
}

const ACTIONS: &[(&str, Params)] = &[
    ("bulkDelete", |it| json!({ "entity": it.entity, "ids": [it.row] })),
    ("bulkUpdate", |it| json!({ "entity": it.entity, "ids": [it.row], "values": it.values })),
    ("createRecord", |it| json!({ "entity": it.entity, "values": it.values })),
    ("deleteRecord", |it| json!({ "entity": it.entity, "id": it.row })),
    ("diagnostics.fail", |_| json!({})),
    ("diagnostics.limited", |_| json!({})),
    ("diagnostics.panic", |_| json!({})),
    ("diagnostics.slow", |_| json!({ "ms": 1 })),
    ("diagnostics.two_permissions", |_| json!({})),
    ("diagnostics.write_then_fail", |it| json!({ "licensePlate": format!("F-{}", it.number) })),
    ("echo", |_| json!({ "name": "Ada" })),
    ("executeQuery", |it| json!({ "entity": it.entity, "limit": 1 })),
    ("generateReport", |it| json!({ "entity": it.entity, "format": "csv", "fields": ["id"] })),
    ("listTransitions", |it| json!({ "entity": it.entity, "id": it.row })),
    ("listWorkflows", |it| json!({ "entity": it.entity })),
    ("processWorkflow", |it| json!({ "entity": it.entity, "id": it.row, "transition": "check_out" })),
    ("sendEmail", |_| json!({ "to": ["ada@example.com"], "subject": "Your car", "text": "It is ready." })),
    ("updateRecord", |it| json!({ "entity": it.entity, "id": it.row, "values": it.values })),
    (
        "user.update",
        |_| json!({ "id": "f0000000-0000-4000-8000-000000000009", "name": "Ada", "email": "ada@example.com" }),
    ),
    ("uploadFile", |_| json!({ "description": "without a file" })),
    ("workflowHistory", |it| json!({ "entity": it.entity, "id": it.row })),
];

/// The custom actions, each with its body.
const CUSTOM_ACTIONS: &[(&str, Params)] = &[
    ("ApproveInvoiceLines", |it| json!({ "selectedItems": [{ "id": it.row }] })),
    ("CarCopy", |it| json!({ "selectedItems": [{ "id": it.row }] })),
    ("CarMakeNote", |it| json!({ "selectedItems": [{ "id": it.row }], "params": { "text": "clean" } })),
    ("CarReportStolen", |it| json!({ "parent": { "id": it.row } })),
];

/// The queries that the fleet registers.
const QUERIES: [&str; 1] = ["cars.available"];

type Body = fn() -> Value;

/// Method, path, what stands for the parameters of the path, and the body.
const ROUTES: &[(&str, &str, Option<Body>)] = &[
    ("DELETE /entity-actions/definitions/{id}", "/entity-actions/definitions/99", None),
    (
        "DELETE /v1/config/page-actions/{id}",
        "/v1/config/page-actions/00000000-0000-4000-8000-00000000dead",
        None,
    ),
    (
        "DELETE /v1/config/page-configs/{id}",
        "/v1/config/page-configs/00000000-0000-4000-8000-00000000dead",
        None,
    ),
    ("GET /entity-actions/definitions", "/entity-actions/definitions", None),
    ("GET /entity-actions/definitions/{id}", "/entity-actions/definitions/1", None),
    ("GET /entity-actions/{table}/{subject}", "/entity-actions/issues/1", None),
    ("GET /healthz", "/healthz", None),
    ("GET /metrics", "/metrics", None),
    ("GET /openapi.json", "/openapi.json", None),
    ("GET /readyz", "/readyz", None),
    ("GET /schema_entity_actions", "/schema_entity_actions", None),
    ("GET /spark/actions/{objectTypeId}", "/spark/actions/Car", None),
    ("GET /ui/actions", "/ui/actions", None),
    ("GET /ui/actions/audit", "/ui/actions/audit", None),
    ("GET /ui/actions/{actionId}", "/ui/actions/createRecord", None),
    ("GET /ui/entities", "/ui/entities", None),
    ("GET /ui/files/{fileId}", "/ui/files/00000000-0000-4000-8000-00000000dead", None),
    ("GET /v1/config/page-actions", "/v1/config/page-actions", None),
    (
        "GET /v1/config/page-actions/{id}",
        "/v1/config/page-actions/ab000000-0000-4000-8000-000000000001",
        None,
    ),
    (
        "GET /v1/config/page-actions/{id}/history",
        "/v1/config/page-actions/ab000000-0000-4000-8000-000000000001/history",
        None,
    ),
    ("GET /v1/config/page-configs", "/v1/config/page-configs", None),
    (
        "GET /v1/config/page-configs/{id}/actions",
        "/v1/config/page-configs/aaaaaaaa-0000-4000-8000-000000000002/actions",
        None,
    ),
    (
        "POST /entity-actions/definitions",
        "/entity-actions/definitions",
        Some(
            || json!({ "table_name": "issues", "action_name": "again", "display_name": "Again", "rpc_function": "f" }),
        ),
    ),
    (
        "POST /entity-actions/{table}/availability",
        "/entity-actions/issues/availability",
        Some(|| json!({ "ids": [1] })),
    ),
    (
        "POST /entity-actions/{table}/{subject}",
        "/entity-actions/issues/approve_fix",
        Some(|| json!({ "entity_id": 1 })),
    ),
    (
        "POST /entity-actions/{table}/{subject}/bulk",
        "/entity-actions/issues/reject_fix/bulk",
        Some(|| json!({ "entity_ids": [2] })),
    ),
    ("POST /rpc/{function}", "/rpc/reject_pothole_fix", Some(|| json!({ "p_entity_id": 3 }))),
    ("POST /ui/actions/execute", "/ui/actions/execute", Some(|| json!({ "actionId": "echo", "params": {} }))),
    (
        "POST /spark/actions/{objectTypeId}/{actionName}",
        "/spark/actions/Car/CarReportStolen",
        Some(|| json!({ "parent": { "id": "ca000000-0000-4000-8000-000000000001" } })),
    ),
    (
        "POST /v1/config/page-actions/buttons",
        "/v1/config/page-actions/buttons",
        Some(
            || json!({ "pageConfigId": "aaaaaaaa-0000-4000-8000-000000000002", "label": "Go", "targetPath": "/go", "variant": "ghost", "alignment": "left" }),
        ),
    ),
    (
        "POST /v1/config/page-actions/dropdowns",
        "/v1/config/page-actions/dropdowns",
        Some(
            || json!({ "pageConfigId": "aaaaaaaa-0000-4000-8000-000000000002", "label": "More", "items": [{ "label": "Go", "targetPath": "/go" }] }),
        ),
    ),
    (
        "POST /v1/config/page-actions/separators",
        "/v1/config/page-actions/separators",
        Some(|| json!({ "pageConfigId": "aaaaaaaa-0000-4000-8000-000000000002" })),
    ),
    (
        "POST /v1/config/page-actions/{id}/execute",
        "/v1/config/page-actions/ab000000-0000-4000-8000-000000000001/execute",
        Some(|| json!({})),
    ),
    (
        "POST /v1/config/page-actions/{id}/revert",
        "/v1/config/page-actions/ab000000-0000-4000-8000-000000000001/revert",
        Some(|| json!({ "historyId": "ab000000-0000-4000-8000-000000000001" })),
    ),
    ("POST /v1/config/page-configs", "/v1/config/page-configs", Some(|| json!({ "name": "new" }))),
    (
        "POST /v1/config/page-configs/{id}/actions/batch",
        "/v1/config/page-configs/aaaaaaaa-0000-4000-8000-000000000002/actions/batch",
        Some(|| json!({ "actions": [{ "actionType": "separator", "separator": {} }] })),
    ),
    (
        "PUT /entity-actions/definitions/{id}",
        "/entity-actions/definitions/1",
        Some(|| json!({ "display_name": "Approve" })),
    ),
    (
        "PUT /v1/config/page-actions/buttons/{id}",
        "/v1/config/page-actions/buttons/ab000000-0000-4000-8000-000000000001",
        Some(|| json!({ "label": "Go" })),
    ),
    (
        "PUT /v1/config/page-actions/dropdowns/{id}",
        "/v1/config/page-actions/dropdowns/ab000000-0000-4000-8000-000000000007",
        Some(|| json!({ "label": "More" })),
    ),
    (
        "PUT /v1/config/page-actions/separators/{id}",
        "/v1/config/page-actions/separators/ab000000-0000-4000-8000-000000000006",
        Some(|| json!({ "isActive": true })),
    ),
    (
        "PUT /v1/config/page-configs/{id}/actions/order",
        "/v1/config/page-configs/00000000-0000-4000-8000-00000000dead/actions/order",
        Some(|| json!({ "order": [] })),
    ),
];

/// Routes that the OpenAPI document leaves out, and why.
const UNDOCUMENTED: [(&str, &str); 1] = [("GET /metrics", "the example's own, for its collector")];

/// Every action, with one row for every entity where that makes a difference, then every route.
pub(crate) async fn everything(app: &TestApp) -> Vec<Asked> {
    let mut all = actions(app).await;
    all.extend(custom_actions(app));
    all.extend(QUERIES.map(|name| Asked::Query { name }));
    all.extend(routes(app).await);
    all
}

/// Every action, with one row for every entity where that makes a difference.
pub(crate) async fn actions(app: &TestApp) -> Vec<Asked> {
    let entities = entities(app).await;
    let mut rows = Vec::new();
    let mut registered = BTreeSet::new();
    for action in app.parts().engine.all_actions() {
        let on_entities = action.permissions.iter().any(|it| it.contains(ENTITY));
        let id = action.action_id;
        registered.insert(id.clone());
        if on_entities {
            rows.extend(entities.iter().map(|it| Asked::Action { id: id.clone(), entity: Some(it.clone()) }));
        } else {
            rows.push(Asked::Action { id, entity: None });
        }
    }
    assert_alike("ACTIONS", &ACTIONS.iter().map(|it| it.0.to_owned()).collect(), &registered);
    rows
}

/// Every custom action on each of its entities.
pub(crate) fn custom_actions(app: &TestApp) -> Vec<Asked> {
    let mut offered = app.parts().engine.all_custom_actions();
    offered.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    let names = offered.iter().map(|it| it.0.name.clone()).collect();
    assert_alike("CUSTOM_ACTIONS", &CUSTOM_ACTIONS.iter().map(|it| it.0.to_owned()).collect(), &names);
    let on_each = offered.into_iter().flat_map(|(action, entities)| {
        entities.into_iter().map(move |entity| Asked::Custom { name: action.name.clone(), entity })
    });
    on_each.collect()
}

async fn entities(app: &TestApp) -> Vec<String> {
    // Entities are told by what their reader may query; administrators may query every one.
    let roles = vec!["Administrators".to_owned()];
    let administrator = Caller::new(Identity { roles, ..Identity::default() });
    let engine = &app.parts().engine;
    let grants =
        engine.grants(&administrator).await.unwrap_or_else(|error| panic!("rights are known: {error}"));
    engine.entities_for(&grants).into_iter().map(|it| it.name).collect()
}

async fn routes(app: &TestApp) -> Vec<Asked> {
    let document = app.anonymous().get("/openapi.json").await.json;
    let mut documented = BTreeSet::new();
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        documented.extend(
            item.as_object().into_iter().flatten().map(|(it, _)| format!("{} {path}", it.to_uppercase())),
        );
    }
    for (route, _) in UNDOCUMENTED {
        assert!(
            documented.insert(route.to_owned()),
            "`{route}` is documented by now: take it out of UNDOCUMENTED"
        );
    }
    assert_alike("the OpenAPI document, with UNDOCUMENTED,", &documented, &mounted(app));
    assert_alike("ROUTES", &ROUTES.iter().map(|it| it.0.to_owned()).collect(), &documented);
    let routes = documented.iter().filter_map(|it| it.split_once(' '));
    routes.map(|(method, path)| Asked::Route { method: method.to_owned(), path: path.to_owned() }).collect()
}

/// The router's routes, each with its method. A router has no way to list them but what it shows to a developer.
fn mounted(app: &TestApp) -> BTreeSet<String> {
    let shown = format!("{:?}", app.parts().router);
    let own = shown.split("fallback_router").next().unwrap_or_default();
    let (methods, paths) = own.split_once("paths: {").unwrap_or_default();
    let mut mounted = BTreeSet::new();
    for path in paths.split(", ") {
        let Some((route, path)) = path.split_once(": \"") else { continue };
        let of_route = methods.split(&format!("{route}: ")).nth(1).unwrap_or_default();
        let allowed = of_route.split("allow_header: Bytes(b\"").nth(1).and_then(|it| it.split('"').next());
        let path = path.split('"').next().unwrap_or_default();
        // What can be got can be asked for without its body.
        let methods = allowed.unwrap_or_default().split(',').filter(|it| *it != "HEAD");
        mounted.extend(methods.map(|method| format!("{method} {path}")));
    }
    assert!(
        mounted.contains("POST /ui/actions/execute"),
        "a router shows its routes in another way by now; read them in `mounted` as it does: {shown}"
    );
    mounted
}

/// Fails with what one list has and the other has not.
#[track_caller]
fn assert_alike(name: &str, listed: &BTreeSet<String>, there: &BTreeSet<String>) {
    let missing: Vec<_> = there.difference(listed).collect();
    let gone: Vec<_> = listed.difference(there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "\n\n{name} (tests/policy/requests.rs) and what is there differ.\n  \
         missing in the list, say what a well-formed request is: {missing:?}\n  \
         in the list, and there no more: {gone:?}\n"
    );
}

impl Asked {
    /// What the row is called.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Action { id, entity: None } => id.clone(),
            Self::Action { id, entity: Some(entity) } => format!("{id} {entity}"),
            Self::Custom { name, entity } => format!("{name}/{entity}"),
            Self::Query { name } => format!("executeQuery query {name}"),
            Self::Route { method, path } => format!("{method} {path}"),
        }
    }

    /// What a caller is answered, in the words of the matrix.
    pub(crate) async fn answer(&self, app: &TestApp, caller: Option<&Person>) -> String {
        let client = ask(app, caller);
        let (answer, ran) = match self {
            Self::Action { id, entity } => {
                let params = params(app, ACTIONS, id, entity.as_deref()).await;
                (client.execute(id, params).await, "run")
            }
            Self::Custom { name, entity } => {
                let body = params(app, CUSTOM_ACTIONS, name, Some(entity)).await;
                (client.post(&format!("/spark/actions/{entity}/{name}"), &body).await, "run")
            }
            Self::Query { name } => (client.execute("executeQuery", json!({ "query": name })).await, "run"),
            Self::Route { method, .. } => {
                let label = self.label();
                let (_, path, body) = ROUTES
                    .iter()
                    .find(|it| it.0 == label)
                    .unwrap_or_else(|| panic!("`{label}` is in ROUTES"));
                let answer = match body {
                    Some(body) => {
                        let client = client.header("content-type", "application/json");
                        client.send(method.parse().unwrap_or_default(), path, body().to_string()).await
                    }
                    None => client.send(method.parse().unwrap_or_default(), path, "").await,
                };
                (answer, "200")
            }
        };
        in_words(&answer, ran)
    }
}

fn in_words(answer: &Answer, ran: &str) -> String {
    match (answer.status, answer.json.get("code").and_then(Value::as_str)) {
        (200 | 201, _) => ran.to_owned(),
        (449, _) => "asks".to_owned(),
        (403, Some("tenant_required")) => "403 tenant".to_owned(),
        (status, _) => status.to_string(),
    }
}

async fn params(app: &TestApp, listed: &[(&str, Params)], action: &str, entity: Option<&str>) -> Value {
    let (_, params) =
        listed.iter().find(|it| it.0 == action).unwrap_or_else(|| panic!("`{action}` is in its list"));
    let mut needs =
        Needs { entity: String::new(), row: Value::Null, values: Value::Null, number: next_number() };
    if let Some(entity) = entity {
        let row = json!({ "entity": entity, "values": values(entity, next_number()) });
        let administrator = administrator().tenant(ACME);
        let made = app.as_person(&administrator).execute("createRecord", row).await;
        // With nobody's rights in force, there is no row to be had, and none is needed.
        needs.row = match made.status {
            200 => made.data().get("id").cloned().unwrap_or_default(),
            _ => json!("00000000-0000-4000-8000-000000000000"),
        };
        needs.entity = entity.to_owned();
        needs.values = values(entity, needs.number);
    }
    params(&needs)
}

/// Values for a new row in acme.
fn values(entity: &str, number: u32) -> Value {
    match entity {
        "Car" => {
            json!({ "licensePlate": format!("P-{number}"), "brand": "Kia", "model": "Niro", "year": 2020 })
        }
        "Company" => json!({ "name": format!("Company {number}") }),
        "Invoice" => json!({
            "number": format!("P-{number}"), "companyId": "c0000000-0000-4000-8000-000000000001",
        }),
        "InvoiceLine" => json!({
            "invoiceId": "d0000000-0000-4000-8000-000000000001", "description": "Wipers", "amount": 12.5,
        }),
        other => panic!("say in tests/policy/requests.rs what the values of a new `{other}` are"),
    }
}

fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
