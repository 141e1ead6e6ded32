//! Idempotency keys: one claim at a time, the first answer again, and nothing of a call that failed.

use std::sync::Arc;
use std::time::Duration;

use action_core::ports::{Claim, Ending, IdempotencyKey, Kept, Storage, StoreError, Transaction};
use action_tests::databases::TestDatabase;
use tokio::task::JoinSet;

use crate::calls::{
    ACME, ADA, BOB, GLOBEX, begin, commit, count, number_in, ours, reading, record, run, writing,
};

on_both_databases!(
    a_repeated_key_replays_the_first_answer,
    a_key_used_for_another_request_is_refused,
    a_key_belongs_to_its_tenant_and_caller,
    of_many_claims_at_once_one_is_fresh,
    a_claim_ends_with_its_transaction_however_it_ends,
    an_expired_answer_is_overwritten,
    a_second_answer_to_one_key_breaks_its_transaction,
    expired_answers_are_removed_by_themselves,
    a_call_that_only_reads_keeps_its_answer_and_can_write_nothing,
    a_claim_to_read_is_one_among_the_claims_of_its_key,
    an_expired_answer_is_overwritten_by_a_call_that_only_reads,
    claims_to_read_do_not_wait_for_those_who_write,
);

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey { tenant: Some(ACME), user: ADA, key: text.to_owned(), digest: [7; 32] }
}

async fn claim(database: &TestDatabase, key: &IdempotencyKey) -> Claim {
    database.idempotency_store().claim(&writing(), key).await.unwrap()
}

fn fresh(claim: Claim) -> Box<dyn Transaction> {
    match claim {
        Claim::Fresh(transaction) => transaction,
        other => panic!("not fresh but {}", name(&other)),
    }
}

fn name(claim: &Claim) -> String {
    match claim {
        Claim::Fresh(_) => "fresh".to_owned(),
        Claim::Replay(answer) => format!("replay {answer}"),
        Claim::InProgress => "in progress".to_owned(),
        Claim::OtherRequest => "other request".to_owned(),
    }
}

async fn keep(
    transaction: Box<dyn Transaction>,
    key: &IdempotencyKey,
    answer: &str,
) -> Result<(), StoreError> {
    let record = record();
    let ending = Ending { audit: Some(&record), kept: Some(Kept { key, answer }), ..Ending::default() };
    transaction.commit(ending).await
}

async fn a_repeated_key_replays_the_first_answer(database: TestDatabase) {
    let key = key("k1");
    keep(fresh(claim(&database, &key).await), &key, "200 done").await.unwrap();
    for _ in 0..3 {
        assert_eq!(name(&claim(&database, &key).await), "replay 200 done");
    }
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
}

async fn a_key_used_for_another_request_is_refused(database: TestDatabase) {
    let first = key("k1");
    keep(fresh(claim(&database, &first).await), &first, "200").await.unwrap();
    let other = IdempotencyKey { digest: [8; 32], ..first };
    assert_eq!(name(&claim(&database, &other).await), "other request");
}

async fn a_key_belongs_to_its_tenant_and_caller(database: TestDatabase) {
    let first = key("k1");
    let owners = [
        first.clone(),
        IdempotencyKey { user: BOB, ..first.clone() },
        IdempotencyKey { tenant: Some(GLOBEX), ..first.clone() },
        IdempotencyKey { tenant: None, ..first.clone() },
        IdempotencyKey { key: "K1".to_owned(), ..first.clone() },
    ];
    for (n, key) in owners.iter().enumerate() {
        keep(fresh(claim(&database, key).await), key, &n.to_string()).await.unwrap();
    }
    for (n, key) in owners.iter().enumerate() {
        assert_eq!(name(&claim(&database, key).await), format!("replay {n}"));
    }
}

async fn of_many_claims_at_once_one_is_fresh(database: TestDatabase) {
    let store = database.idempotency_store();
    let mut claims = JoinSet::new();
    for _ in 0..64 {
        let store = Arc::clone(&store);
        claims.spawn(async move { store.claim(&writing(), &key("k1")).await.unwrap() });
    }
    let mut winners = Vec::new();
    let mut others = 0;
    while let Some(claim) = claims.join_next().await {
        match claim.unwrap() {
            Claim::Fresh(transaction) => winners.push(transaction),
            Claim::InProgress => others += 1,
            other => panic!("{}", name(&other)),
        }
    }
    assert_eq!((winners.len(), others), (1, 63));
    keep(winners.pop().unwrap(), &key("k1"), "200").await.unwrap();
    assert_eq!(name(&claim(&database, &key("k1")).await), "replay 200");
}

async fn a_claim_ends_with_its_transaction_however_it_ends(database: TestDatabase) {
    let key = key("k1");
    fresh(claim(&database, &key).await).rollback().await;
    drop(fresh(claim(&database, &key).await));
    // The server needs a moment to notice a closed connection.
    let mut again = claim(&database, &key).await;
    for _ in 0..50 {
        if !matches!(again, Claim::InProgress) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = claim(&database, &key).await;
    }
    let mut transaction = fresh(again);
    assert_eq!(name(&claim(&database, &key).await), "in progress");
    // From here on it cannot commit, and PostgreSQL lets go of its locks already.
    assert!(run(transaction.as_mut(), "SELECT * FROM nowhere").await.is_err());
    transaction.rollback().await;
    assert_eq!(count(&database, "actions.idempotency_keys").await, 0);
    keep(fresh(claim(&database, &key).await), &key, "200").await.unwrap();
}

async fn expire(database: &TestDatabase) {
    let past = "UPDATE actions.idempotency_keys SET expires_at = '2020-01-01T00:00:00.000000Z'";
    commit(database, past).await;
}

async fn an_expired_answer_is_overwritten(database: TestDatabase) {
    let key = key("k1");
    keep(fresh(claim(&database, &key).await), &key, "old").await.unwrap();
    expire(&database).await;
    let other = IdempotencyKey { digest: [8; 32], ..key.clone() };
    fresh(claim(&database, &other).await).rollback().await;
    keep(fresh(claim(&database, &key).await), &key, "new").await.unwrap();
    assert_eq!(name(&claim(&database, &key).await), "replay new");
}

async fn a_second_answer_to_one_key_breaks_its_transaction(database: TestDatabase) {
    let key = key("k1");
    keep(fresh(claim(&database, &key).await), &key, "200").await.unwrap();
    // Somebody who did not claim.
    assert!(matches!(keep(begin(&database).await, &key, "201").await, Err(StoreError::Taken { .. })));
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
}

async fn expired_answers_are_removed_by_themselves(database: TestDatabase) {
    for n in 0..3 {
        let key = key(&n.to_string());
        keep(fresh(claim(&database, &key).await), &key, "200").await.unwrap();
    }
    expire(&database).await;
    let key = key("young");
    keep(fresh(claim(&database, &key).await), &key, "200").await.unwrap();
    let storage = database.options().housekeeping(Duration::from_millis(50)).connect().await.unwrap();
    for _ in 0..100 {
        if count(&database, "actions.idempotency_keys").await == 1 {
            storage.close().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("expired answers are still there");
}

async fn claim_to_read(database: &TestDatabase, key: &IdempotencyKey) -> Claim {
    database.idempotency_store().claim(&reading(), key).await.unwrap()
}

async fn a_call_that_only_reads_keeps_its_answer_and_can_write_nothing(database: TestDatabase) {
    let refused = key("refused");
    let mut transaction = fresh(claim_to_read(&database, &refused).await);
    let write = ours(&database, "DELETE FROM actions.action_audit_log");
    assert!(run(transaction.as_mut(), &write).await.is_err());
    transaction.rollback().await;

    let read = key("read");
    let mut transaction = fresh(claim_to_read(&database, &read).await);
    let count_records = ours(&database, "SELECT count(*) FROM actions.action_audit_log");
    assert_eq!(number_in(transaction.as_mut(), &count_records).await, 0);
    keep(transaction, &read, "200 read").await.unwrap();
    assert_eq!(name(&claim_to_read(&database, &read).await), "replay 200 read");
    assert_eq!(name(&claim(&database, &read).await), "replay 200 read");
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
    assert_eq!(count(&database, "actions.idempotency_keys").await, 1);
}

async fn a_claim_to_read_is_one_among_the_claims_of_its_key(database: TestDatabase) {
    let key = key("k1");
    let first = fresh(claim_to_read(&database, &key).await);
    assert_eq!(name(&claim_to_read(&database, &key).await), "in progress");
    assert_eq!(name(&claim(&database, &key).await), "in progress");
    first.rollback().await;
    fresh(claim(&database, &key).await).rollback().await;
    keep(fresh(claim_to_read(&database, &key).await), &key, "200").await.unwrap();
    assert_eq!(name(&claim_to_read(&database, &key).await), "replay 200");
}

async fn an_expired_answer_is_overwritten_by_a_call_that_only_reads(database: TestDatabase) {
    let key = key("k1");
    keep(fresh(claim(&database, &key).await), &key, "old").await.unwrap();
    expire(&database).await;
    keep(fresh(claim_to_read(&database, &key).await), &key, "new").await.unwrap();
    assert_eq!(name(&claim_to_read(&database, &key).await), "replay new");
}

async fn claims_to_read_do_not_wait_for_those_who_write(database: TestDatabase) {
    let mut writer = begin(&database).await;
    run(writer.as_mut(), &ours(&database, "DELETE FROM actions.event_outbox")).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(2), claim_to_read(&database, &key("k1"))).await;
    fresh(read.expect("a reader waits for nobody")).rollback().await;
    writer.rollback().await;
}
