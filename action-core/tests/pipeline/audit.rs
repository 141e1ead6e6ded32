//! What each end leaves in the audit.

use action_core::audit::AuditOutcome::{Failed, Refused, Succeeded};
use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn every_end_of_an_attempt_leaves_one_record() {
    let world = World::new().await;
    for then in ["", "refuse", "fail", "panic", "sleep"] {
        world.run(&editor(), "probe", json!({ "text": "a", "then": then })).await;
    }
    world.run(&nobody(), "probe", json!({ "text": "a" })).await;
    let ends: Vec<_> = world.audit().into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(ends, [Succeeded, Refused, Failed, Failed, Failed, Refused]);
}

#[tokio::test]
async fn a_record_of_a_failure_says_what_the_caller_was_told_and_no_more() {
    let world = World::new().await;
    for then in ["fail", "panic", "insert_then_fail"] {
        world.run(&editor(), "probe", json!({ "text": "a", "then": then })).await;
        let record = world.last_record();
        assert_eq!(record.error_code.as_deref(), Some("internal"));
        assert_eq!(record.error_message.as_deref(), Some("an internal error occurred"));
        assert!(record.changes.is_empty());
        assert_eq!(record.affected_records, None);
    }
}

#[tokio::test]
async fn secrets_and_marked_parameters_are_not_in_the_record() {
    let world = World::new().await;
    world.run(&editor(), "echo", json!({ "password": "hunter2", "iban": "NL1", "name": "Ada" })).await;
    let params: Value = serde_json::from_str(&world.last_record().params).unwrap();
    assert_eq!(params, json!({ "password": "[redacted]", "iban": "[redacted]", "name": "Ada" }));
}

#[tokio::test]
async fn a_column_that_callers_cannot_see_is_not_in_the_record() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    world.run(&editor(), "deleteRecord", json!({ "entity": "Car", "id": id })).await;
    assert_eq!(world.last_record().changes[0].before["purchasePin"], "[redacted]");
}

#[tokio::test]
async fn a_record_names_caller_tenant_request_and_origin() {
    let world = World::new().await;
    let mut call = action_core::Call::execute("echo", serde_json::Map::new());
    call.origin.page_id = Some("users".into());
    call.origin.widget_id = Some("form-1".into());
    call.request.id = "r-1".into();
    call.request.ip = "10.0.0.7".parse().ok();
    call.idempotency_key = Some("k-1".into());
    world.call(&editor(), call).await;
    let record = world.last_record();
    assert_eq!((record.user_id, record.tenant_id), (editor().user_id(), Some(ACME)));
    assert_eq!((record.page_id.as_deref(), record.widget_id.as_deref()), (Some("users"), Some("form-1")));
    assert_eq!((record.request_id.as_ref(), record.idempotency_key.as_deref()), ("r-1", Some("k-1")));
    assert_eq!(record.ip_address, "10.0.0.7".parse().ok());
}

#[tokio::test]
async fn changes_are_recorded_with_the_fields_that_differ() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    let created = world.last_record().changes;
    assert_eq!(created[0].after["licensePlate"], "A-1");
    assert_eq!(created[0].before, Value::Null);
    let change = json!({ "entity": "Car", "id": id, "values": { "color": "red", "year": 2020 } });
    world.run(&editor(), "updateRecord", change).await;
    let changed = world.last_record();
    assert_eq!(changed.affected_records, Some(1));
    assert_eq!(
        (&changed.changes[0].before, &changed.changes[0].after),
        (&json!({ "color": null }), &json!({ "color": "red" }))
    );
    world.run(&editor(), "deleteRecord", json!({ "entity": "Car", "id": id })).await;
    let deleted = &world.last_record().changes[0];
    assert_eq!((&deleted.before["color"], &deleted.after), (&json!("red"), &Value::Null));
}
