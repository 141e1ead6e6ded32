//! Values as SQLite gives them, read by the kind that is expected; `sqlite::encode` says how each is kept.

use std::str::FromStr;

use action_core::{Kind, Value};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Decode, Row, Sqlite, TypeInfo, ValueRef};
use uuid::Uuid;

/// How a value is stored, whatever its column declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Integer,
    Real,
    Text,
    Blob,
}

/// A column as a value of a kind.
pub(crate) fn value(row: &SqliteRow, index: usize, kind: Kind) -> Result<Value, BoxDynError> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let class = match raw.type_info().name() {
        "INTEGER" => Class::Integer,
        "REAL" => Class::Real,
        "TEXT" => Class::Text,
        _ => Class::Blob,
    };
    Ok(match kind {
        Kind::Boolean => Value::Boolean(integer(raw, class)? != 0),
        Kind::Integer => Value::Integer(integer(raw, class)?),
        Kind::Decimal { scale, .. } => Value::Decimal(decimal(raw, class, scale)?),
        Kind::Text => Value::Text(text(raw, class)?),
        Kind::Uuid => Value::Uuid(match class {
            Class::Blob => Uuid::from_slice(of(raw)?)?,
            _ => Uuid::parse_str(of(raw)?)?,
        }),
        Kind::Timestamp => Value::timestamp(timestamp(of(raw)?)?),
        Kind::Date => Value::Date(date(of(raw)?)?),
        Kind::Json => Value::Json(match class {
            Class::Text => serde_json::from_str(of(raw)?)?,
            Class::Integer => integer(raw, class)?.into(),
            Class::Real => of::<f64>(raw)?.into(),
            Class::Blob => return Err("it is a blob".into()),
        }),
    })
}

fn of<'r, T: Decode<'r, Sqlite>>(raw: SqliteValueRef<'r>) -> Result<T, BoxDynError> {
    T::decode(raw)
}

fn integer(raw: SqliteValueRef<'_>, class: Class) -> Result<i64, BoxDynError> {
    match class {
        Class::Integer => of(raw),
        Class::Real => {
            let number: f64 = of(raw)?;
            #[expect(clippy::cast_possible_truncation, reason = "checked: whole, and far inside 64 bits")]
            let whole = (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64);
            whole.ok_or_else(|| "it has a fraction, or is too large".into())
        }
        Class::Text | Class::Blob => Err("it is of another type".into()),
    }
}

fn decimal(raw: SqliteValueRef<'_>, class: Class, scale: u8) -> Result<Decimal, BoxDynError> {
    let number = match class {
        Class::Integer => of::<i64>(raw)?.into(),
        // Through the shortest text that means the same number. A sum may have gathered digits below the scale.
        Class::Real => Decimal::from_str(&of::<f64>(raw)?.to_string())?.round_dp(scale.into()),
        Class::Text => Decimal::from_str(of(raw)?)?,
        Class::Blob => return Err("it is a blob".into()),
    };
    Ok(number.normalize())
}

fn text(raw: SqliteValueRef<'_>, class: Class) -> Result<String, BoxDynError> {
    Ok(match class {
        Class::Text => of(raw)?,
        Class::Integer => of::<i64>(raw)?.to_string(),
        Class::Real => of::<f64>(raw)?.to_string(),
        Class::Blob => return Err("it is a blob".into()),
    })
}

/// Ours, and what SQLite's own functions and a host's hand-written rows say.
fn timestamp(text: &str) -> Result<DateTime<Utc>, BoxDynError> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.to_utc());
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f") {
        return Ok(at.and_utc());
    }
    Ok(date(text)?.and_time(chrono::NaiveTime::MIN).and_utc())
}

fn date(text: &str) -> Result<NaiveDate, BoxDynError> {
    Ok(NaiveDate::from_str(text.get(..10).unwrap_or(text))?)
}
