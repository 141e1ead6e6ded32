//! A value of a filter, condition or rule, and where it lies among the values of its column.
//!
//! A column of whole numbers has no 2.5 and no 1e300, yet both have a place among them: behind 2, above all. So
//! [`Position`] says where a value lies, and turns a comparison into one with a value the column can have, or into
//! a constant. The tree then compares like with like, exactly, and so does the database.
//!
//! [`exact`] refuses values of another type (filters, rules); [`loose`] only says that they are no value of that
//! column (conditions).

use chrono::DateTime;
use rust_decimal::Decimal;
use serde_json::{Number, Value as Json};

use super::check;
use super::field::Field;
use super::operator::Comparison;
use super::tree::Expression;
use crate::{Kind, Value};

/// A value that is not typed by a column yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// From JSON.
    Sent(Json),
    /// From Rust.
    Typed(Value),
}

impl Literal {
    pub(super) fn is_null(&self) -> bool {
        match self {
            Self::Sent(json) => json.is_null(),
            Self::Typed(value) => value.is_null(),
        }
    }

    /// It as a text without NUL.
    pub(super) fn as_text(&self) -> Option<&str> {
        let text = match self {
            Self::Sent(Json::String(text)) | Self::Typed(Value::Text(text)) => text.as_str(),
            _ => return None,
        };
        (!text.contains('\0')).then_some(text)
    }

    fn number(&self) -> Option<Position<Decimal>> {
        match self {
            Self::Sent(Json::Number(number)) => place(number),
            Self::Typed(Value::Integer(it)) => Some(Position::At(Decimal::from(*it))),
            Self::Typed(Value::Decimal(it)) => Some(Position::At(it.normalize())),
            _ => None,
        }
    }

    fn read(&self, kind: Kind) -> Result<Value, &'static str> {
        match (kind, self) {
            (_, Self::Sent(json)) => kind.read(json),
            (Kind::Integer, Self::Typed(it @ Value::Integer(_)))
            | (Kind::Uuid, Self::Typed(it @ Value::Uuid(_)))
            | (Kind::Timestamp, Self::Typed(it @ Value::Timestamp(_)))
            | (Kind::Date, Self::Typed(it @ Value::Date(_))) => Ok(it.clone()),
            (_, Self::Typed(value)) => kind.read(&value.to_json()),
        }
    }
}

/// Where a value lies among those of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Position<T> {
    /// The column can have it.
    At(T),
    /// The column cannot; it lies directly behind this one.
    Behind(T),
    /// Greater than all the column can have.
    Above,
    /// Less than all.
    Below,
}

impl<T> Position<T> {
    /// The value, if the column can have it.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::At(value) => Some(value),
            _ => None,
        }
    }

    fn map<U>(self, into: impl FnOnce(T) -> U) -> Position<U> {
        match self {
            Self::At(it) => Position::At(into(it)),
            Self::Behind(it) => Position::Behind(into(it)),
            Self::Above => Position::Above,
            Self::Below => Position::Below,
        }
    }
}

impl Position<Value> {
    /// The field compared with a value at this position.
    pub(super) fn compare(self, field: Field, op: Comparison) -> Expression {
        let greater = matches!(op, Comparison::Gt | Comparison::Gte);
        match (op, self) {
            (op, Self::At(value)) => Expression::Compare { field, op, value },
            (Comparison::Eq, _) => Expression::Constant(false),
            (Comparison::Ne, _) => Expression::Constant(true),
            (_, Self::Behind(value)) => {
                let op = if greater { Comparison::Gt } else { Comparison::Lte };
                Expression::Compare { field, op, value }
            }
            // Every value is less than one above all; no value at all is not.
            (_, Self::Above) if greater => Expression::Constant(false),
            (_, Self::Below) if !greater => Expression::Constant(false),
            (_, Self::Above | Self::Below) => check::null(field, false),
        }
    }
}

/// The place of a literal in a column of this kind, or the phrase that completes “must be …”.
pub(super) fn exact(kind: Kind, literal: &Literal) -> Result<Position<Value>, &'static str> {
    match (kind, literal) {
        (Kind::Decimal { .. }, Literal::Sent(Json::String(text))) if text.len() <= 40 => {
            let read = Decimal::from_str_exact(text).map_err(|_| "a decimal number")?;
            Ok(Position::At(Value::Decimal(read.normalize())))
        }
        (Kind::Decimal { .. }, _) => {
            literal.number().map(|it| it.map(Value::Decimal)).ok_or("a decimal number")
        }
        _ => literal.read(kind).map(|it| Position::At(settled(it))),
    }
}

/// The place of a literal in a column of this kind, if it has one.
pub(super) fn loose(kind: Kind, literal: &Literal) -> Option<Position<Value>> {
    match kind {
        Kind::Decimal { .. } => literal.number().map(|it| it.map(Value::Decimal)),
        Kind::Integer => literal.number().map(|it| whole(it).map(Value::Integer)),
        Kind::Json => None,
        Kind::Boolean | Kind::Text | Kind::Uuid | Kind::Timestamp | Kind::Date => {
            literal.read(kind).ok().map(|it| Position::At(settled(it)))
        }
    }
}

/// A leap second is, to both databases, the first of the next minute; so it is here.
fn settled(value: Value) -> Value {
    match value {
        Value::Timestamp(at) => {
            DateTime::from_timestamp_micros(at.timestamp_micros()).map_or(value, Value::Timestamp)
        }
        other => other,
    }
}

fn whole(position: Position<Decimal>) -> Position<i64> {
    let (Position::At(number) | Position::Behind(number)) = position else {
        return position.map(|_| 0);
    };
    match i64::try_from(number.floor()) {
        Ok(floor) if number.is_integer() && position == Position::At(number) => Position::At(floor),
        Ok(floor) => Position::Behind(floor),
        Err(_) if number.is_sign_negative() => Position::Below,
        Err(_) => Position::Above,
    }
}

/// The place of a JSON number among decimals (28 digits behind the point, up to 7.9e28). Its shortest spelling
/// counts, not its binary value: 0.1 is one tenth.
fn place(number: &Number) -> Option<Position<Decimal>> {
    if let Some(whole) = number.as_i64() {
        return Some(Position::At(Decimal::from(whole)));
    }
    if let Some(whole) = number.as_u64() {
        return Some(Position::At(Decimal::from(whole)));
    }
    let float = number.as_f64()?;
    let spelled = format!("{float:e}");
    let (digits, exponent) = spelled.split_once('e')?;
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    // At most 17 digits.
    let digits: i128 = digits.replace('.', "").parse().ok()?;
    let scale = i32::try_from(behind).ok()? - exponent.parse::<i32>().ok()?;
    Some(match u32::try_from(scale) {
        Ok(scale) if scale <= Decimal::MAX_SCALE => at(digits, scale),
        Ok(scale) => {
            let cut = 10_i128.checked_pow(scale - Decimal::MAX_SCALE);
            let (floor, rest) = match cut {
                Some(cut) => (digits.div_euclid(cut), digits.rem_euclid(cut)),
                None => (if digits < 0 { -1 } else { 0 }, digits),
            };
            match at(floor, Decimal::MAX_SCALE) {
                Position::At(floor) if rest != 0 => Position::Behind(floor),
                position => position,
            }
        }
        Err(_) => match 10_i128.checked_pow(scale.unsigned_abs()).and_then(|it| digits.checked_mul(it)) {
            Some(digits) => at(digits, 0),
            None if digits < 0 => Position::Below,
            None => Position::Above,
        },
    })
}

fn at(digits: i128, scale: u32) -> Position<Decimal> {
    match Decimal::try_from_i128_with_scale(digits, scale) {
        Ok(number) => Position::At(number.normalize()),
        Err(_) if digits < 0 => Position::Below,
        Err(_) => Position::Above,
    }
}
