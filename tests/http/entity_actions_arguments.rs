//! What reaches a function of PostgreSQL: its arguments by name, its caller's claims, and names as nothing but names.

use action_tests::{Answer, Person, TestApp, people};
use serde_json::{Value, json};

use crate::entity_actions_functions::{function, run, script, with_jobs};
use crate::support::{texts, told};

const CALL: &str = "/entity-actions/jobs/act";

/// A button on jobs with parameters of these names and types; those with a question mark may be left out.
async fn button(app: &TestApp, function: &str, parameters: &[(&str, &str)]) {
    let mut sql = format!(
        "INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
         VALUES ('jobs', 'act', 'Act', '{function}');"
    );
    for (name, kind) in parameters {
        let (kind, required) = kind.strip_suffix('?').map_or((*kind, true), |kind| (kind, false));
        let parameter = format!(
            "INSERT INTO metadata.entity_action_params (entity_action_id, param_name, display_name, param_type, required)
             SELECT max(id), '{name}', '{name}', '{kind}', {required} FROM metadata.entity_actions;"
        );
        sql.push_str(&parameter);
    }
    script(app, sql).await;
}

async fn act(app: &TestApp, params: Value) -> Answer {
    app.as_person(&people::nobody()).post(CALL, &json!({ "entity_id": 1, "params": params })).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arguments_are_passed_by_name_and_read_by_their_types() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE FUNCTION act(p_text TEXT, p_whole INTEGER, p_sum NUMERIC, p_yes BOOLEAN, p_day DATE, p_at TIMESTAMPTZ,
            p_doc JSONB, p_entity_id INTEGER, p_more TEXT DEFAULT 'more') RETURNS JSONB LANGUAGE sql AS $$
         SELECT jsonb_build_object('data', jsonb_build_array(p_entity_id, p_text, p_whole + 1, p_sum * 2, NOT p_yes,
            p_day + 1, p_at AT TIME ZONE 'UTC', p_doc->'a', p_more)) $$;"
            .to_owned(),
    )
    .await;
    let parameters = [
        ("p_text", "text"),
        ("p_whole", "number"),
        ("p_sum", "money"),
        ("p_yes", "boolean"),
        ("p_day", "date"),
        ("p_at", "datetime"),
        ("p_doc", "text"),
        ("p_more", "text?"),
    ];
    button(&app, "act", &parameters).await;
    let hostile = "a', p_whole => 7); DROP TABLE jobs; --";
    let given = json!({
        "p_text": hostile, "p_whole": 41, "p_sum": 1.25, "p_yes": false, "p_day": "2024-02-28",
        "p_at": "2026-03-01T12:00:00+02:00", "p_doc": "{\"a\": [1]}",
    });
    let done = act(&app, given.clone()).await;
    let expected = json!([1, hostile, 42, 2.5, true, "2024-02-29", "2026-03-01T10:00:00", [1], "more"]);
    assert_eq!((done.status, &done.json["data"]), (200, &expected), "{}", done.text);
    let empty = |value: Value| {
        let mut given = given.clone();
        given["p_more"] = value;
        given
    };
    assert_eq!(act(&app, empty(json!(""))).await.json["data"][8], "more", "what is empty is left out");
    assert_eq!(act(&app, empty(json!("less"))).await.json["data"][8], "less");
    for (name, value) in [("p_whole", json!(1.5)), ("p_whole", json!(3e9)), ("p_doc", json!("{"))] {
        let mut wrong = given.clone();
        wrong[name] = value.clone();
        let refused = act(&app, wrong).await;
        assert_eq!(
            (refused.status, told(&refused)),
            (400, vec!["params wrong_type".to_owned()]),
            "{name} {value}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_its_domain_refuses_does_not_fit() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE DOMAIN grade AS INTEGER CHECK (VALUE BETWEEN 1 AND 5);
         CREATE FUNCTION act(p_entity_id INTEGER, p_grade grade) RETURNS INTEGER LANGUAGE sql AS 'SELECT p_grade::int';"
            .to_owned(),
    )
    .await;
    button(&app, "act", &[("p_grade", "number")]).await;
    assert_eq!(act(&app, json!({ "p_grade": 5 })).await.json["data"], 5);
    let refused = act(&app, json!({ "p_grade": 6 })).await;
    assert_eq!(refused.brief(), "400 validation_failed", "{}", refused.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_functions_of_one_name_that_runs_which_takes_the_key_and_what_is_given() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE FUNCTION act(p_entity_id UUID) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'uuid' $$;
         CREATE FUNCTION act(p_entity_id TEXT) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'text' $$;
         CREATE FUNCTION act(p_entity_id INTEGER) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'integer' $$;
         CREATE FUNCTION act(p_entity_id INTEGER, p_note TEXT) RETURNS TEXT LANGUAGE sql AS $$ SELECT p_note $$;
         CREATE TABLE tokens (id UUID PRIMARY KEY);
         INSERT INTO tokens VALUES ('00000000-0000-4000-8000-000000000001');
         INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
         VALUES ('tokens', 'act', 'Act', 'act');"
            .to_owned(),
    )
    .await;
    button(&app, "act", &[("p_note", "text?")]).await;
    assert_eq!(act(&app, json!({})).await.json["data"], "integer");
    let noted = act(&app, json!({ "p_note": "noted" })).await;
    assert_eq!(noted.json["data"], "noted", "{}", noted.text);
    let token = json!({ "entity_id": "00000000-0000-4000-8000-000000000001" });
    let token = app.as_person(&people::nobody()).post("/entity-actions/tokens/act", &token).await;
    assert_eq!(token.json["data"], "uuid", "{}", token.text);
    let token = json!({ "p_entity_id": "00000000-0000-4000-8000-000000000001" });
    let called = app.as_person(&people::nobody()).post("/rpc/act", &token).await;
    assert_eq!(called.json["data"], "uuid", "by its own call, too: {}", called.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_a_function_cannot_hold_and_functions_that_cannot_be_told_apart_are_refused() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE FUNCTION narrow(p_entity_id INTEGER) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'narrow' $$;
         CREATE FUNCTION twice(p_entity_id BIGINT, a INT DEFAULT 1) RETURNS TEXT LANGUAGE sql AS $$ SELECT 'a' $$;
         CREATE FUNCTION twice(p_entity_id BIGINT, b TEXT DEFAULT '') RETURNS TEXT LANGUAGE sql AS $$ SELECT 'b' $$;
         CREATE TABLE wide (id BIGINT PRIMARY KEY);
         INSERT INTO wide VALUES (1), (3000000000);
         INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
         VALUES ('wide', 'narrow', 'Narrow', 'narrow'), ('wide', 'twice', 'Twice', 'twice');"
            .to_owned(),
    )
    .await;
    let ask = app.as_person(&people::nobody());
    let run = async |action: &str, id: i64| {
        ask.post(&format!("/entity-actions/wide/{action}"), &json!({ "entity_id": id })).await.brief()
    };
    assert_eq!(run("narrow", 1).await, "200");
    assert_eq!(run("narrow", 3_000_000_000).await, "400 validation_failed");
    assert_eq!(run("twice", 1).await, "409 not_available");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_may_stand_in_another_schema_and_answer_by_its_arguments() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE SCHEMA tools;
         CREATE FUNCTION tools.act(OUT success BOOLEAN, p_entity_id INTEGER, OUT message TEXT, p_note TEXT DEFAULT 'none')
         LANGUAGE sql AS $$ SELECT true, 'Job ' || p_entity_id || ': ' || p_note $$;"
            .to_owned(),
    )
    .await;
    button(&app, "tools.act", &[("p_note", "text?")]).await;
    assert_eq!(act(&app, json!({})).await.json["message"], "Job 1: none");
    assert_eq!(act(&app, json!({ "p_note": "some" })).await.json["message"], "Job 1: some");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_cannot_be_called_so_is_not_there() {
    let app = with_jobs().await;
    script(
        &app,
        "CREATE FUNCTION unnamed(INTEGER) RETURNS VOID LANGUAGE sql AS '';
         CREATE FUNCTION wanting(p_entity_id INTEGER, p_other INTEGER) RETURNS VOID LANGUAGE sql AS '';
         CREATE FUNCTION listing(p_entity_id INTEGER) RETURNS SETOF INTEGER LANGUAGE sql AS 'SELECT 1';
         CREATE PROCEDURE procedure(p_entity_id INTEGER) LANGUAGE sql AS '';"
            .to_owned(),
    )
    .await;
    for name in
        ["unnamed", "wanting", "listing", "procedure", "nothing", "pg_catalog.pg_sleep", "pg_sleep(9)", "."]
    {
        let sql = format!(
            "DELETE FROM metadata.entity_actions WHERE action_name = 'act';
             INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function)
             VALUES ('jobs', 'act', 'Act', '{name}');"
        );
        script(&app, sql).await;
        assert_eq!(run(&app, "act").await.brief(), "409 not_available", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_knows_its_caller_by_the_claims() {
    let app = with_jobs().await;
    let body =
        "RETURN jsonb_build_object('data', jsonb_build_array(current_setting('request.jwt.claims')::jsonb,
        public.get_user_roles(), current_setting('request.headers')::jsonb->'x-request-id'));";
    function(&app, "who", "jsonb", body).await;
    let person = people::nobody().roles(&["editor", "Fleet managers"]).claim("groups", json!(["night"]));
    let ask = app.as_person(&person).header("x-request-id", "r-1");
    let known = ask.post("/entity-actions/jobs/who", &json!({ "entity_id": 1 })).await;
    let [claims, roles, request] = [0, 1, 2].map(|at| known.json["data"][at].clone());
    assert_eq!(
        (&claims["sub"], &claims["tenant_id"]),
        (&json!(person.id()), &json!(people::ACME)),
        "{claims}"
    );
    for role in ["editor", "Fleet managers", "night"] {
        assert!(claims["roles"].as_array().unwrap().contains(&json!(role)), "{claims}");
        assert!(roles.as_array().unwrap().contains(&json!(role)), "{roles}");
    }
    assert_eq!(request, "r-1");
    let other =
        app.as_person(&Person::new(9)).post("/entity-actions/jobs/who", &json!({ "entity_id": 1 })).await;
    let claims = &other.json["data"][0];
    assert_eq!((&claims["tenant_id"], &claims["roles"]), (&json!(null), &json!([])));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_are_names_whatever_stands_in_them() {
    let app = with_jobs().await;
    script(
        &app,
        r#"CREATE TABLE "Odd ""Jobs""; DROP TABLE jobs; --" ("Primary Key" INTEGER PRIMARY KEY, "order" TEXT,
             "it's ""; --" INTEGER);
           INSERT INTO "Odd ""Jobs""; DROP TABLE jobs; --" VALUES (1, 'first', 7);
           CREATE FUNCTION "Select ""it""; DROP TABLE jobs; --"(p_entity_id INTEGER, "user; --" TEXT, "Group" TEXT)
           RETURNS TEXT LANGUAGE sql AS $$ SELECT "user; --" || "Group" $$;
           INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function, visibility_condition,
             enabled_condition)
           VALUES ('Odd "Jobs"; DROP TABLE jobs; --', 'act', 'Act', 'Select "it"; DROP TABLE jobs; --',
             '{"field": "order", "operator": "eq", "value": "first"}',
             '{"and": [{"field": "it''s \"; --", "operator": "gt", "value": 6},
                       {"not": {"field": "id\" IS NULL OR \"id", "operator": "eq", "value": 1}}]}');
           INSERT INTO metadata.entity_action_params (entity_action_id, param_name, display_name, param_type)
           SELECT max(a.id), p.name, p.name, 'text' FROM metadata.entity_actions AS a,
             (VALUES ('user; --'), ('Group')) AS p (name) GROUP BY p.name;"#
            .to_owned(),
    )
    .await;
    let table = "/entity-actions/Odd%20%22Jobs%22%3B%20DROP%20TABLE%20jobs%3B%20--";
    let ask = app.as_person(&people::nobody());
    let buttons = ask.get(&format!("{table}/1")).await;
    assert_eq!(buttons.json[0]["enabled"], true, "{}", buttons.text);
    let body = json!({ "entity_id": 1, "params": { "user; --": "a", "Group": "'b" } });
    let done = ask.post(&format!("{table}/act"), &body).await;
    assert_eq!((done.status, &done.json["data"]), (200, &json!("a'b")), "{}", done.text);
    let hostile = json!({ "entity_id": 1, "params": { "Group\" => 'x'); --": "a" } });
    assert_eq!(ask.post(&format!("{table}/act"), &hostile).await.status, 400);
    let rpc = "/rpc/Select%20%22it%22%3B%20DROP%20TABLE%20jobs%3B%20--";
    let called = ask.post(rpc, &json!({ "p_entity_id": 1, "user; --": "a", "Group": "c" })).await;
    assert_eq!(called.json["data"], "ac", "{}", called.text);
    for path in [
        "/entity-actions/jobs%22%3B--/1",
        "/entity-actions/a.b.c/1",
        "/entity-actions/%00/1",
        "/entity-actions/./1",
    ] {
        assert_eq!(ask.get(path).await.status, 404, "{path}");
    }
    for path in [
        "/entity-actions/%00/act",
        "/entity-actions/%00/transition_x",
        "/entity-actions/jobs/%00",
        "/rpc/%00",
    ] {
        let key = if path.starts_with("/rpc") { "p_entity_id" } else { "entity_id" };
        assert_eq!(ask.post(path, &json!({ key: 1 })).await.brief(), "404 action_not_found", "{path}");
    }
    assert_eq!(texts(&app, "SELECT count(*)::text FROM jobs").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_for_the_tables_as_they_were_described_applies_as_it_stands() {
    let app = TestApp::postgres().await;
    script(
        &app,
        r#"CREATE TABLE public.potholes (id BIGSERIAL PRIMARY KEY, display_name TEXT, status TEXT DEFAULT 'pending');
           INSERT INTO potholes (display_name) VALUES ('Elm Street'), ('Oak Street');
           CREATE OR REPLACE FUNCTION mend_pothole(p_entity_id BIGINT) RETURNS JSONB AS $$
           DECLARE
             v_pothole RECORD;
           BEGIN
             IF NOT has_rpc_permission('mend_pothole') THEN
               RAISE EXCEPTION 'Permission denied' USING ERRCODE = '42501';
             END IF;
             SELECT * INTO v_pothole FROM potholes WHERE id = p_entity_id;
             IF v_pothole.status = 'mended' THEN
               RETURN jsonb_build_object('success', false, 'message', 'It is mended');
             END IF;
             UPDATE potholes SET status = 'mended' WHERE id = p_entity_id;
             RETURN jsonb_build_object('success', true, 'message', 'Mended ' || v_pothole.display_name, 'refresh', true);
           END;
           $$ LANGUAGE plpgsql SECURITY DEFINER;
           GRANT EXECUTE ON FUNCTION mend_pothole(BIGINT) TO authenticated;
           INSERT INTO metadata.roles (role_key, display_name) VALUES ('mender', 'Who mends') ON CONFLICT DO NOTHING;
           INSERT INTO metadata.protected_rpcs (rpc_function, description) VALUES ('mend_pothole', 'Mends');
           INSERT INTO metadata.protected_rpc_roles (rpc_function, role_id)
           SELECT 'mend_pothole', id FROM metadata.roles WHERE role_key IN ('mender', 'admin');
           INSERT INTO metadata.entity_actions (table_name, action_name, display_name, description, rpc_function, icon,
             button_style, sort_order, requires_confirmation, confirmation_message, visibility_condition,
             disabled_condition, disabled_tooltip, default_success_message, default_navigate_to, refresh_after_action)
           VALUES ('potholes', 'mend', 'Mend', 'Mends it', 'mend_pothole', 'check', 'success', 10, true, 'Sure?',
             '{"field": "status", "operator": "ne", "value": "closed"}',
             '{"field": "status", "operator": "eq", "value": "mended"}', 'It is mended', 'Mended', NULL, true);
           GRANT SELECT ON public.schema_entity_actions TO web_anon, authenticated;"#
            .to_owned(),
    )
    .await;
    let mender = people::nobody().roles(&["mender"]);
    let mend = async |person: &Person, id: i32| {
        app.as_person(person).post("/rpc/mend_pothole", &json!({ "p_entity_id": id })).await
    };
    assert_eq!(mend(&people::nobody(), 1).await.brief(), "403 permission_denied");
    assert_eq!(mend(&people::nobody().roles(&["Who mends"]), 1).await.brief(), "403 permission_denied");
    let expected = json!({ "success": true, "message": "Mended Elm Street", "refresh": true });
    assert_eq!(mend(&mender, 1).await.json, expected);
    assert_eq!(mend(&mender, 1).await.brief(), "409 not_available");
    assert_eq!(mend(&people::administrator(), 2).await.status, 200);
}
