//! Time limits, panics, and clients that hang up.

use std::time::Duration;

use action_core::Call;
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn an_action_past_its_time_limit_is_rolled_back() {
    let world = World::new().await;
    assert_eq!(world.end(&editor(), "probe", json!({ "text": "a", "then": "sleep" })).await, "timeout");
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_engine_lives_on() {
    let world = World::new().await;
    assert_eq!(world.end(&editor(), "probe", json!({ "text": "a", "then": "panic" })).await, "internal");
    assert_eq!(world.end(&editor(), "probe", json!({ "text": "a" })).await, "done");
}

#[tokio::test]
async fn whatever_a_failed_call_wrote_is_undone() {
    let world = World::new().await;
    world.run(&editor(), "probe", json!({ "text": "A-1", "then": "insert_then_fail" })).await;
    let found = world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await;
    assert_eq!(found["total"], 0);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_its_call() {
    let world = World::with(|builder| {
        let slow = action_core::Action::new("slow").authenticated();
        builder.action(slow, Slow)
    })
    .await;
    let call = Call::execute("slow", serde_json::Map::new());
    let hung_up = tokio::time::timeout(Duration::from_millis(5), world.call(&editor(), call)).await;
    assert!(hung_up.is_err());
    assert!(world.engine.drain(Duration::from_secs(5)).await);
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 1);
    assert_eq!(world.audit().len(), 2);
}

struct Slow;

impl action_core::ActionHandler for Slow {
    type Input = ();
    type Output = ();

    async fn execute(&self, ctx: &mut action_core::ActionContext<'_>, (): ()) -> action_core::ActionResult {
        let car =
            Car { id: uuid::Uuid::nil(), license_plate: "S-1".into(), year: 2020, color: None, version: 0 };
        ctx.records::<Car>()?.insert(&car).await?;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(())
    }
}

#[tokio::test]
async fn a_window_is_told_with_every_answer_of_a_limited_action() {
    let world = World::new().await;
    let reply = world.run(&editor(), "probe", json!({ "text": "a" })).await;
    let window = reply.window.unwrap();
    assert_eq!((window.rate.calls(), window.remaining, window.allowed), (5, 4, true));
    assert_eq!(world.run(&editor(), "echo", json!({})).await.window, None);
}
