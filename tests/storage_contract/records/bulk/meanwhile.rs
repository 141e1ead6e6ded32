//! What others do to the rows between the goes of an independent change. PostgreSQL only: on SQLite there is one writer.

use std::time::Duration;

use action_core::Value;
use action_core::expression::field;
use action_core::ports::{BulkChange, BulkRows, Ending};
use action_tests::databases::TestDatabase;

use super::{Try, keys, made, sorted};
use crate::calls::run;
use crate::records::alone::waiting;
use crate::records::things::{Tables, indexed, rule};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_matches_no_more_once_another_failed_is_not_changed() {
    let tables = Tables::new(TestDatabase::postgres().await.into()).await;
    tables.run("CREATE UNIQUE INDEX things_by_name_and_size ON things (name, size)", "").await;
    let row = |name: &str| vec![("name", name.into()), ("size", 0.into()), ("note", "go".into())];
    let rows = sorted(keys(&tables.many_things(&[row("a"), row("b"), row("c")]).await));
    let [fails, leaves, held] = rows.as_slice() else { panic!("three were inserted") };
    let name = tables.one(fails).await.value("name").clone();
    tables.thing(&[("name", name), ("size", 1.into())]).await;
    let id = |key: &Value| key.to_json().as_str().unwrap_or_default().to_owned();

    let mut holder = tables.begin().await;
    run(holder.as_mut(), &format!("SELECT * FROM things WHERE id = '{}' FOR UPDATE", id(held)))
        .await
        .unwrap();
    let changing = tokio::spawn({
        let tables = tables.clone();
        async move {
            let filter = rule(&field("note").eq("go"), &tables.things);
            let matching = BulkRows::Matching { filter: &filter, at_most: 3 };
            let values = indexed(&tables.things, &[("size", 1.into())]);
            let it = Try::new(&tables, &tables.things).independent();
            made(it.run(matching, BulkChange::Update(&values)).await.unwrap())
        }
    });
    waiting(&tables, 1).await;
    // It waits for a lock that the first, failing go has, and keeps what it found.
    let leaving = tokio::spawn({
        let (tables, id) = (tables.clone(), id(leaves));
        async move {
            let mut tx = tables.begin().await;
            let sql = format!("UPDATE things SET note = 'stop', big = size WHERE id = '{id}'");
            run(tx.as_mut(), &sql).await.unwrap();
            // Meanwhile the other goes begin, and come to wait for this row.
            tokio::time::sleep(Duration::from_millis(300)).await;
            tx.commit(Ending::default()).await.unwrap();
        }
    });
    waiting(&tables, 2).await;
    holder.rollback().await;
    leaving.await.unwrap();
    let done = changing.await.unwrap();
    let left = tables.one(leaves).await;
    assert_eq!(left.value("size"), left.value("big"), "it was changed after it had left: {done:?}");
    assert_eq!((done.failed.len(), &done.failed[0].key), (1, fails));
    assert_eq!(tables.one(held).await.value("size"), &1.into());
}
