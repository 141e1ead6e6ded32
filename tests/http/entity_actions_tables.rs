//! Tables of every kind under buttons, many rows at once, and who may run what is not protected.

use std::sync::Arc;

use action_core::entity_actions::{EntityCall, EntityFunction};
use action_core::{ActionContext, ActionResult};
use action_sqlx::Dialect;
use action_tests::{Answer, Person, TestApp, people, statements};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::entity_actions_functions::{function, script, with_jobs};
use crate::support::{tally, texts, told};

on_both_fleets!(
    a_row_is_found_by_its_key_whatever_type_that_has,
    a_table_without_one_key_column_has_no_rows_to_act_on,
    of_actions_with_one_function_the_first_whose_conditions_hold_runs,
    fifty_rows_and_twenty_actions_are_four_statements,
    of_an_approval_alone_and_one_of_many_one_wins,
    what_is_not_protected_is_anybodys_unless_the_host_denies_it,
);

/// Says which key it was called with.
struct Touch;

#[async_trait]
impl EntityFunction for Touch {
    async fn call(&self, _: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
        Ok(json!({ "data": call.entity_id.to_json() }))
    }
}

fn either<T>(app: &TestApp, postgres: T, sqlite: T) -> T {
    match app.parts().storage.dialect() {
        Dialect::Postgres => postgres,
        Dialect::Sqlite => sqlite,
    }
}

/// Buttons of this name, and of this function, on tables.
async fn buttons(app: &TestApp, tables: &[&str]) {
    let name = either(app, "metadata.entity_actions", "metadata_entity_actions");
    let rows: Vec<String> =
        tables.iter().map(|it| format!("('{it}', 'touch', 'Touch', 'touch', true)")).collect();
    let rows = rows.join(", ");
    let columns = "(table_name, action_name, display_name, rpc_function, show_on_list)";
    script(app, format!("INSERT INTO {name} {columns} VALUES {rows}")).await;
}

async fn touch(app: &TestApp, table: &str, id: &Value) -> Answer {
    let path = format!("/entity-actions/{table}/touch");
    app.as_person(&people::nobody()).post(&path, &json!({ "entity_id": id })).await
}

async fn a_row_is_found_by_its_key_whatever_type_that_has(app: TestApp) {
    let app = app.hosted(|it| it.entity_function("touch", Touch)).await;
    let uuid = "AAAAAAAA-0000-4000-8000-000000000001";
    let lower = uuid.to_lowercase();
    script(
        &app,
        format!(
            "CREATE TABLE by_small (id SMALLINT PRIMARY KEY, name TEXT);
             CREATE TABLE by_number (id BIGINT PRIMARY KEY, name TEXT);
             CREATE TABLE by_uuid (id UUID PRIMARY KEY, name TEXT);
             CREATE TABLE by_text (code VARCHAR(20) PRIMARY KEY, name TEXT);
             INSERT INTO by_small VALUES (7, 'a'); INSERT INTO by_number VALUES (9007199254740993, 'a');
             INSERT INTO by_uuid VALUES ('{lower}', 'a'); INSERT INTO by_text VALUES ('7', 'a'), ('a/b c', 'b');"
        ),
    )
    .await;
    buttons(&app, &["by_small", "by_number", "by_uuid", "by_text"]).await;
    for (table, sent, key) in [
        ("by_small", json!(7), json!(7)),
        ("by_small", json!("7"), json!(7)),
        ("by_number", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_993_i64)),
        ("by_number", json!("9007199254740993"), json!(9_007_199_254_740_993_i64)),
        ("by_uuid", json!(lower), json!(lower)),
        ("by_uuid", json!(uuid), json!(lower)),
        ("by_text", json!("7"), json!("7")),
        ("by_text", json!(7), json!("7")),
        ("by_text", json!("a/b c"), json!("a/b c")),
    ] {
        let touched = touch(&app, table, &sent).await;
        assert_eq!((touched.status, &touched.json["data"]), (200, &key), "{table} {sent}: {}", touched.text);
    }
    for (table, sent) in [
        ("by_small", json!(70_000)),
        ("by_small", json!(i64::MAX)),
        ("by_number", json!(9_007_199_254_740_992_i64)),
        ("by_uuid", json!("aaaaaaaa-0000-4000-8000-000000000002")),
        ("by_text", json!("A/B C")),
        ("by_text", json!("' OR ''='")),
    ] {
        assert_eq!(touch(&app, table, &sent).await.brief(), "404 not_found", "{table} {sent}");
    }
    for (table, sent) in [("by_small", json!("x")), ("by_uuid", json!(7)), ("by_uuid", json!("7"))] {
        assert_eq!(told(&touch(&app, table, &sent).await), ["entity_id wrong_type"], "{table} {sent}");
    }
    let ask = app.as_person(&people::nobody());
    assert_eq!(ask.get("/entity-actions/by_text/a%2Fb%20c").await.json[0]["visible"], true);
    let listed =
        ask.post("/entity-actions/by_text/availability", &json!({ "ids": ["a/b c", 7, "none"] })).await;
    assert_eq!(listed.json.as_object().unwrap().keys().collect::<Vec<_>>(), ["7", "a/b c"]);
    let many = json!({ "entity_ids": [uuid, lower] });
    let many = ask.post("/entity-actions/by_uuid/touch/bulk", &many).await;
    assert_eq!(many.json["succeeded"], 1, "one row in two spellings: {}", many.text);
    // Whoever has no tenant reaches what is nobody's.
    let without = app.as_person(&Person::new(9));
    let without = without.post("/entity-actions/by_small/touch", &json!({ "entity_id": 7 })).await;
    assert_eq!(without.status, 200);
}

async fn a_table_without_one_key_column_has_no_rows_to_act_on(app: TestApp) {
    let app = app.hosted(|it| it.entity_function("touch", Touch)).await;
    script(
        &app,
        "CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b)); INSERT INTO pairs VALUES (1, 1);
         CREATE TABLE heap (id INTEGER); INSERT INTO heap VALUES (1);
         CREATE VIEW seen AS SELECT 1 AS id;
         CREATE TABLE dated (id DATE PRIMARY KEY); INSERT INTO dated VALUES ('2026-03-01');"
            .to_owned(),
    )
    .await;
    buttons(&app, &["pairs", "heap", "seen", "gone", "other.gone", "dated"]).await;
    for table in ["pairs", "heap", "seen", "gone", "other.gone"] {
        assert_eq!(touch(&app, table, &json!(1)).await.brief(), "404 not_found", "{table}");
        let ask = app.as_person(&people::nobody());
        assert_eq!(ask.get(&format!("/entity-actions/{table}/1")).await.brief(), "404 not_found", "{table}");
        let many = ask.post(&format!("/entity-actions/{table}/availability"), &json!({ "ids": [1] })).await;
        assert_eq!(many.brief(), "404 not_found", "{table}");
        let bulk =
            ask.post(&format!("/entity-actions/{table}/touch/bulk"), &json!({ "entity_ids": [1] })).await;
        assert_eq!(bulk.brief(), "404 not_found", "{table}");
    }
    assert_eq!(told(&touch(&app, "dated", &json!("2026-03-01")).await), ["entity_id wrong_type"]);
}

async fn of_actions_with_one_function_the_first_whose_conditions_hold_runs(app: TestApp) {
    let app = app.hosted(|it| it.entity_function("touch", Touch)).await;
    let actions = either(&app, "metadata.entity_actions", "metadata_entity_actions");
    script(
        &app,
        format!(
            r#"CREATE TABLE a (id UUID PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY, size INTEGER);
             CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b)); INSERT INTO b VALUES (1, 1), (2, 2), (3, 3);
             INSERT INTO {actions} (table_name, action_name, display_name, rpc_function, visibility_condition,
                default_success_message) VALUES ('a', 'touch', 'A', 'touch', NULL, 'a'),
                ('b', 'one', 'B', 'touch', '{{"field": "size", "operator": "eq", "value": 1}}', 'one'),
                ('b', 'more', 'B', 'touch', '{{"field": "size", "operator": "lte", "value": 2}}', 'more'),
                ('pairs', 'touch', 'P', 'touch', NULL, 'pairs')"#
        ),
    )
    .await;
    let call = async |id: Value| {
        let answer = app.as_person(&people::nobody()).post("/rpc/touch", &json!({ "p_entity_id": id })).await;
        answer.json["message"].as_str().map_or_else(|| answer.brief(), str::to_owned)
    };
    assert_eq!(call(json!(1)).await, "one");
    assert_eq!(call(json!(2)).await, "more");
    assert_eq!(call(json!(3)).await, "409 not_available");
    assert_eq!(call(json!(4)).await, "404 not_found");
    assert_eq!(call(json!("00000000-0000-4000-8000-000000000001")).await, "404 not_found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_may_stand_in_another_schema() {
    let app = TestApp::postgres().await.hosted(|it| it.entity_function("touch", Touch)).await;
    script(
        &app,
        "CREATE SCHEMA fleet; CREATE SCHEMA \"Odd.Schema\";
         CREATE TABLE \"Odd.Schema\".levels (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE fleet.colors (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO fleet.colors VALUES (1, 'red');
         CREATE TABLE fleet.things (id INTEGER PRIMARY KEY, color_id INTEGER REFERENCES fleet.colors,
            level_id INTEGER REFERENCES \"Odd.Schema\".levels, tenant_id TEXT);
         CREATE TABLE things (id UUID PRIMARY KEY);
         CREATE TABLE numbered (id INTEGER PRIMARY KEY, tenant_id INTEGER); INSERT INTO numbered VALUES (1, 1);
         INSERT INTO fleet.things VALUES (1, 1, NULL, '11111111-1111-4111-8111-111111111111'),
            (2, 1, NULL, '22222222-2222-4222-8222-222222222222');"
            .to_owned(),
    )
    .await;
    buttons(&app, &["fleet.things", "things", "numbered"]).await;
    let condition = r#"{"and": [{"field": "color_id.name", "operator": "eq", "value": "red"},
        {"field": "level_id.name", "operator": "is_null"}]}"#;
    let sql = "UPDATE metadata.entity_actions SET visibility_condition = ";
    script(&app, format!("{sql}'{condition}' WHERE table_name = 'fleet.things'")).await;
    let touched = touch(&app, "fleet.things", &json!(1)).await;
    assert_eq!((touched.status, &touched.json["data"]), (200, &json!(1)), "{}", touched.text);
    assert_eq!(touch(&app, "fleet.things", &json!(2)).await.brief(), "404 not_found", "another tenant's");
    assert_eq!(
        told(&touch(&app, "things", &json!(1)).await),
        ["entity_id wrong_type"],
        "the table of public"
    );
    assert_eq!(touch(&app, "numbered", &json!(1)).await.brief(), "404 not_found", "no tenant has such an id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_sqlite_with_a_dot_in_its_name_is_not_found() {
    let app = TestApp::sqlite().await.hosted(|it| it.entity_function("touch", Touch)).await;
    let sql = "CREATE TABLE \"a.b\" (id INTEGER PRIMARY KEY); INSERT INTO \"a.b\" VALUES (1);
        CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES \"a.b\"); INSERT INTO c VALUES (1, 1);";
    script(&app, sql.to_owned()).await;
    buttons(&app, &["a.b", "c"]).await;
    let condition = r#"{"field": "b_id.id", "operator": "is_null"}"#;
    let sql = "UPDATE metadata_entity_actions SET visibility_condition = ";
    script(&app, format!("{sql}'{condition}' WHERE table_name = 'c'")).await;
    assert_eq!(touch(&app, "a.b", &json!(1)).await.brief(), "404 not_found");
    assert_eq!(touch(&app, "c", &json!(1)).await.status, 200, "a way that cannot be gone leads to nothing");
}

async fn fifty_rows_and_twenty_actions_are_four_statements(app: TestApp) {
    let to = |most: u32| {
        format!(
            "WITH RECURSIVE it (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM it WHERE n < {most}) SELECT n FROM it"
        )
    };
    let json = either(&app, "::jsonb", "");
    let actions = either(&app, "metadata.entity_actions", "metadata_entity_actions");
    script(
        &app,
        format!(
            r#"CREATE TABLE levels (id INTEGER PRIMARY KEY, name TEXT);
             CREATE TABLE parts (id INTEGER PRIMARY KEY, size INTEGER, level_id INTEGER REFERENCES levels);
             INSERT INTO levels VALUES (1, 'low'), (2, 'high');
             INSERT INTO parts SELECT n, n, 1 + n % 2 FROM ({}) AS numbers;
             INSERT INTO {actions} (table_name, action_name, display_name, rpc_function, visibility_condition,
                enabled_condition, disabled_condition)
             SELECT 'parts', 'a' || n, 'A', 'f' || n,
                ('{{"field": "size", "operator": "lte", "value": ' || n || '}}'){json},
                '{{"field": "level_id.name", "operator": "eq", "value": "low"}}',
                '{{"not": {{"field": "size", "operator": "gt", "value": 4}}}}' FROM ({}) AS numbers"#,
            to(50),
            to(20),
        ),
    )
    .await;
    let ids: Vec<u32> = (1..=50).collect();
    let ask = app.as_person(&people::nobody());
    let body = json!({ "ids": ids });
    let (answer, sent) = statements::heard(ask.post("/entity-actions/parts/availability", &body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(sent.len() <= 4, "{sent:#?}");
    assert_eq!(answer.json.as_object().unwrap().len(), 50);
    for id in 1..=50_u32 {
        let actions = answer.json[id.to_string()].as_array().unwrap();
        assert_eq!(actions.len(), 20);
        for (number, action) in (1..).zip(actions) {
            let judged = (&action["visible"], &action["enabled"]);
            assert_eq!(judged, (&json!(id <= number), &json!(id % 2 == 0 && id > 4)), "{id} {action}");
        }
    }
}

async fn of_an_approval_alone_and_one_of_many_one_wins(app: TestApp) {
    let app = Arc::new(app);
    let editor = Person::new(6).tenant(people::ACME).roles(&["editor"]);
    for id in 1..=6 {
        let mut runs = JoinSet::new();
        for bulk in [true, false] {
            let (app, editor) = (Arc::clone(&app), editor.clone());
            runs.spawn(async move {
                let (path, body) = if bulk {
                    let body = json!({ "entity_ids": [7, id], "mode": "independent" });
                    ("/entity-actions/issues/approve_fix/bulk", body)
                } else {
                    ("/entity-actions/issues/approve_fix", json!({ "entity_id": id }))
                };
                let answer = app.as_person(&editor).post(path, &body).await;
                match answer.json.get("results") {
                    Some(results) => u64::from(results[1]["success"] == true),
                    None => u64::from(answer.status == 200),
                }
            });
        }
        assert_eq!(runs.join_all().await.iter().sum::<u64>(), 1, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_run_over_the_same_rows_in_opposite_order_both_end() {
    let app = with_jobs().await;
    let body = "UPDATE jobs SET size = size + 1 WHERE id = p_entity_id; PERFORM pg_sleep(0.02);";
    function(&app, "grow", "void", body).await;
    let app = Arc::new(app);
    let mut runs = JoinSet::new();
    for (ids, mode) in
        [([1, 2, 3], "atomic"), ([3, 2, 1], "atomic"), ([2, 3, 1], "independent"), ([3, 1, 2], "independent")]
    {
        let app = Arc::clone(&app);
        runs.spawn(async move {
            let body = json!({ "entity_ids": ids, "mode": mode });
            app.as_person(&people::nobody()).post("/entity-actions/jobs/grow/bulk", &body).await
        });
    }
    let ended = runs.join_all().await;
    assert_eq!(tally(&ended), ["200 ×4"]);
    assert!(ended.iter().all(|it| it.json["failed"] == 0), "{ended:?}");
    assert_eq!(texts(&app, "SELECT size::text FROM jobs ORDER BY id").await, ["5", "5", "5"]);
}

async fn what_is_not_protected_is_anybodys_unless_the_host_denies_it(app: TestApp) {
    let app = app.hosted(|it| it.entity_function("touch", Touch)).await;
    script(&app, "CREATE TABLE parts (id INTEGER PRIMARY KEY); INSERT INTO parts VALUES (1);".to_owned())
        .await;
    buttons(&app, &["parts"]).await;
    assert_eq!(touch(&app, "parts", &json!(1)).await.status, 200);
    let app = app.hosted(|it| it.entity_function("touch", Touch).deny_unprotected_functions()).await;
    let editor = people::nobody().roles(&["editor"]);
    let run = async |person: &Person| {
        app.as_person(person).post("/entity-actions/parts/touch", &json!({ "entity_id": 1 })).await.brief()
    };
    for person in [people::nobody(), people::viewer(), editor.clone()] {
        assert_eq!(run(&person).await, "403 permission_denied");
        let ask = app.as_person(&person);
        assert_eq!(ask.get("/entity-actions/parts/1").await.json, json!([]));
        let called = ask.post("/rpc/touch", &json!({ "p_entity_id": 1 })).await;
        assert_eq!(called.brief(), "403 permission_denied");
        let view = ask.get("/schema_entity_actions?table_name=eq.parts").await;
        assert_eq!(view.json[0]["can_execute"], false);
    }
    assert_eq!(run(&people::administrator()).await, "200");
    let (functions, grants, roles) = either(
        &app,
        ("metadata.protected_rpcs", "metadata.protected_rpc_roles", "metadata.roles"),
        ("metadata_protected_rpcs", "metadata_protected_rpc_roles", "metadata_roles"),
    );
    let grant = format!(
        "INSERT INTO {functions} (rpc_function) VALUES ('touch');
         INSERT INTO {grants} (rpc_function, role_id) SELECT 'touch', id FROM {roles} WHERE role_key = 'editor'"
    );
    script(&app, grant).await;
    assert_eq!(run(&editor).await, "200", "what it is granted to");
    assert_eq!(run(&people::nobody()).await, "403 permission_denied");
}
