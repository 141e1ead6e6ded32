//! Entity actions on the databases: conditions over a host's own tables, and what functions know of their caller.

mod conditions;
mod functions;
mod migration;
mod plans;

use action_core::entity_actions::HostTable;
use action_core::expression::{Expression, Fields, InvalidCondition};
use action_core::ports::{Ending, Storage, Transaction};
use action_core::{Kind, Value};
use action_sqlx::Dialect;
use action_tests::databases::TestDatabase;
use serde_json::Value as Json;

use crate::calls::{run, writing};

fn either<T>(database: &TestDatabase, postgres: T, sqlite: T) -> T {
    match database.dialect() {
        Dialect::Postgres => postgres,
        Dialect::Sqlite => sqlite,
    }
}

/// A transaction without a tenant.
async fn begin(storage: &dyn Storage) -> Box<dyn Transaction> {
    let scope = action_core::ports::Scope { tenant: None, ..writing() };
    storage.unit_of_work().begin(&scope).await.unwrap()
}

/// Statements of the host's own.
async fn script(storage: &dyn Storage, sql: &str) {
    let mut tx = begin(storage).await;
    run(tx.as_mut(), sql).await.unwrap();
    tx.commit(Ending::default()).await.unwrap();
}

async fn table(storage: &dyn Storage, name: &str) -> Option<HostTable> {
    let mut tx = begin(storage).await;
    let table = storage.entity_action_store().table(tx.as_mut(), name).await.unwrap();
    tx.rollback().await;
    table
}

/// What the database makes of conditions, for each of the keys that it has.
async fn judge(
    storage: &dyn Storage,
    table: &HostTable,
    keys: &[Value],
    questions: &[&Expression],
) -> Vec<(Value, Vec<bool>)> {
    let mut tx = begin(storage).await;
    let judged = storage.entity_action_store().judge(tx.as_mut(), table, None, keys, questions).await;
    tx.rollback().await;
    judged.unwrap()
}

fn read(condition: &Json, table: &HostTable) -> Result<Expression, InvalidCondition> {
    Expression::condition(Some(condition), table)
}

fn kind(table: &HostTable, path: &str) -> Kind {
    table.field(path).unwrap_or_else(|| panic!("the table has {path}")).kind()
}

/// A value as one writes it in SQL by hand.
fn literal(database: &TestDatabase, value: &Value) -> String {
    let is_sqlite = database.dialect() == Dialect::Sqlite;
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Boolean(it) if is_sqlite => i64::from(*it).to_string(),
        Value::Boolean(it) => it.to_string(),
        Value::Integer(it) => it.to_string(),
        Value::Decimal(it) => it.to_string(),
        other => match other.to_json() {
            Json::String(text) => format!("'{}'", text.replace('\'', "''")),
            other => format!("'{other}'"),
        },
    }
}
