//! Buttons on the rows of a host's table: the fleet's potholes, whose two actions are functions on PostgreSQL and handlers
//! in Rust on SQLite, with equal answers.

use std::sync::Arc;

use action_core::entity_actions::{EntityCall, EntityFunction};
use action_core::{ActionContext, ActionResult};
use action_tests::{Answer, Ask, Person, TestApp, people, statements};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{audit, tally, told};

on_both_fleets!(
    the_buttons_of_a_row_say_what_they_are_and_whether_they_can_be_clicked,
    a_hidden_button_is_shown_to_administrators_who_ask,
    a_row_that_is_not_there_has_no_buttons,
    many_rows_are_judged_alike_and_by_few_statements,
    an_approval_changes_the_row_and_says_what_to_do_next,
    a_function_decides_where_to_go_and_whether_to_load_again,
    what_does_not_show_or_cannot_be_clicked_does_not_run,
    only_those_run_it_whom_it_is_granted_to,
    another_spelling_of_a_function_is_protected_as_well,
    another_tenants_rows_look_missing,
    keys_come_as_text_or_number_and_others_are_refused,
    of_two_that_approve_at_once_one_does,
    the_seeds_own_call_answers_as_its_client_expects,
    a_run_is_audited_and_repeated_once_by_its_key,
    the_view_is_read_in_postgrests_spelling,
    a_condition_that_is_none_hides_or_disables,
    parameters_are_checked_before_anything_runs,
    a_value_is_one_of_those_that_a_function_lists,
    who_sends_no_credential_runs_what_is_granted_to_the_role_anonymous,
);

pub(crate) const ISSUES: &str = "/entity-actions/issues";
pub(crate) const DEFINITIONS: &str = "/entity-actions/definitions";

/// May decide about potholes.
pub(crate) fn editor() -> Person {
    Person::new(6).tenant("11111111-1111-4111-8111-111111111111").roles(&["editor"])
}

pub(crate) async fn run(ask: &Ask<'_>, action: &str, id: impl Into<Value>) -> Answer {
    ask.post(&format!("{ISSUES}/{action}"), &json!({ "entity_id": id.into() })).await
}

fn named<'a>(buttons: &'a Value, name: &str) -> &'a Value {
    buttons.as_array().unwrap().iter().find(|it| it["action_name"] == name).unwrap()
}

async fn the_buttons_of_a_row_say_what_they_are_and_whether_they_can_be_clicked(app: TestApp) {
    let ask = app.as_person(&editor());
    let pending = ask.get(&format!("{ISSUES}/1")).await;
    assert_eq!(pending.status, 200, "{}", pending.text);
    let names: Vec<&Value> = pending.json.as_array().unwrap().iter().map(|it| &it["action_name"]).collect();
    assert_eq!(names, ["approve_fix", "reject_fix"], "by their order");
    let approve = named(&pending.json, "approve_fix");
    assert_eq!(
        (&approve["visible"], &approve["enabled"], &approve["reasons"]),
        (&json!(true), &json!(true), &json!([]))
    );
    assert_eq!(approve["tooltip"], "Approve the repair of this pothole");
    assert_eq!((&approve["button_style"], &approve["sort_order"]), (&json!("success"), &json!(10)));
    assert_eq!(approve["parameters"], json!([]));
    // 7 is approved: nothing to approve, and too late to reject.
    let approved = ask.get(&format!("{ISSUES}/7")).await.json;
    assert_eq!(approved.as_array().unwrap().len(), 1);
    let reject = named(&approved, "reject_fix");
    assert_eq!((&reject["visible"], &reject["enabled"]), (&json!(true), &json!(false)));
    assert_eq!(reject["tooltip"], "Only pending potholes can be rejected");
    assert_eq!(
        reject["reasons"],
        json!([{ "code": "disabled_condition", "message": "Only pending potholes can be rejected" }])
    );
}

async fn a_hidden_button_is_shown_to_administrators_who_ask(app: TestApp) {
    let path = format!("{ISSUES}/7?include=hidden");
    let all = app.as_person(&people::administrator()).get(&path).await.json;
    let hidden = named(&all, "approve_fix");
    assert_eq!(hidden["visible"], false);
    assert_eq!(hidden["reasons"][0]["code"], "visibility_condition");
    assert_eq!(app.as_person(&editor()).get(&path).await.brief(), "403 permission_denied");
    let unknown = app.as_person(&editor()).get(&format!("{ISSUES}/7?include=all")).await;
    assert_eq!(unknown.brief(), "400 invalid_parameter");
    // Who may not run it does not see it.
    let nobody = app.as_person(&people::nobody()).get(&format!("{ISSUES}/1")).await;
    assert_eq!(nobody.json, json!([]));
}

async fn a_row_that_is_not_there_has_no_buttons(app: TestApp) {
    let ask = app.as_person(&editor());
    for path in [
        format!("{ISSUES}/99"),
        format!("{ISSUES}/x"),
        format!("{ISSUES}/1%27%20OR%201=1"),
        "/entity-actions/cars/1".to_owned(),
        "/entity-actions/nothing/1".to_owned(),
        "/entity-actions/issues%22;DROP/1".to_owned(),
    ] {
        assert_eq!(ask.get(&path).await.brief(), "404 not_found", "{path}");
    }
    assert_eq!(app.anonymous().get(&format!("{ISSUES}/1")).await.brief(), "401 unauthenticated");
}

async fn many_rows_are_judged_alike_and_by_few_statements(app: TestApp) {
    let ask = app.as_person(&editor());
    let path = format!("{ISSUES}/availability");
    let ids: Vec<u32> = (1..=12).chain([99]).collect();
    let (answer, sent) = statements::counted(ask.post(&path, &json!({ "ids": ids }))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(sent <= 4, "{sent} statements");
    let rows = answer.json.as_object().unwrap();
    assert_eq!(rows.len(), 12, "99 is left out");
    for id in 1..=12 {
        let buttons = ask.get(&format!("{ISSUES}/{id}")).await.json;
        let buttons: Vec<(Value, Value)> = buttons
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["action_name"].clone(), it["enabled"].clone()))
            .collect();
        let listed: Vec<(Value, Value)> = rows[&id.to_string()]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["visible"] == true)
            .map(|it| (it["action_name"].clone(), it["enabled"].clone()))
            .collect();
        assert_eq!(buttons, listed, "{id}");
    }
    let (_, few) = statements::counted(ask.post(&path, &json!({ "ids": [1] }))).await;
    assert_eq!(few, sent);
    assert_eq!(ask.post(&path, &json!({ "ids": [] })).await.json, json!({}));
    let repeated = ask.post(&path, &json!({ "ids": [1, "1"] })).await;
    assert_eq!(repeated.json.as_object().unwrap().len(), 1);
    assert_eq!(told(&ask.post(&path, &json!({ "ids": [1, "x"] })).await), ["ids[1] wrong_type"]);
    assert_eq!(told(&ask.post(&path, &json!({ "ids": vec![1; 501] })).await), ["ids too_many"]);
    assert_eq!(told(&ask.post(&path, &json!({})).await), ["ids required"]);
    assert_eq!(told(&ask.post(&path, &json!({ "ids": [], "x": 1 })).await), ["x unknown_field"]);
    let nobody = app.as_person(&people::nobody()).post(&path, &json!({ "ids": [1] })).await;
    assert_eq!(nobody.json, json!({ "1": [] }));
}

async fn an_approval_changes_the_row_and_says_what_to_do_next(app: TestApp) {
    let ask = app.as_person(&editor());
    let approved = run(&ask, "approve_fix", 1).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    assert_eq!(
        approved.json,
        json!({ "success": true, "message": "Pothole \"Main Street\" approved successfully!", "refresh": true })
    );
    let buttons = ask.get(&format!("{ISSUES}/1")).await.json;
    assert_eq!(buttons.as_array().unwrap().len(), 1, "approve is gone");
}

async fn a_function_decides_where_to_go_and_whether_to_load_again(app: TestApp) {
    let rejected = run(&app.as_person(&people::administrator()), "reject_fix", "2").await;
    let expected = json!({
        "success": true, "message": "Pothole rejected", "navigate_to": "/view/issues", "refresh": false,
    });
    assert_eq!(rejected.json, expected);
}

async fn what_does_not_show_or_cannot_be_clicked_does_not_run(app: TestApp) {
    let ask = app.as_person(&editor());
    let hidden = run(&ask, "approve_fix", 7).await;
    assert_eq!(hidden.brief(), "409 not_available");
    let codes: Vec<&Value> = hidden.json["errors"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["visibility_condition", "disabled_condition"]);
    let disabled = run(&ask, "approve_fix", 10).await;
    assert_eq!(disabled.brief(), "409 not_available");
    assert_eq!(disabled.json["detail"], "Only pending potholes can be approved");
    assert_eq!(run(&ask, "nothing", 1).await.brief(), "404 action_not_found");
    assert_eq!(run(&ask, "approve_fix", 99).await.brief(), "404 not_found");
    assert_eq!(ask.post("/entity-actions/cars/approve_fix", &json!({ "entity_id": 1 })).await.status, 404);
}

async fn only_those_run_it_whom_it_is_granted_to(app: TestApp) {
    for (person, expected) in [
        (people::nobody(), "403 permission_denied"),
        (people::viewer(), "403 permission_denied"),
        // Neither a display name nor another case is the key.
        (people::nobody().roles(&["Editor"]), "403 permission_denied"),
        (editor(), "200"),
    ] {
        assert_eq!(run(&app.as_person(&person), "approve_fix", 1).await.brief(), expected);
    }
    assert_eq!(run(&app.anonymous(), "approve_fix", 2).await.brief(), "401 unauthenticated");
    let without_tenant = Person::new(7).roles(&["editor"]);
    assert_eq!(run(&app.as_person(&without_tenant), "approve_fix", 2).await.brief(), "403 tenant_required");
}

async fn another_spelling_of_a_function_is_protected_as_well(app: TestApp) {
    let script = if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        "UPDATE metadata.entity_actions SET rpc_function = 'public.approve_pothole_fix' WHERE id = 1"
    } else {
        "UPDATE metadata_entity_actions SET rpc_function = 'public.approve_pothole_fix' WHERE id = 1"
    };
    app.parts().storage.run_script(script).await.unwrap();
    assert_eq!(
        run(&app.as_person(&people::nobody()), "approve_fix", 1).await.brief(),
        "403 permission_denied"
    );
    // On SQLite there is no function of this name; that is after the question who may.
    assert_ne!(run(&app.as_person(&editor()), "approve_fix", 1).await.status, 403);
}

async fn another_tenants_rows_look_missing(app: TestApp) {
    let ask = app.as_person(&people::stranger());
    assert_eq!(ask.get(&format!("{ISSUES}/1")).await.brief(), "404 not_found");
    assert_eq!(run(&ask, "approve_fix", 1).await.brief(), "404 not_found");
    let listed = ask.post(&format!("{ISSUES}/availability"), &json!({ "ids": [1, 2] })).await;
    assert_eq!(listed.json, json!({}));
    let called = ask.post("/rpc/approve_pothole_fix", &json!({ "p_entity_id": 1 })).await;
    assert_eq!(called.brief(), "404 not_found");
    let bulk = json!({ "entity_ids": [1], "mode": "independent" });
    let bulk = ask.post(&format!("{ISSUES}/approve_fix/bulk"), &bulk).await;
    assert_eq!(bulk.json["results"][0]["code"], "not_found");
}

async fn keys_come_as_text_or_number_and_others_are_refused(app: TestApp) {
    let ask = app.as_person(&editor());
    assert_eq!(run(&ask, "approve_fix", "1").await.status, 200);
    for wrong in [
        json!("x"),
        json!(1.5),
        json!([1]),
        json!({}),
        json!(true),
        json!("1; DROP TABLE issues"),
        json!(null),
    ] {
        assert_eq!(told(&run(&ask, "approve_fix", wrong.clone()).await), ["entity_id wrong_type"], "{wrong}");
    }
    let path = format!("{ISSUES}/approve_fix");
    assert_eq!(told(&ask.post(&path, &json!({})).await), ["entity_id required"]);
    let unknown = json!({ "entity_id": 2, "table_name": "cars" });
    assert_eq!(told(&ask.post(&path, &unknown).await), ["table_name unknown_field"]);
    assert_eq!(told(&ask.post(&path, &json!({ "entity_id": 2, "x": 1 })).await), ["x unknown_field"]);
    assert_eq!(told(&ask.post(&path, &json!({ "entity_id": 2, "params": 1 })).await), ["params wrong_type"]);
}

async fn of_two_that_approve_at_once_one_does(app: TestApp) {
    let app = Arc::new(app);
    let mut runs = JoinSet::new();
    for _ in 0..8 {
        let app = Arc::clone(&app);
        runs.spawn(async move { run(&app.as_person(&editor()), "approve_fix", 3).await });
    }
    assert_eq!(tally(&runs.join_all().await), ["200 ×1", "409 not_available ×7"]);
}

async fn the_seeds_own_call_answers_as_its_client_expects(app: TestApp) {
    let ask = app.as_person(&editor());
    let call = async |id: u32| ask.post("/rpc/approve_pothole_fix", &json!({ "p_entity_id": id })).await;
    let approved = call(1).await;
    assert_eq!(approved.status, 200, "{}", approved.text);
    assert_eq!(approved.json["message"], "Pothole \"Main Street\" approved successfully!");
    assert_eq!(call(1).await.brief(), "409 not_available", "a call past the list is judged too");
    assert_eq!(call(99).await.brief(), "404 not_found");
    let unknown = ask.post("/rpc/pg_sleep", &json!({ "p_entity_id": 1 })).await;
    assert_eq!(unknown.brief(), "404 action_not_found", "only functions that a definition names");
    assert_eq!(told(&ask.post("/rpc/approve_pothole_fix", &json!({})).await), ["p_entity_id required"]);
    assert_eq!(ask.post("/rpc/pg_sleep", &json!({})).await.brief(), "404 action_not_found");
    let more = json!({ "p_entity_id": 2, "p_more": 1 });
    assert_eq!(told(&ask.post("/rpc/approve_pothole_fix", &more).await), ["p_more unknown_field"]);
    let nobody = app.as_person(&people::nobody());
    let refused = nobody.post("/rpc/approve_pothole_fix", &json!({ "p_entity_id": 2 })).await;
    assert_eq!(refused.brief(), "403 permission_denied");
}

async fn a_run_is_audited_and_repeated_once_by_its_key(app: TestApp) {
    let ask = app.as_person(&editor()).header("idempotency-key", "approve-1");
    assert_eq!(run(&ask, "approve_fix", 1).await.status, 200);
    let again = run(&ask, "approve_fix", 1).await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(run(&ask, "approve_fix", 2).await.status, 422);
    let refused = run(&app.as_person(&editor()), "approve_fix", 1).await;
    assert_eq!(refused.brief(), "409 not_available");
    let rows = audit(&app.as_person(&people::administrator()), "?actionId=issues.approve_fix").await;
    let own: Vec<&Value> = rows.iter().filter(|it| it["actionId"] == "issues.approve_fix").collect();
    let outcomes: Vec<&Value> = own.iter().map(|it| &it["outcome"]).collect();
    assert!(outcomes.contains(&&json!("succeeded")) && outcomes.contains(&&json!("refused")), "{outcomes:?}");
    assert!(own.iter().any(|it| it["params"].to_string().contains("approve_fix")), "{own:?}");
}

async fn the_view_is_read_in_postgrests_spelling(app: TestApp) {
    let ask = app.as_person(&people::nobody());
    let rows = ask.get("/schema_entity_actions?table_name=eq.issues&order=sort_order.asc").await;
    assert_eq!(rows.status, 200, "{}", rows.text);
    let rows = rows.json.as_array().unwrap().clone();
    assert_eq!(
        (&rows[0]["action_name"], &rows[1]["action_name"]),
        (&json!("approve_fix"), &json!("reject_fix"))
    );
    assert_eq!(
        (&rows[0]["can_execute"], &rows[0]["confirmation_message"]),
        (&json!(false), &json!("Are you sure you want to approve this pothole repair?"))
    );
    let mine = app
        .as_person(&editor())
        .get("/schema_entity_actions?can_execute=eq.true&order=id.desc&limit=1")
        .await;
    assert_eq!(mine.json[0]["action_name"], "reject_fix");
    assert_eq!(ask.get("/schema_entity_actions?table_name=eq.none").await.json, json!([]));
    assert_eq!(ask.get("/schema_entity_actions?table_name=issues").await.brief(), "400 invalid_parameter");
}

async fn a_condition_that_is_none_hides_or_disables(app: TestApp) {
    let table = if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        "UPDATE metadata.entity_actions SET visibility_condition = '{\"field\": \"status\"}' WHERE action_name = 'approve_fix';
         UPDATE metadata.entity_actions SET disabled_condition = '[]' WHERE action_name = 'reject_fix'"
    } else {
        "UPDATE metadata_entity_actions SET visibility_condition = '{\"field\": \"status\"}' WHERE action_name = 'approve_fix';
         UPDATE metadata_entity_actions SET disabled_condition = '[]' WHERE action_name = 'reject_fix'"
    };
    app.parts().storage.run_script(table).await.unwrap();
    let ask = app.as_person(&editor());
    let buttons = ask.get(&format!("{ISSUES}/1")).await.json;
    assert_eq!(buttons.as_array().unwrap().len(), 1, "{buttons}");
    assert_eq!(buttons[0]["enabled"], false);
    assert_eq!(buttons[0]["reasons"][0]["code"], "invalid_condition");
    for action in ["approve_fix", "reject_fix"] {
        assert_eq!(run(&ask, action, 1).await.brief(), "409 not_available");
    }
    // A parameter that is none hides its action.
    let parameter = if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        "UPDATE metadata.entity_actions SET disabled_condition = NULL WHERE action_name = 'reject_fix';
         INSERT INTO metadata.entity_action_params (entity_action_id, param_name, display_name, param_type)
         VALUES (2, 'p_entity_id', 'Key', 'number')"
    } else {
        "UPDATE metadata_entity_actions SET disabled_condition = NULL WHERE action_name = 'reject_fix';
         INSERT INTO metadata_entity_action_params (entity_action_id, param_name, display_name, param_type)
         VALUES (2, 'p_entity_id', 'Key', 'number')"
    };
    app.parts().storage.run_script(parameter).await.unwrap();
    let all = app.as_person(&people::administrator()).get(&format!("{ISSUES}/1?include=hidden")).await.json;
    let hidden = named(&all, "reject_fix");
    assert_eq!(
        (&hidden["visible"], &hidden["reasons"][0]["code"]),
        (&json!(false), &json!("invalid_condition"))
    );
}

async fn parameters_are_checked_before_anything_runs(app: TestApp) {
    let admin = app.as_person(&people::administrator());
    let parameters = json!([
        { "param_name": "p_note", "display_name": "Note", "param_type": "text_short" },
        { "param_name": "p_like", "display_name": "Like", "param_type": "foreign_key", "join_table": "issues",
          "required": false },
    ]);
    let body = json!({
        "table_name": "issues", "action_name": "noted", "display_name": "Noted",
        "rpc_function": "no_such_function", "parameters": parameters,
    });
    assert_eq!(admin.post(DEFINITIONS, &body).await.status, 201);
    let ask = app.as_person(&editor());
    let with = async |params: Value| {
        ask.post(&format!("{ISSUES}/noted"), &json!({ "entity_id": 1, "params": params })).await
    };
    assert_eq!(told(&with(json!({})).await), ["params.p_note required"]);
    assert_eq!(told(&with(json!({ "p_note": " " })).await), ["params.p_note required"]);
    assert_eq!(told(&with(json!({ "p_note": 1 })).await), ["params.p_note wrong_type"]);
    let both = with(json!({ "p_note": "a", "p_entity_id": 2, "x": 1 })).await;
    assert_eq!(told(&both), ["params.p_entity_id unknown_field", "params.x unknown_field"]);
    assert_eq!(
        told(&with(json!({ "p_note": "a", "p_like": 99 })).await),
        ["params.p_like unknown_reference"]
    );
    // What is right reaches the function, which neither side has.
    let missing = with(json!({ "p_note": "a", "p_like": 2 })).await;
    assert_eq!(missing.brief(), "409 not_available", "{}", missing.text);
}

/// Colors by their size, as a function lists them.
struct Colors;

#[async_trait]
impl EntityFunction for Colors {
    async fn call(&self, _: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
        let large = call.params["p_size"] == "large";
        Ok(if large { json!([{ "id": "red" }, { "id": "blue" }]) } else { json!(["green"]) })
    }
}

async fn a_value_is_one_of_those_that_a_function_lists(app: TestApp) {
    let is_postgres = app.parts().storage.dialect() == action_sqlx::Dialect::Postgres;
    if is_postgres {
        let function = "CREATE FUNCTION colors(p_size TEXT) RETURNS TABLE (id TEXT, display_name TEXT) LANGUAGE sql AS \
            'SELECT c, c FROM unnest(CASE p_size WHEN ''large'' THEN ARRAY[''red'', ''blue''] ELSE ARRAY[''green''] END) AS c'";
        app.parts().storage.run_script(function).await.unwrap();
    }
    let app = app.hosted(|it| if is_postgres { it } else { it.entity_function("colors", Colors) }).await;
    let parameters = json!([
        { "param_name": "p_size", "display_name": "Size", "param_type": "text" },
        { "param_name": "p_color", "display_name": "Color", "param_type": "text", "options_source_rpc": "colors",
          "depends_on_params": ["p_size"] },
    ]);
    let body = json!({
        "table_name": "issues", "action_name": "paint", "display_name": "Paint",
        "rpc_function": "no_such_function", "parameters": parameters,
    });
    assert_eq!(app.as_person(&people::administrator()).post(DEFINITIONS, &body).await.status, 201);
    let ask = app.as_person(&editor());
    let with = async |size: &str, color: &str| {
        let params = json!({ "p_size": size, "p_color": color });
        ask.post(&format!("{ISSUES}/paint"), &json!({ "entity_id": 1, "params": params })).await
    };
    assert_eq!(told(&with("large", "green").await), ["params.p_color unknown_reference"]);
    assert_eq!(told(&with("small", "red").await), ["params.p_color unknown_reference"]);
    for (size, color) in [("large", "blue"), ("small", "green")] {
        let missing = with(size, color).await;
        assert_eq!(missing.brief(), "409 not_available", "it got as far as the function: {}", missing.text);
    }
}

async fn who_sends_no_credential_runs_what_is_granted_to_the_role_anonymous(app: TestApp) {
    let prepare = if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        "CREATE TABLE notices (id INTEGER PRIMARY KEY, status TEXT); INSERT INTO notices VALUES (1, 'pending');
         CREATE FUNCTION who() RETURNS TEXT LANGUAGE sql AS 'SELECT array_to_string(public.get_user_roles(), '','')';
         CREATE FUNCTION note(p_entity_id INTEGER) RETURNS JSONB LANGUAGE sql
         AS 'SELECT jsonb_build_object(''message'', who())';
         INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function) VALUES
         ('notices', 'note', 'Note', 'note'), ('issues', 'note', 'Note', 'note'), ('notices', 'open', 'Open', 'open');
         INSERT INTO metadata.protected_rpcs VALUES ('note');
         INSERT INTO metadata.protected_rpc_roles SELECT 'note', id FROM metadata.roles WHERE role_key = 'anonymous'"
    } else {
        "CREATE TABLE notices (id INTEGER PRIMARY KEY, status TEXT); INSERT INTO notices VALUES (1, 'pending');
         INSERT INTO metadata_entity_actions (table_name, action_name, display_name, rpc_function) VALUES
         ('notices', 'note', 'Note', 'note'), ('issues', 'note', 'Note', 'note'), ('notices', 'open', 'Open', 'open');
         INSERT INTO metadata_protected_rpcs (rpc_function) VALUES ('note');
         INSERT INTO metadata_protected_rpc_roles SELECT 'note', id FROM metadata_roles WHERE role_key = 'anonymous'"
    };
    app.parts().storage.run_script(prepare).await.unwrap();
    let anonymous = app.anonymous();
    let note = async |ask: &Ask<'_>, action: &str| {
        ask.post(&format!("/entity-actions/notices/{action}"), &json!({ "entity_id": 1 })).await
    };
    let noted = note(&anonymous, "note").await;
    if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        assert_eq!((noted.status, &noted.json["message"]), (200, &json!("anonymous")), "{}", noted.text);
    } else {
        assert_eq!(noted.brief(), "409 not_available", "it got as far as the function, which is missing");
    }
    // Nothing else, and nothing that is somebody's.
    assert_eq!(note(&anonymous, "open").await.brief(), "401 unauthenticated", "not protected");
    assert_eq!(note(&anonymous, "nothing").await.brief(), "401 unauthenticated");
    assert_eq!(run(&anonymous, "approve_fix", 1).await.brief(), "401 unauthenticated");
    assert_eq!(run(&anonymous, "note", 1).await.brief(), "403 tenant_required");
    assert_eq!(anonymous.post("/rpc/approve_pothole_fix", &json!({ "p_entity_id": 1 })).await.status, 401);
    let listed = anonymous.get("/entity-actions/notices/1").await.json;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["action_name"]), (1, &json!("note")));
    let view = anonymous.get("/schema_entity_actions").await.json;
    assert!(view.as_array().unwrap().iter().all(|it| it["rpc_function"] == "note"), "{view}");
    // A bad credential is none, and a key would be everybody's.
    let bad = anonymous.clone().header("authorization", "Bearer x");
    assert_eq!(note(&bad, "note").await.brief(), "401 unauthenticated");
    let key = anonymous.clone().header("idempotency-key", "k");
    assert_eq!(note(&key, "note").await.brief(), "400 invalid_parameter");
}
