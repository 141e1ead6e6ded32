//! How a function of PostgreSQL may end, and what its caller is told of it.

use action_tests::{Answer, TestApp, people};
use serde_json::{Value, json};

use crate::support::{audit, texts};

const JOBS: &str = "
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, name TEXT NOT NULL CONSTRAINT jobs_name UNIQUE,
        size INTEGER DEFAULT 1 CONSTRAINT jobs_size CHECK (size < 10),
        parent INTEGER CONSTRAINT jobs_parent REFERENCES jobs,
        slot INTEGER, CONSTRAINT jobs_slot EXCLUDE (slot WITH =));
    INSERT INTO jobs (id, name, slot) VALUES (1, 'one', 1), (2, 'two', 2), (3, 'three', 3);";

/// A fleet with three jobs.
pub(crate) async fn with_jobs() -> TestApp {
    let app = TestApp::postgres().await;
    script(&app, JOBS.to_owned()).await;
    app
}

pub(crate) async fn script(app: &TestApp, sql: String) {
    app.parts().storage.run_script(sql.leak()).await.unwrap();
}

/// A function, and the button on jobs that runs it.
pub(crate) async fn function(app: &TestApp, name: &str, returns: &str, body: &str) {
    let sql = format!(
        "CREATE FUNCTION {name}(p_entity_id INTEGER) RETURNS {returns} LANGUAGE plpgsql AS $$ BEGIN {body} END $$;
         INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function, show_on_list)
         VALUES ('jobs', '{name}', '{name}', '{name}', true);"
    );
    script(app, sql).await;
}

/// Runs it on the first job, as anybody who is signed in.
pub(crate) async fn run(app: &TestApp, name: &str) -> Answer {
    app.as_person(&people::nobody())
        .post(&format!("/entity-actions/jobs/{name}"), &json!({ "entity_id": 1 }))
        .await
}

async fn size(app: &TestApp) -> String {
    texts(app, "SELECT size::text FROM jobs WHERE id = 1").await.remove(0)
}

const WRITE: &str = "UPDATE jobs SET size = 9 WHERE id = p_entity_id;";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_function_raises_is_told_and_what_it_wrote_is_undone() {
    let app = with_jobs().await;
    function(&app, "act", "jsonb", &format!("{WRITE} RAISE EXCEPTION 'Not on a %', 'Sunday';")).await;
    let raised = run(&app, "act").await;
    assert_eq!(raised.brief(), "400 action_failed", "{}", raised.text);
    assert_eq!(raised.json["errors"][0]["message"], "Not on a Sunday");
    assert_eq!(size(&app).await, "1");
    let rows = audit(&app.as_person(&people::nobody()), "").await;
    assert_eq!((&rows[0]["outcome"], &rows[0]["errorCode"]), (&json!("refused"), &json!("action_failed")));
    let rpc = app.as_person(&people::nobody()).post("/rpc/act", &json!({ "p_entity_id": 1 })).await;
    assert_eq!(rpc.brief(), "400 action_failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_database_denies_is_denied() {
    let app = with_jobs().await;
    let body = format!("{WRITE} RAISE EXCEPTION 'secret-detail' USING ERRCODE = 'insufficient_privilege';");
    function(&app, "act", "jsonb", &body).await;
    let denied = run(&app, "act").await;
    assert_eq!(denied.brief(), "403 permission_denied");
    assert!(!denied.text.contains("secret-detail"), "{}", denied.text);
    assert_eq!(size(&app).await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_is_taken_is_a_conflict() {
    let app = with_jobs().await;
    function(&app, "act", "void", &format!("{WRITE} UPDATE jobs SET name = 'two' WHERE id = p_entity_id;"))
        .await;
    let taken = run(&app, "act").await;
    assert_eq!(taken.brief(), "409 conflict");
    assert!(!taken.text.contains("jobs_name"), "{}", taken.text);
    assert_eq!(size(&app).await, "1");
    script(
        &app,
        "INSERT INTO metadata.constraint_messages VALUES ('jobs_name', 'Two jobs of one name');".into(),
    )
    .await;
    assert_eq!(run(&app, "act").await.json["detail"], "Two jobs of one name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_constraint_speaks_with_the_text_registered_for_it() {
    let app = with_jobs().await;
    let text = "INSERT INTO metadata.constraint_messages VALUES ('jobs_size', 'No job is that big')";
    script(&app, text.to_owned()).await;
    for (name, change, expected) in [
        ("too_big", "size = 99", "No job is that big"),
        ("orphan", "parent = 77", "the data stands against it"),
        ("crowded", "slot = 2", "the data stands against it"),
    ] {
        function(&app, name, "void", &format!("UPDATE jobs SET {change} WHERE id = p_entity_id;")).await;
        let refused = run(&app, name).await;
        assert_eq!(refused.brief(), "409 constraint", "{name}");
        assert_eq!(refused.json["detail"], expected, "{name}");
        assert!(!refused.text.contains("jobs_"), "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_constraint_that_is_deferred_is_asked_before_the_function_has_ended_well() {
    let app = with_jobs().await;
    script(
        &app,
        "ALTER TABLE jobs ALTER CONSTRAINT jobs_parent DEFERRABLE INITIALLY DEFERRED;
         INSERT INTO metadata.constraint_messages VALUES ('jobs_parent', 'No such parent')"
            .to_owned(),
    )
    .await;
    // In between it may be broken, in each of many calls.
    let body = "UPDATE jobs SET parent = 77 WHERE id = p_entity_id;
        UPDATE jobs SET parent = CASE WHEN id = 2 THEN 78 ELSE 3 END WHERE id = p_entity_id;";
    function(&app, "act", "void", body).await;
    assert_eq!(run(&app, "act").await.status, 200);
    let many = json!({ "entity_ids": [1, 2, 3], "mode": "independent" });
    let many = app.as_person(&people::nobody()).post("/entity-actions/jobs/act/bulk", &many).await;
    assert_eq!((many.status, &many.json["succeeded"]), (200, &json!(2)), "{}", many.text);
    let orphan = &many.json["results"][1];
    assert_eq!((&orphan["code"], &orphan["message"]), (&json!("constraint"), &json!("No such parent")));
    let parents = "SELECT COALESCE(parent::text, 'none') FROM jobs ORDER BY id";
    assert_eq!(texts(&app, parents).await, ["3", "none", "3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_other_error_is_ours_and_tells_nothing() {
    let app = with_jobs().await;
    for (name, body) in [
        ("divides", "PERFORM 1 / 0;"),
        ("strays", "PERFORM * FROM secret_detail;"),
        ("empties", "UPDATE jobs SET name = NULL WHERE id = p_entity_id;"),
        ("misses", "RAISE EXCEPTION 'secret-detail' USING ERRCODE = 'no_data_found';"),
        ("casts", "PERFORM 'secret-detail'::integer;"),
        ("ends_early", ""),
    ] {
        function(&app, name, "jsonb", &format!("{WRITE} {body}")).await;
        let broken = run(&app, name).await;
        assert_eq!(broken.brief(), "500 internal", "{name}");
        for leak in ["secret", "division", "SELECT", "null value", "jobs_", "PL/pgSQL", "function"] {
            assert!(!broken.text.contains(leak), "{leak}: {}", broken.text);
        }
        assert_eq!(size(&app).await, "1", "{name}");
    }
    let rows = audit(&app.as_person(&people::nobody()), "").await;
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|it| it["outcome"] == "failed"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_that_says_it_failed_has_done_nothing() {
    let app = with_jobs().await;
    for (name, answer, message) in [
        ("a", r#"{"success": false, "message": "Too late", "error": "other"}"#, "Too late"),
        ("b", r#"{"success": false, "error": "Too early"}"#, "Too early"),
        ("c", r#"{"success": false, "message": "", "error": "Empty"}"#, "Empty"),
        ("d", r#"{"success": false}"#, "The action failed"),
    ] {
        function(&app, name, "jsonb", &format!("{WRITE} RETURN '{answer}'::jsonb;")).await;
        let failed = run(&app, name).await;
        assert_eq!(failed.brief(), "409 action_failed", "{name}");
        assert_eq!((&failed.json["detail"], &failed.json["success"]), (&json!(message), &json!(false)));
        assert_eq!(failed.header("content-type"), Some("application/problem+json"));
        let rpc = app.as_person(&people::nobody());
        let rpc = rpc.post(&format!("/rpc/{name}"), &json!({ "p_entity_id": 1 })).await;
        assert_eq!((rpc.status, &rpc.json), (200, &json!({ "success": false, "message": message })));
        assert_eq!(size(&app).await, "1");
    }
    let rows = audit(&app.as_person(&people::nobody()), "").await;
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().all(|it| it["errorCode"] == "action_failed"), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_said_is_a_success() {
    let app = with_jobs().await;
    let plain = json!({ "success": true, "message": "Action completed successfully", "refresh": true });
    let with = |data: Value| {
        let mut all = plain.clone();
        all["data"] = data;
        all
    };
    for (name, returns, body, expected) in [
        ("no_answer", "void", "", plain.clone()),
        ("null_answer", "jsonb", "RETURN NULL;", plain.clone()),
        ("json_null", "jsonb", "RETURN 'null'::jsonb;", plain.clone()),
        ("empty", "jsonb", "RETURN '{}'::jsonb;", plain.clone()),
        ("plain_json", "json", "RETURN '{\"data\": [1]}'::json;", with(json!([1]))),
        ("a_text", "text", "RETURN 'done';", with(json!("done"))),
        ("a_number", "numeric", "RETURN 1.5;", with(json!(1.5))),
        ("a_row", "jobs", "RETURN (SELECT j FROM jobs AS j WHERE id = 2);", plain.clone()),
    ] {
        function(&app, name, returns, &format!("{WRITE} {body}")).await;
        let done = run(&app, name).await;
        assert_eq!((done.status, &done.json), (200, &expected), "{name}: {}", done.text);
    }
    assert_eq!(size(&app).await, "9");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn success_that_is_neither_true_nor_false_is_no_answer() {
    let app = with_jobs().await;
    for (name, success) in [("a", "\"yes\""), ("b", "1"), ("c", "null"), ("d", "\"false\"")] {
        function(&app, name, "jsonb", &format!("{WRITE} RETURN '{{\"success\": {success}}}'::jsonb;")).await;
        assert_eq!(run(&app, name).await.brief(), "500 invalid_result", "{success}");
        assert_eq!(size(&app).await, "1", "{success}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_function_leaves_open_its_definition_says() {
    let app = with_jobs().await;
    let full =
        "default_success_message = 'Done', default_navigate_to = '/view/jobs', refresh_after_action = false";
    let empty = "default_success_message = '', default_navigate_to = '', refresh_after_action = NULL";
    let general = "Action completed successfully";
    for (name, definition, answer, expected) in [
        ("a", full, "{}", json!(["Done", "/view/jobs", false])),
        (
            "b",
            full,
            r#"{"message": "", "navigate_to": "", "refresh": null}"#,
            json!(["Done", "/view/jobs", false]),
        ),
        (
            "c",
            full,
            r#"{"message": "Own", "navigate_to": "/own", "refresh": true}"#,
            json!(["Own", "/own", true]),
        ),
        ("d", empty, "{}", json!([general, null, true])),
        ("e", empty, r#"{"message": null, "refresh": false}"#, json!([general, null, false])),
    ] {
        function(&app, name, "jsonb", &format!("RETURN '{answer}'::jsonb;")).await;
        script(&app, format!("UPDATE metadata.entity_actions SET {definition} WHERE action_name = '{name}'"))
            .await;
        let told = run(&app, name).await.json;
        assert_eq!(json!([told["message"], told["navigate_to"], told["refresh"]]), expected, "{name}");
        assert!(told["navigate_to"].is_string() || told.get("navigate_to").is_none(), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_rows_one_whose_function_breaks_does_not_end_the_others() {
    let app = with_jobs().await;
    let body = "UPDATE jobs SET size = 9 WHERE id = p_entity_id; PERFORM 1 / (p_entity_id - 2); RETURN NULL;";
    function(&app, "act", "jsonb", body).await;
    let many = async |mode: &str| {
        let body = json!({ "entity_ids": [1, 2, 3], "mode": mode });
        app.as_person(&people::nobody()).post("/entity-actions/jobs/act/bulk", &body).await
    };
    let atomic = many("atomic").await;
    assert_eq!(atomic.brief(), "409 action_failed", "{}", atomic.text);
    assert_eq!(size(&app).await, "1");
    let independent = many("independent").await;
    assert_eq!(
        (independent.status, &independent.json["succeeded"]),
        (200, &json!(2)),
        "{}",
        independent.text
    );
    let broken = &independent.json["results"][1];
    assert_eq!((&broken["success"], &broken["code"]), (&json!(false), &json!("internal")));
    assert!(!independent.text.contains("division"), "{}", independent.text);
    assert_eq!(texts(&app, "SELECT size::text FROM jobs ORDER BY id").await, ["9", "1", "9"]);
}
