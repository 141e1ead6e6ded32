//! Domain events: committed with their cause, told in order per subject, and again until they are confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use action_core::Event;
use action_core::ports::{Ending, PendingEvent, Storage};
use action_tests::databases::TestDatabase;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::calls::{ACME, ADA, at, begin, count, record, run};

on_both_databases!(
    an_event_comes_with_its_cause_after_the_commit,
    an_event_of_a_rolled_back_call_never_comes,
    events_of_one_subject_come_in_order_and_one_holder_at_a_time,
    an_unconfirmed_event_comes_again_after_its_lease,
    two_nodes_never_tell_one_subject_at_once,
);

fn event(subject: &str, n: u64) -> Event {
    Event { kind: "car.moved".into(), subject: subject.to_owned(), payload: json!({ "n": n }) }
}

async fn publish(database: &TestDatabase, events: &[Event]) {
    let record = record();
    let ending = Ending { audit: Some(&record), events, ..Ending::default() };
    begin(database).await.commit(ending).await.unwrap();
}

fn told(events: &[PendingEvent]) -> Vec<(String, u64)> {
    events.iter().map(|it| (it.event.subject.clone(), it.event.payload["n"].as_u64().unwrap())).collect()
}

fn ids(events: &[PendingEvent]) -> Vec<Uuid> {
    events.iter().map(|it| it.id).collect()
}

async fn an_event_comes_with_its_cause_after_the_commit(database: TestDatabase) {
    let outbox = database.event_outbox();
    assert!(outbox.take(10, 30).await.unwrap().is_empty());
    publish(&database, &[event("car-1", 1)]).await;
    let taken = outbox.take(10, 30).await.unwrap();
    assert_eq!(taken.len(), 1);
    let PendingEvent { tenant, user, at: when, event: what, attempt, .. } = &taken[0];
    assert_eq!((*tenant, *user, *attempt), (Some(ACME), ADA, 1));
    assert_eq!((*when, what), (at("2026-03-01T10:00:00.123456Z"), &event("car-1", 1)));
    outbox.confirm(&ids(&taken)).await.unwrap();
    assert_eq!(count(&database, "actions.event_outbox").await, 0);
    outbox.confirm(&[]).await.unwrap();
}

async fn an_event_of_a_rolled_back_call_never_comes(database: TestDatabase) {
    let record = record();
    publish(&database, &[]).await;
    begin(&database).await.commit(Ending { audit: Some(&record), ..Ending::default() }).await.unwrap();
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "SELECT 1").await.unwrap();
    let events = [event("car-1", 1)];
    // The record's id is taken, so nothing of this ending stays.
    assert!(
        transaction
            .commit(Ending { audit: Some(&record), events: &events, ..Ending::default() })
            .await
            .is_err()
    );
    assert!(database.event_outbox().take(10, 30).await.unwrap().is_empty());
}

async fn events_of_one_subject_come_in_order_and_one_holder_at_a_time(database: TestDatabase) {
    let outbox = database.event_outbox();
    publish(&database, &[event("a", 1), event("a", 2), event("b", 3)]).await;
    publish(&database, &[event("a", 4)]).await;
    let first = outbox.take(1, 30).await.unwrap();
    assert_eq!(told(&first), [("a".to_owned(), 1)]);
    let others = outbox.take(10, 30).await.unwrap();
    assert_eq!(told(&others), [("b".to_owned(), 3)], "the rest of `a` waits for its first");
    assert!(outbox.take(10, 30).await.unwrap().is_empty());
    outbox.confirm(&ids(&first)).await.unwrap();
    assert_eq!(told(&outbox.take(10, 30).await.unwrap()), [("a".to_owned(), 2), ("a".to_owned(), 4)]);
}

async fn an_unconfirmed_event_comes_again_after_its_lease(database: TestDatabase) {
    let outbox = database.event_outbox();
    publish(&database, &[event("a", 1)]).await;
    let first = outbox.take(10, 1).await.unwrap();
    assert!(outbox.take(10, 1).await.unwrap().is_empty());
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = outbox.take(10, 30).await.unwrap();
    assert_eq!((ids(&again), again[0].attempt), (ids(&first), 2));
}

async fn two_nodes_never_tell_one_subject_at_once(database: TestDatabase) {
    for round in 0..20 {
        let events: Vec<Event> = (0..5).map(|n| event(&format!("s{n}"), round)).collect();
        publish(&database, &events).await;
    }
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        let outbox = Arc::clone(&database.event_outbox());
        nodes.spawn(async move {
            let mut told_here: Vec<(String, u64)> = Vec::new();
            let mut idle = 0;
            while idle < 20 {
                let taken = outbox.take(3, 30).await.unwrap();
                if taken.is_empty() {
                    idle += 1;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                // Subjects in one node's hands are in no other's until they are confirmed.
                told_here.extend(told(&taken));
                outbox.confirm(&ids(&taken)).await.unwrap();
            }
            told_here
        });
    }
    let mut by_subject: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    while let Some(told) = nodes.join_next().await {
        let told = told.unwrap();
        for (subject, n) in &told {
            by_subject.entry(subject.clone()).or_default().push(*n);
        }
        // What one node told of a subject came in order.
        for subject in ["s0", "s1", "s2", "s3", "s4"] {
            let order: Vec<u64> = told.iter().filter(|(it, _)| it == subject).map(|(_, n)| *n).collect();
            assert!(order.is_sorted(), "{subject}: {order:?}");
        }
    }
    for (subject, mut numbers) in by_subject {
        numbers.sort_unstable();
        assert_eq!(numbers, (0..20).collect::<Vec<_>>(), "{subject}: each exactly once");
    }
}
