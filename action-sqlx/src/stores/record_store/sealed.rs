//! The audit of a change, written by the statement that makes it, on PostgreSQL.
//!
//! What changed is put together by the database: the values before are only there. It comes out as
//! `Change::created` and `Change::updated` would have it, each value spelled as `Value::to_json` does; a test holds
//! the two against each other.
//!
//! An update looks at the columns it sets and at no others, which is a third of the time of looking at all of them.
//! What a trigger of the host's does to further columns is in the row that comes back, and not in this audit.

use std::borrow::Cow;

use action_core::audit::{AuditRecord, REDACTED};
use action_core::entity::ColumnIndex;
use action_core::ports::StoreError;
use action_core::{Kind, Value};

use super::names::{FOUND, MADE, push_column_of};
use super::scope::InScope;
use super::shown::{self, Hidden, Shown};
use crate::audit_insert;
use crate::bind::Bind;
use crate::dialect::Table;
use crate::expression_sql::cast;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// A function of PostgreSQL takes at most 100 arguments, and a member of an object is two.
const MOST_MEMBERS: usize = 50;

/// Appends the value that sets the tenant while the statement runs, as the opening of a transaction would have.
pub(super) fn push_tenant(statement: &mut Statement, tenant: &str) {
    statement.push_str("set_config('app.tenant_id', ").push(Bind::text(tenant)).push_str(", true)");
}

/// What `app.tenant_id` is then set to; empty for callers without a tenant.
pub(super) fn tenant(tx: &SqlTransaction) -> String {
    tx.scope().tenant.map(|it| it.to_string()).unwrap_or_default()
}

/// Whether a sealed change may be a statement on its own. What a row rule looks up in other tables would be looked up
/// under their policies, before the tenant is set.
pub(super) async fn may_be_alone(tx: &mut SqlTransaction, scope: &InScope<'_>) -> bool {
    !scope.looks_elsewhere() && tx.may_be_alone(&scope.names.table).await
}

/// Appends what the making of a row returns for its audit, behind the row's columns and [its id](push_id).
pub(super) fn push_created(scope: &InScope<'_>, statement: &mut Statement) -> Result<(), StoreError> {
    statement.push_str("NULL::jsonb AS before, ");
    push_whole(scope, statement, &shown::all(scope, &[]))?;
    statement.push_str(" AS after");
    Ok(())
}

/// Appends what the removal of a row returns for its audit. The row is then what it was.
pub(super) fn push_deleted(
    scope: &InScope<'_>,
    statement: &mut Statement,
    redact: &[Cow<'static, str>],
) -> Result<(), StoreError> {
    push_whole(scope, statement, &shown::all(scope, redact))?;
    statement.push_str(" AS before, NULL::jsonb AS after");
    Ok(())
}

fn push_whole(
    scope: &InScope<'_>,
    statement: &mut Statement,
    columns: &[Shown<'_>],
) -> Result<(), StoreError> {
    if columns.is_empty() {
        statement.push_str("'{}'::jsonb");
    }
    for (place, members) in columns.chunks(MOST_MEMBERS).enumerate() {
        statement.push_str(if place > 0 { " || " } else { "" });
        push_object(scope, statement, Image::After, members)?;
    }
    Ok(())
}

/// Appends what the change of a row, made by setting these columns, returns for its audit.
pub(super) fn push_updated(
    scope: &InScope<'_>,
    statement: &mut Statement,
    set: &[(ColumnIndex, Value)],
    redact: &[Cow<'static, str>],
) -> Result<(), StoreError> {
    let columns = shown::set(scope, set, redact);
    push_differences(scope, statement, Image::Before, &columns)?;
    statement.push_str(" AS before, ");
    push_differences(scope, statement, Image::After, &columns)?;
    statement.push_str(" AS after");
    Ok(())
}

/// Appends the row's key as its change tells it.
pub(super) fn push_id(scope: &InScope<'_>, statement: &mut Statement) -> Result<(), StoreError> {
    statement.push_str(", ");
    push_json(scope, statement, Image::After, scope.entity.key_index(), scope.key_kind())?;
    statement.push_str(" AS id, ");
    Ok(())
}

/// Appends the parts that write the record with its change, and the change beside it, and the answer: the row as it is
/// now, if there is one. `operation` is the word, in quotes.
pub(super) fn push_audit(
    scope: &InScope<'_>,
    statement: &mut Statement,
    record: &AuditRecord,
    operation: &'static str,
) {
    statement.push_str(", action_audit AS (");
    audit_insert::push_head(statement, scope.dialect);
    statement.push_str("SELECT ");
    audit_insert::push_values(statement, record);
    statement.push_str("jsonb_build_array(jsonb_build_object('entity', ");
    statement.push(Bind::text(scope.entity.name()));
    let entity = statement.bound();
    statement.push_str(", 'id', m.id, 'operation', ").push_str(operation);
    statement.push_str(", 'before', m.before, 'after', m.after)), 1 FROM ").push_str(MADE).push_str(" AS m)");

    statement.push_str(", action_detail AS (INSERT INTO ").push_str(scope.dialect.table(Table::AuditChanges));
    statement.push_str(" (audit_id, position, entity, record_id, operation, before, after) SELECT ");
    statement.push(Bind::uuid(record.id)).push_str(", 1, ").push_place(entity);
    statement.push_str(", m.id #>> '{}', ").push_str(operation);
    statement.push_str(", m.before, m.after FROM ").push_str(MADE).push_str(" AS m) SELECT ");
    scope.names.push_columns_of(statement, "m");
    statement.push_str(" FROM ").push_str(MADE).push_str(" AS m");
}

/// The row before and after, as the returning part of a statement knows them.
#[derive(Clone, Copy)]
enum Image {
    Before,
    After,
}

fn push_column(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    index: ColumnIndex,
) -> Result<(), StoreError> {
    match image {
        Image::Before => push_column_of(statement, FOUND, index),
        Image::After => scope.names.push_column(statement, index)?,
    }
    Ok(())
}

/// Appends an object of those columns in which the row before and the row after differ.
fn push_differences(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    columns: &[Shown<'_>],
) -> Result<(), StoreError> {
    if columns.is_empty() {
        statement.push_str("'{}'::jsonb");
    }
    for (place, column) in columns.iter().enumerate() {
        statement.push_str(if place > 0 { " || CASE WHEN " } else { "CASE WHEN " });
        push_comparable(scope, statement, Image::Before, column)?;
        statement.push_str(" IS DISTINCT FROM ");
        push_comparable(scope, statement, Image::After, column)?;
        statement.push_str(" THEN ");
        push_object(scope, statement, image, std::slice::from_ref(column))?;
        statement.push_str(" ELSE '{}'::jsonb END");
    }
    Ok(())
}

/// Appends an object of columns.
fn push_object(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    columns: &[Shown<'_>],
) -> Result<(), StoreError> {
    for (place, column) in columns.iter().enumerate() {
        statement.push_str(if place > 0 { ", " } else { "jsonb_build_object(" });
        statement.push(Bind::text(column.name)).push_str(", ");
        match column.hidden {
            Hidden::No => push_member(scope, statement, image, column)?,
            Hidden::Always => {
                statement.push(Bind::text(REDACTED));
            }
            Hidden::WhereThere => {
                statement.push_str("CASE WHEN ");
                push_column(scope, statement, image, column.index)?;
                statement.push_str(" IS NULL THEN NULL ELSE ").push(Bind::text(REDACTED)).push_str(" END");
            }
        }
    }
    statement.push_str(")");
    Ok(())
}

/// Appends a column as the value of a member: what makes an object turns most kinds into JSON by itself.
fn push_member(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    column: &Shown<'_>,
) -> Result<(), StoreError> {
    match column.kind {
        Kind::Boolean | Kind::Integer | Kind::Text | Kind::Uuid => {
            push_column(scope, statement, image, column.index)?;
            statement.push_str(cast(column.kind));
            Ok(())
        }
        Kind::Decimal { .. } | Kind::Timestamp | Kind::Date | Kind::Json => {
            push_json(scope, statement, image, column.index, column.kind)
        }
    }
}

/// Appends a column as JSON.
fn push_json(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    index: ColumnIndex,
    kind: Kind,
) -> Result<(), StoreError> {
    let (open, close) = match kind {
        Kind::Boolean => ("to_jsonb(", "::boolean)"),
        Kind::Integer => ("to_jsonb(", "::bigint)"),
        Kind::Decimal { .. } => ("to_jsonb(trim_scale(", "::numeric))"),
        Kind::Text => ("to_jsonb(", "::text)"),
        Kind::Uuid => ("to_jsonb(", "::uuid)"),
        Kind::Date => ("to_jsonb(to_char(", "::date, 'YYYY-MM-DD'))"),
        Kind::Json => ("", "::jsonb"),
        Kind::Timestamp => return push_timestamp(scope, statement, image, index),
    };
    statement.push_str(open);
    push_column(scope, statement, image, index)?;
    statement.push_str(close);
    Ok(())
}

/// As many digits of a second as there are: none, three or six.
fn push_timestamp(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    index: ColumnIndex,
) -> Result<(), StoreError> {
    statement.push_str("to_jsonb(to_char(");
    push_column(scope, statement, image, index)?;
    statement.push_str("::timestamptz AT TIME ZONE 'UTC', CASE");
    for (digits, format) in [
        (" % 1000000 = 0", " THEN 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'"),
        (" % 1000 = 0", " THEN 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'"),
    ] {
        statement.push_str(" WHEN extract(microseconds FROM ");
        push_column(scope, statement, image, index)?;
        statement.push_str("::timestamptz)::bigint").push_str(digits).push_str(format);
    }
    statement.push_str(" ELSE 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"' END))");
    Ok(())
}

/// Appends a column as something that differs exactly where the values do.
fn push_comparable(
    scope: &InScope<'_>,
    statement: &mut Statement,
    image: Image,
    column: &Shown<'_>,
) -> Result<(), StoreError> {
    push_column(scope, statement, image, column.index)?;
    statement.push_str(match column.kind {
        // Whatever the column's own collation calls equal.
        Kind::Text => "::text COLLATE \"C\"",
        // `json` has no equality, and for `jsonb` 1 and 1.0 are equal.
        Kind::Json => "::jsonb::text",
        kind => cast(kind),
    });
    Ok(())
}
