//! When the database is away: said in time, nothing half done, and work goes on as soon as it is back.

use std::time::{Duration, Instant};

use action_core::ports::{Ending, Storage as _};
use action_sqlx::Storage;
use action_tests::databases::TestDatabase;
use action_tests::postgres::Server;

use crate::calls::{
    begin, commit, connection, count, is_unavailable, number, record, run, with_audit, writing,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_found_again_without_a_lost_call() {
    let server = Server::private();
    let database = server.create_database(None).await;
    let storage =
        Storage::options(database.url()).acquire_timeout(Duration::from_secs(2)).connect().await.unwrap();
    let unit_of_work = storage.unit_of_work();
    // Several idle connections, all of which break.
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut transaction = unit_of_work.begin(&writing()).await.unwrap();
        run(transaction.as_mut(), "SELECT 1").await.unwrap();
        open.push(transaction);
    }
    for transaction in open {
        transaction.commit(Ending::default()).await.unwrap();
    }
    let mut cut_off = unit_of_work.begin(&writing()).await.unwrap();
    run(cut_off.as_mut(), "CREATE TABLE half (id INTEGER)").await.unwrap();

    server.stop();
    let started = Instant::now();
    assert!(is_unavailable(&cut_off.commit(with_audit(&record())).await));
    // It begins with its first statement.
    let mut begun = unit_of_work.begin(&writing()).await.unwrap();
    assert!(is_unavailable(&connection(begun.as_mut()).await));
    drop(begun);
    assert!(is_unavailable(&unit_of_work.ready().await));
    assert!(is_unavailable(&storage.audit_log().append(record()).await));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());

    server.start();
    for _ in 0..20 {
        unit_of_work.begin(&writing()).await.unwrap().commit(with_audit(&record_now())).await.unwrap();
        storage.audit_log().append(record_now()).await.unwrap();
    }
    let mut transaction = unit_of_work.begin(&writing()).await.unwrap();
    assert!(
        run(transaction.as_mut(), "SELECT * FROM half").await.is_err(),
        "nothing of the call that was cut off"
    );
}

fn record_now() -> action_core::audit::AuditRecord {
    action_core::audit::AuditRecord { id: uuid::Uuid::now_v7(), ..record() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_broke_costs_no_call() {
    let database = TestDatabase::postgres().await;
    for round in 0..3 {
        commit(&database, &format!("CREATE TABLE round_{round} (id INTEGER)")).await;
        let mut other =
            <sqlx::PgConnection as sqlx::Connection>::connect_with(&database.url().parse().unwrap())
                .await
                .unwrap();
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::raw_sql(end).execute(&mut other).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        // One of each way to a connection.
        match round {
            0 => begin(&database).await.commit(with_audit(&record())).await.unwrap(),
            1 => database.audit_log().append(record_now()).await.unwrap(),
            _ => database.unit_of_work().ready().await.unwrap(),
        }
    }
    assert_eq!(count(&database, "actions.action_audit_log").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_another_process_writes_is_busy_and_then_free() {
    let database = TestDatabase::sqlite().await;
    let storage = database.options().acquire_timeout(Duration::from_millis(300)).connect().await.unwrap();
    let other = begin(&database).await;
    let started = Instant::now();
    assert!(is_unavailable(&storage.unit_of_work().begin(&writing()).await));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    // Readers do not care.
    storage.unit_of_work().ready().await.unwrap();
    other.rollback().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    storage.unit_of_work().begin(&writing()).await.unwrap().commit(with_audit(&record())).await.unwrap();
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
    storage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_handler_commits_by_itself_is_refused_on_sqlite() {
    let database = TestDatabase::sqlite().await;
    commit(&database, "CREATE TABLE things (id INTEGER PRIMARY KEY)").await;
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1)").await.unwrap();
    assert!(run(transaction.as_mut(), "COMMIT").await.is_err());
    // SQLite has undone everything: nothing more may be written, and the call cannot succeed.
    assert!(run(transaction.as_mut(), "INSERT INTO things VALUES (2)").await.is_err());
    assert!(is_unavailable(&transaction.commit(with_audit(&record())).await));
    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 0);
    assert_eq!(count(&database, "actions.action_audit_log").await, 0);
}
