//! One cell of a row: its declared kind and its value.
//!
//! JSON has fewer types than a table. [`Kind::read`] is the one place where a member of a request becomes a typed
//! value, and [`Value::to_json`] the one place back, so both databases, filters, conditions and the audit agree on
//! what a `decimal` or a time looks like. Times are cut to microseconds here, because `PostgreSQL` keeps no more and
//! equality must not depend on the database.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Timelike, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

/// The declared type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number in 64 bits with sign.
    Integer,
    /// An exact number of at most `precision` digits, `scale` of them behind the point.
    Decimal {
        /// Digits in all, 1–15 (what a JSON number carries exactly).
        precision: u8,
        /// Digits behind the point, at most `precision`.
        scale: u8,
    },
    /// Unicode text without NUL.
    Text,
    /// A UUID, written in lower case with hyphens.
    Uuid,
    /// An instant, RFC 3339, kept in UTC to the microsecond.
    Timestamp,
    /// A calendar day, `2026-03-01`.
    Date,
    /// Any JSON document.
    Json,
}

impl Kind {
    /// The word for it in metadata: `boolean`, `integer`, `decimal`, `text`, `uuid`, `timestamp`, `date`, `json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal { .. } => "decimal",
            Self::Text => "text",
            Self::Uuid => "uuid",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Json => "json",
        }
    }

    /// Reads a member of a request as this kind. JSON `null` is [`Value::Null`] for every kind.
    ///
    /// Nothing is guessed: `"3"` is no integer and `1` is no boolean. A decimal may come as a number or as decimal
    /// text. The error is the phrase that completes “must be …”.
    ///
    /// ```
    /// use action_core::{Kind, Value};
    ///
    /// assert_eq!(Kind::Integer.read(&3.into()), Ok(Value::Integer(3)));
    /// assert_eq!(Kind::Integer.read(&"3".into()), Err("a whole number"));
    /// ```
    pub fn read(self, json: &Json) -> Result<Value, &'static str> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        match self {
            Self::Boolean => json.as_bool().map(Value::Boolean).ok_or("true or false"),
            Self::Integer => integer(json).map(Value::Integer).ok_or("a whole number"),
            Self::Decimal { precision, scale } => decimal(json, precision, scale).map(Value::Decimal),
            Self::Text => match json.as_str() {
                Some(text) if text.contains('\0') => Err("text without NUL"),
                Some(text) => Ok(Value::Text(text.to_owned())),
                None => Err("text"),
            },
            Self::Uuid => json
                .as_str()
                .filter(|text| text.len() == 36)
                .and_then(|text| Uuid::try_parse(text).ok())
                .map(Value::Uuid)
                .ok_or("a UUID"),
            Self::Timestamp => json
                .as_str()
                .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
                .map(|at| at.to_utc())
                .filter(|at| YEARS.contains(&at.year()))
                .map(Value::timestamp)
                .ok_or("a time as in 2026-03-01T10:00:00Z"),
            Self::Date => json
                .as_str()
                .filter(|text| text.len() == 10)
                .and_then(|text| text.parse::<NaiveDate>().ok())
                .filter(|day| YEARS.contains(&day.year()))
                .map(Value::Date)
                .ok_or("a date as in 2026-03-01"),
            Self::Json if holds_nul(json) => Err("without NUL in its texts"),
            Self::Json => Ok(Value::Json(json.clone())),
        }
    }
}

/// Years that both databases write with four digits, so that the order of times is the order of their texts.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

fn holds_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn integer(json: &Json) -> Option<i64> {
    // `3.0` is the whole number three to a JavaScript client, which cannot say otherwise.
    json.as_i64().or_else(|| {
        let number = json.as_f64()?;
        #[expect(clippy::cast_possible_truncation, reason = "checked: whole, and far inside 64 bits")]
        (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64)
    })
}

fn decimal(json: &Json, precision: u8, scale: u8) -> Result<Decimal, &'static str> {
    let read = match json {
        // The number's own text, not its binary value: 0.1 is one tenth.
        Json::Number(number) => {
            let text = number.to_string();
            Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text)).ok()
        }
        Json::String(text) if text.len() <= 40 => Decimal::from_str_exact(text).ok(),
        _ => None,
    };
    let read = read.ok_or("a decimal number")?.normalize();
    if read.scale() > u32::from(scale) {
        return Err("a decimal number with fewer digits behind the point");
    }
    let whole_digits = u32::from(precision - scale.min(precision));
    let bound = 10_i64.checked_pow(whole_digits).map(Decimal::from);
    if bound.is_some_and(|bound| read.abs() >= bound) {
        return Err("a smaller number");
    }
    Ok(read)
}

/// One cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// See [`Kind::Boolean`].
    Boolean(bool),
    /// See [`Kind::Integer`].
    Integer(i64),
    /// See [`Kind::Decimal`].
    Decimal(Decimal),
    /// See [`Kind::Text`].
    Text(String),
    /// See [`Kind::Uuid`].
    Uuid(Uuid),
    /// See [`Kind::Timestamp`]. Make it with [`Value::timestamp`], which cuts to microseconds.
    Timestamp(DateTime<Utc>),
    /// See [`Kind::Date`].
    Date(NaiveDate),
    /// See [`Kind::Json`].
    Json(Json),
}

impl Value {
    /// An instant, cut to the microseconds that both databases keep.
    pub fn timestamp(at: DateTime<Utc>) -> Self {
        // A leap second is kept as more than a second's nanoseconds. PostgreSQL has none: it is the next second's.
        let beyond = at.nanosecond().checked_sub(1_000_000_000);
        let at = beyond.and_then(|it| Some(at.with_nanosecond(it)? + TimeDelta::seconds(1))).unwrap_or(at);
        Self::Timestamp(at.trunc_subsecs(6))
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How an answer spells it: decimals as numbers, times as RFC 3339 in UTC with `Z`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Boolean(it) => Json::Bool(*it),
            Self::Integer(it) => Json::from(*it),
            Self::Decimal(it) => decimal_to_json(*it),
            Self::Text(it) => Json::String(it.clone()),
            Self::Uuid(it) => Json::String(it.to_string()),
            Self::Timestamp(it) => Json::String(it.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Self::Date(it) => Json::String(it.to_string()),
            Self::Json(it) => it.clone(),
        }
    }
}

/// A JSON number with the decimal's own digits: whole ones without a point.
fn decimal_to_json(decimal: Decimal) -> Json {
    let decimal = decimal.normalize();
    let whole = decimal.is_integer().then(|| i64::try_from(decimal).ok()).flatten();
    match whole {
        Some(whole) => Json::from(whole),
        // At most 15 digits pass through binary and back unchanged.
        None => decimal.to_string().parse::<f64>().ok().map_or(Json::Null, Json::from),
    }
}

impl From<bool> for Value {
    fn from(it: bool) -> Self {
        Self::Boolean(it)
    }
}
impl From<i64> for Value {
    fn from(it: i64) -> Self {
        Self::Integer(it)
    }
}
impl From<i32> for Value {
    fn from(it: i32) -> Self {
        Self::Integer(it.into())
    }
}
impl From<Decimal> for Value {
    fn from(it: Decimal) -> Self {
        Self::Decimal(it)
    }
}
impl From<&str> for Value {
    fn from(it: &str) -> Self {
        Self::Text(it.to_owned())
    }
}
impl From<String> for Value {
    fn from(it: String) -> Self {
        Self::Text(it)
    }
}
impl From<Uuid> for Value {
    fn from(it: Uuid) -> Self {
        Self::Uuid(it)
    }
}
impl From<DateTime<Utc>> for Value {
    fn from(it: DateTime<Utc>) -> Self {
        Self::timestamp(it)
    }
}
impl From<NaiveDate> for Value {
    fn from(it: NaiveDate) -> Self {
        Self::Date(it)
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PRICE: Kind = Kind::Decimal { precision: 12, scale: 2 };

    #[test]
    fn a_decimal_is_read_from_a_number_or_from_text_and_written_as_a_number() {
        for (sent, answered) in [
            (json!(0.1), json!(0.1)),
            (json!("19.90"), json!(19.9)),
            (json!(100), json!(100)),
            (json!("100.00"), json!(100)),
            (json!(1e3), json!(1000)),
        ] {
            assert_eq!(PRICE.read(&sent).map(|it| it.to_json()), Ok(answered), "{sent}");
        }
    }

    #[test]
    fn a_decimal_out_of_its_bounds_is_refused() {
        assert!(PRICE.read(&json!(0.125)).is_err());
        assert!(PRICE.read(&json!(10_000_000_000_i64)).is_err());
        assert!(PRICE.read(&json!(9_999_999_999.99)).is_ok());
        assert!(PRICE.read(&json!("1e400")).is_err());
        assert!(PRICE.read(&json!(1e300)).is_err());
    }

    #[test]
    fn nothing_is_coerced_from_another_type() {
        assert!(Kind::Boolean.read(&json!(1)).is_err());
        assert!(Kind::Integer.read(&json!("1")).is_err());
        assert!(Kind::Integer.read(&json!(1.5)).is_err());
        assert!(Kind::Text.read(&json!(1)).is_err());
        assert!(Kind::Text.read(&json!("a\u{0}b")).is_err());
        assert!(Kind::Uuid.read(&json!("{11111111-1111-4111-8111-111111111111}")).is_err());
        assert!(Kind::Date.read(&json!("2026-02-30")).is_err());
    }

    #[test]
    fn a_leap_second_is_the_next_second() {
        let read = Kind::Timestamp.read(&json!("2016-12-31T23:59:60.5Z")).map(|it| it.to_json());
        assert_eq!(read, Ok(json!("2017-01-01T00:00:00.500Z")));
    }

    #[test]
    fn years_that_do_not_have_four_digits_are_refused() {
        for text in ["0000-06-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"] {
            assert!(Kind::Timestamp.read(&json!(text)).is_err(), "{text}");
        }
        assert!(Kind::Date.read(&json!("0000-01-01")).is_err());
        assert!(Kind::Timestamp.read(&json!("9999-12-31T23:59:59Z")).is_ok());
    }

    #[test]
    fn a_document_with_nul_is_refused() {
        assert!(Kind::Json.read(&json!({ "a": ["b", { "c\u{0}": 1 }] })).is_err());
        assert!(Kind::Json.read(&json!({ "a": ["b\u{0}"] })).is_err());
        assert!(Kind::Json.read(&json!({ "a": ["b"] })).is_ok());
    }

    #[test]
    fn a_time_keeps_its_instant_and_loses_what_is_below_a_microsecond() {
        let read = Kind::Timestamp.read(&json!("2026-03-01T12:00:00.1234567+02:00")).map(|it| it.to_json());
        assert_eq!(read, Ok(json!("2026-03-01T10:00:00.123456Z")));
    }
}
