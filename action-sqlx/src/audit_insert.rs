//! The audit record as a row: its columns and their values, written here and nowhere else.
//!
//! A record is inserted on its own (`stores::audit_log`), together with what a success leaves behind (`ending`), or
//! inside the very statement that changes a row (`stores::record_store`). All three start with [`push_head`] and fill
//! the row with [`push_values`]; the last two columns, the changes and their number, are the caller's to add, because
//! the last of the three computes them in SQL.

use std::borrow::Cow;

use action_core::audit::AuditRecord;
#[cfg(feature = "postgres")]
use action_core::{Kind, Value};

use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::statement::Statement;

/// Appends `INSERT INTO … (…) `: all columns, `changed_records` and `changed_records_count` last. What follows is
/// `VALUES (…)` or a `SELECT`.
pub(crate) fn push_head(statement: &mut Statement, dialect: Dialect) {
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::AuditLog)).push_str(
        " (id, action_id, user_id, tenant_id, params, success, outcome, error_code, error_message, \
         execution_time_ms, ip_address, user_agent, page_id, widget_id, affected_records, request_id, \
         idempotency_key, created_at, changed_records, changed_records_count) ",
    );
}

/// Appends the values of all columns but the last two, separated by commas, with one more comma behind them.
pub(crate) fn push_values(statement: &mut Statement, record: &AuditRecord) {
    for bind in binds(record) {
        statement.push(bind).push_str(", ");
    }
}

/// Appends the rows of several records without changes, on PostgreSQL: a list for each column, so that the text, and what
/// the server keeps prepared, is the same for any number of them.
#[cfg(feature = "postgres")]
pub(crate) fn push_many<'a>(statement: &mut Statement, records: impl Iterator<Item = &'a AuditRecord>) {
    let mut columns: Vec<(Vec<Value>, Kind, &'static str)> = Vec::new();
    for record in records {
        for (at, bind) in binds(record).into_iter().enumerate() {
            let (value, kind, cast) = match bind {
                Bind::Value(value, kind) => (value, kind, ""),
                Bind::Json(text) => (text.as_deref().into(), Kind::Text, "::jsonb"),
                Bind::Address(address) => {
                    (address.map(|it| it.to_string()).as_deref().into(), Kind::Text, "::inet")
                }
                Bind::List(..) | Bind::Bytes(_) => continue,
            };
            match columns.get_mut(at) {
                Some((values, ..)) => values.push(value),
                None => columns.push((vec![value], kind, cast)),
            }
        }
    }
    statement.push_str("SELECT ");
    for (at, (.., cast)) in columns.iter().enumerate() {
        statement.push_str("c.c").push_number(at as u64).push_str(cast).push_str(", ");
    }
    statement.push_str("'[]'::jsonb, 0 FROM unnest(");
    let count = columns.len();
    for (at, (values, kind, _)) in columns.into_iter().enumerate() {
        statement.push_str(if at > 0 { ", " } else { "" }).push(Bind::List(values, kind));
    }
    for at in 0..count {
        statement.push_str(if at > 0 { ", c" } else { ") AS c(c" }).push_number(at as u64);
    }
    statement.push_str(")");
}

fn binds(record: &AuditRecord) -> [Bind; 18] {
    let action_id: String = record.action_id.chars().take(100).collect();
    let success = record.outcome == action_core::audit::AuditOutcome::Succeeded;
    [
        Bind::uuid(record.id),
        bound(Some(&action_id)),
        Bind::uuid(record.user_id),
        Bind::uuid(record.tenant_id),
        Bind::Json(Some(json(&record.params).into_owned())),
        Bind::Value(success.into(), action_core::Kind::Boolean),
        Bind::text(record.outcome.name()),
        bound(record.error_code.as_deref()),
        bound(record.error_message.as_deref()),
        Bind::integer(i64::from(record.execution_time_ms)),
        Bind::Address(record.ip_address),
        bound(record.user_agent.as_deref()),
        bound(record.page_id.as_deref()),
        bound(record.widget_id.as_deref()),
        Bind::integer(record.affected_records.map(|it| i64::try_from(it).unwrap_or(i64::MAX))),
        bound(Some(&record.request_id)),
        bound(record.idempotency_key.as_deref()),
        Bind::timestamp(record.created_at),
    ]
}

fn bound(it: Option<&str>) -> Bind {
    Bind::text(it.map(text).as_deref())
}

/// PostgreSQL keeps no NUL. An attempt is recorded all the same.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// The same for a NUL that is escaped inside a JSON document.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    if text.contains("\\u0000") { text.replace("\\u0000", "\\ufffd").into() } else { text.into() }
}
