//! The one writer of an SQLite file, and what is special about a database in memory.

#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop loudly")]

use std::time::{Duration, Instant};

use action_core::ports::{Access, Ending, Scope, Storage as _, StoreError, Transaction};
use action_sqlx::{ConnectError, Connection, Dialect, SqlTransaction, Storage};
use sqlx::AssertSqlSafe;

const WRITING: Scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: Duration::from_secs(30) };
const READING: Scope = Scope { access: Access::ReadOnly, ..WRITING };

/// A write that runs for minutes.
const ENDLESS: &str = "INSERT INTO things WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) \
                       SELECT max(i), 'endless' FROM n";

async fn connection(transaction: &mut dyn Transaction) -> Result<&mut sqlx::SqliteConnection, StoreError> {
    match transaction.as_any().downcast_mut::<SqlTransaction>().unwrap().connection().await? {
        Connection::Sqlite(connection) => Ok(connection),
        #[cfg(feature = "postgres")]
        Connection::Postgres(_) => Err(StoreError::fault("it is PostgreSQL")),
    }
}

async fn run(transaction: &mut dyn Transaction, sql: &str) -> Result<(), sqlx::Error> {
    let connection = connection(transaction).await.map_err(|_| sqlx::Error::PoolClosed)?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}

async fn count(transaction: &mut dyn Transaction, table: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(connection(transaction).await.unwrap()).await.unwrap()
}

async fn with_table(storage: &Storage) {
    let mut transaction = storage.unit_of_work().begin(&WRITING).await.unwrap();
    run(transaction.as_mut(), "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)").await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
}

async fn things(storage: &Storage) -> i64 {
    let mut transaction = storage.unit_of_work().begin(&READING).await.unwrap();
    let things = count(transaction.as_mut(), "things").await;
    transaction.rollback().await;
    things
}

fn file(folder: &tempfile::TempDir) -> String {
    format!("sqlite://{}", folder.path().join("test.db").display())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_is_interrupted_fails_its_group_and_the_next_one_works() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::connect(&file(&folder)).await.unwrap();
    with_table(&storage).await;
    let unit_of_work = storage.unit_of_work();

    let mut first = unit_of_work.begin(&WRITING).await.unwrap();
    run(first.as_mut(), "INSERT INTO things VALUES (1, 'first')").await.unwrap();
    // It queues before the first one ends, so both are of one group.
    let mut waiting = std::pin::pin!(unit_of_work.begin(&WRITING));
    tokio::select! {
        biased;
        _ = &mut waiting => panic!("the writer is lent already"),
        () = tokio::task::yield_now() => {}
    }
    let first = tokio::spawn(first.commit(Ending::default()));
    let mut second = waiting.await.unwrap();
    let started = Instant::now();
    let endless = tokio::time::timeout(Duration::from_millis(50), run(second.as_mut(), ENDLESS)).await;
    assert!(endless.is_err(), "it would run for minutes");
    drop(second);

    let told = first.await.unwrap();
    assert!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(things(&storage).await, 0);
    let mut next = unit_of_work.begin(&WRITING).await.unwrap();
    run(next.as_mut(), "INSERT INTO things VALUES (3, 'next')").await.unwrap();
    next.commit(Ending::default()).await.unwrap();
    assert_eq!(things(&storage).await, 1);
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_statement_that_was_cut_off_takes_nobody_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::connect(&file(&folder)).await.unwrap();
    with_table(&storage).await;
    let mut calls = tokio::task::JoinSet::new();
    for id in 0..100_u64 {
        let unit_of_work = storage.unit_of_work();
        calls.spawn(async move {
            let mut transaction = unit_of_work.begin(&WRITING).await.unwrap();
            let insert = format!("INSERT INTO things VALUES ({id}, 'a')");
            if id % 2 == 0 {
                // It is sent, and its end is not waited for.
                return tokio::select! {
                    biased;
                    _ = run(transaction.as_mut(), &insert) => false,
                    () = tokio::task::yield_now() => true,
                };
            }
            run(transaction.as_mut(), &insert).await.unwrap();
            transaction.commit(Ending::default()).await.unwrap();
            false
        });
    }
    let cut_off = calls.join_all().await.into_iter().filter(|it| *it).count();
    assert!(cut_off > 0, "some were cut off in the middle");
    assert_eq!(things(&storage).await, 50);
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_a_group_that_write_give_up_or_do_nothing_leave_each_other_alone() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::connect(&file(&folder)).await.unwrap();
    with_table(&storage).await;
    let mut calls = tokio::task::JoinSet::new();
    for id in 0..300_u64 {
        let unit_of_work = storage.unit_of_work();
        calls.spawn(async move {
            let mut transaction = unit_of_work.begin(&WRITING).await.unwrap();
            let insert = format!("INSERT INTO things VALUES ({id}, 'a')");
            match id % 5 {
                0 | 1 => run(transaction.as_mut(), &insert).await.unwrap(),
                2 => {
                    run(transaction.as_mut(), &insert).await.unwrap();
                    return transaction.rollback().await;
                }
                3 => {
                    assert!(run(transaction.as_mut(), "INSERT INTO nowhere VALUES (1)").await.is_err());
                    return drop(transaction);
                }
                _ => {}
            }
            transaction.commit(Ending::default()).await.unwrap();
        });
    }
    calls.join_all().await;
    let mut reader = storage.unit_of_work().begin(&READING).await.unwrap();
    assert_eq!(count(reader.as_mut(), "things").await, 120);
    assert_eq!(count(reader.as_mut(), "things WHERE id % 5 < 2").await, 120);
    reader.rollback().await;
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deferred_foreign_key_is_told_to_the_one_who_broke_it() {
    let storage = Storage::connect("sqlite::memory:").await.unwrap();
    with_table(&storage).await;
    let mut transaction = storage.unit_of_work().begin(&WRITING).await.unwrap();
    let table = "CREATE TABLE parts (thing INTEGER REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)";
    run(transaction.as_mut(), table).await.unwrap();
    run(transaction.as_mut(), "INSERT INTO parts VALUES (7)").await.unwrap();
    let told = transaction.commit(Ending::default()).await;
    assert!(matches!(told, Err(StoreError::MissingReference { .. })), "{told:?}");
    assert_eq!(things(&storage).await, 0, "the storage goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_in_memory_is_one_database_whoever_looks() {
    let storage = Storage::connect("sqlite::memory:").await.unwrap();
    let other = Storage::connect("sqlite::memory:").await.unwrap();
    with_table(&storage).await;
    with_table(&other).await;
    let mut transaction = storage.unit_of_work().begin(&WRITING).await.unwrap();
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a')").await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
    assert_eq!((things(&storage).await, things(&other).await), (1, 0));

    let mut reader = storage.unit_of_work().begin(&READING).await.unwrap();
    assert!(run(reader.as_mut(), "INSERT INTO things VALUES (2, 'b')").await.is_err());
    drop(reader);
    let mut writer = storage.unit_of_work().begin(&WRITING).await.unwrap();
    run(writer.as_mut(), "INSERT INTO things VALUES (2, 'b')").await.unwrap();
    writer.commit(Ending::default()).await.unwrap();
    assert_eq!(things(&storage).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_migrated_once_and_can_be_closed_and_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = file(&folder);
    let missing = Storage::options(&url).migrate(false).connect().await;
    assert!(matches!(missing, Err(ConnectError::NotMigrated { .. })), "{missing:?}");
    for _ in 0..3 {
        let storage = Storage::connect(&url).await.unwrap();
        assert_eq!(storage.dialect(), Dialect::Sqlite);
        storage.close().await;
        assert!(matches!(storage.unit_of_work().begin(&WRITING).await, Err(StoreError::Unavailable(_))));
    }
    Storage::options(&url).migrate(false).connect().await.unwrap().close().await;
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["test.db"], "the log was folded into the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_are_served_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::connect(&file(&folder)).await.unwrap();
    with_table(&storage).await;
    let mut first = storage.unit_of_work().begin(&WRITING).await.unwrap();
    run(first.as_mut(), "INSERT INTO things VALUES (1, 'a')").await.unwrap();
    let closing = {
        let storage = storage.clone();
        tokio::spawn(async move { storage.close().await })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    first.commit(Ending::default()).await.unwrap();
    closing.await.unwrap();
    let storage = Storage::connect(&file(&folder)).await.unwrap();
    assert_eq!(things(&storage).await, 1);
    storage.close().await;
}
