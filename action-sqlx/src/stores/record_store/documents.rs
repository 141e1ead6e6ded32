//! Documents in the audit of many rows.
//!
//! SQL has put the changes together and written them. Inside of a document it cannot see which members must not be
//! shown, and SQLite takes one whose members stand in another order for another. So where a change holds documents it
//! is read once more, page by page, and what is wrong in a page is put right with one statement, before anybody else
//! can see it.

use action_core::Kind;
use action_core::audit::{Change, Operation};
use action_core::ports::{BulkChange, ChangeLog, StoreError};
use serde_json::{Value as Json, json};

use super::scope::InScope;
use super::shown::{self, Hidden, Shown};
use crate::bind::Bind;
use crate::dialect::Table;
use crate::ending::document;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// As many changes are looked at together.
const PAGE: usize = 500;

/// Puts right what these changes show of documents.
pub(super) async fn settle(
    tx: &mut SqlTransaction,
    scope: &InScope<'_>,
    change: BulkChange<'_>,
    log: ChangeLog<'_>,
    changed: u64,
) -> Result<(), StoreError> {
    let columns = match change {
        BulkChange::Update(values) => shown::set(scope, values, log.redact),
        BulkChange::Delete => shown::all(scope, log.redact),
    };
    let documents: Vec<&Shown<'_>> =
        columns.iter().filter(|it| it.kind == Kind::Json && it.hidden == Hidden::No).collect();
    if documents.is_empty() || changed == 0 {
        return Ok(());
    }
    let mut from = i64::try_from(log.written).unwrap_or(i64::MAX);
    loop {
        let mut wrong = Vec::new();
        let rows = tx.rows(&page(scope, log, &documents, from)).await?;
        for row in &rows {
            from = row.i64(0)?;
            let as_written = Change {
                entity: scope.entity.name().to_owned().into(),
                id: Json::Null,
                operation: Operation::Updated,
                before: row.json(1)?,
                after: row.json(2)?,
            };
            let mut right = as_written.clone();
            for document in &documents {
                leave_out_equal(&mut right, document.name);
            }
            let right = right.redacted(log.redact);
            if right != as_written {
                wrong.push(json!({ "position": from, "before": right.before, "after": right.after }));
            }
        }
        if !wrong.is_empty() {
            tx.execute(&correction(scope, log, &wrong)?).await?;
        }
        if rows.len() < PAGE {
            return Ok(());
        }
    }
}

/// Two documents are the same where their members are, in whatever order.
fn leave_out_equal(change: &mut Change, name: &str) {
    let (Json::Object(before), Json::Object(after)) = (&mut change.before, &mut change.after) else { return };
    if before.get(name) == after.get(name) {
        before.remove(name);
        after.remove(name);
    }
}

/// The next changes in which there is a document.
fn page(scope: &InScope<'_>, log: ChangeLog<'_>, documents: &[&Shown<'_>], from: i64) -> Statement {
    let mut statement = Statement::new("SELECT position, before, after FROM ");
    statement.push_str(scope.dialect.table(Table::AuditChanges)).push_str(" WHERE audit_id = ");
    statement.push(Bind::uuid(log.record)).push_str(" AND position > ").push(Bind::integer(from));
    for (place, document) in documents.iter().enumerate() {
        statement.push_str(if place == 0 { " AND (before->>" } else { " OR before->>" });
        statement.push(Bind::text(document.name));
        let name = statement.bound();
        statement.push_str(" IS NOT NULL OR after->>").push_place(name).push_str(" IS NOT NULL");
    }
    statement.push_str(") ORDER BY position LIMIT ").push_number(PAGE as u64);
    statement
}

fn correction(scope: &InScope<'_>, log: ChangeLog<'_>, wrong: &[Json]) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("UPDATE ");
    statement.push_str(scope.dialect.table(Table::AuditChanges));
    statement.push_str(
        " AS c SET before = NULLIF(e.value->'before', 'null'), after = NULLIF(e.value->'after', 'null') FROM ",
    );
    statement.push_str(scope.dialect.choose("jsonb_array_elements(", "json_each("));
    statement.push(Bind::Json(Some(document(wrong)?)));
    statement.push_str(scope.dialect.choose(") AS e(value)", ") AS e")).push_str(" WHERE c.audit_id = ");
    statement.push(Bind::uuid(log.record)).push_str(" AND c.position = ");
    statement.push_str(scope.dialect.choose("(e.value->>'position')::bigint", "e.value->>'position'"));
    Ok(statement)
}
