//! A sealed change that nothing came before: on PostgreSQL one statement, which sets the tenant, commits itself, and
//! takes its audit record with it. Where that is not safe, it is a transaction like any other.

use std::sync::Arc;
use std::time::Duration;

use action_core::Value;
use action_core::audit::AuditRecord;
use action_core::entity::Entity;
use action_core::expression::field;
use action_core::ports::{
    Access, Ending, Inserted, Insertion, RowScope, Scope, StoreError, Transaction, Update, Updated,
};
use action_tests::databases::TestDatabase;
use serde_json::Value as Json;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::things::{ACME, Tables, audit_record, in_acme, indexed, rule};
use crate::calls::{is_unavailable, run, with_audit};

/// A database whose storage has so many connections.
async fn tables(database: &TestDatabase, connections: usize) -> Tables {
    let storage = database.options().migrate(false).pool_size(connections).connect().await.unwrap();
    Tables::new(Arc::new(storage)).await
}

async fn update(
    tables: &Tables,
    tx: &mut dyn Transaction,
    scope: &RowScope<'_>,
    key: &Value,
    set: &[(&str, Value)],
    expected_version: Option<i64>,
) -> Result<Updated, StoreError> {
    let values = indexed(scope.entity, set);
    let record = audit_record();
    let update = Update { key, values: &values, expected_version, seal: Some(&record) };
    tables.storage.record_store().update(tx, scope, update).await
}

async fn insert(
    tables: &Tables,
    tx: &mut dyn Transaction,
    entity: &Arc<Entity>,
    key: &Value,
    record: &AuditRecord,
) -> Result<Inserted, StoreError> {
    let values = indexed(entity, &[("name", "a".into())]);
    let insertion = Insertion { key: Some(key), values: &values, seal: Some(record) };
    tables.storage.record_store().insert(tx, &in_acme(entity), insertion).await
}

async fn audits(tables: &Tables) -> Vec<Json> {
    let sql = "SELECT changed_records::text FROM actions.action_audit_log ORDER BY (changed_records #>> '{0,after,size}')::int";
    tables.texts(sql).await.iter().map(|it| it.parse().unwrap()).collect()
}

/// Whether a sealed update was committed by itself: others see it before the transaction ends.
async fn is_alone(tables: &Tables, scope: &RowScope<'_>, key: &Value, time_limit: Duration) -> bool {
    let of_call = Scope { tenant: Some(ACME), access: Access::ReadWrite, time_limit };
    let mut tx = tables.storage.unit_of_work().begin(&of_call).await.unwrap();
    let before = audits(tables).await.len();
    let updated = update(tables, tx.as_mut(), scope, key, &[("name", "alone?".into())], None).await;
    assert!(matches!(updated, Ok(Updated::Made { sealed: true, .. })), "{updated:?}");
    let alone = audits(tables).await.len() > before;
    tx.rollback().await;
    assert_eq!(audits(tables).await.len(), before + usize::from(alone));
    alone
}

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_change_that_comes_first_commits_itself_and_ends_the_transaction() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 4).await;
    let row = tables.thing(&[]).await;
    assert!(is_alone(&tables, &in_acme(&tables.things), row.key(), LIMIT).await);

    let mut tx = tables.begin().await;
    update(&tables, tx.as_mut(), &in_acme(&tables.things), row.key(), &[("size", 1.into())], None)
        .await
        .unwrap();
    assert!(run(tx.as_mut(), "SELECT 1").await.is_err(), "nothing may follow it");
    let late = tx.commit(with_audit(&audit_record())).await;
    assert!(matches!(late, Err(StoreError::Fault(_))), "{late:?}");

    let mut tx = tables.begin().await;
    let key: Value = Uuid::new_v4().into();
    let inserted = insert(&tables, tx.as_mut(), &tables.things, &key, &audit_record()).await.unwrap();
    assert!(inserted.sealed);
    assert_eq!(tables.one(&key).await.into_values(), inserted.record.into_values());
    tx.commit(Ending::default()).await.unwrap();
    assert_eq!(audits(&tables).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_limit_a_view_a_policy_and_a_trigger_before_the_statement_ask_for_a_transaction() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 4).await;
    let row = tables.thing(&[("note", "x".into())]).await;
    let things = in_acme(&tables.things);
    assert!(!is_alone(&tables, &things, row.key(), Duration::from_secs(29)).await);

    let rules = [field("note").eq("x"), field("note").eq("x").or(field("makerId.country").eq("se"))];
    let [own, elsewhere] = rules.map(|it| rule(&it, &tables.things));
    assert!(is_alone(&tables, &RowScope { rule: Some(&own), ..things }, row.key(), LIMIT).await);
    assert!(!is_alone(&tables, &RowScope { rule: Some(&elsewhere), ..things }, row.key(), LIMIT).await);

    let function = "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'";
    tables.run(function, "").await;
    for (place, (on, off)) in [
        ("ALTER TABLE things ENABLE ROW LEVEL SECURITY", "ALTER TABLE things DISABLE ROW LEVEL SECURITY"),
        (
            "CREATE TRIGGER first BEFORE UPDATE ON things EXECUTE FUNCTION nothing()",
            "DROP TRIGGER first ON things",
        ),
        (
            "ALTER TABLE actions.action_audit_log ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE actions.action_audit_log DISABLE ROW LEVEL SECURITY",
        ),
        (
            "ALTER TABLE things RENAME TO stored; CREATE VIEW things AS SELECT * FROM stored",
            "DROP VIEW things; ALTER TABLE stored RENAME TO things",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        tables.run(on, "").await;
        // What is known of a table is known for a minute: a new storage knows nothing.
        let tables = again(&database, &tables).await;
        assert!(!is_alone(&tables, &in_acme(&tables.things), row.key(), LIMIT).await, "{place}");
        tables.run(off, "").await;
    }
    let tables = again(&database, &tables).await;
    assert!(is_alone(&tables, &in_acme(&tables.things), row.key(), LIMIT).await);
}

/// The same tables, seen by a new storage.
async fn again(database: &TestDatabase, tables: &Tables) -> Tables {
    let storage = database.options().migrate(false).connect().await.unwrap();
    Tables { storage: Arc::new(storage), ..tables.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_triggers_see_the_tenant_and_the_next_borrower_does_not() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 1).await;
    tables
        .run(
            "CREATE TABLE seen (at_audit text);
             CREATE FUNCTION note_tenant() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN NEW.note := current_setting(''app.tenant_id'', true); RETURN NEW; END';
             CREATE TRIGGER note_tenant BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION note_tenant();
             CREATE FUNCTION see_tenant() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN INSERT INTO seen VALUES (coalesce(current_setting(''app.tenant_id'', true), '''')); RETURN NULL; END';
             CREATE TRIGGER see_tenant AFTER INSERT ON actions.action_audit_log FOR EACH ROW EXECUTE FUNCTION see_tenant()",
            "",
        )
        .await;
    let acme = ACME.to_string();
    let key: Value = Uuid::new_v4().into();
    for change in 0..4 {
        let mut tx = tables.begin().await;
        let note = if change == 0 {
            insert(&tables, tx.as_mut(), &tables.things, &key, &audit_record()).await.unwrap().record
        } else {
            let set = [("size", change.into())];
            let updated = update(&tables, tx.as_mut(), &in_acme(&tables.things), &key, &set, None).await;
            let Ok(Updated::Made { after, .. }) = updated else { panic!("{updated:?}") };
            after
        };
        assert_eq!(note.value("note"), &Value::from(acme.as_str()));
        tx.commit(Ending::default()).await.unwrap();
        // On the same connection, and in no transaction that would set one.
        tables.storage.audit_log().append(audit_record()).await.unwrap();
    }
    let seen = tables.texts("SELECT at_audit FROM seen").await;
    assert_eq!(seen, [acme.as_str(), ""].repeat(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_is_not_made_writes_nothing_and_more_may_follow() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 1).await;
    let row = tables.thing(&[]).await;
    let things = in_acme(&tables.things);
    let nobody: Value = Uuid::new_v4().into();
    let mut tx = tables.begin().await;
    let stale = update(&tables, tx.as_mut(), &things, row.key(), &[("size", 1.into())], Some(7)).await;
    assert!(matches!(stale, Ok(Updated::Stale { current: 1 })), "{stale:?}");
    let missing = update(&tables, tx.as_mut(), &things, &nobody, &[("size", 1.into())], None).await;
    assert!(matches!(missing, Ok(Updated::Missing)), "{missing:?}");
    let taken = insert(&tables, tx.as_mut(), &tables.things, row.key(), &audit_record()).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })), "{taken:?}");
    tx.rollback().await;
    assert!(audits(&tables).await.is_empty());
    assert_eq!(tables.one(row.key()).await.into_values(), row.clone().into_values());

    // The refusal's own record, and then whatever comes, on the same connection.
    tables.storage.audit_log().append(audit_record()).await.unwrap();
    let mut tx = tables.begin().await;
    let stale = update(&tables, tx.as_mut(), &things, row.key(), &[("size", 1.into())], Some(7)).await;
    assert!(matches!(stale, Ok(Updated::Stale { .. })), "{stale:?}");
    run(tx.as_mut(), "UPDATE things SET size = 5").await.unwrap();
    tx.commit(with_audit(&audit_record())).await.unwrap();
    assert_eq!(tables.one(row.key()).await.value("size"), &5.into());
    assert_eq!(audits(&tables).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audit_record_that_cannot_be_written_takes_the_change_with_it() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 1).await;
    let record = audit_record();
    let [first, second]: [Value; 2] = [Uuid::new_v4().into(), Uuid::new_v4().into()];
    let mut tx = tables.begin().await;
    insert(&tables, tx.as_mut(), &tables.things, &first, &record).await.unwrap();
    tx.commit(Ending::default()).await.unwrap();
    let mut tx = tables.begin().await;
    assert!(insert(&tables, tx.as_mut(), &tables.things, &second, &record).await.is_err());
    tx.rollback().await;
    assert_eq!(tables.find(&in_acme(&tables.things), &[first.clone(), second]).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_concurrent_change_is_lost_and_each_is_audited() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 8).await;
    let row = tables.thing(&[("size", (-1).into())]).await;
    for expected in [None, Some(65)] {
        let mut callers = JoinSet::new();
        for number in 0..64 {
            let (tables, key) = (tables.clone(), row.key().clone());
            callers.spawn(async move {
                let mut tx = tables.begin().await;
                let set = [("size", number.into())];
                let updated = update(&tables, tx.as_mut(), &in_acme(&tables.things), &key, &set, expected)
                    .await
                    .unwrap();
                tx.commit(Ending::default()).await.unwrap();
                matches!(updated, Updated::Made { .. })
            });
        }
        let made = callers.join_all().await.into_iter().filter(|it| *it).count();
        assert_eq!(made, if expected.is_none() { 64 } else { 1 });
        let version = tables.one(row.key()).await.version();
        assert_eq!(version, Some(if expected.is_none() { 65 } else { 66 }));
        if expected.is_none() {
            let audits = audits(&tables).await;
            assert_eq!(audits.len(), 64);
            // Each started from what another one left, so the images are one chain.
            let mut before: Vec<i64> =
                audits.iter().map(|it| it[0]["before"]["size"].as_i64().unwrap()).collect();
            before.push(tables.one(row.key()).await.value("size").to_json().as_i64().unwrap());
            before.sort_unstable();
            assert_eq!(before, (-1..64).collect::<Vec<i64>>());
        }
    }
    assert!(audits(&tables).await.len() <= 65);
}

/// Waits until so many statements of others wait for a lock, and tells their number.
pub(super) async fn waiting(tables: &Tables, wanted: usize) {
    let sql = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..100 {
        if tables.texts(sql).await.len() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("there are not {wanted} statements waiting");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_cut_off_closes_its_connection_and_changes_nothing() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 4).await;
    let row = tables.thing(&[]).await;
    let mut holder = tables.begin().await;
    run(holder.as_mut(), "SELECT * FROM things FOR UPDATE").await.unwrap();
    let cut_off = async {
        let mut tx = tables.begin().await;
        update(&tables, tx.as_mut(), &in_acme(&tables.things), row.key(), &[("size", 1.into())], None).await
    };
    assert!(tokio::time::timeout(Duration::from_millis(300), cut_off).await.is_err());
    // The server looks after its client every two seconds.
    waiting(&tables, 0).await;
    holder.rollback().await;
    assert!(audits(&tables).await.is_empty());
    assert_eq!(tables.one(row.key()).await.into_values(), row.clone().into_values());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_whose_connection_breaks_may_or_may_not_be_there() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 4).await;
    let row = tables.thing(&[]).await;
    let mut holder = tables.begin().await;
    run(holder.as_mut(), "SELECT * FROM things FOR UPDATE").await.unwrap();
    let broken = tokio::spawn({
        let (tables, key) = (tables.clone(), row.key().clone());
        async move {
            let mut tx = tables.begin().await;
            let end =
                update(&tables, tx.as_mut(), &in_acme(&tables.things), &key, &[("size", 1.into())], None)
                    .await;
            tx.rollback().await;
            end
        }
    });
    waiting(&tables, 1).await;
    let end = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity \
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    tables.texts(end).await;
    let broken = broken.await.unwrap();
    assert!(is_unavailable(&broken), "{broken:?}");
    holder.rollback().await;
    assert!(audits(&tables).await.is_empty());
    assert!(is_alone(&tables, &in_acme(&tables.things), row.key(), LIMIT).await, "the others serve on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_connection_that_broke_costs_no_sealed_change() {
    let database = TestDatabase::postgres().await;
    let tables = tables(&database, 1).await;
    let row = tables.thing(&[]).await;
    // Longer than a connection counts as one that is surely there.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect_with(&database.url().parse().unwrap())
        .await
        .unwrap();
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::raw_sql(end).execute(&mut other).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let mut tx = tables.begin().await;
    let updated =
        update(&tables, tx.as_mut(), &in_acme(&tables.things), row.key(), &[("size", 1.into())], None).await;
    assert!(matches!(updated, Ok(Updated::Made { .. })), "{updated:?}");
    tx.commit(Ending::default()).await.unwrap();
    assert_eq!(audits(&tables).await.len(), 1);
}
