//! Values as PostgreSQL's binary protocol gives them, read by the kind that is expected.

use std::str::FromStr;

use action_core::{Kind, Value};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::types::Json;
use sqlx::{Decode, Postgres, Row, ValueRef};
use uuid::Uuid;

/// Numbers of types in `pg_type.dat`, the same on every server.
mod oid {
    pub(super) const BOOL: u32 = 16;
    pub(super) const INT8: u32 = 20;
    pub(super) const INT2: u32 = 21;
    pub(super) const INT4: u32 = 23;
    pub(super) const JSON: u32 = 114;
    pub(super) const FLOAT4: u32 = 700;
    pub(super) const FLOAT8: u32 = 701;
    pub(super) const DATE: u32 = 1082;
    pub(super) const TIMESTAMP: u32 = 1114;
    pub(super) const TIMESTAMPTZ: u32 = 1184;
    pub(super) const NUMERIC: u32 = 1700;
    pub(super) const UUID: u32 = 2950;
    pub(super) const JSONB: u32 = 3802;
}

/// A column as a value of a kind.
pub(crate) fn value(row: &PgRow, index: usize, kind: Kind) -> Result<Value, BoxDynError> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let column = raw.type_info().oid().map_or(0, |it| it.0);
    Ok(match kind {
        Kind::Boolean => Value::Boolean(match column {
            oid::BOOL => of(raw)?,
            _ => integer(raw, column)? != 0,
        }),
        Kind::Integer => Value::Integer(integer(raw, column)?),
        Kind::Decimal { .. } => Value::Decimal(decimal(raw, column)?.normalize()),
        Kind::Text => Value::Text(text(raw, column)?),
        Kind::Uuid => Value::Uuid(match column {
            oid::UUID => of(raw)?,
            _ => Uuid::parse_str(raw.as_str()?)?,
        }),
        Kind::Timestamp => Value::timestamp(timestamp(raw, column)?),
        Kind::Date => Value::Date(match column {
            oid::DATE => of(raw)?,
            oid::TIMESTAMP | oid::TIMESTAMPTZ => timestamp(raw, column)?.date_naive(),
            _ => NaiveDate::from_str(raw.as_str()?)?,
        }),
        Kind::Json => Value::Json(match column {
            oid::JSON | oid::JSONB => of::<Json<_>>(raw)?.0,
            _ => serde_json::from_str(raw.as_str()?)?,
        }),
    })
}

fn of<'r, T: Decode<'r, Postgres>>(raw: PgValueRef<'r>) -> Result<T, BoxDynError> {
    T::decode(raw)
}

fn integer(raw: PgValueRef<'_>, column: u32) -> Result<i64, BoxDynError> {
    Ok(match column {
        oid::INT8 => of(raw)?,
        oid::INT4 => of::<i32>(raw)?.into(),
        oid::INT2 => of::<i16>(raw)?.into(),
        oid::BOOL => of::<bool>(raw)?.into(),
        oid::NUMERIC => {
            let number: Decimal = of(raw)?;
            number
                .is_integer()
                .then(|| number.to_i64())
                .flatten()
                .ok_or("it has a fraction, or is too large")?
        }
        _ => return Err("it is of another type".into()),
    })
}

fn decimal(raw: PgValueRef<'_>, column: u32) -> Result<Decimal, BoxDynError> {
    Ok(match column {
        oid::NUMERIC => of(raw)?,
        // Through the shortest text that means the same number, not through its binary digits.
        oid::FLOAT8 => Decimal::from_str(&of::<f64>(raw)?.to_string())?,
        oid::FLOAT4 => Decimal::from_str(&of::<f32>(raw)?.to_string())?,
        _ => integer(raw, column)?.into(),
    })
}

fn text(raw: PgValueRef<'_>, column: u32) -> Result<String, BoxDynError> {
    Ok(match column {
        oid::UUID => of::<Uuid>(raw)?.to_string(),
        oid::BOOL | oid::INT8 | oid::INT4 | oid::INT2 => integer(raw, column)?.to_string(),
        oid::JSON | oid::JSONB => of::<Json<serde_json::Value>>(raw)?.0.to_string(),
        oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8 => decimal(raw, column)?.to_string(),
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ => return Err("it is of another type".into()),
        // `text`, `varchar`, `bpchar`, `name`, `citext` and every enumeration: the binary form is the text.
        _ => raw.as_str()?.to_owned(),
    })
}

fn timestamp(raw: PgValueRef<'_>, column: u32) -> Result<DateTime<Utc>, BoxDynError> {
    Ok(match column {
        oid::TIMESTAMPTZ => of(raw)?,
        oid::TIMESTAMP => of::<NaiveDateTime>(raw)?.and_utc(),
        oid::DATE => of::<NaiveDate>(raw)?.and_time(chrono::NaiveTime::MIN).and_utc(),
        _ => DateTime::parse_from_rfc3339(raw.as_str()?)?.to_utc(),
    })
}
