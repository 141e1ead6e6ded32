//! An action on many rows at once: what becomes of each, and of what a row leaves that is undone.

use action_core::entity_actions::{EntityCall, EntityFunction};
use action_core::{ActionContext, ActionResult, Event};
use action_sqlx::Dialect;
use action_tests::{TestApp, people};
use async_trait::async_trait;
use serde_json::{Value, json};

use crate::entity_actions::{ISSUES, editor, run};
use crate::support::told;

on_both_fleets!(
    many_rows_at_once_are_all_or_nothing_or_as_many_as_can_be,
    a_row_that_is_undone_leaves_no_event,
);

/// Tells of each row, and fails on every other one afterwards.
struct Shaky;

#[async_trait]
impl EntityFunction for Shaky {
    async fn call(&self, ctx: &mut ActionContext<'_>, call: EntityCall) -> ActionResult<Value> {
        let id = call.entity_id.to_json();
        ctx.emit(Event { kind: "issue.shaken".into(), subject: id.to_string(), payload: json!(null) });
        Ok(json!({ "success": id.as_i64().is_some_and(|it| it % 2 == 0), "message": "shaken" }))
    }
}

async fn many_rows_at_once_are_all_or_nothing_or_as_many_as_can_be(app: TestApp) {
    let ask = app.as_person(&editor());
    let path = format!("{ISSUES}/approve_fix/bulk");
    let atomic = ask.post(&path, &json!({ "entity_ids": [1, 7, 2] })).await;
    assert_eq!(atomic.brief(), "409 action_failed");
    let told_of = |answer: &Value| -> Vec<(Value, Value)> {
        let results = answer["results"].as_array().unwrap();
        results.iter().map(|it| (it["entity_id"].clone(), it["success"].clone())).collect()
    };
    let expected = [(json!(1), json!(true)), (json!(7), json!(false)), (json!(2), json!(true))];
    assert_eq!(told_of(&atomic.json), expected);
    assert_eq!(run(&ask, "reject_fix", 1).await.status, 200, "nothing was kept");
    let some = ask.post(&path, &json!({ "entity_ids": [2, "7", 99, 3, 2], "mode": "independent" })).await;
    assert_eq!(some.status, 200, "{}", some.text);
    assert_eq!(
        (&some.json["success"], &some.json["succeeded"], &some.json["failed"]),
        (&json!(false), &json!(2), &json!(2))
    );
    let codes: Vec<&Value> = some.json["results"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, [&json!(null), &json!("not_available"), &json!("not_found"), &json!(null)]);
    assert_eq!(run(&ask, "approve_fix", 2).await.brief(), "409 not_available", "it stays approved");
    let all = ask.post(&path, &json!({ "entity_ids": [4, 5] })).await;
    assert_eq!((all.status, &all.json["succeeded"]), (200, &json!(2)), "{}", all.text);
    for (body, expected) in [
        (json!({}), "entity_ids required"),
        (json!({ "entity_ids": [] }), "entity_ids too_few"),
        (json!({ "entity_ids": vec![1; 501] }), "entity_ids too_many"),
        (json!({ "entity_ids": 1 }), "entity_ids wrong_type"),
        (json!({ "entity_ids": [1, "x"] }), "entity_ids[1] wrong_type"),
        (json!({ "entity_ids": [1], "mode": "some" }), "mode not_allowed"),
    ] {
        assert_eq!(told(&ask.post(&path, &body).await), [expected]);
    }
    let nobody = app.as_person(&people::nobody()).post(&path, &json!({ "entity_ids": [6] })).await;
    assert_eq!(nobody.brief(), "403 permission_denied");
}

async fn a_row_that_is_undone_leaves_no_event(app: TestApp) {
    let script = match app.parts().storage.dialect() {
        Dialect::Postgres => {
            "INSERT INTO metadata.entity_actions (table_name, action_name, display_name, rpc_function, show_on_list)
             VALUES ('issues', 'shake', 'Shake', 'shaky', true)"
        }
        Dialect::Sqlite => {
            "INSERT INTO metadata_entity_actions (table_name, action_name, display_name, rpc_function, show_on_list)
             VALUES ('issues', 'shake', 'Shake', 'shaky', true)"
        }
    };
    app.parts().storage.run_script(script).await.unwrap();
    let app = app.hosted(|it| it.entity_function("shaky", Shaky)).await;
    let ask = app.as_person(&people::administrator());
    let body = json!({ "entity_ids": [1, 2, 3, 4], "mode": "independent" });
    let done = ask.post(&format!("{ISSUES}/shake/bulk"), &body).await;
    assert_eq!((&done.json["succeeded"], &done.json["failed"]), (&json!(2), &json!(2)), "{}", done.text);
    let told = app.parts().engine.event_outbox().take(10, 30).await.unwrap();
    let subjects: Vec<&str> = told.iter().map(|it| it.event.subject.as_str()).collect();
    assert_eq!(subjects, ["2", "4"]);
}
