//! Values as SQLite keeps them: every kind in one of its few storage classes.
//!
//! | kind | stored as |
//! |---|---|
//! | boolean | `0` or `1` |
//! | integer | a whole number |
//! | decimal | a whole number where it is one, else binary; exact, since a decimal has at most 15 digits |
//! | text, JSON | text |
//! | uuid | text, lower case with hyphens |
//! | timestamp | text of one width, `2026-03-01T10:00:00.123456Z`: text order is time order |
//! | date | text, `2026-03-01` |

use action_core::Value;
use rust_decimal::Decimal;
use sqlx::Arguments;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;

use crate::bind::Bind;

/// All values of a statement.
pub(crate) fn arguments(binds: &[Bind]) -> Result<SqliteArguments, BoxDynError> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(binds.len(), 0);
    for bind in binds {
        match bind {
            Bind::Value(value, _) => add(&mut arguments, value)?,
            Bind::List(values, _) => arguments.add(list(values))?,
            Bind::Json(text) => arguments.add(text.clone())?,
            Bind::Bytes(bytes) => arguments.add(bytes.clone())?,
            Bind::Address(address) => arguments.add(address.map(|it| it.to_string()))?,
        }
    }
    Ok(arguments)
}

/// An instant at its fixed width.
pub(crate) fn timestamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

fn add(arguments: &mut SqliteArguments, value: &Value) -> Result<(), BoxDynError> {
    match value {
        Value::Null => arguments.add(None::<i64>),
        Value::Boolean(it) => arguments.add(i64::from(*it)),
        Value::Integer(it) => arguments.add(*it),
        Value::Decimal(it) => match number(*it) {
            Number::Whole(it) => arguments.add(it),
            Number::Binary(it) => arguments.add(it),
        },
        Value::Text(it) => arguments.add(it.clone()),
        Value::Uuid(it) => arguments.add(it.as_hyphenated().to_string()),
        Value::Timestamp(it) => arguments.add(timestamp(*it)),
        Value::Date(it) => arguments.add(it.to_string()),
        Value::Json(it) => arguments.add(it.to_string()),
    }
}

enum Number {
    Whole(i64),
    Binary(f64),
}

fn number(decimal: Decimal) -> Number {
    let decimal = decimal.normalize();
    let whole = decimal.is_integer().then(|| i64::try_from(decimal).ok()).flatten();
    match whole {
        Some(whole) => Number::Whole(whole),
        // The nearest binary number to the decimal's own text; `Decimal`'s own conversion may be one bit beside it.
        None => Number::Binary(decimal.to_string().parse().unwrap_or_default()),
    }
}

/// What `json_each` turns back into the values that [`add`] would have bound.
fn list(values: &[Value]) -> String {
    let items = values.iter().map(|value| match value {
        Value::Boolean(it) => i64::from(*it).into(),
        Value::Decimal(it) => match number(*it) {
            Number::Whole(it) => it.into(),
            Number::Binary(it) => it.into(),
        },
        Value::Timestamp(it) => timestamp(*it).into(),
        Value::Json(it) => it.to_string().into(),
        other => other.to_json(),
    });
    serde_json::Value::Array(items.collect()).to_string()
}
