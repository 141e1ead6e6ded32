//! The audit of a change, written by the statement that makes it, on PostgreSQL.
//!
//! What changed is put together by the database: the values before are only there. It comes out as
//! `Change::created` and `Change::updated` would have it, each value spelled as `Value::to_json` does; a test holds
//! the two against each other.
//!
//! An update looks at the columns it sets and at no others, which is a third of the time of looking at all of them.
//! What a trigger of the host's does to further columns is in the row that comes back, and not in this audit.

use action_core::audit::{AuditRecord, Audited, REDACTED, audited};
use action_core::entity::ColumnIndex;
use action_core::{Kind, Value};
use uuid::Uuid;

use super::names::{FOUND, MADE, push_column_of};
use super::scope::InScope;
use crate::audit_insert;
use crate::bind::Bind;
use crate::dialect::Table;
use crate::expression_sql::cast;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// A function of PostgreSQL takes at most 100 arguments, and a member of an object is two.
const MOST_MEMBERS: usize = 50;

/// Appends the value that sets the tenant while the statement runs, as the opening of a transaction would have.
pub(super) fn push_tenant(statement: &mut Statement, tenant: Option<Uuid>) {
    let tenant = tenant.map(|it| it.to_string()).unwrap_or_default();
    statement.push_str("set_config('app.tenant_id', ").push(Bind::text(tenant.as_str())).push_str(", true)");
}

/// Whether a sealed change may be a statement on its own. What a row rule looks up in other tables would be looked up
/// under their policies, before the tenant is set.
pub(super) async fn may_be_alone(tx: &mut SqlTransaction, scope: &InScope<'_>) -> bool {
    !scope.looks_elsewhere() && tx.may_be_alone(&scope.names.table).await
}

/// Appends the parts of a statement that write the audit of the row it made.
pub(super) fn push_created(scope: &InScope<'_>, statement: &mut Statement, record: &AuditRecord) {
    push_change(scope, statement);
    statement.push_str("NULL::jsonb AS before, ");
    let columns: Vec<Shown> = (0..scope.entity.columns().len()).filter_map(|it| shown(scope, it)).collect();
    if columns.is_empty() {
        statement.push_str("'{}'::jsonb");
    }
    for (place, members) in columns.chunks(MOST_MEMBERS).enumerate() {
        statement.push_str(if place > 0 { " || " } else { "" });
        push_object(statement, "m", members);
    }
    statement.push_str(" AS after FROM ").push_str(MADE).push_str(" AS m)");
    push_audit(scope, statement, record, "'created'");
}

/// Appends the parts of a statement that write the audit of the row it changed by setting these columns.
pub(super) fn push_updated(
    scope: &InScope<'_>,
    statement: &mut Statement,
    set: &[(ColumnIndex, Value)],
    record: &AuditRecord,
) {
    let columns: Vec<Shown> = set.iter().filter_map(|(index, _)| shown(scope, *index)).collect();
    push_change(scope, statement);
    push_differences(statement, "f", &columns);
    statement.push_str(" AS before, ");
    push_differences(statement, "m", &columns);
    statement
        .push_str(" AS after FROM ")
        .push_str(FOUND)
        .push_str(" AS f, ")
        .push_str(MADE)
        .push_str(" AS m)");
    push_audit(scope, statement, record, "'updated'");
}

/// Appends the head of the part that has the one change: its key and its images, if there is a row at all.
fn push_change(scope: &InScope<'_>, statement: &mut Statement) {
    statement.push_str(", action_change AS (SELECT ");
    push_json(statement, "m", scope.entity.key_index(), scope.key_kind());
    statement.push_str(" AS id, ");
}

/// Appends the record with its change, and the change beside it. `operation` is the word, in quotes.
fn push_audit(scope: &InScope<'_>, statement: &mut Statement, record: &AuditRecord, operation: &'static str) {
    statement.push_str(", action_audit AS (");
    audit_insert::push_head(statement, scope.dialect);
    statement.push_str("SELECT ");
    audit_insert::push_values(statement, record);
    statement.push_str("jsonb_build_array(jsonb_build_object('entity', ");
    statement.push(Bind::text(scope.entity.name()));
    let entity = statement.bound();
    statement.push_str(", 'id', id, 'operation', ").push_str(operation);
    statement.push_str(", 'before', before, 'after', after)), 1 FROM action_change)");

    statement.push_str(", action_detail AS (INSERT INTO ").push_str(scope.dialect.table(Table::AuditChanges));
    statement.push_str(" (audit_id, position, entity, record_id, operation, before, after) SELECT ");
    statement.push(Bind::uuid(record.id)).push_str(", 1, ").push_place(entity).push_str(", id #>> '{}', ");
    statement.push_str(operation).push_str(", before, after FROM action_change)");
}

/// A column that is part of a change.
struct Shown<'a> {
    index: ColumnIndex,
    name: &'a str,
    kind: Kind,
    redacted: bool,
}

fn shown<'a>(scope: &'a InScope<'_>, index: ColumnIndex) -> Option<Shown<'a>> {
    let redacted = audited(&scope.entity, index)? == Audited::Redacted;
    let column = scope.entity.column(index)?;
    Some(Shown { index, name: column.name(), kind: column.kind(), redacted })
}

/// Appends an object of those columns in which the row before and the row after differ, as they are in `part`.
fn push_differences(statement: &mut Statement, part: &'static str, columns: &[Shown<'_>]) {
    if columns.is_empty() {
        statement.push_str("'{}'::jsonb");
    }
    for (place, column) in columns.iter().enumerate() {
        statement.push_str(if place > 0 { " || CASE WHEN " } else { "CASE WHEN " });
        push_comparable(statement, "f", column);
        statement.push_str(" IS DISTINCT FROM ");
        push_comparable(statement, "m", column);
        statement.push_str(" THEN ");
        push_object(statement, part, std::slice::from_ref(column));
        statement.push_str(" ELSE '{}'::jsonb END");
    }
}

/// Appends an object of columns.
fn push_object(statement: &mut Statement, part: &'static str, columns: &[Shown<'_>]) {
    for (place, column) in columns.iter().enumerate() {
        statement.push_str(if place > 0 { ", " } else { "jsonb_build_object(" });
        statement.push(Bind::text(column.name)).push_str(", ");
        if column.redacted {
            statement.push(Bind::text(REDACTED));
        } else {
            push_json(statement, part, column.index, column.kind);
        }
    }
    statement.push_str(")");
}

/// Appends a column as JSON.
fn push_json(statement: &mut Statement, part: &'static str, index: ColumnIndex, kind: Kind) {
    let (open, close) = match kind {
        Kind::Boolean => ("to_jsonb(", "::boolean)"),
        Kind::Integer => ("to_jsonb(", "::bigint)"),
        Kind::Decimal { .. } => ("to_jsonb(trim_scale(", "::numeric))"),
        Kind::Text => ("to_jsonb(", "::text)"),
        Kind::Uuid => ("to_jsonb(", "::uuid)"),
        Kind::Date => ("to_jsonb(to_char(", "::date, 'YYYY-MM-DD'))"),
        Kind::Json => ("", "::jsonb"),
        Kind::Timestamp => return push_timestamp(statement, part, index),
    };
    statement.push_str(open);
    push_column_of(statement, part, index);
    statement.push_str(close);
}

/// As many digits of a second as there are: none, three or six.
fn push_timestamp(statement: &mut Statement, part: &'static str, index: ColumnIndex) {
    statement.push_str("to_jsonb(to_char(");
    push_column_of(statement, part, index);
    statement.push_str("::timestamptz AT TIME ZONE 'UTC', CASE");
    for (digits, format) in [
        (" % 1000000 = 0", " THEN 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'"),
        (" % 1000 = 0", " THEN 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'"),
    ] {
        statement.push_str(" WHEN extract(microseconds FROM ");
        push_column_of(statement, part, index);
        statement.push_str("::timestamptz)::bigint").push_str(digits).push_str(format);
    }
    statement.push_str(" ELSE 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"' END))");
}

/// Appends a column as something that differs exactly where the values do.
fn push_comparable(statement: &mut Statement, part: &'static str, column: &Shown<'_>) {
    push_column_of(statement, part, column.index);
    statement.push_str(match column.kind {
        // Whatever the column's own collation calls equal.
        Kind::Text => "::text COLLATE \"C\"",
        // `json` has no equality, and for `jsonb` 1 and 1.0 are equal.
        Kind::Json => "::jsonb::text",
        kind => cast(kind),
    });
}
