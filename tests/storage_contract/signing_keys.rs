//! The key that questions are signed with: made once, and the same for every process on the database.

use std::collections::HashSet;

use action_core::SigningKey;
use action_core::ports::{Access, Scope, Storage as _};
use action_sqlx::Storage;
use action_tests::databases::TestDatabase;

on_both_databases!(
    every_process_reads_the_same_key,
    a_transaction_that_only_reads_has_it_too,
    a_key_that_was_taken_away_is_a_fault_and_not_another_key,
);

async fn key(storage: &Storage, access: Access) -> Result<SigningKey, String> {
    let scope = Scope { tenant: None, access, time_limit: std::time::Duration::from_secs(5) };
    let mut transaction = storage.unit_of_work().begin(&scope).await.unwrap();
    let key = storage.signing_keys().load(transaction.as_mut()).await.map_err(|it| format!("{it:?}"));
    transaction.rollback().await;
    key
}

async fn every_process_reads_the_same_key(database: TestDatabase) {
    let other = database.options().connect().await.unwrap();
    let first = key(database.storage(), Access::ReadWrite).await.unwrap();
    assert_eq!(key(&other, Access::ReadWrite).await.unwrap(), first);
    assert_eq!(format!("{first:?}"), "SigningKey", "it is not shown");
    other.close().await;
}

async fn a_transaction_that_only_reads_has_it_too(database: TestDatabase) {
    let first = key(database.storage(), Access::ReadWrite).await.unwrap();
    assert_eq!(key(database.storage(), Access::ReadOnly).await.unwrap(), first);
}

async fn a_key_that_was_taken_away_is_a_fault_and_not_another_key(database: TestDatabase) {
    let table = match database.dialect() {
        action_sqlx::Dialect::Postgres => "DELETE FROM actions.signing_keys",
        action_sqlx::Dialect::Sqlite => "DELETE FROM signing_keys",
    };
    database.storage().run_script(table).await.unwrap();
    let missing = key(database.storage(), Access::ReadWrite).await.unwrap_err();
    assert!(missing.contains("signing_keys"), "{missing}");
}

/// Two databases have two keys. On PostgreSQL a copy of a database has its key, and tests are copies of one.
#[tokio::test]
async fn another_database_has_another_key() {
    let mut keys = HashSet::new();
    for _ in 0..3 {
        let storage = Storage::connect("sqlite::memory:").await.unwrap();
        let sql = "SELECT hex(key) FROM signing_keys WHERE length(key) >= 32";
        let scope =
            Scope { tenant: None, access: Access::ReadOnly, time_limit: std::time::Duration::from_secs(5) };
        let mut transaction = storage.unit_of_work().begin(&scope).await.unwrap();
        let transaction = transaction.as_any().downcast_mut::<action_sqlx::SqlTransaction>().unwrap();
        let action_sqlx::Connection::Sqlite(connection) = transaction.connection().await.unwrap() else {
            panic!("it is SQLite")
        };
        let key: String = sqlx::query_scalar(sql).fetch_one(connection).await.unwrap();
        assert!(keys.insert(key));
    }
}
