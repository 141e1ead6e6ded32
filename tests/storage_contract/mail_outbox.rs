//! Mails that wait: queued with their call, taken by one at a time, dead until somebody looks.

use std::sync::Arc;
use std::time::Duration;

use action_core::mail::{Mail, OutgoingMail};
use action_core::ports::{AttemptEnd, Ending, MailState, Storage};
use action_tests::databases::TestDatabase;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::calls::{ACME, ADA, at, begin, commit, record, run};

on_both_databases!(
    a_mail_is_there_once_its_call_is_committed_and_comes_back_as_it_was,
    a_mail_of_a_call_that_was_undone_is_never_there,
    of_many_takers_each_mail_goes_to_one,
    a_taken_mail_comes_again_after_its_lease,
    a_mail_that_failed_comes_again_when_it_is_due,
    a_dead_mail_waits_until_it_is_queued_again,
    a_sent_mail_keeps_its_row_without_its_content,
    mails_are_listed_newest_first_and_in_pages,
    an_attempt_that_lost_its_lease_settles_nothing,
    a_mail_that_cannot_be_read_is_dead_and_keeps_no_other_back,
);

fn mail(id: u128) -> OutgoingMail {
    OutgoingMail {
        id: Uuid::from_u128(id),
        tenant_id: Some(ACME),
        user_id: ADA,
        request_id: "request-1".to_owned(),
        created_at: at("2026-03-01T10:00:00.123456Z"),
        mail: Mail::to("ada@example.com").bcc(["eve@example.com"]).subject("Grüße 'n \"so\"").text("a\nb"),
    }
}

async fn queue(database: &TestDatabase, mails: &[OutgoingMail]) {
    let record = record();
    let ending = Ending { audit: Some(&record), mails, ..Ending::default() };
    begin(database).await.commit(ending).await.unwrap();
}

async fn a_mail_is_there_once_its_call_is_committed_and_comes_back_as_it_was(database: TestDatabase) {
    let outbox = database.mail_outbox();
    assert!(outbox.take(10, 60).await.unwrap().is_empty());
    let other = OutgoingMail { tenant_id: None, ..mail(2) };
    queue(&database, &[mail(1), other.clone()]).await;
    let taken = outbox.take(10, 60).await.unwrap();
    assert_eq!(taken.iter().map(|it| it.mail.clone()).collect::<Vec<_>>(), [mail(1), other]);
    assert!(taken.iter().all(|it| it.attempt == 1));
}

async fn a_mail_of_a_call_that_was_undone_is_never_there(database: TestDatabase) {
    let record = record();
    begin(&database).await.commit(Ending { audit: Some(&record), ..Ending::default() }).await.unwrap();
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "SELECT 1").await.unwrap();
    // The record's id is taken, so nothing of this ending stays.
    let ending = Ending { audit: Some(&record), mails: &[mail(1)], ..Ending::default() };
    assert!(transaction.commit(ending).await.is_err());
    assert!(database.mail_outbox().take(10, 60).await.unwrap().is_empty());
}

async fn of_many_takers_each_mail_goes_to_one(database: TestDatabase) {
    let mails: Vec<_> = (0..50).map(mail).collect();
    queue(&database, &mails).await;
    let outbox = database.mail_outbox();
    let mut takers = JoinSet::new();
    for _ in 0..16 {
        let outbox = Arc::clone(&outbox);
        takers.spawn(async move { outbox.take(7, 60).await.unwrap() });
    }
    let mut taken: Vec<u128> =
        takers.join_all().await.into_iter().flatten().map(|it| it.mail.id.as_u128()).collect();
    taken.sort_unstable();
    assert_eq!(taken, (0..50).collect::<Vec<_>>());
}

async fn a_taken_mail_comes_again_after_its_lease(database: TestDatabase) {
    queue(&database, &[mail(1)]).await;
    let outbox = database.mail_outbox();
    assert_eq!(outbox.take(10, 1).await.unwrap().len(), 1);
    assert!(outbox.take(10, 1).await.unwrap().is_empty());
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(outbox.take(10, 1).await.unwrap()[0].attempt, 2);
}

async fn a_mail_that_failed_comes_again_when_it_is_due(database: TestDatabase) {
    queue(&database, &[mail(1)]).await;
    let outbox = database.mail_outbox();
    let taken = outbox.take(10, 60).await.unwrap().remove(0);
    outbox.settle(&taken, AttemptEnd::Retry { after_seconds: 3_600, error: "not now\0" }).await.unwrap();
    assert!(outbox.take(10, 60).await.unwrap().is_empty());
    let queued = outbox.list(MailState::Queued, 10, 0).await.unwrap();
    assert_eq!(queued[0].last_error.as_deref(), Some("not now\u{fffd}"));
    commit(&database, "UPDATE actions.mail_outbox SET due_at = '2020-01-01T00:00:00.000000Z'").await;
    assert_eq!(outbox.take(10, 60).await.unwrap()[0].attempt, 2);
}

async fn a_dead_mail_waits_until_it_is_queued_again(database: TestDatabase) {
    queue(&database, &[mail(1)]).await;
    let outbox = database.mail_outbox();
    assert!(!outbox.requeue(mail(1).id).await.unwrap(), "it is not dead");
    let taken = outbox.take(10, 0).await.unwrap().remove(0);
    outbox.settle(&taken, AttemptEnd::Dead { error: "no such mailbox" }).await.unwrap();
    assert!(outbox.take(10, 60).await.unwrap().is_empty());
    assert_eq!(outbox.list(MailState::Dead, 10, 0).await.unwrap()[0].attempts, 1);
    assert!(outbox.requeue(mail(1).id).await.unwrap());
    assert_eq!(outbox.take(10, 60).await.unwrap()[0].attempt, 1);
    assert!(!outbox.requeue(Uuid::nil()).await.unwrap());
}

async fn a_sent_mail_keeps_its_row_without_its_content(database: TestDatabase) {
    queue(&database, &[mail(1)]).await;
    let outbox = database.mail_outbox();
    let taken = outbox.take(10, 0).await.unwrap().remove(0);
    outbox.settle(&taken, AttemptEnd::Sent).await.unwrap();
    assert!(outbox.take(10, 60).await.unwrap().is_empty());
    assert_eq!(outbox.list(MailState::Sent, 10, 0).await.unwrap()[0].id, mail(1).id);
    let emptied = "SELECT count(*) FROM actions.mail_outbox WHERE message = '{}' AND expires_at IS NOT NULL";
    let emptied = crate::calls::ours(&database, emptied);
    assert_eq!(crate::calls::number(&database, &emptied).await, 1);
}

async fn mails_are_listed_newest_first_and_in_pages(database: TestDatabase) {
    let later = |id: u128| OutgoingMail { created_at: at("2026-03-02T10:00:00.000000Z"), ..mail(id) };
    queue(&database, &[mail(2), later(1), mail(3), later(4)]).await;
    let ids = async |limit: u32, offset: u64| -> Vec<u128> {
        let listed = database.mail_outbox().list(MailState::Queued, limit, offset).await.unwrap();
        listed.iter().map(|it| it.id.as_u128()).collect()
    };
    assert_eq!(ids(10, 0).await, [4, 1, 3, 2]);
    assert_eq!(ids(2, 1).await, [1, 3]);
}

async fn an_attempt_that_lost_its_lease_settles_nothing(database: TestDatabase) {
    queue(&database, &[mail(1)]).await;
    let outbox = database.mail_outbox();
    let late = outbox.take(10, 0).await.unwrap().remove(0);
    let second = outbox.take(10, 60).await.unwrap().remove(0);
    outbox.settle(&late, AttemptEnd::Dead { error: "too late" }).await.unwrap();
    outbox.settle(&late, AttemptEnd::Retry { after_seconds: 0, error: "too late" }).await.unwrap();
    assert!(outbox.take(10, 60).await.unwrap().is_empty(), "the second attempt still holds it");
    outbox.settle(&second, AttemptEnd::Sent).await.unwrap();
    outbox.settle(&late, AttemptEnd::Dead { error: "too late" }).await.unwrap();
    let sent = outbox.list(MailState::Sent, 10, 0).await.unwrap();
    assert_eq!((sent.len(), sent[0].last_error.as_deref()), (1, None));
}

async fn a_mail_that_cannot_be_read_is_dead_and_keeps_no_other_back(database: TestDatabase) {
    queue(&database, &[mail(1), mail(2), mail(3)]).await;
    let broken = format!(r#"'{{"to": 7}}' WHERE id = '{}'"#, mail(2).id);
    commit(&database, &format!("UPDATE actions.mail_outbox SET message = {broken}")).await;
    let outbox = database.mail_outbox();
    let taken = outbox.take(10, 60).await.unwrap();
    assert_eq!(taken.iter().map(|it| it.mail.clone()).collect::<Vec<_>>(), [mail(1), mail(3)]);
    let dead = outbox.list(MailState::Dead, 10, 0).await.unwrap();
    assert_eq!(dead.iter().map(|it| (it.id, it.attempts)).collect::<Vec<_>>(), [(mail(2).id, 1)]);
    assert_eq!(dead[0].last_error.as_deref(), Some("its column message cannot be read"));
    assert!(outbox.requeue(mail(2).id).await.unwrap());
    assert!(outbox.take(10, 60).await.unwrap().is_empty());
    assert_eq!(outbox.list(MailState::Dead, 10, 0).await.unwrap().len(), 1);
}
