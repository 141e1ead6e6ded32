//! Transactions: all or nothing, no trace of the ones that were cut off, and no tenant carried over.

use std::time::{Duration, Instant};

use action_core::BoxError;
use action_core::ports::{Access, Ending, Scope, Storage, StoreError};
use action_sqlx::{Connection, Dialect};
use action_tests::databases::TestDatabase;
use tokio::task::JoinSet;

use crate::calls::{
    ACME, begin, commit, connection, count, is_unavailable, number, number_in, reading, record, run,
    with_audit, writing,
};

on_both_databases!(
    a_success_and_its_audit_row_are_committed_together,
    a_rollback_leaves_nothing,
    a_dropped_transaction_leaves_nothing,
    a_transaction_dropped_in_the_middle_of_a_statement_leaves_nothing_and_blocks_nobody,
    a_failed_ending_takes_the_effect_with_it,
    an_error_that_was_swallowed_does_not_commit_half,
    a_handlers_own_transaction_is_a_savepoint,
    a_reader_sees_one_snapshot_and_cannot_write,
    a_reader_that_succeeds_is_audited,
    members_that_are_undone_take_nothing_with_them,
    a_panic_undoes_its_own_transaction_only,
    a_statement_ends_at_the_time_limit,
    a_taken_value_is_told_with_its_columns,
    a_missing_and_a_remaining_reference_are_told_apart,
    a_check_is_told_by_its_name,
    a_handlers_own_error_is_classified,
    a_busy_storage_says_so_in_time,
);

const TABLE: &str = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER CONSTRAINT small CHECK (size < 10))";

/// A statement that runs for minutes.
fn endless(database: &TestDatabase) -> &'static str {
    match database.dialect() {
        Dialect::Postgres => "SELECT pg_sleep(120)",
        Dialect::Sqlite => {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) SELECT max(i) FROM n"
        }
    }
}

/// Nothing is left open on the server.
async fn nothing_is_open(database: &TestDatabase) {
    if database.dialect() == Dialect::Sqlite {
        return;
    }
    let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid() AND state <> 'idle'";
    // The server notices a closed connection within two seconds.
    for _ in 0..50 {
        if number(database, open).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a transaction is still open on the server");
}

async fn a_success_and_its_audit_row_are_committed_together(database: TestDatabase) {
    commit(&database, TABLE).await;
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
    transaction.commit(with_audit(&record())).await.unwrap();

    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 1);
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
    nothing_is_open(&database).await;
}

async fn a_rollback_leaves_nothing(database: TestDatabase) {
    commit(&database, TABLE).await;
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
    transaction.rollback().await;
    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 0);
    nothing_is_open(&database).await;
}

async fn a_dropped_transaction_leaves_nothing(database: TestDatabase) {
    commit(&database, TABLE).await;
    for id in 0..20 {
        let mut transaction = begin(&database).await;
        run(transaction.as_mut(), &format!("INSERT INTO things VALUES ({id}, NULL, 1)")).await.unwrap();
        drop(transaction);
        // Cut off while it begins.
        let _ = tokio::time::timeout(Duration::from_micros(id * 20), begin(&database)).await;
    }
    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 0);
    nothing_is_open(&database).await;
}

async fn a_transaction_dropped_in_the_middle_of_a_statement_leaves_nothing_and_blocks_nobody(
    database: TestDatabase,
) {
    commit(&database, TABLE).await;
    let started = Instant::now();
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
    let endless = run(transaction.as_mut(), endless(&database));
    assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
    drop(transaction);

    commit(&database, "INSERT INTO things VALUES (1, 'b', 1)").await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    assert_eq!(number(&database, "SELECT count(*) FROM things WHERE name = 'b'").await, 1);
    nothing_is_open(&database).await;
}

async fn a_failed_ending_takes_the_effect_with_it(database: TestDatabase) {
    commit(&database, TABLE).await;
    let record = record();
    begin(&database).await.commit(with_audit(&record)).await.unwrap();
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
    // The same id a second time.
    assert!(matches!(transaction.commit(with_audit(&record)).await, Err(StoreError::Taken { .. })));

    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 0);
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
    nothing_is_open(&database).await;
}

async fn an_error_that_was_swallowed_does_not_commit_half(database: TestDatabase) {
    commit(&database, TABLE).await;
    for with_record in [true, false] {
        let mut transaction = begin(&database).await;
        run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
        assert!(run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'b', 1)").await.is_err());
        let record = record();
        let ending = if with_record { with_audit(&record) } else { Ending::default() };
        let committed = transaction.commit(ending).await;
        let things = number(&database, "SELECT count(*) FROM things").await;
        // SQLite undoes the failed statement alone, and PostgreSQL the transaction: then the call must hear of it.
        match database.dialect() {
            Dialect::Postgres => assert!(matches!(committed, Err(StoreError::Fault(_))) && things == 0),
            Dialect::Sqlite => assert!(committed.is_ok() && things == 1),
        }
        commit(&database, "DELETE FROM things").await;
    }
}

async fn a_handlers_own_transaction_is_a_savepoint(database: TestDatabase) {
    use sqlx::Connection as _;
    commit(&database, TABLE).await;
    let mut transaction = begin(&database).await;
    run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
    match connection(transaction.as_mut()).await.unwrap() {
        Connection::Postgres(connection) => {
            let mut nested = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO things VALUES (2, 'b', 1)").execute(&mut *nested).await.unwrap();
            nested.commit().await.unwrap();
            let mut nested = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO things VALUES (3, 'c', 1)").execute(&mut *nested).await.unwrap();
            drop(nested);
        }
        Connection::Sqlite(connection) => {
            let mut nested = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO things VALUES (2, 'b', 1)").execute(&mut *nested).await.unwrap();
            nested.commit().await.unwrap();
            let mut nested = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO things VALUES (3, 'c', 1)").execute(&mut *nested).await.unwrap();
            drop(nested);
        }
    }
    assert_eq!(number_in(transaction.as_mut(), "SELECT count(*) FROM things").await, 2);
    transaction.rollback().await;
    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 0, "its commit was not ours");
}

async fn a_reader_sees_one_snapshot_and_cannot_write(database: TestDatabase) {
    commit(&database, TABLE).await;
    let mut reader = database.unit_of_work().begin(&reading()).await.unwrap();
    assert_eq!(number_in(reader.as_mut(), "SELECT count(*) FROM things").await, 0);
    commit(&database, "INSERT INTO things VALUES (1, 'a', 1)").await;
    assert_eq!(number_in(reader.as_mut(), "SELECT count(*) FROM things").await, 0);
    assert!(run(reader.as_mut(), "INSERT INTO things VALUES (2, 'b', 1)").await.is_err());
    reader.rollback().await;
    let mut reader = database.unit_of_work().begin(&reading()).await.unwrap();
    assert_eq!(number_in(reader.as_mut(), "SELECT count(*) FROM things").await, 1);
    reader.commit(Ending::default()).await.unwrap();
}

async fn a_reader_that_succeeds_is_audited(database: TestDatabase) {
    let mut reader = database.unit_of_work().begin(&reading()).await.unwrap();
    assert_eq!(number_in(reader.as_mut(), "SELECT count(*) FROM (SELECT 1) AS one").await, 1);
    reader.commit(with_audit(&record())).await.unwrap();
    assert_eq!(count(&database, "actions.action_audit_log").await, 1);
}

async fn members_that_are_undone_take_nothing_with_them(database: TestDatabase) {
    commit(&database, TABLE).await;
    let unit_of_work = database.unit_of_work();
    let mut calls = JoinSet::new();
    for id in 0..200_u32 {
        let unit_of_work = std::sync::Arc::clone(&unit_of_work);
        calls.spawn(async move {
            let mut transaction = unit_of_work.begin(&writing()).await.unwrap();
            run(transaction.as_mut(), &format!("INSERT INTO things VALUES ({id}, 'n{id}', 1)"))
                .await
                .unwrap();
            match id % 4 {
                0 => transaction.rollback().await,
                1 => drop(transaction),
                2 => {
                    // Its own failure in the middle, after which it is undone.
                    let failed =
                        run(transaction.as_mut(), &format!("INSERT INTO things VALUES ({id}, 'x', 1)")).await;
                    assert!(failed.is_err());
                    transaction.rollback().await;
                }
                _ => transaction.commit(with_audit(&record())).await.unwrap(),
            }
        });
    }
    while let Some(end) = calls.join_next().await {
        end.unwrap();
    }
    assert_eq!(number(&database, "SELECT count(*) FROM things").await, 50);
    assert_eq!(number(&database, "SELECT count(*) FROM things WHERE id % 4 = 3").await, 50);
    assert_eq!(count(&database, "actions.action_audit_log").await, 50);
    nothing_is_open(&database).await;
}

async fn a_panic_undoes_its_own_transaction_only(database: TestDatabase) {
    commit(&database, TABLE).await;
    let mut transaction = begin(&database).await;
    let panicking = tokio::spawn(async move {
        run(transaction.as_mut(), "INSERT INTO things VALUES (1, 'a', 1)").await.unwrap();
        panic!("a handler's mistake");
    });
    assert!(panicking.await.unwrap_err().is_panic());
    commit(&database, "INSERT INTO things VALUES (1, 'b', 1)").await;
    nothing_is_open(&database).await;
}

async fn a_statement_ends_at_the_time_limit(database: TestDatabase) {
    let scope = Scope { time_limit: Duration::from_millis(100), ..writing() };
    let started = Instant::now();
    let mut transaction = database.unit_of_work().begin(&scope).await.unwrap();
    let limited =
        tokio::time::timeout(scope.time_limit * 2, run(transaction.as_mut(), endless(&database))).await;
    match (database.dialect(), limited) {
        (Dialect::Postgres, Ok(Err(error))) => {
            let meaning = database.unit_of_work().classify(Box::new(error)).unwrap();
            assert!(matches!(meaning, StoreError::TimedOut(_)));
        }
        // There the caller's own limit ends it.
        (Dialect::Sqlite, Err(_)) => {}
        (_, other) => panic!("{other:?}"),
    }
    transaction.rollback().await;
    commit(&database, TABLE).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

async fn error_of(database: &TestDatabase, sql: &str) -> StoreError {
    let mut transaction = begin(database).await;
    let error = run(transaction.as_mut(), sql).await.unwrap_err();
    transaction.rollback().await;
    database.unit_of_work().classify(Box::new(error)).unwrap()
}

async fn a_taken_value_is_told_with_its_columns(database: TestDatabase) {
    commit(&database, TABLE).await;
    commit(&database, "INSERT INTO things VALUES (1, 'a', 1)").await;
    let error = error_of(&database, "INSERT INTO things VALUES (2, 'a', 1)").await;
    assert!(matches!(&error, StoreError::Taken { columns } if columns == &["name"]), "{error:?}");
}

async fn a_missing_and_a_remaining_reference_are_told_apart(database: TestDatabase) {
    commit(&database, TABLE).await;
    commit(&database, "CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things (id))")
        .await;
    commit(&database, "INSERT INTO things VALUES (1, 'a', 1); INSERT INTO parts VALUES (1, 1)").await;
    let error = error_of(&database, "INSERT INTO parts VALUES (2, 7)").await;
    assert!(matches!(error, StoreError::MissingReference { .. }), "{error:?}");
    // A handler's own statement is not known here, and SQLite does not say which side it missed; stores' are.
    if database.dialect() == Dialect::Postgres {
        let error = error_of(&database, "DELETE FROM things").await;
        assert!(matches!(error, StoreError::StillReferenced), "{error:?}");
    }
}

async fn a_check_is_told_by_its_name(database: TestDatabase) {
    commit(&database, TABLE).await;
    let error = error_of(&database, "INSERT INTO things VALUES (1, 'a', 10)").await;
    assert!(matches!(&error, StoreError::Check { constraint: Some(name) } if name == "small"), "{error:?}");
}

async fn a_handlers_own_error_is_classified(database: TestDatabase) {
    let error = error_of(&database, "SELECT * FROM nowhere").await;
    assert!(matches!(error, StoreError::Fault(_)), "{error:?}");
    let other: BoxError = "another fault".into();
    assert!(database.unit_of_work().classify(other).is_err());
}

async fn a_busy_storage_says_so_in_time(database: TestDatabase) {
    let patient = Duration::from_millis(200);
    let storage =
        database.options().migrate(false).pool_size(1).acquire_timeout(patient).connect().await.unwrap();
    let busy = storage.unit_of_work().begin(&writing()).await.unwrap();
    let started = Instant::now();
    let waited = storage.unit_of_work().begin(&writing()).await;
    assert!(is_unavailable(&waited));
    assert!(started.elapsed() >= patient && started.elapsed() < patient * 3, "{:?}", started.elapsed());
    busy.rollback().await;
    storage.unit_of_work().begin(&writing()).await.unwrap().rollback().await;
    storage.unit_of_work().ready().await.unwrap();
    storage.close().await;
    assert!(is_unavailable(&storage.unit_of_work().begin(&writing()).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tenant_is_never_carried_over_to_the_next_borrower() {
    let database = TestDatabase::postgres().await;
    let storage = database.options().migrate(false).pool_size(1).connect().await.unwrap();
    let tenant_is = |tenant: &str| {
        format!(
            "SELECT count(*) FROM (SELECT 1) AS one WHERE current_setting('app.tenant_id', true) = '{tenant}'"
        )
    };
    for tenant in [Some(ACME), None, Some(crate::calls::GLOBEX), None] {
        for access in [Access::ReadWrite, Access::ReadOnly] {
            let scope = Scope { tenant, access, ..writing() };
            let mut transaction = storage.unit_of_work().begin(&scope).await.unwrap();
            let expected = tenant.map(|it| it.to_string()).unwrap_or_default();
            assert_eq!(number_in(transaction.as_mut(), &tenant_is(&expected)).await, 1);
            transaction.commit(Ending::default()).await.unwrap();
        }
    }
    storage.close().await;
}
