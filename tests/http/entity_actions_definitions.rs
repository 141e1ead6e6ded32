//! Administrators edit the definitions of entity actions.

use action_tests::{TestApp, people};
use serde_json::json;

use crate::entity_actions::{DEFINITIONS, editor};
use crate::support::told;

on_both_fleets!(
    administrators_edit_definitions,
    a_malformed_definition_is_refused_field_by_field,
    only_administrators_edit_definitions,
    what_other_sql_has_stored_does_not_stand_against_a_change_of_something_else,
);

async fn administrators_edit_definitions(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let body = json!({
        "table_name": "issues", "action_name": "again", "display_name": "Again",
        "rpc_function": "reject_pothole_fix",
        "visibility_condition": { "field": "severity", "operator": "gte", "value": 3 },
        "parameters": [{ "param_name": "p_note", "display_name": "Note", "param_type": "text_short", "required": false,
            "depends_on_params": ["x"] }],
        "roles": ["editor"],
    });
    let made = ask.post(DEFINITIONS, &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.json["id"].as_i64().unwrap();
    assert_eq!((&made.json["roles"], &made.json["button_style"]), (&json!(["editor"]), &json!("primary")));
    assert_eq!(made.json["parameters"][0]["depends_on_params"], json!(["x"]));
    let path = format!("{DEFINITIONS}/{id}");
    assert_eq!(ask.get(&path).await.json, made.json);
    let keyed = ask.clone().header("idempotency-key", "define-1");
    let other =
        json!({ "table_name": "issues", "action_name": "other", "display_name": "O", "rpc_function": "f" });
    let first = keyed.post(DEFINITIONS, &other).await;
    let second = keyed.post(DEFINITIONS, &other).await;
    assert_eq!((second.status, &second.json), (201, &first.json));
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    let twice = ask.post(DEFINITIONS, &body).await;
    assert_eq!(twice.brief(), "409 conflict");
    let put = crate::page_actions_seed::put;
    let as_it_was_read = put(&ask, &path, &made.json).await;
    assert_eq!(as_it_was_read.json, made.json, "what was read may be sent");
    let changed =
        put(&ask, &path, &json!({ "display_name": "Once more", "visibility_condition": null })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json["display_name"], "Once more");
    assert_eq!(changed.json["visibility_condition"], json!(null));
    assert_eq!(changed.json["parameters"], made.json["parameters"], "what is not sent stays");
    assert_eq!(changed.json["roles"], json!(["editor"]));
    let open = put(&ask, &path, &json!({ "roles": [] })).await;
    assert_eq!(open.json["roles"], json!([]));
    let listed = ask.get(&format!("{DEFINITIONS}?table_name=issues")).await.json;
    assert_eq!(listed["total"], 4);
    let delete = crate::page_actions_seed::delete;
    assert_eq!(delete(&ask, &path).await.status, 204);
    assert_eq!(delete(&ask, &path).await.brief(), "404 not_found");
    assert_eq!(ask.get(&path).await.brief(), "404 not_found");
    assert_eq!(put(&ask, &format!("{DEFINITIONS}/x"), &json!({})).await.brief(), "404 not_found");
}

async fn a_malformed_definition_is_refused_field_by_field(app: TestApp) {
    let ask = app.as_person(&people::administrator());
    let whole = json!({
        "table_name": "issues", "action_name": "again", "display_name": "Again", "rpc_function": "f",
    });
    for (name, value, expected) in [
        ("table_name", json!("availability"), "table_name not_allowed"),
        ("action_name", json!("bulk"), "action_name not_allowed"),
        ("action_name", json!("a/b"), "action_name not_allowed"),
        ("rpc_function", json!("f".repeat(64)), "rpc_function too_long"),
        ("display_name", json!(" "), "display_name too_short"),
        ("button_style", json!("red"), "button_style not_allowed"),
        ("sort_order", json!(3_000_000_000_u32), "sort_order wrong_type"),
        ("show_on_list", json!(1), "show_on_list wrong_type"),
        ("visibility_condition", json!({ "field": "a" }), "visibility_condition invalid_condition"),
        ("enabled_condition", json!([]), "enabled_condition invalid_condition"),
        (
            "disabled_condition",
            json!({ "field": "a", "operator": "EQ", "value": 1 }),
            "disabled_condition invalid_condition",
        ),
        ("default_navigate_to", json!("//evil"), "default_navigate_to invalid_path"),
        ("parameters", json!({}), "parameters wrong_type"),
        (
            "parameters",
            json!([{ "param_name": "p_entity_id", "display_name": "x", "param_type": "text" }]),
            "parameters[0].param_name not_allowed",
        ),
        (
            "parameters",
            json!([{ "param_name": "a", "display_name": "x", "param_type": "texts" }]),
            "parameters[0].param_type wrong_type",
        ),
        (
            "parameters",
            json!([{ "param_name": "a", "display_name": "x", "param_type": "text", "more": 1 }]),
            "parameters[0].more unknown_field",
        ),
        (
            "parameters",
            json!([{ "param_name": "a", "display_name": "x", "param_type": "foreign_key" }]),
            "parameters[0].join_table required",
        ),
        (
            "parameters",
            json!([{ "param_name": "a", "display_name": "x", "param_type": "status" }]),
            "parameters[0].status_entity_type required",
        ),
        ("roles", json!("editor"), "roles wrong_type"),
        ("roles", json!(["nobody knows"]), "roles unknown_reference"),
        ("more", json!(1), "more unknown_field"),
    ] {
        let mut body = whole.clone();
        body[name] = value.clone();
        assert_eq!(told(&ask.post(DEFINITIONS, &body).await), [expected], "{name} {value}");
    }
    assert_eq!(
        told(&ask.post(DEFINITIONS, &json!({})).await),
        ["table_name required", "action_name required", "rpc_function required", "display_name required"]
    );
    assert_eq!(
        ask.get(&format!("{DEFINITIONS}?table_name=issues")).await.json["total"],
        2,
        "nothing is stored"
    );
}

async fn only_administrators_edit_definitions(app: TestApp) {
    let ask = app.as_person(&editor());
    assert_eq!(ask.get(DEFINITIONS).await.brief(), "403 permission_denied");
    assert_eq!(ask.get(&format!("{DEFINITIONS}/1")).await.brief(), "403 permission_denied");
    assert_eq!(ask.post(DEFINITIONS, &json!({})).await.brief(), "403 permission_denied");
    let put = crate::page_actions_seed::put;
    assert_eq!(put(&ask, &format!("{DEFINITIONS}/1"), &json!({})).await.brief(), "403 permission_denied");
    let delete = crate::page_actions_seed::delete;
    assert_eq!(delete(&ask, &format!("{DEFINITIONS}/1")).await.brief(), "403 permission_denied");
}

async fn what_other_sql_has_stored_does_not_stand_against_a_change_of_something_else(app: TestApp) {
    let script = if app.parts().storage.dialect() == action_sqlx::Dialect::Postgres {
        "UPDATE metadata.entity_actions SET disabled_tooltip = '', visibility_condition = '[1]' WHERE id = 1"
    } else {
        "UPDATE metadata_entity_actions SET disabled_tooltip = '', visibility_condition = '[1]' WHERE id = 1"
    };
    app.parts().storage.run_script(script).await.unwrap();
    let ask = app.as_person(&people::administrator());
    let put = crate::page_actions_seed::put;
    let renamed = put(&ask, &format!("{DEFINITIONS}/1"), &json!({ "display_name": "New" })).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text);
    assert_eq!(renamed.json["visibility_condition"], json!([1]), "it stays what it was");
    let body = json!({ "visibility_condition": { "field": "status", "operator": "eq", "value": "pending" } });
    let mended = put(&ask, &format!("{DEFINITIONS}/1"), &body).await;
    assert_eq!(mended.json["visibility_condition"], body["visibility_condition"]);
}
