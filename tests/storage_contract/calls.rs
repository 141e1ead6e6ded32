//! What the tests here have in common: a caller, a call's scope and audit record, and statements of a host's own.

use std::time::Duration;

use action_core::audit::{AuditOutcome, AuditRecord};
use action_core::ports::{Access, Ending, Scope, Storage, StoreError, Transaction};
use action_sqlx::{Connection, SqlTransaction};
use action_tests::databases::TestDatabase;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub(super) const ACME: Uuid = Uuid::from_u128(0xac3e);
pub(super) const GLOBEX: Uuid = Uuid::from_u128(0x610b);
pub(super) const ADA: Uuid = Uuid::from_u128(0xada);
pub(super) const BOB: Uuid = Uuid::from_u128(0xb0b);

pub(super) fn writing() -> Scope {
    Scope { tenant: Some(ACME), access: Access::ReadWrite, time_limit: Duration::from_secs(30) }
}

pub(super) fn reading() -> Scope {
    Scope { access: Access::ReadOnly, ..writing() }
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Ada's success of `user.update` in acme.
pub(super) fn record() -> AuditRecord {
    AuditRecord {
        id: Uuid::now_v7(),
        action_id: "user.update".into(),
        user_id: ADA,
        tenant_id: Some(ACME),
        params: r#"{"name":"Ada"}"#.to_owned(),
        outcome: AuditOutcome::Succeeded,
        error_code: None,
        error_message: None,
        execution_time_ms: 7,
        ip_address: None,
        user_agent: None,
        page_id: None,
        widget_id: None,
        affected_records: Some(1),
        changes: Vec::new(),
        written: action_core::audit::WrittenChanges::default(),
        request_id: "request-1".into(),
        idempotency_key: None,
        created_at: at("2026-03-01T10:00:00.123456Z"),
    }
}

pub(super) fn with_audit(record: &AuditRecord) -> Ending<'_> {
    Ending { audit: Some(record), ..Ending::default() }
}

pub(super) async fn begin(database: &TestDatabase) -> Box<dyn Transaction> {
    database.unit_of_work().begin(&writing()).await.unwrap()
}

/// The connection that a handler gets.
pub(super) async fn connection(transaction: &mut dyn Transaction) -> Result<Connection<'_>, StoreError> {
    transaction.as_any().downcast_mut::<SqlTransaction>().unwrap().connection().await
}

/// A statement of a handler's own.
pub(super) async fn run(transaction: &mut dyn Transaction, sql: &str) -> Result<(), sqlx::Error> {
    let connection =
        connection(transaction).await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
    match connection {
        Connection::Postgres(connection) => {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
        }
        Connection::Sqlite(connection) => {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
        }
    }
}

/// One whole number.
pub(super) async fn number_in(transaction: &mut dyn Transaction, sql: &str) -> i64 {
    match connection(transaction).await.unwrap() {
        Connection::Postgres(connection) => {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
        }
        Connection::Sqlite(connection) => {
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
        }
    }
}

/// One whole number that is committed.
pub(super) async fn number(database: &TestDatabase, sql: &str) -> i64 {
    let mut transaction = begin(database).await;
    let number = number_in(transaction.as_mut(), sql).await;
    transaction.rollback().await;
    number
}

/// The same on both databases: our tables' schema is left out on SQLite.
pub(super) fn ours(database: &TestDatabase, sql: &str) -> String {
    match database.dialect() {
        action_sqlx::Dialect::Postgres => sql.to_owned(),
        action_sqlx::Dialect::Sqlite => sql.replace("actions.", ""),
    }
}

pub(super) async fn count(database: &TestDatabase, table: &str) -> i64 {
    number(database, &ours(database, &format!("SELECT count(*) FROM {table}"))).await
}

/// A committed statement of a host's own.
pub(super) async fn commit(database: &TestDatabase, sql: &str) {
    let mut transaction = begin(database).await;
    run(transaction.as_mut(), &ours(database, sql)).await.unwrap();
    transaction.commit(Ending::default()).await.unwrap();
}

pub(super) fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}
