//! Domain events: committed with their cause, told in order per subject, and again until they are confirmed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use action_core::Event;
use action_core::audit::AuditRecord;
use action_core::ports::{Ending, PendingEvent, PutBack, Storage};
use action_tests::databases::TestDatabase;
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::calls::{ACME, ADA, GLOBEX, at, begin, commit, count, number, ours, record, run, writing};

on_every_storage!(
    an_event_comes_with_its_cause_after_the_commit,
    events_of_one_subject_come_in_order_and_one_holder_at_a_time,
    a_subject_is_one_of_its_tenant,
    an_unconfirmed_event_comes_again_after_its_lease,
    an_event_that_is_put_back_comes_again_after_its_pause_and_later_ones_of_its_subject_wait,
    an_event_whose_delivery_was_not_begun_is_free_at_once_and_counts_no_attempt,
    an_event_that_somebody_else_took_is_not_put_back,
    two_nodes_never_tell_one_subject_at_once,
);

on_both_databases!(
    an_event_of_a_rolled_back_call_never_comes,
    an_event_that_cannot_be_read_keeps_no_other_back,
    events_that_nobody_took_for_thirty_days_are_removed,
);

fn event(subject: &str, n: u64) -> Event {
    Event { kind: "car.moved".into(), subject: subject.to_owned(), payload: json!({ "n": n }) }
}

async fn publish(storage: &dyn Storage, events: &[Event]) {
    publish_with(storage, &record(), events).await;
}

async fn publish_with(storage: &dyn Storage, record: &AuditRecord, events: &[Event]) {
    let transaction = storage.unit_of_work().begin(&writing()).await.unwrap();
    transaction.commit(Ending { audit: Some(record), events, ..Ending::default() }).await.unwrap();
}

fn told(events: &[PendingEvent]) -> Vec<(&str, u64)> {
    events.iter().map(|it| (it.event.subject.as_str(), it.event.payload["n"].as_u64().unwrap())).collect()
}

fn ids(events: &[PendingEvent]) -> Vec<Uuid> {
    events.iter().map(|it| it.id).collect()
}

fn back(event: &PendingEvent, pause: Option<u32>) -> PutBack {
    PutBack { id: event.id, attempt: event.attempt, pause }
}

async fn an_event_comes_with_its_cause_after_the_commit(storage: Arc<dyn Storage>) {
    let outbox = storage.event_outbox();
    assert!(outbox.take(10, 30).await.unwrap().is_empty());
    publish(storage.as_ref(), &[event("car-1", 1)]).await;
    let taken = outbox.take(10, 0).await.unwrap();
    assert_eq!(taken.len(), 1);
    let PendingEvent { tenant, user, at: when, event: what, attempt, .. } = &taken[0];
    assert_eq!((*tenant, *user, *attempt), (Some(ACME), ADA, 1));
    assert_eq!((*when, what), (at("2026-03-01T10:00:00.123456Z"), &event("car-1", 1)));
    outbox.confirm(&ids(&taken)).await.unwrap();
    assert!(outbox.take(10, 0).await.unwrap().is_empty());
    outbox.confirm(&[]).await.unwrap();
    outbox.put_back(&[]).await.unwrap();
}

async fn an_event_of_a_rolled_back_call_never_comes(database: TestDatabase) {
    let record = record();
    begin(&database).await.commit(Ending { audit: Some(&record), ..Ending::default() }).await.unwrap();
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "SELECT 1").await.unwrap();
    let events = [event("car-1", 1)];
    // The record's id is taken, so nothing of this ending stays.
    let ending = Ending { audit: Some(&record), events: &events, ..Ending::default() };
    assert!(transaction.commit(ending).await.is_err());
    assert!(database.event_outbox().take(10, 30).await.unwrap().is_empty());
}

async fn events_of_one_subject_come_in_order_and_one_holder_at_a_time(storage: Arc<dyn Storage>) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1), event("a", 2), event("b", 3)]).await;
    publish(storage.as_ref(), &[event("a", 4)]).await;
    let first = outbox.take(1, 30).await.unwrap();
    assert_eq!(told(&first), [("a", 1)]);
    let others = outbox.take(10, 30).await.unwrap();
    assert_eq!(told(&others), [("b", 3)], "the rest of `a` waits for its first");
    assert!(outbox.take(10, 30).await.unwrap().is_empty());
    outbox.confirm(&ids(&first)).await.unwrap();
    assert_eq!(told(&outbox.take(10, 30).await.unwrap()), [("a", 2), ("a", 4)]);
}

async fn a_subject_is_one_of_its_tenant(storage: Arc<dyn Storage>) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1)]).await;
    publish_with(storage.as_ref(), &AuditRecord { tenant_id: Some(GLOBEX), ..record() }, &[event("a", 2)])
        .await;
    publish_with(storage.as_ref(), &AuditRecord { tenant_id: None, ..record() }, &[event("a", 3)]).await;
    assert_eq!(told(&outbox.take(1, 30).await.unwrap()), [("a", 1)]);
    assert_eq!(told(&outbox.take(1, 30).await.unwrap()), [("a", 2)]);
    assert_eq!(told(&outbox.take(1, 30).await.unwrap()), [("a", 3)]);
}

async fn an_unconfirmed_event_comes_again_after_its_lease(storage: Arc<dyn Storage>) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1)]).await;
    let first = outbox.take(10, 1).await.unwrap();
    assert!(outbox.take(10, 1).await.unwrap().is_empty());
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = outbox.take(10, 30).await.unwrap();
    assert_eq!((ids(&again), again[0].attempt), (ids(&first), 2));
}

async fn an_event_that_is_put_back_comes_again_after_its_pause_and_later_ones_of_its_subject_wait(
    storage: Arc<dyn Storage>,
) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1), event("a", 2), event("b", 3)]).await;
    let taken = outbox.take(2, 30).await.unwrap();
    outbox.put_back(&[back(&taken[1], None), back(&taken[0], Some(1))]).await.unwrap();
    publish(storage.as_ref(), &[event("a", 4)]).await;
    assert_eq!(told(&outbox.take(10, 30).await.unwrap()), [("b", 3)]);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let again = outbox.take(10, 30).await.unwrap();
    assert_eq!(told(&again), [("a", 1), ("a", 2), ("a", 4)]);
    assert_eq!(again.iter().map(|it| it.attempt).collect::<Vec<_>>(), [2, 1, 1]);
}

async fn an_event_whose_delivery_was_not_begun_is_free_at_once_and_counts_no_attempt(
    storage: Arc<dyn Storage>,
) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1)]).await;
    let taken = outbox.take(10, 30).await.unwrap().remove(0);
    outbox.put_back(&[back(&taken, None)]).await.unwrap();
    assert_eq!(outbox.take(10, 30).await.unwrap(), [taken]);
}

async fn an_event_that_somebody_else_took_is_not_put_back(storage: Arc<dyn Storage>) {
    let outbox = storage.event_outbox();
    publish(storage.as_ref(), &[event("a", 1)]).await;
    let late = outbox.take(10, 0).await.unwrap().remove(0);
    let second = outbox.take(10, 30).await.unwrap().remove(0);
    assert_eq!((late.id, second.attempt), (second.id, 2));
    outbox.put_back(&[back(&late, None)]).await.unwrap();
    outbox.put_back(&[back(&late, Some(0))]).await.unwrap();
    assert!(outbox.take(10, 30).await.unwrap().is_empty(), "the second still holds it");
}

async fn an_event_that_cannot_be_read_keeps_no_other_back(database: TestDatabase) {
    publish(&database, &[event("a", 1), event("a", 2), event("b", 3)]).await;
    // A number beyond what can be read.
    commit(&database, "UPDATE actions.event_outbox SET payload = '{\"n\": 1e999}' WHERE position = 1").await;
    let outbox = database.event_outbox();
    let taken = outbox.take(10, 0).await.unwrap();
    assert_eq!(told(&taken), [("a", 2), ("b", 3)]);
    outbox.confirm(&ids(&taken)).await.unwrap();
    assert!(outbox.take(10, 0).await.unwrap().is_empty());
    let told_why =
        "SELECT count(*) FROM actions.event_outbox WHERE problem = 'its column payload cannot be read'";
    assert_eq!(number(&database, &ours(&database, told_why)).await, 1);
    commit(&database, "UPDATE actions.event_outbox SET payload = '{\"n\": 1}', problem = NULL").await;
    assert_eq!(told(&outbox.take(10, 30).await.unwrap()), [("a", 1)]);
}

async fn events_that_nobody_took_for_thirty_days_are_removed(database: TestDatabase) {
    let now = AuditRecord { created_at: chrono::Utc::now(), ..record() };
    publish_with(&database, &now, &[event("told", 1), event("old", 2), event("old", 3), event("young", 4)])
        .await;
    assert_eq!(told(&database.event_outbox().take(1, 30).await.unwrap()), [("told", 1)]);
    let old = "UPDATE actions.event_outbox SET happened_at = '2020-01-01T00:00:00.000000Z' WHERE subject <> 'young'";
    commit(&database, old).await;
    let storage = database.options().housekeeping(Duration::from_millis(50)).connect().await.unwrap();
    for _ in 0..100 {
        if count(&database, "actions.event_outbox").await == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    storage.close().await;
    let left = "SELECT count(*) FROM actions.event_outbox WHERE subject IN ('told', 'young')";
    let left = number(&database, &ours(&database, left)).await;
    assert_eq!((left, count(&database, "actions.event_outbox").await), (2, 2));
}

async fn two_nodes_never_tell_one_subject_at_once(storage: Arc<dyn Storage>) {
    for round in 0..20 {
        let events: Vec<Event> = (0..5).map(|n| event(&format!("s{n}"), round)).collect();
        publish(storage.as_ref(), &events).await;
    }
    let mut nodes = JoinSet::new();
    for _ in 0..4 {
        let outbox = storage.event_outbox();
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
                told_here.extend(told(&taken).into_iter().map(|(subject, n)| (subject.to_owned(), n)));
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
