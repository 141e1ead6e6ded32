//! What a caller is shown of actions and entity types: what they may use, and nothing of the rest.

use action_tests::{Person, TestApp, people};
use serde_json::{Value, json};

use crate::support::{anonymous_text, members, told};

on_both_fleets!(
    an_action_is_listed_with_all_that_is_known_of_it,
    actions_are_listed_by_their_id,
    everybody_sees_what_needs_no_permission,
    without_a_tenant_one_sees_what_needs_none,
    a_caller_sees_the_actions_they_may_run,
    an_action_that_works_on_any_entity_is_listed_for_a_right_on_one,
    an_action_of_several_permissions_is_listed_when_all_are_held,
    one_action_is_the_same_as_in_the_list,
    an_action_one_may_not_run_is_like_an_unknown_one,
    one_action_is_matched_exactly,
    the_parameters_are_described_by_a_schema,
    the_rate_of_a_limited_action_is_told,
    entity_types_are_listed_by_name_to_whoever_may_look_at_them,
    an_entity_type_has_its_columns_in_order,
    the_tenant_column_is_not_among_them,
    the_right_to_read_is_enough_to_see_an_entity_type,
    a_listing_is_the_same_on_every_call,
    a_listing_takes_no_parameters,
);

async fn ids(app: &TestApp, person: &Person) -> Vec<String> {
    let list = app.as_person(person).get("/ui/actions").await;
    assert_eq!(list.status, 200);
    list.json.as_array().unwrap().iter().map(|it| it["actionId"].as_str().unwrap().to_owned()).collect()
}

async fn entities(app: &TestApp, person: &Person) -> Vec<Value> {
    let list = app.as_person(person).get("/ui/entities").await;
    assert_eq!((list.status, list.header("content-type")), (200, Some("application/json")));
    list.json.as_array().unwrap().clone()
}

async fn an_action_is_listed_with_all_that_is_known_of_it(app: TestApp) {
    let list = app.as_person(&people::administrator()).get("/ui/actions").await;
    assert_eq!(list.header("content-type"), Some("application/json"));
    for action in list.json.as_array().unwrap() {
        assert_eq!(
            members(action),
            [
                "actionId",
                "title",
                "description",
                "permissions",
                "params",
                "rateLimit",
                "idempotent",
                "readOnly",
                "destructive"
            ]
        );
        assert!(action["title"].as_str().is_some_and(|it| !it.is_empty()), "{action}");
    }
    let of = |id: &str| list.json.as_array().unwrap().iter().find(|it| it["actionId"] == id).unwrap().clone();
    assert_eq!(of("createRecord")["permissions"], json!(["New/{entity}"]));
    assert_eq!(of("user.update")["permissions"], json!(["user.edit"]));
    assert_eq!(of("diagnostics.two_permissions")["permissions"], json!(["diag.a", "diag.b"]));
    assert_eq!(of("echo")["permissions"], json!([]));
    let traits =
        |id: &str| [of(id)["readOnly"].clone(), of(id)["idempotent"].clone(), of(id)["destructive"].clone()];
    assert_eq!(traits("executeQuery"), [true, true, false]);
    assert_eq!(traits("createRecord"), [false, false, false]);
    assert_eq!(traits("deleteRecord"), [false, false, true]);
    assert_eq!(traits("user.update"), [false, true, false]);
}

async fn actions_are_listed_by_their_id(app: TestApp) {
    let listed = ids(&app, &people::administrator()).await;
    assert_eq!(
        listed,
        [
            "bulkDelete",
            "bulkUpdate",
            "createRecord",
            "deleteRecord",
            "diagnostics.fail",
            "diagnostics.limited",
            "diagnostics.panic",
            "diagnostics.slow",
            "diagnostics.two_permissions",
            "diagnostics.write_then_fail",
            "echo",
            "executeQuery",
            "generateReport",
            "listTransitions",
            "listWorkflows",
            "processWorkflow",
            "sendEmail",
            "updateRecord",
            "uploadFile",
            "user.update",
            "workflowHistory",
        ]
    );
}

const OPEN: [&str; 6] = [
    "diagnostics.fail",
    "diagnostics.limited",
    "diagnostics.panic",
    "diagnostics.slow",
    "diagnostics.write_then_fail",
    "echo",
];

async fn everybody_sees_what_needs_no_permission(app: TestApp) {
    assert_eq!(ids(&app, &people::nobody()).await, OPEN);
}

async fn without_a_tenant_one_sees_what_needs_none(app: TestApp) {
    let administrator = people::administrator().without("tenant_id");
    let mut expected = OPEN.to_vec();
    expected.retain(|it| *it != "diagnostics.write_then_fail");
    expected.insert(4, "diagnostics.two_permissions");
    assert_eq!(ids(&app, &administrator).await, expected);
    let ask = app.as_person(&administrator);
    assert_eq!(ask.get("/ui/actions/createRecord").await.brief(), "404 action_not_found");
}

async fn a_caller_sees_the_actions_they_may_run(app: TestApp) {
    let more = async |person: &Person| {
        let mut listed = ids(&app, person).await;
        listed.retain(|it| !OPEN.contains(&it.as_str()));
        listed
    };
    let reads = ["executeQuery", "listTransitions", "listWorkflows"];
    assert_eq!(more(&people::viewer()).await, [&reads[..], &["workflowHistory"]].concat());
    let writes = [&["bulkUpdate", "createRecord"], &reads[..], &["updateRecord", "workflowHistory"]].concat();
    assert_eq!(more(&people::fleet_manager()).await, writes);
    assert_eq!(more(&people::nobody().permissions(&["USER.EDIT"])).await, ["user.update"]);
}

async fn an_action_that_works_on_any_entity_is_listed_for_a_right_on_one(app: TestApp) {
    for (permission, action) in [("Delete/Invoice", "deleteRecord"), ("New/Company", "createRecord")] {
        assert!(ids(&app, &people::nobody().permissions(&[permission])).await.contains(&action.to_owned()));
    }
    assert_eq!(ids(&app, &people::nobody().permissions(&["Delete/Ship", "New/*"])).await, OPEN);
}

async fn an_action_of_several_permissions_is_listed_when_all_are_held(app: TestApp) {
    let id = "diagnostics.two_permissions".to_owned();
    assert!(!ids(&app, &people::nobody().permissions(&["diag.a"])).await.contains(&id));
    assert!(ids(&app, &people::nobody().permissions(&["diag.a", "diag.b"])).await.contains(&id));
}

async fn one_action_is_the_same_as_in_the_list(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for listed in ask.get("/ui/actions").await.json.as_array().unwrap() {
        let one = ask.get(&format!("/ui/actions/{}", listed["actionId"].as_str().unwrap())).await;
        assert_eq!((one.status, &one.json), (200, listed));
    }
}

async fn an_action_one_may_not_run_is_like_an_unknown_one(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let hidden = ask.get("/ui/actions/user.update").await;
    let unknown = ask.get("/ui/actions/user.updatf").await;
    assert_eq!(hidden.brief(), "404 action_not_found");
    assert_eq!(anonymous_text(&hidden), anonymous_text(&unknown).replace("user.updatf", "user.update"));
}

async fn one_action_is_matched_exactly(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for path in ["/ui/actions/Echo", "/ui/actions/echo%20", "/ui/actions/%FF", "/ui/actions/ech%6F%00"] {
        assert_eq!(ask.get(path).await.brief(), "404 action_not_found", "{path}");
    }
    assert_eq!(ask.get("/ui/actions/ech%6F").await.json["actionId"], "echo");
}

async fn the_parameters_are_described_by_a_schema(app: TestApp) {
    let params =
        app.as_person(&people::administrator()).get("/ui/actions/user.update").await.json["params"].clone();
    assert_eq!(params["type"], "object");
    assert_eq!(params["required"], json!(["id", "name", "email"]));
    assert_eq!(members(&params["properties"]), ["id", "name", "email"]);
    assert_eq!(params["properties"]["id"]["format"], "uuid");
    let name = &params["properties"]["name"];
    assert_eq!((&name["minLength"], &name["maxLength"]), (&json!(1), &json!(100)));
    let slow =
        app.as_person(&people::nobody()).get("/ui/actions/diagnostics.slow").await.json["params"].clone();
    assert_eq!(slow["required"], json!(["ms"]));
}

async fn the_rate_of_a_limited_action_is_told(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    assert_eq!(ask.get("/ui/actions/diagnostics.limited").await.json["rateLimit"], "5/min");
    assert_eq!(ask.get("/ui/actions/echo").await.json["rateLimit"], Value::Null);
}

async fn entity_types_are_listed_by_name_to_whoever_may_look_at_them(app: TestApp) {
    let names = async |person: &Person| {
        let listed = entities(&app, person).await;
        listed.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&people::administrator()).await, ["Car", "Company", "Invoice", "InvoiceLine"]);
    assert_eq!(names(&people::viewer()).await, ["Car"]);
    assert_eq!(names(&people::nobody()).await, [""; 0]);
    assert_eq!(names(&people::nobody().permissions(&["New/Invoice", "Edit/Car"])).await, [""; 0]);
}

async fn an_entity_type_has_its_columns_in_order(app: TestApp) {
    let car = entities(&app, &people::viewer()).await.remove(0);
    assert_eq!(members(&car), ["name", "alias", "typeId", "key", "fields"]);
    assert_eq!((&car["name"], &car["key"]), (&json!("Car"), &json!("id")));
    assert!(car["typeId"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    let fields = car["fields"].as_array().unwrap();
    for field in fields {
        assert_eq!(members(field), ["name", "type", "required", "readable", "writable"]);
    }
    let flag =
        |field: &Value, name: &str| if field[name] == true { name.chars().next().unwrap() } else { '-' };
    let told: Vec<String> = fields
        .iter()
        .map(|it| {
            let flags: String = ["required", "writable"].iter().map(|name| flag(it, name)).collect();
            format!("{} {} {flags}", it["name"].as_str().unwrap(), it["type"].as_str().unwrap())
        })
        .collect();
    insta::allow_duplicates! {
        insta::assert_snapshot!(told.join("\n"), @r"
    id uuid --
    licensePlate text rw
    brand text rw
    model text rw
    year integer rw
    color text -w
    status text -w
    price decimal -w
    notes text -w
    version integer --
    createdAt timestamp --
    createdBy uuid --
    updatedAt timestamp --
    updatedBy uuid --
    ");
    }
    assert!(fields.iter().all(|it| it["readable"] == true));
}

async fn the_tenant_column_is_not_among_them(app: TestApp) {
    for entity in entities(&app, &people::administrator()).await {
        assert!(!entity.to_string().to_lowercase().contains("tenant"), "{entity}");
    }
}

async fn the_right_to_read_is_enough_to_see_an_entity_type(app: TestApp) {
    let listed = entities(&app, &people::nobody().permissions(&["read/invoice"])).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["name"], "Invoice");
}

async fn a_listing_is_the_same_on_every_call(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for path in ["/ui/actions", "/ui/entities"] {
        assert_eq!(ask.get(path).await.text, ask.get(path).await.text, "{path}");
    }
}

async fn a_listing_takes_no_parameters(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for path in ["/ui/actions?page=1", "/ui/actions/echo?full=true", "/ui/entities?name=Car"] {
        let answer = ask.get(path).await;
        assert_eq!(answer.brief(), "400 invalid_parameter", "{path}");
        assert!(told(&answer)[0].ends_with(" invalid_parameter"), "{path}");
    }
}
