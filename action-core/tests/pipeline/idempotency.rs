//! One key, one effect.

use action_core::{Call, Outcome};
use serde_json::json;

use crate::world::*;

fn insert(plate: &str, key: &str) -> Call {
    let params = json!({ "entity": "Car", "values": { "licensePlate": plate, "year": 2020 } });
    let mut call = Call::execute("createRecord", params.as_object().cloned().unwrap());
    call.idempotency_key = Some(key.to_owned());
    call
}

#[tokio::test]
async fn a_repetition_is_answered_as_the_first_call_was_and_leaves_no_record() {
    let world = World::new().await;
    let first = world.call(&editor(), insert("A-1", "k")).await;
    let again = world.call(&editor(), insert("A-1", "k")).await;
    assert_eq!(data(&first), data(&again));
    assert!(matches!(again.result, Ok(Outcome::Done(done)) if done.replayed));
    assert_eq!(world.audit().len(), 1);
}

#[tokio::test]
async fn another_payload_or_action_under_the_key_is_refused() {
    let world = World::new().await;
    world.call(&editor(), insert("A-1", "k")).await;
    assert_eq!(end(&world.call(&editor(), insert("A-2", "k")).await), "idempotency_key_reused");
}

#[tokio::test]
async fn a_key_belongs_to_its_caller_and_tenant() {
    let world = World::new().await;
    world.call(&editor(), insert("A-1", "k")).await;
    assert_eq!(end(&world.call(&stranger(), insert("A-1", "k")).await), "done");
    assert_eq!(end(&world.call(&newcomer(), insert("A-3", "k")).await), "done");
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = World::new().await;
    world.car(&editor(), "A-1").await;
    assert_eq!(end(&world.call(&editor(), insert("A-1", "k")).await), "conflict");
    assert_eq!(end(&world.call(&editor(), insert("A-1", "k")).await), "conflict");
    assert_eq!(end(&world.call(&editor(), insert("A-2", "k")).await), "done");
}

#[tokio::test]
async fn of_many_calls_at_once_one_has_an_effect() {
    let world = World::new().await;
    let calls = (0..64).map(|_| world.engine.run(editor(), insert("A-1", "k")));
    let replies = futures_util::future::join_all(calls).await;
    let fresh =
        replies.iter().filter(|it| matches!(&it.result, Ok(Outcome::Done(done)) if !done.replayed)).count();
    assert_eq!(fresh, 1);
    assert!(replies.iter().all(|it| matches!(end(it).as_str(), "done" | "in_progress")));
    assert_eq!(world.audit().iter().filter(|(_, outcome)| outcome.name() == "succeeded").count(), 1);
}
