//! `processWorkflow`, `listTransitions`, `workflowHistory` and `listWorkflows`.

use std::sync::Arc;

use action_tests::{Answer, Ask, TestApp, people};
use serde_json::{Value, json};

use crate::audit::hide_audit;
use crate::support::{
    CAR, COMPANY, EXECUTE, FOREIGN_CAR, NO_CAR, anonymous_text, at_once, audit, create, read, tally, told,
    update,
};

on_both_fleets!(
    of_two_transitions_at_once_one_is_made,
    a_transition_that_does_not_leave_the_state_is_refused_with_those_that_do,
    a_transition_that_is_declared_nowhere_is_refused_the_same_way,
    a_state_that_nothing_leaves_is_told_so,
    a_refusal_names_what_this_caller_may_do_instead,
    an_entity_without_a_workflow_refuses_every_transition,
    a_missing_role_is_403_before_anything_else_is_looked_at,
    the_right_is_asked_beside_the_role,
    a_missing_comment_is_400_on_the_comment,
    a_comment_has_two_thousand_characters_at_most,
    another_tenants_row_looks_missing,
    a_stale_version_is_a_conflict,
    the_parameters_are_checked_all_at_once,
    a_transition_answers_both_states_and_the_record,
    a_transition_from_any_state_leaves_all_but_its_own,
    a_transition_is_in_the_audit_with_before_and_after,
    a_transition_is_remembered_with_its_comment_and_maker,
    a_refused_transition_leaves_no_trace_but_its_record,
    a_transition_without_its_audit_row_is_none,
    an_entry_of_the_history_names_its_row_of_the_audit,
    a_repetition_with_a_key_is_made_and_remembered_once,
    the_history_is_a_readers_and_their_tenants,
    the_history_has_pages,
    the_transitions_of_a_record_are_listed_with_what_keeps_the_caller_from_them,
    the_listed_transitions_are_those_that_can_be_made,
    a_reader_without_the_right_is_told_that_none_is_allowed,
    the_state_changes_by_no_other_way,
    the_listing_draws_the_workflow,
    labels_are_in_the_callers_language,
);

async fn transition(ask: &Ask<'_>, id: &str, name: &str) -> Answer {
    ask.execute("processWorkflow", json!({ "entity": "Car", "id": id, "transition": name })).await
}

async fn with_comment(ask: &Ask<'_>, id: &str, name: &str, comment: &str) -> Answer {
    let params = json!({ "entity": "Car", "id": id, "transition": name, "comment": comment });
    ask.execute("processWorkflow", params).await
}

async fn listed(ask: &Ask<'_>, id: &str) -> Vec<Value> {
    let answer = ask.execute("listTransitions", json!({ "entity": "Car", "id": id })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.data()["transitions"].as_array().unwrap().clone()
}

async fn history(ask: &Ask<'_>, id: &str) -> Vec<Value> {
    let answer = ask.execute("workflowHistory", json!({ "entity": "Car", "id": id })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.data()["items"].as_array().unwrap().clone()
}

fn detail(answer: &Answer) -> &str {
    answer.json["detail"].as_str().unwrap()
}

async fn of_two_transitions_at_once_one_is_made(app: TestApp) {
    let app = Arc::new(app);
    let answers = at_once(&app, 16, &people::administrator(), |_, app, person| async move {
        transition(&app.as_person(&person), CAR, "check_out").await
    })
    .await;
    assert_eq!(tally(&answers), ["200 ×1", "409 transition_refused ×15"]);
    let ask = app.as_person(&people::administrator());
    assert_eq!(read(&ask, CAR).await["version"], 2);
    assert_eq!(history(&ask, CAR).await.len(), 1);
}

async fn a_transition_that_does_not_leave_the_state_is_refused_with_those_that_do(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = transition(&ask, CAR, "check_in").await;
    assert_eq!(answer.brief(), "409 transition_refused");
    assert_eq!(
        detail(&answer),
        "`check_in` does not leave `available`; allowed: `check_out`, `retire`, `report_stolen`"
    );
    assert_eq!(read(&ask, CAR).await["version"], 1);
}

async fn a_transition_that_is_declared_nowhere_is_refused_the_same_way(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = transition(&ask, CAR, "launch").await;
    assert_eq!(answer.brief(), "409 transition_refused");
    assert!(detail(&answer).ends_with("allowed: `check_out`, `retire`, `report_stolen`"), "{}", answer.text);
}

async fn a_state_that_nothing_leaves_is_told_so(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(transition(&ask, CAR, "report_stolen").await.status, 200);
    let answer = transition(&ask, CAR, "check_in").await;
    assert_eq!(answer.brief(), "409 transition_refused");
    assert_eq!(detail(&answer), "`check_in` does not leave `stolen`, and nothing does");
}

async fn a_refusal_names_what_this_caller_may_do_instead(app: TestApp) {
    let without_role = people::administrator().roles(&["Administrators"]);
    let answer = transition(&app.as_person(&without_role), CAR, "check_in").await;
    assert_eq!(answer.brief(), "409 transition_refused");
    assert_eq!(
        detail(&answer),
        "`check_in` does not leave `available`; allowed: `check_out`, `report_stolen`"
    );
}

async fn an_entity_without_a_workflow_refuses_every_transition(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let params = json!({ "entity": "Company", "id": COMPANY, "transition": "close" });
    let answer = ask.execute("processWorkflow", params).await;
    assert_eq!(answer.brief(), "409 transition_refused");
    assert_eq!(detail(&answer), "Company has no workflow");
}

async fn a_missing_role_is_403_before_anything_else_is_looked_at(app: TestApp) {
    let without_role = people::administrator().roles(&["Administrators"]);
    let ask = app.as_person(&without_role);
    for id in [CAR, NO_CAR] {
        let answer = with_comment(&ask, id, "retire", "It rusts").await;
        assert_eq!(answer.brief(), "403 permission_denied");
        assert_eq!(transition(&ask, id, "retire").await.brief(), "403 permission_denied");
    }
    assert_eq!(transition(&ask, CAR, "check_out").await.status, 200, "other transitions ask for no role");
}

async fn the_right_is_asked_beside_the_role(app: TestApp) {
    let role_only = people::fleet_manager().roles(&["Fleet managers", "admin"]);
    for person in [role_only, people::viewer(), people::nobody()] {
        let answer = with_comment(&app.as_person(&person), CAR, "retire", "It rusts").await;
        assert_eq!(answer.brief(), "403 permission_denied");
    }
    let with_claim = people::fleet_manager().claim("permissions", json!(["transition/car"]));
    assert_eq!(transition(&app.as_person(&with_claim), CAR, "check_out").await.status, 200);
}

async fn a_missing_comment_is_400_on_the_comment(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(told(&transition(&ask, CAR, "retire").await), ["comment required"]);
    for blank in ["", "  \n\t"] {
        assert_eq!(told(&with_comment(&ask, CAR, "retire", blank).await), ["comment required"]);
    }
    let null = json!({ "entity": "Car", "id": CAR, "transition": "retire", "comment": null });
    assert_eq!(told(&ask.execute("processWorkflow", null).await), ["comment required"]);
    assert_eq!(read(&ask, CAR).await["status"], "available");
    assert_eq!(with_comment(&ask, CAR, "retire", "It rusts").await.data()["to"], "retired");
}

async fn a_comment_has_two_thousand_characters_at_most(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = with_comment(&ask, CAR, "retire", &"é".repeat(2_001)).await;
    assert_eq!(told(&answer), ["comment too_long"]);
    let longest = "é".repeat(2_000);
    assert_eq!(with_comment(&ask, CAR, "retire", &longest).await.status, 200);
    assert_eq!(history(&ask, CAR).await[0]["comment"], longest);
}

async fn another_tenants_row_looks_missing(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for action in ["processWorkflow", "listTransitions", "workflowHistory"] {
        let mut params = json!({ "entity": "Car", "id": FOREIGN_CAR });
        if action == "processWorkflow" {
            params["transition"] = json!("check_out");
        }
        let foreign = ask.execute(action, params.clone()).await;
        params["id"] = json!(NO_CAR);
        let missing = ask.execute(action, params).await;
        assert_eq!(foreign.brief(), "404 not_found", "{action}");
        assert_eq!(anonymous_text(&foreign), anonymous_text(&missing), "{action}");
    }
    let theirs = app.as_person(&people::stranger());
    assert_eq!(transition(&theirs, FOREIGN_CAR, "check_out").await.status, 200);
}

async fn a_stale_version_is_a_conflict(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(update(&ask, CAR, json!({ "color": "red" })).await.status, 200);
    let at =
        |version: u32| json!({ "entity": "Car", "id": CAR, "transition": "check_out", "version": version });
    assert_eq!(ask.execute("processWorkflow", at(1)).await.brief(), "409 version_conflict");
    assert_eq!(ask.execute("processWorkflow", at(2)).await.data()["record"]["version"], 3);
}

async fn the_parameters_are_checked_all_at_once(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let wrong =
        json!({ "entity": "Car", "id": 7, "transition": "", "comment": 1, "version": 0, "force": true });
    let answer = ask.execute("processWorkflow", wrong).await;
    assert_eq!(answer.status, 400);
    assert_eq!(
        told(&answer),
        [
            "id wrong_type",
            "transition too_short",
            "comment wrong_type",
            "version out_of_range",
            "force unknown_field",
        ]
    );
    let none = ask.execute("processWorkflow", json!({ "entity": "Car" })).await;
    assert_eq!(told(&none), ["id required", "transition required"]);
    let unknown =
        ask.execute("processWorkflow", json!({ "entity": "Boat", "id": CAR, "transition": "x" })).await;
    assert_eq!(unknown.brief(), "404 not_found");
}

async fn a_transition_answers_both_states_and_the_record(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = transition(&ask, CAR, "check_out").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((&answer.data()["from"], &answer.data()["to"]), (&json!("available"), &json!("in_use")));
    assert_eq!(answer.data()["record"], read(&ask, CAR).await);
    assert_eq!(answer.data()["record"]["version"], 2);
    assert_eq!(answer.data()["record"]["updatedBy"], people::administrator().id());
    assert_eq!(answer.json["metadata"]["affectedRecords"], 1);
    let answer = transition(&ask, CAR, "check_in").await;
    assert_eq!((&answer.data()["from"], &answer.data()["to"]), (&json!("in_use"), &json!("available")));
}

async fn a_transition_from_any_state_leaves_all_but_its_own(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    assert_eq!(with_comment(&ask, CAR, "retire", "It rusts").await.status, 200);
    assert_eq!(transition(&ask, CAR, "report_stolen").await.data()["from"], "retired");
    assert_eq!(transition(&ask, CAR, "report_stolen").await.brief(), "409 transition_refused");
}

async fn a_transition_is_in_the_audit_with_before_and_after(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    transition(&ask, CAR, "check_out").await;
    let record = &audit(&ask, "?actionId=processWorkflow").await[0];
    assert_eq!(record["success"], true);
    assert_eq!(
        record["changedRecords"],
        json!([{ "entity": "Car", "id": CAR, "operation": "updated",
                 "before": { "status": "available" }, "after": { "status": "in_use" } }])
    );
}

async fn a_transition_is_remembered_with_its_comment_and_maker(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("x-request-id", "request-7");
    transition(&ask, CAR, "check_out").await;
    with_comment(&ask, CAR, "retire", "  It rusts ").await;
    let history = history(&ask, CAR).await;
    assert_eq!(history.len(), 2);
    let newest = &history[0];
    assert_eq!(
        (&newest["workflow"], &newest["transition"], &newest["from"], &newest["to"]),
        (&json!("car_status"), &json!("retire"), &json!("in_use"), &json!("retired"))
    );
    assert_eq!(newest["comment"], "It rusts");
    assert_eq!(newest["userId"], people::administrator().id());
    assert_eq!(newest["requestId"], "request-7");
    assert!(newest["createdAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!((&history[1]["transition"], &history[1]["comment"]), (&json!("check_out"), &Value::Null));
}

async fn a_refused_transition_leaves_no_trace_but_its_record(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    transition(&ask, CAR, "check_in").await;
    assert_eq!(history(&ask, CAR).await, Vec::<Value>::new());
    let record = &audit(&ask, "?actionId=processWorkflow").await[0];
    assert_eq!((&record["outcome"], &record["errorCode"]), (&json!("refused"), &json!("transition_refused")));
}

async fn a_transition_without_its_audit_row_is_none(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    hide_audit(&app, true).await;
    let answers = [
        transition(&ask, CAR, "check_out").await,
        transition(&ask.clone().header("idempotency-key", "k"), CAR, "check_out").await,
    ];
    hide_audit(&app, false).await;
    for answer in answers {
        assert!([500, 503].contains(&answer.status), "{}", answer.text);
    }
    assert_eq!(read(&ask, CAR).await["version"], 1);
    assert_eq!(history(&ask, CAR).await, Vec::<Value>::new());
    assert_eq!(transition(&ask.clone().header("idempotency-key", "k"), CAR, "check_out").await.status, 200);
}

async fn an_entry_of_the_history_names_its_row_of_the_audit(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("x-request-id", "the-same-twice");
    transition(&ask, CAR, "check_out").await;
    transition(&ask, CAR, "check_in").await;
    let rows = audit(&ask, "?actionId=processWorkflow").await;
    let history = history(&ask, CAR).await;
    assert_eq!((rows.len(), history.len()), (2, 2));
    for (row, entry) in rows.iter().zip(&history) {
        assert_eq!((&entry["auditId"], &entry["requestId"]), (&row["id"], &json!("the-same-twice")));
        assert_eq!(row["changedRecords"][0]["after"]["status"], entry["to"]);
    }
}

async fn a_repetition_with_a_key_is_made_and_remembered_once(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("idempotency-key", "k");
    let first = transition(&ask, CAR, "check_out").await;
    let again = transition(&ask, CAR, "check_out").await;
    assert_eq!((again.status, &again.text), (200, &first.text));
    let ask = app.as_person(&people::administrator());
    assert_eq!(history(&ask, CAR).await.len(), 1);
}

async fn the_history_is_a_readers_and_their_tenants(app: TestApp) {
    let theirs = app.as_person(&people::stranger());
    transition(&theirs, FOREIGN_CAR, "check_out").await;
    transition(&app.as_person(&people::administrator()), CAR, "check_out").await;
    assert_eq!(history(&app.as_person(&people::viewer()), CAR).await.len(), 1);
    assert_eq!(history(&theirs, FOREIGN_CAR).await.len(), 1);
    let nobody = app.as_person(&people::nobody());
    let answer = nobody.execute("workflowHistory", json!({ "entity": "Car", "id": CAR })).await;
    assert_eq!(answer.brief(), "403 permission_denied");
}

async fn the_history_has_pages(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    for name in ["check_out", "check_in", "check_out", "check_in", "check_out"] {
        assert_eq!(transition(&ask, CAR, name).await.status, 200);
    }
    let page =
        |limit: u32, offset: u32| json!({ "entity": "Car", "id": CAR, "limit": limit, "offset": offset });
    let all = history(&ask, CAR).await;
    let middle = ask.execute("workflowHistory", page(2, 1)).await;
    assert_eq!(middle.data()["items"], json!(all[1..3]));
    assert_eq!((&middle.data()["total"], &middle.data()["limit"]), (&json!(5), &json!(2)));
    let wrong = ask.execute("workflowHistory", page(201, 0)).await;
    assert_eq!(told(&wrong), ["limit out_of_range"]);
}

async fn the_transitions_of_a_record_are_listed_with_what_keeps_the_caller_from_them(app: TestApp) {
    let without_role = people::administrator().roles(&["Administrators"]);
    let listed = listed(&app.as_person(&without_role), CAR).await;
    assert_eq!(
        listed[0],
        json!({ "workflow": "car_status", "transition": "check_out", "label": "Check out", "from": "available",
                "to": "in_use", "commentRequired": false, "allowed": true })
    );
    assert_eq!(
        listed[1],
        json!({ "workflow": "car_status", "transition": "retire", "label": "Retire", "from": "available",
                "to": "retired", "commentRequired": true, "allowed": false,
                "reason": { "code": "permission_denied", "message": "you do not have permission for this" } })
    );
    let names: Vec<_> = listed.iter().map(|it| it["transition"].as_str().unwrap()).collect();
    assert_eq!(names, ["check_out", "retire", "report_stolen"]);
}

async fn the_listed_transitions_are_those_that_can_be_made(app: TestApp) {
    let admin = app.as_person(&people::administrator());
    let people = [people::administrator(), people::administrator().roles(&["Administrators"])];
    for (number, state) in ["available", "in_use", "stolen", "retired"].into_iter().enumerate() {
        for (who, person) in people.iter().enumerate() {
            for name in ["check_out", "check_in", "retire", "report_stolen"] {
                let car = create(&admin, crate::support::car(&format!("W{number}{who}{name}"))).await;
                let id = car.data()["id"].as_str().unwrap();
                match state {
                    "in_use" => transition(&admin, id, "check_out").await.status,
                    "stolen" => transition(&admin, id, "report_stolen").await.status,
                    "retired" => with_comment(&admin, id, "retire", "It rusts").await.status,
                    _ => 200,
                };
                let ask = app.as_person(person);
                let listed = listed(&ask, id).await;
                let allowed = listed.iter().any(|it| it["transition"] == name && it["allowed"] == true);
                let made = with_comment(&ask, id, name, "because").await;
                assert_eq!(made.status == 200, allowed, "{name} of {state}: {}", made.text);
            }
        }
    }
}

async fn a_reader_without_the_right_is_told_that_none_is_allowed(app: TestApp) {
    let listed = listed(&app.as_person(&people::viewer()), CAR).await;
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|it| it["allowed"] == false && it["reason"]["code"] == "permission_denied"));
}

async fn the_state_changes_by_no_other_way(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let answer = update(&ask, CAR, json!({ "status": "in_use" })).await;
    assert_eq!(told(&answer), ["values.status read_only"]);
    let made = create(&ask, crate::support::car_with("W-1", &json!({ "status": "in_use" }))).await;
    assert_eq!(told(&made), ["values.status read_only"]);
    let made = create(&ask, crate::support::car_with("W-1", &json!({ "status": "available" }))).await;
    assert_eq!(made.data()["status"], "available");
}

async fn workflows(ask: &Ask<'_>, entity: &str) -> Value {
    let answer = ask.execute("listWorkflows", json!({ "entity": entity })).await;
    answer.data()["workflows"].clone()
}

async fn the_listing_draws_the_workflow(app: TestApp) {
    let ask = app.as_person(&people::viewer());
    let workflow = &workflows(&ask, "Car").await[0];
    assert_eq!(workflow["name"], "car_status");
    assert_eq!((&workflow["field"], &workflow["initial"]), (&json!("status"), &json!("available")));
    assert_eq!(
        workflow["transitions"][2],
        json!({ "name": "retire", "label": "Retire", "from": ["available", "in_use"], "to": "retired",
                "commentRequired": true, "role": "admin" })
    );
    assert_eq!(
        workflow["transitions"][3]["from"],
        json!(["available", "in_use", "retired"]),
        "any state but its own"
    );
    assert_eq!(
        workflow["diagram"],
        "stateDiagram-v2\n    state \"Available\" as s0\n    state \"In use\" as s1\n    state \"Stolen\" as s2\n    \
         state \"Retired\" as s3\n    [*] --> s0\n    s0 --> s1: Check out\n    s1 --> s0: Check in\n    \
         s0 --> s3: Retire\n    s1 --> s3: Retire\n    s0 --> s2: Report stolen\n    s1 --> s2: Report stolen\n    \
         s3 --> s2: Report stolen\n"
    );
    let ask = app.as_person(&people::administrator());
    assert_eq!(workflows(&ask, "Company").await, json!([]));
}

async fn labels_are_in_the_callers_language(app: TestApp) {
    let ask = app.as_person(&people::administrator()).header("accept-language", "nl-BE");
    assert_eq!(workflows(&ask, "Car").await[0]["states"][1]["label"], "In gebruik");
    assert_eq!(listed(&ask, CAR).await[0]["label"], "Uitchecken");
    let answer =
        ask.post(EXECUTE, &json!({ "actionId": "listTransitions", "params": { "entity": "Car" } })).await;
    assert_eq!(told(&answer), ["id required"]);
}
