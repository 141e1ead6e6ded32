//! The rows before and after a change as JSON, put together by SQLite.
//!
//! They come out as `Change::updated` and `Change::deleted` would have them, each value spelled as `Value::to_json`
//! does. What an update sets is bound, once as it will be stored and once as JSON. The text is put together member by
//! member: SQLite's functions on objects drop members without a value.

use std::borrow::Cow;

use action_core::audit::REDACTED;
use action_core::entity::ColumnIndex;
use action_core::ports::StoreError;
use action_core::{Kind, Value};
use serde_json::Value as Json;

use super::scope::InScope;
use super::shown::{self, Hidden, Shown};
use crate::bind::Bind;
use crate::statement::Statement;

/// SQLite counts a chain as one level a link, and takes a thousand levels.
const LONGEST_CHAIN: usize = 40;

/// Appends the objects of the columns that setting these changes.
pub(super) fn push_updated(
    scope: &InScope<'_>,
    statement: &mut Statement,
    set: &[(ColumnIndex, Value)],
    redact: &[Cow<'static, str>],
) -> Result<(), StoreError> {
    let columns = shown::set(scope, set, redact);
    let value = |column: &Shown<'_>| set.iter().find(|(index, _)| *index == column.index).map(|(_, it)| it);
    for (image, name) in [(Image::Before, " AS before, "), (Image::After, " AS after")] {
        push_object(statement, &columns, |statement, column| {
            let Some(value) = value(column) else { return Ok(()) };
            statement.push_str("CASE WHEN ");
            push_differs(scope, statement, column, value)?;
            statement.push_str(" THEN ").push(Bind::text(member(column).as_str())).push_str(" || ");
            match (image, column.hidden) {
                (Image::Before, _) => push_shown(scope, statement, column)?,
                (Image::After, Hidden::No) => {
                    statement.push(Bind::text(value.to_json().to_string().as_str()));
                }
                (Image::After, Hidden::WhereThere) if value.is_null() => {
                    statement.push_str("'null'");
                }
                (Image::After, Hidden::WhereThere | Hidden::Always) => push_marker(statement),
            }
            statement.push_str(" ELSE '' END");
            Ok(())
        })?;
        statement.push_str(name);
    }
    Ok(())
}

/// Appends the object of a whole row.
pub(super) fn push_deleted(
    scope: &InScope<'_>,
    statement: &mut Statement,
    redact: &[Cow<'static, str>],
) -> Result<(), StoreError> {
    push_object(statement, &shown::all(scope, redact), |statement, column| {
        statement.push(Bind::text(member(column).as_str())).push_str(" || ");
        push_shown(scope, statement, column)
    })?;
    statement.push_str(" AS before, NULL AS after");
    Ok(())
}

#[derive(Clone, Copy)]
enum Image {
    Before,
    After,
}

/// `,"name":`. The first comma is cut off.
fn member(column: &Shown<'_>) -> String {
    format!(",{}:", Json::from(column.name))
}

fn push_object(
    statement: &mut Statement,
    columns: &[Shown<'_>],
    mut push: impl FnMut(&mut Statement, &Shown<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    statement.push_str("'{' || substr(''");
    for chain in columns.chunks(LONGEST_CHAIN) {
        statement.push_str(" || (''");
        for column in chain {
            statement.push_str(" || ");
            push(statement, column)?;
        }
        statement.push_str(")");
    }
    statement.push_str(", 2) || '}'");
    Ok(())
}

fn push_marker(statement: &mut Statement) {
    statement.push(Bind::text(Json::from(REDACTED).to_string().as_str()));
}

/// Appends a column as JSON text, or the marker in its place.
fn push_shown(scope: &InScope<'_>, statement: &mut Statement, column: &Shown<'_>) -> Result<(), StoreError> {
    match column.hidden {
        Hidden::No => push_json(scope, statement, column),
        Hidden::Always => {
            push_marker(statement);
            Ok(())
        }
        Hidden::WhereThere => {
            statement.push_str("CASE WHEN ");
            scope.names.push_column(statement, column.index)?;
            statement.push_str(" IS NULL THEN 'null' ELSE ");
            push_marker(statement);
            statement.push_str(" END");
            Ok(())
        }
    }
}

/// Appends a column as JSON text. `?` in a template stands for the column.
fn push_json(scope: &InScope<'_>, statement: &mut Statement, column: &Shown<'_>) -> Result<(), StoreError> {
    let template: &[&'static str] = match column.kind {
        Kind::Boolean => &["CASE WHEN ", " IS NULL THEN 'null' WHEN ", " THEN 'true' ELSE 'false' END"],
        Kind::Integer => &["json_quote(CAST(", " AS INTEGER))"],
        Kind::Decimal { scale, .. } => return push_decimal(scope, statement, column.index, scale),
        Kind::Text => &["json_quote(CAST(", " AS TEXT))"],
        Kind::Uuid => &["json_quote(lower(", "))"],
        Kind::Date => &["json_quote(substr(", ", 1, 10))"],
        Kind::Json => &["coalesce(json(", "), 'null')"],
        Kind::Timestamp => TIMESTAMP,
    };
    push_template(scope, statement, template, column.index)
}

/// As many digits of a second as there are: none, three or six. A time that a host has written in another form is told
/// to the millisecond.
const TIMESTAMP: &[&str] = &[
    "json_quote(CASE WHEN ",
    " GLOB '????-??-??T??:??:??.??????Z' THEN CASE WHEN substr(",
    ", 20) = '.000000Z' THEN substr(",
    ", 1, 19) || 'Z' WHEN substr(",
    ", 24) = '000Z' THEN substr(",
    ", 1, 23) || 'Z' ELSE ",
    " END WHEN strftime('%f', ",
    ") LIKE '%.000' THEN strftime('%Y-%m-%dT%H:%M:%SZ', ",
    ") ELSE strftime('%Y-%m-%dT%H:%M:%fZ', ",
    ") END)",
];

/// A whole number without a fraction, whatever the table's type made of it.
fn push_decimal(
    scope: &InScope<'_>,
    statement: &mut Statement,
    index: ColumnIndex,
    scale: u8,
) -> Result<(), StoreError> {
    let rounded = |statement: &mut Statement| -> Result<(), StoreError> {
        statement.push_str("round(");
        scope.names.push_column(statement, index)?;
        statement.push_str(" + 0, ").push_number(scale.into()).push_str(")");
        Ok(())
    };
    statement.push_str("json_quote(CASE WHEN ");
    rounded(statement)?;
    statement.push_str(" = CAST(");
    rounded(statement)?;
    statement.push_str(" AS INTEGER) THEN CAST(");
    rounded(statement)?;
    statement.push_str(" AS INTEGER) ELSE ");
    rounded(statement)?;
    statement.push_str(" END)");
    Ok(())
}

/// Appends the template with the column between its pieces.
fn push_template(
    scope: &InScope<'_>,
    statement: &mut Statement,
    template: &[&'static str],
    index: ColumnIndex,
) -> Result<(), StoreError> {
    for (place, piece) in template.iter().enumerate() {
        if place > 0 {
            scope.names.push_column(statement, index)?;
        }
        statement.push_str(piece);
    }
    Ok(())
}

/// Appends whether the column's value differs from the one it is to have.
fn push_differs(
    scope: &InScope<'_>,
    statement: &mut Statement,
    column: &Shown<'_>,
    value: &Value,
) -> Result<(), StoreError> {
    let as_json = || Bind::text(value.to_json().to_string().as_str());
    let (template, bind): (&[&'static str], Bind) = match column.kind {
        Kind::Boolean => (&["(", " <> 0) IS NOT "], Bind::Value(value.clone(), column.kind)),
        Kind::Integer | Kind::Decimal { .. } => {
            (&["", " + 0 IS NOT "], Bind::Value(value.clone(), column.kind))
        }
        Kind::Text => {
            (&["CAST(", " AS TEXT) COLLATE BINARY IS NOT "], Bind::Value(value.clone(), column.kind))
        }
        Kind::Uuid | Kind::Date | Kind::Timestamp | Kind::Json => {
            push_json(scope, statement, column)?;
            statement.push_str(" IS NOT ").push(as_json());
            return Ok(());
        }
    };
    push_template(scope, statement, template, column.index)?;
    statement.push(bind);
    Ok(())
}
