//! What nodes on one database tell each other: PostgreSQL passes it on, on SQLite nobody does.

use std::time::Duration;

use action_core::Engine;
use action_core::cache::Topic;
use action_core::ports::{Changes, Ending, Storage as _};
use action_sqlx::Storage;
use action_tests::databases::TestDatabase;
use action_tests::statements;
use futures_util::StreamExt as _;
use uuid::Uuid;

use crate::calls::{ACME, begin, connection, record, run};

fn topic(page: u128) -> Topic {
    Topic::PageActions { tenant: ACME, page: Uuid::from_u128(page) }
}

async fn next(changes: &mut Changes) -> Option<Topic> {
    tokio::time::timeout(Duration::from_secs(5), changes.next()).await.expect("it is told, or it ends")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_tells_nobody() {
    assert!(TestDatabase::sqlite().await.change_feed().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_node_is_told_of_what_is_committed_and_of_nothing_else() {
    let database = TestDatabase::postgres().await;
    let other = Storage::connect(database.url()).await.unwrap();
    let mut changes = other.change_feed().unwrap().listen().await.unwrap();
    let record = record();
    // Undone: never told.
    let mut undone = begin(&database).await;
    run(undone.as_mut(), "SELECT 1").await.unwrap();
    undone.rollback().await;
    let ending = Ending { audit: Some(&record), touched: &[topic(1), topic(2)], ..Ending::default() };
    begin(&database).await.commit(ending).await.unwrap();
    assert_eq!((next(&mut changes).await, next(&mut changes).await), (Some(topic(1)), Some(topic(2))));
    // The record's id is taken: nothing of this ending is committed, its word included.
    let ending = Ending { audit: Some(&record), touched: &[topic(3)], ..Ending::default() };
    begin(&database).await.commit(ending).await.unwrap_err();
    // Without anything else to write.
    begin(&database).await.commit(Ending { touched: &[topic(4)], ..Ending::default() }).await.unwrap();
    assert_eq!(next(&mut changes).await, Some(topic(4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_node_does_not_understand_may_be_anything() {
    let database = TestDatabase::postgres().await;
    let mut changes = database.change_feed().unwrap().listen().await.unwrap();
    let mut transaction = begin(&database).await;
    connection(transaction.as_mut()).await.unwrap();
    run(transaction.as_mut(), "NOTIFY actions_changes, 'of a later version'").await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
    assert_eq!(next(&mut changes).await, Some(Topic::Everything));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_ends_the_listening() {
    let database = TestDatabase::postgres().await;
    let feed = database.change_feed().unwrap();
    let mut changes = feed.listen().await.unwrap();
    let mut transaction = begin(&database).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    run(transaction.as_mut(), end).await.unwrap();
    assert_eq!(next(&mut changes).await, None);
    assert!(feed.listen().await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_is_closed_listens_no_more() {
    let database = TestDatabase::postgres().await;
    let storage = Storage::connect(database.url()).await.unwrap();
    let feed = storage.change_feed().unwrap();
    let mut changes = feed.listen().await.unwrap();
    storage.close().await;
    assert_eq!(next(&mut changes).await, None);
    assert!(feed.listen().await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engine_hears_of_others_whether_or_not_its_host_keeps_the_storage() {
    let database = TestDatabase::postgres().await;
    let storage = Storage::connect(database.url()).await.unwrap();
    let engine = Engine::builder().without_linked_actions().storage(storage).build().await.unwrap();
    let page = Uuid::from_u128(1);
    for _ in 0..100 {
        let (read, sent) = statements::counted(engine.grouped_page_actions(ACME, page, None)).await;
        read.unwrap();
        if sent == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("nothing is kept, so nothing is heard");
}
