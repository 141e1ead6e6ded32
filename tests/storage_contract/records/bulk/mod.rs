//! Many rows at once: what is changed, what keeps it from being changed, and what the audit says of it.
//!
//! Here is what the tests of each theme share.

mod at_once;
mod changes;
mod failing;
mod in_a_transaction;
mod matching;
mod meanwhile;
mod whose;

use std::sync::Arc;

use action_core::Value;
use action_core::audit::{AuditRecord, Change};
use action_core::entity::{Entity, Record};
use action_core::ports::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, Ending, RowScope, StoreError,
};
use action_sqlx::Dialect;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::things::{Tables, audit_record, in_acme, indexed, later};

/// One change of many rows, in a transaction of its own; committed where it was made.
struct Try<'a> {
    tables: &'a Tables,
    scope: RowScope<'a>,
    independent: bool,
    redact: &'a [std::borrow::Cow<'static, str>],
    record: AuditRecord,
}

impl<'a> Try<'a> {
    fn new(tables: &'a Tables, entity: &'a Arc<Entity>) -> Self {
        let scope = RowScope { now: later(), ..in_acme(entity) };
        Self { tables, scope, independent: false, redact: &[], record: audit_record() }
    }

    fn independent(mut self) -> Self {
        self.independent = true;
        self
    }

    async fn run(&self, rows: BulkRows<'_>, change: BulkChange<'_>) -> Result<BulkOutcome, StoreError> {
        let mut tx = self.tables.begin().await;
        let log = ChangeLog { record: self.record.id, written: 0, redact: self.redact };
        let bulk = Bulk { rows, change, independent: self.independent, log };
        let outcome = self.tables.storage.record_store().change_all(tx.as_mut(), &self.scope, bulk).await;
        match outcome {
            Ok(BulkOutcome::Made(made)) => {
                let mut record = self.record.clone();
                record.written.count = made.changed;
                record.written.first.clone_from(&made.first);
                tx.commit(Ending { audit: Some(&record), ..Ending::default() }).await.expect("it commits");
                Ok(BulkOutcome::Made(made))
            }
            other => {
                tx.rollback().await;
                other
            }
        }
    }

    async fn update(&self, keys: &[Value], values: &[(&str, Value)]) -> BulkOutcome {
        let values = indexed(self.scope.entity, values);
        self.run(BulkRows::Keys(keys), BulkChange::Update(&values)).await.expect("the change runs")
    }

    async fn delete(&self, keys: &[Value]) -> BulkOutcome {
        self.run(BulkRows::Keys(keys), BulkChange::Delete).await.expect("the removal runs")
    }

    /// The changes beside the record, in the order of their positions, which are 1, 2, 3, ….
    async fn audited(&self) -> Vec<Json> {
        audited(self.tables, self.record.id).await
    }
}

async fn audited(tables: &Tables, record: Uuid) -> Vec<Json> {
    let schema = if tables.dialect().await == Dialect::Postgres { "actions." } else { "" };
    let rows = tables
        .texts(&format!(
            "SELECT position || ' \"' || entity || '\" \"' || record_id || '\" \"' || operation || '\" ' \
             || coalesce(CAST(before AS TEXT), 'null') || ' ' || coalesce(CAST(after AS TEXT), 'null') \
             FROM {schema}action_audit_changes WHERE CAST(audit_id AS TEXT) = '{record}' ORDER BY position"
        ))
        .await;
    let parts = |text: &String| -> Vec<Json> {
        serde_json::Deserializer::from_str(text).into_iter().map(|it| it.expect("JSON")).collect()
    };
    let rows: Vec<Vec<Json>> = rows.iter().map(parts).collect();
    for (at, row) in rows.iter().enumerate() {
        assert_eq!(row[0], json!(at + 1), "positions are gapless");
    }
    let change = |it: Vec<Json>| json!({ "entity": it[1], "id": it[2], "operation": it[3], "before": it[4], "after": it[5] });
    rows.into_iter().map(change).collect()
}

fn made(outcome: BulkOutcome) -> BulkMade {
    match outcome {
        BulkOutcome::Made(made) => made,
        other => panic!("it was not made: {other:?}"),
    }
}

fn keys(records: &[Record]) -> Vec<Value> {
    records.iter().map(|it| it.key().clone()).collect()
}

fn sorted(mut keys: Vec<Value>) -> Vec<Value> {
    keys.sort_by_key(|it| it.to_json().to_string());
    keys
}

fn as_json(change: &Change) -> Json {
    let mut json = serde_json::to_value(change).expect("it is JSON");
    if let Json::Number(id) = &json["id"] {
        json["id"] = id.to_string().into();
    }
    json
}
