//! `POST /spark/actions/{objectTypeId}/{actionName}`: which rows an action is run on, and what it leaves.

use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::support::{CAR, FOREIGN_CAR, NO_CAR, OTHER_CAR, anonymous_text, audit, count, create, read, told};

/// Lines of acme's invoices.
const LINES: [&str; 2] = ["e0000000-0000-4000-8000-000000000001", "e0000000-0000-4000-8000-000000000002"];

on_both_fleets!(
    a_selected_car_is_copied_and_the_new_record_is_the_answer,
    in_a_detail_view_the_record_in_view_is_copied,
    a_note_is_added_below_the_earlier_ones,
    the_selected_lines_are_approved_in_one_call,
    the_number_of_selected_items_is_held_against_the_rule,
    a_parent_with_no_items_is_a_call_from_the_detail_view_where_the_action_is_shown_there,
    a_repeated_id_counts_once,
    more_than_two_hundred_items_are_too_many,
    one_row_that_is_not_there_or_not_the_callers_refuses_the_whole_call,
    a_row_of_another_tenant_is_byte_for_byte_like_a_missing_one,
    what_a_client_sends_about_a_row_is_not_taken_for_what_is_stored,
    a_parent_without_an_id_is_a_form_that_was_not_saved,
    a_parent_of_another_type_needs_the_right_to_read_that_type,
    without_the_right_an_action_is_refused_before_its_rows_are_looked_at,
    naming_a_row_needs_the_right_to_read_it,
    an_unknown_type_an_unknown_action_and_one_of_another_type_are_not_found,
    type_and_action_are_found_in_any_case_by_name_alias_or_id,
    an_empty_body_is_an_empty_object,
    every_mistake_of_a_body_is_told_at_once,
    parameters_are_checked_before_the_rows,
    a_repeated_key_copies_once,
    a_copy_that_collides_is_a_conflict_and_changes_nothing,
    every_attempt_is_audited_under_the_actions_own_id,
    an_answer_without_a_token_is_401_and_without_a_tenant_403,
);

async fn run(ask: &Ask<'_>, action: &str, body: Value) -> Answer {
    ask.post(&format!("/spark/actions/Car/{action}"), &body).await
}

fn items(ids: &[&str]) -> Value {
    json!({ "selectedItems": ids.iter().map(|it| json!({ "id": it })).collect::<Vec<_>>() })
}

fn parent(id: &str) -> Value {
    json!({ "parent": { "id": id } })
}

async fn a_selected_car_is_copied_and_the_new_record_is_the_answer(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let answer = run(&ask, "CarCopy", items(&[CAR])).await;
    let copy = answer.data();
    assert_eq!(
        (&copy["licensePlate"], &copy["brand"], &copy["version"]),
        (&json!("ACM-001 (copy)"), &json!("Toyota"), &json!(1))
    );
    assert_ne!(copy["id"], CAR);
    assert_eq!(copy["price"], json!(4731.25), "a decimal is a number");
    assert_eq!(answer.json["success"], true);
    assert_eq!(answer.json["metadata"]["affectedRecords"], 1);
    let effects = answer.json["effects"].as_array().unwrap();
    assert_eq!(effects[0]["type"], "notify");
    assert_eq!(effects[0]["message"], "Copied to ACM-001 (copy)");
    assert_eq!(effects[1], json!({ "type": "refresh", "scope": "query" }), "the configuration says so");
    assert_eq!(read(&ask, copy["id"].as_str().unwrap()).await["licensePlate"], "ACM-001 (copy)");
}

async fn in_a_detail_view_the_record_in_view_is_copied(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let answer = run(&ask, "CarCopy", parent(OTHER_CAR)).await;
    assert_eq!(answer.data()["licensePlate"], "ACM-002 (copy)");
    assert_eq!(answer.json["effects"][1], json!({ "type": "refresh", "scope": "record" }));
    // An item that is selected is meant before the record in view.
    let both = json!({ "parent": { "id": OTHER_CAR }, "selectedItems": [{ "id": CAR }] });
    assert_eq!(run(&ask, "CarCopy", both).await.data()["licensePlate"], "ACM-001 (copy)");
}

async fn a_note_is_added_below_the_earlier_ones(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    for text in ["first", "second"] {
        let body = json!({ "selectedItems": [{ "id": CAR }], "params": { "text": text } });
        let answer = run(&ask, "CarMakeNote", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.json.get("effects").is_none(), "the configuration asks for no refresh");
    }
    assert_eq!(read(&ask, CAR).await["notes"], "first\nsecond");
    let long = json!({ "selectedItems": [{ "id": CAR }], "params": { "text": "x".repeat(500) } });
    let mut last = run(&ask, "CarMakeNote", long.clone()).await;
    for _ in 0..19 {
        last = run(&ask, "CarMakeNote", long.clone()).await;
    }
    assert_eq!(
        (last.brief(), told(&last)),
        ("400 validation_failed".to_owned(), vec!["text too_long".to_owned()])
    );
}

async fn the_selected_lines_are_approved_in_one_call(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &items(&LINES)).await;
    assert_eq!(answer.json["metadata"]["affectedRecords"], 2, "{}", answer.text);
    let approved = json!({ "entity": "InvoiceLine", "filter": { "field": "approved", "operator": "eq", "value": true } });
    assert_eq!(ask.execute("executeQuery", approved).await.data()["total"], 2);
    let none = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &json!({})).await;
    assert_eq!(none.brief(), "400 selection_refused");
}

async fn the_number_of_selected_items_is_held_against_the_rule(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let third = "ca000000-0000-4000-8000-000000000003";
    let answer = run(&ask, "carcopy", items(&[CAR, OTHER_CAR, third])).await;
    assert_eq!(answer.brief(), "400 selection_refused");
    assert_eq!(answer.json["detail"], "`CarCopy` needs =1; 3 items were selected");
    for body in
        [json!({}), json!({ "parent": { "id": CAR }, "selectedItems": [{ "id": CAR }, { "id": OTHER_CAR }] })]
    {
        assert_eq!(run(&ask, "CarCopy", body).await.brief(), "400 selection_refused");
    }
    // The rule comes before any row is loaded.
    assert_eq!(run(&ask, "CarCopy", items(&[NO_CAR, FOREIGN_CAR])).await.brief(), "400 selection_refused");
    assert_eq!(count(&ask).await, 25);
}

async fn a_parent_with_no_items_is_a_call_from_the_detail_view_where_the_action_is_shown_there(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let line = json!({ "parent": { "id": LINES[0] }, "selectedItems": [] });
    let answer = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &line).await;
    assert_eq!(answer.brief(), "400 selection_refused", "it is shown on lists only");
    assert_eq!(answer.json["detail"], "`ApproveInvoiceLines` needs >0; 0 items were selected");
    assert_eq!(run(&ask, "CarReportStolen", items(&[CAR])).await.brief(), "400 selection_refused", "=0");
    assert_eq!(run(&ask, "CarReportStolen", parent(CAR)).await.status, 449);
}

async fn a_repeated_id_counts_once(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let shouted = CAR.to_uppercase();
    assert_eq!(run(&ask, "CarCopy", items(&[CAR, CAR, &shouted])).await.status, 200);
    assert_eq!(count(&ask).await, 26);
}

async fn more_than_two_hundred_items_are_too_many(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let ids: Vec<String> = (0..201).map(|it| format!("e0000000-0000-4000-8000-{it:012}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let answer = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &items(&ids)).await;
    assert_eq!(answer.brief(), "400 too_many_selected");
    let answer = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &items(&ids[..200])).await;
    assert_eq!(answer.brief(), "404 not_found");
}

async fn one_row_that_is_not_there_or_not_the_callers_refuses_the_whole_call(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let foreign = "e0000000-0000-4000-8000-000000000007";
    for other in [foreign, NO_CAR, "no-uuid", ""] {
        let lines = items(&[LINES[0], other]);
        let answer = ask.post("/spark/actions/InvoiceLine/ApproveInvoiceLines", &lines).await;
        assert_eq!(answer.brief(), "404 not_found", "{other}");
    }
    for id in [json!(7), json!(true), json!([]), json!({ "id": CAR })] {
        let malformed = json!({ "selectedItems": [{ "id": id }] });
        assert_eq!(run(&ask, "CarCopy", malformed).await.brief(), "404 not_found", "{id}");
    }
    assert_eq!(run(&ask, "CarCopy", parent(FOREIGN_CAR)).await.brief(), "404 not_found");
    let approved = json!({ "entity": "InvoiceLine", "filter": { "field": "approved", "operator": "eq", "value": true } });
    assert_eq!(ask.execute("executeQuery", approved).await.data()["total"], 0);
}

async fn a_row_of_another_tenant_is_byte_for_byte_like_a_missing_one(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let foreign = run(&ask, "CarCopy", items(&[FOREIGN_CAR])).await;
    let missing = run(&ask, "CarCopy", items(&[NO_CAR])).await;
    assert_eq!((foreign.status, anonymous_text(&foreign)), (404, anonymous_text(&missing)));
}

async fn what_a_client_sends_about_a_row_is_not_taken_for_what_is_stored(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let body = json!({ "selectedItems": [{
        "id": CAR, "name": "Truck", "objectTypeId": NO_CAR, "breadcrumb": "kept by the client",
        "attributes": [{ "name": "licensePlate", "value": "FORGED", "isDirty": true }],
    }] });
    assert_eq!(run(&ask, "CarCopy", body).await.data()["licensePlate"], "ACM-001 (copy)");
}

async fn a_parent_without_an_id_is_a_form_that_was_not_saved(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let form = json!({ "parent": { "attributes": [{ "name": "licensePlate", "value": "NEW-1" }] } });
    // For the rule it is a parent; there is no row to copy.
    let answer = run(&ask, "CarCopy", form).await;
    assert_eq!((answer.brief(), count(&ask).await), ("400 selection_refused".to_owned(), 25));
    // Beside a selected row it is nothing but a form.
    let beside = json!({ "parent": { "attributes": [] }, "selectedItems": [{ "id": CAR }] });
    assert_eq!(run(&ask, "CarCopy", beside).await.status, 200);
}

async fn a_parent_of_another_type_needs_the_right_to_read_that_type(app: TestApp) {
    let company = "c0000000-0000-4000-8000-000000000001";
    let body = |named: Value| {
        let mut parent = json!({ "id": company });
        parent.as_object_mut().unwrap().extend(named.as_object().unwrap().clone());
        json!({ "parent": parent, "selectedItems": [{ "id": CAR }] })
    };
    let manager = app.as_person(&people::fleet_manager());
    let administrator = app.as_person(&people::administrator());
    let named = json!({ "name": "Company" });
    assert_eq!(run(&manager, "CarCopy", body(named.clone())).await.brief(), "403 permission_denied");
    assert_eq!(run(&administrator, "CarCopy", body(named)).await.status, 200);
    // Its type is `objectTypeId`, else `name`, else the route's.
    let wrong_id = json!({ "objectTypeId": "Invoice", "name": "Company" });
    assert_eq!(run(&administrator, "CarCopy", body(wrong_id)).await.brief(), "404 not_found");
    assert_eq!(run(&administrator, "CarCopy", body(json!({}))).await.brief(), "404 not_found", "no car");
    assert_eq!(
        run(&administrator, "CarCopy", body(json!({ "name": "Ghost" }))).await.brief(),
        "404 not_found"
    );
}

async fn without_the_right_an_action_is_refused_before_its_rows_are_looked_at(app: TestApp) {
    let viewer = app.as_person(&people::viewer());
    for body in [items(&[CAR]), items(&[NO_CAR]), items(&[]), items(&["x", "y"])] {
        assert_eq!(run(&viewer, "CarCopy", body).await.brief(), "403 permission_denied");
    }
    let holder = app.as_person(&people::viewer().permissions(&["carcopy/car"]));
    assert_eq!(run(&holder, "CarCopy", items(&[CAR])).await.status, 200);
}

async fn naming_a_row_needs_the_right_to_read_it(app: TestApp) {
    let blind = app.as_person(&people::nobody().permissions(&["CarCopy/Car"]));
    assert_eq!(run(&blind, "CarCopy", items(&[CAR])).await.brief(), "403 permission_denied");
    assert_eq!(
        run(&blind, "CarCopy", items(&[CAR, OTHER_CAR])).await.brief(),
        "403 permission_denied",
        "before the rule"
    );
    assert_eq!(run(&blind, "CarCopy", json!({})).await.brief(), "400 selection_refused", "no row is named");
}

async fn an_unknown_type_an_unknown_action_and_one_of_another_type_are_not_found(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for (path, expected) in [
        ("/spark/actions/Ghost/CarCopy", "404 not_found"),
        ("/spark/actions/Car/Ghost", "404 action_not_found"),
        ("/spark/actions/Company/CarCopy", "404 action_not_found"),
        ("/spark/actions/Car/echo", "404 action_not_found"),
        ("/spark/actions/Car/CarCopy/more", "404 not_found"),
        ("/spark/actions/%FF/CarCopy", "404 not_found"),
    ] {
        assert_eq!(ask.post(path, &json!({})).await.brief(), expected, "{path}");
    }
    assert_eq!(ask.execute("CarCopy", json!({})).await.brief(), "404 action_not_found");
    let put = ask.send(axum::http::Method::PUT, "/spark/actions/Car/CarCopy", "").await;
    assert_eq!((put.brief().as_str(), put.header("allow")), ("405 method_not_allowed", Some("POST")));
}

async fn type_and_action_are_found_in_any_case_by_name_alias_or_id(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let entities = ask.get("/ui/entities").await.json;
    let car = entities.as_array().unwrap().iter().find(|it| it["name"] == "Car").unwrap().clone();
    let type_id = car["typeId"].as_str().unwrap().to_uppercase();
    for (number, path) in
        ["CAR/carcopy", "car/CarCopyAction", "Car/carcopyaction", &format!("{type_id}/CARCOPY")]
            .into_iter()
            .enumerate()
    {
        let plate = format!("T-{number}");
        let made = create(&ask, crate::support::car(&plate)).await.data()["id"].clone();
        let body = json!({ "selectedItems": [{ "id": made }] });
        let answer = ask.post(&format!("/spark/actions/{path}"), &body).await;
        assert_eq!(answer.data()["licensePlate"], format!("{plate} (copy)"), "{path}");
    }
}

async fn an_empty_body_is_an_empty_object(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let path = "/spark/actions/Car/CarCopy";
    let nothing = ask.send(axum::http::Method::POST, path, axum::body::Body::empty()).await;
    assert_eq!(nothing.brief(), "400 selection_refused");
    let json = ask.clone().header("content-type", "application/json");
    assert_eq!(json.send(axum::http::Method::POST, path, "").await.brief(), "400 selection_refused");
    let form = ask.clone().header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.send(axum::http::Method::POST, path, "").await.brief(), "400 selection_refused");
    let nulls = json!({ "parent": null, "selectedItems": null, "params": null, "retryResults": null });
    assert_eq!(ask.post(path, &nulls).await.brief(), "400 selection_refused");
    let text = ask.clone().header("content-type", "text/plain");
    assert_eq!(text.send(axum::http::Method::POST, path, "{}").await.brief(), "415 unsupported_media_type");
    assert_eq!(ask.send(axum::http::Method::POST, path, "{}").await.brief(), "415 unsupported_media_type");
    assert_eq!(json.send(axum::http::Method::POST, path, "[]").await.brief(), "400 malformed_json");
    let large = format!(r#"{{"params":{{"text":"{}"}}}}"#, "x".repeat(1024 * 1024));
    assert_eq!(json.send(axum::http::Method::POST, path, large).await.brief(), "413 payload_too_large");
}

async fn every_mistake_of_a_body_is_told_at_once(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let body = json!({
        "parent": { "id": {}, "name": 5, "attributes": [{ "value": 1 }, 7, { "name": "a" }, { "name": "a" }] },
        "selectedItems": [{}, "x", { "id": true, "attributes": {} }],
        "params": [],
        "retryResults": [{ "step": -1, "persistentObject": [] }],
        "actionId": "CarCopy",
    });
    let answer = run(&ask, "CarCopy", body).await;
    assert_eq!(answer.brief(), "400 validation_failed");
    assert_eq!(
        told(&answer),
        [
            "parent.attributes[0].name required",
            "parent.attributes[1] wrong_type",
            "parent.attributes[3].name duplicate",
            "parent.name wrong_type",
            "selectedItems[0].id required",
            "selectedItems[1] wrong_type",
            "selectedItems[2].attributes wrong_type",
            "params wrong_type",
            "retryResults[0].step wrong_type",
            "retryResults[0].option required",
            "retryResults[0].persistentObject wrong_type",
            "actionId unknown_field",
        ]
    );
    let unknown = run(&ask, "CarCopy", json!({ "context": {} })).await;
    assert_eq!(unknown.brief(), "400 unknown_field");
}

async fn parameters_are_checked_before_the_rows(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let note = |params: Value| json!({ "selectedItems": [{ "id": NO_CAR }], "params": params });
    let answer = run(&ask, "CarMakeNote", note(json!({ "txt": "x" }))).await;
    assert_eq!(told(&answer), ["text required", "txt unknown_field"]);
    assert_eq!(told(&run(&ask, "CarMakeNote", note(json!({ "text": "" }))).await), ["text too_short"]);
    assert_eq!(
        told(&run(&ask, "CarMakeNote", note(json!({ "text": "x".repeat(501) }))).await),
        ["text too_long"]
    );
    assert_eq!(run(&ask, "CarMakeNote", note(json!({ "text": "x" }))).await.brief(), "404 not_found");
    let none_taken = json!({ "selectedItems": [{ "id": CAR }], "params": { "a": 1 } });
    assert_eq!(run(&ask, "CarCopy", none_taken).await.brief(), "400 unknown_field");
}

async fn a_repeated_key_copies_once(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager()).header("idempotency-key", "copy-1");
    let first = run(&ask, "CarCopy", items(&[CAR])).await;
    let again = run(&ask, "CarCopy", items(&[CAR])).await;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(run(&ask, "CarCopy", items(&[OTHER_CAR])).await.brief(), "422 idempotency_key_reused");
    assert_eq!(count(&app.as_person(&people::fleet_manager())).await, 26);
}

async fn a_copy_that_collides_is_a_conflict_and_changes_nothing(app: TestApp) {
    let ask = app.as_person(&people::fleet_manager());
    let long = create(&ask, crate::support::car("A plate of 14")).await.data()["id"].clone();
    let answer = run(&ask, "CarCopy", json!({ "selectedItems": [{ "id": long }] })).await;
    assert_eq!(answer.status, 200, "20 characters are the most: {}", answer.text);
    let answer = run(&ask, "CarCopy", json!({ "selectedItems": [{ "id": answer.data()["id"] }] })).await;
    assert_eq!(
        (answer.brief(), told(&answer)),
        ("400 validation_failed".to_owned(), vec!["licensePlate too_long".to_owned()])
    );
    assert_eq!(run(&ask, "CarCopy", items(&[CAR])).await.status, 200);
    assert_eq!(run(&ask, "CarCopy", items(&[CAR])).await.brief(), "409 conflict");
    assert_eq!(count(&ask).await, 28);
}

async fn every_attempt_is_audited_under_the_actions_own_id(app: TestApp) {
    let manager = app.as_person(&people::fleet_manager());
    assert_eq!(run(&app.as_person(&people::viewer()), "carcopy", items(&[CAR])).await.status, 403);
    assert_eq!(run(&manager, "carcopy", items(&[])).await.status, 400);
    assert_eq!(run(&manager, "carcopy", items(&[CAR])).await.status, 200);
    let administrator = app.as_person(&people::administrator());
    let rows = audit(&administrator, "?actionId=CarCopy/Car").await;
    let seen: Vec<_> =
        rows.iter().map(|it| (it["outcome"].as_str().unwrap(), it["errorCode"].as_str())).collect();
    assert_eq!(
        seen,
        [("succeeded", None), ("refused", Some("selection_refused")), ("refused", Some("permission_denied"))]
    );
    let change = &rows[0]["changedRecords"][0];
    assert_eq!((&change["entity"], &change["operation"]), (&json!("Car"), &json!("created")));
    assert_eq!(change["after"]["licensePlate"], "ACM-001 (copy)");
}

async fn an_answer_without_a_token_is_401_and_without_a_tenant_403(app: TestApp) {
    let anonymous = app.anonymous();
    assert_eq!(run(&anonymous, "CarCopy", items(&[CAR])).await.brief(), "401 unauthenticated");
    assert_eq!(run(&anonymous, "Ghost", json!({})).await.brief(), "401 unauthenticated");
    let homeless = app.as_person(&people::administrator().without("tenant_id"));
    assert_eq!(run(&homeless, "CarCopy", items(&[CAR])).await.brief(), "403 tenant_required");
}
