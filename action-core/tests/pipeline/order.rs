//! The order of the checks: of two things that are wrong, the earlier one is told.

use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn an_unknown_action_is_told_before_anything_else() {
    let world = World::new().await;
    assert_eq!(world.end(&without_tenant(), "nothing", json!({ "text": 1 })).await, "action_not_found");
    assert!(world.audit().is_empty(), "nothing was attempted");
}

#[tokio::test]
async fn a_target_that_is_missing_or_unknown_is_told_before_the_permission() {
    let world = World::new().await;
    let absent = world.run(&nobody(), "createRecord", json!({})).await;
    assert_eq!(fields(&absent), [("entity".into(), "required".into())]);
    let wrong = world.run(&nobody(), "createRecord", json!({ "entity": 5 })).await;
    assert_eq!(fields(&wrong), [("entity".into(), "wrong_type".into())]);
    assert_eq!(world.end(&nobody(), "createRecord", json!({ "entity": "Ghost" })).await, "not_found");
    assert_eq!(world.end(&nobody(), "executeQuery", json!({ "query": "ghost" })).await, "query_not_found");
    assert_eq!(world.end(&nobody(), "createRecord", json!({ "entity": "Car" })).await, "permission_denied");
}

#[tokio::test]
async fn a_missing_tenant_is_told_before_the_permission() {
    let world = World::new().await;
    assert_eq!(world.end(&without_tenant(), "probe", json!({})).await, "tenant_required");
    assert_eq!(world.end(&without_tenant(), "echo", json!({})).await, "done");
}

#[tokio::test]
async fn a_missing_permission_is_told_before_the_rate_and_uses_none_of_it() {
    let world = World::new().await;
    for _ in 0..10 {
        let reply = world.run(&nobody(), "probe", json!({ "text": "" })).await;
        assert_eq!(end(&reply), "permission_denied");
        assert_eq!(reply.window, None);
    }
}

#[tokio::test]
async fn the_rate_is_told_before_the_parameters_and_counts_malformed_calls() {
    let world = World::new().await;
    for left in (0..5).rev() {
        let reply = world.run(&editor(), "probe", json!({})).await;
        assert_eq!(end(&reply), "validation_failed");
        assert_eq!(reply.window.unwrap().remaining, left);
    }
    assert_eq!(world.end(&editor(), "probe", json!({})).await, "rate_limited");
    assert_eq!(world.runs(), 0);
}

#[tokio::test]
async fn parameters_are_told_before_the_idempotency_key_is_looked_at() {
    let world = World::new().await;
    let mut call = action_core::Call::execute("probe", serde_json::Map::new());
    call.idempotency_key = Some("k".into());
    assert_eq!(end(&world.call(&editor(), call).await), "validation_failed");
}
