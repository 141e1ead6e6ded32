//! How the databases find the rows that they judge.

use action_core::Value;
use action_sqlx::Dialect;
use action_tests::databases::TestDatabase;
use action_tests::statements;
use serde_json::json;
use sqlx::Connection as _;

use super::{either, judge, read, script, table};

on_both_databases!(rows_are_judged_by_their_primary_key);

async fn rows_are_judged_by_their_primary_key(database: TestDatabase) {
    let prepare = either(
        &database,
        "CREATE TABLE by_number (id INTEGER PRIMARY KEY, closed_at TIMESTAMPTZ);
         CREATE TABLE by_uuid (id UUID PRIMARY KEY, closed_at TIMESTAMPTZ);
         CREATE TABLE by_text (id VARCHAR(40) PRIMARY KEY, closed_at TIMESTAMPTZ);
         INSERT INTO by_number (id) SELECT generate_series(1, 5000);
         INSERT INTO by_uuid (id) SELECT gen_random_uuid() FROM generate_series(1, 5000);
         INSERT INTO by_text (id) SELECT generate_series(1, 5000)::text;
         ANALYZE by_number; ANALYZE by_uuid; ANALYZE by_text;",
        "CREATE TABLE by_number (id INTEGER PRIMARY KEY, closed_at TIMESTAMP);
         CREATE TABLE by_uuid (id UUID PRIMARY KEY, closed_at TIMESTAMP);
         CREATE TABLE by_text (id TEXT PRIMARY KEY, closed_at TIMESTAMP);",
    );
    script(&database, prepare).await;
    let id = uuid::Uuid::from_u128(7);
    for (name, key, keys) in [
        ("by_number", Value::from(7), "'{7,8}'::bigint[]".to_owned()),
        ("by_uuid", Value::from(id), format!("'{{{id}}}'::uuid[]")),
        ("by_text", Value::from("7"), "'{7,8}'::text[]".to_owned()),
    ] {
        let table = table(&database, name).await.unwrap();
        let closed = read(&json!({ "field": "closed_at", "operator": "is_null" }), &table).unwrap();
        let (_, sent) = statements::heard(judge(&database, &table, &[key], &[&closed])).await;
        let statement = sent.iter().find(|it| it.contains(name)).unwrap();
        let keys = either(&database, keys.as_str(), "'[]'");
        let plan = plan(&database, &statement.replace("$1", keys)).await;
        let by_key = match database.dialect() {
            Dialect::Postgres => format!("{name}_pkey"),
            Dialect::Sqlite if name == "by_number" => "USING INTEGER PRIMARY KEY".to_owned(),
            Dialect::Sqlite => format!("sqlite_autoindex_{name}_1"),
        };
        assert!(plan.contains(&by_key), "{statement}\n{plan}");
        assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN r"), "{statement}\n{plan}");
    }
}

async fn plan(database: &TestDatabase, statement: &str) -> String {
    match database.dialect() {
        Dialect::Postgres => {
            let mut connection = sqlx::PgConnection::connect(database.url()).await.unwrap();
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN {statement}"));
            let lines: Vec<String> = sqlx::query_scalar(explain).fetch_all(&mut connection).await.unwrap();
            lines.join("\n")
        }
        Dialect::Sqlite => {
            let mut connection = sqlx::SqliteConnection::connect(database.url()).await.unwrap();
            let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let lines: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(explain).fetch_all(&mut connection).await.unwrap();
            lines.into_iter().map(|it| it.3).collect::<Vec<_>>().join("\n")
        }
    }
}
