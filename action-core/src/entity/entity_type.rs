//! A Rust struct as a row of an entity, and its fields as cells.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use super::{ColumnIndex, Entity, EntityError, Record};
use crate::value::{Kind, Value};

/// A struct whose values are rows of one entity. `#[derive(Entity)]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not an entity",
    note = "a struct becomes one with `#[derive(Entity)]` and `#[entity(table = \"…\")]`"
)]
pub trait EntityType: Sized + Send + Sync + 'static {
    /// The entity's name, as rights spell it.
    const NAME: &'static str;

    /// The definition.
    fn definition() -> Result<Entity, EntityError>;

    /// Reads a stored row. An error means that the table holds what the struct cannot.
    fn from_record(record: Record) -> Result<Self, CellError>;

    /// The values of its data columns, for writing.
    fn to_values(&self, entity: &Entity) -> Vec<(ColumnIndex, Value)>;

    /// Its key.
    fn key(&self) -> Value;
}

/// A field of an [`EntityType`]: a Rust type that a column can hold.
///
/// `Option<T>` is a column that can be null.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a column of an entity",
    label = "no type of a column",
    note = "a field is a `bool`, `i16`, `i32`, `i64`, `Decimal`, `String`, `Uuid`, `DateTime<Utc>`, `NaiveDate` or `serde_json::Value`, or an `Option` of one"
)]
pub trait Cell: Sized {
    /// The column's kind.
    const KIND: Kind;
    /// Whether the column can be null.
    const NULLABLE: bool = false;
    /// From a stored value.
    fn from_value(value: Value) -> Result<Self, CellError>;
    /// To a stored value.
    fn to_value(&self) -> Value;
}

/// A cell that does not hold what the struct's field says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored value is not {expected}")]
pub struct CellError {
    expected: &'static str,
}

macro_rules! cell {
    ($type:ty, $kind:expr, $expected:literal, $pattern:pat => $read:expr, $self:ident => $write:expr) => {
        impl Cell for $type {
            const KIND: Kind = $kind;
            fn from_value(value: Value) -> Result<Self, CellError> {
                #[allow(unreachable_patterns, reason = "a JSON cell takes every value")]
                match value {
                    $pattern => $read.ok_or(CellError { expected: $expected }),
                    _ => Err(CellError { expected: $expected }),
                }
            }
            fn to_value(&self) -> Value {
                let $self = self;
                $write
            }
        }
    };
}

cell!(bool, Kind::Boolean, "true or false", Value::Boolean(it) => Some(it), it => Value::Boolean(*it));
cell!(i64, Kind::Integer, "a whole number", Value::Integer(it) => Some(it), it => Value::Integer(*it));
cell!(i32, Kind::Integer, "a whole number of 32 bits", Value::Integer(it) => it.to_i32(), it => Value::Integer((*it).into()));
cell!(i16, Kind::Integer, "a whole number of 16 bits", Value::Integer(it) => it.to_i16(), it => Value::Integer((*it).into()));
cell!(Decimal, Kind::Decimal { precision: 15, scale: 6 }, "a decimal number", Value::Decimal(it) => Some(it), it => Value::Decimal(*it));
cell!(String, Kind::Text, "text", Value::Text(it) => Some(it), it => Value::Text(it.clone()));
cell!(Uuid, Kind::Uuid, "a uuid", Value::Uuid(it) => Some(it), it => Value::Uuid(*it));
cell!(DateTime<Utc>, Kind::Timestamp, "a time", Value::Timestamp(it) => Some(it), it => Value::timestamp(*it));
cell!(NaiveDate, Kind::Date, "a date", Value::Date(it) => Some(it), it => Value::Date(*it));
cell!(serde_json::Value, Kind::Json, "a json document", it => Some(it.to_json()), it => Value::Json(it.clone()));

impl<T: Cell> Cell for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;
    fn from_value(value: Value) -> Result<Self, CellError> {
        if value.is_null() { Ok(None) } else { T::from_value(value).map(Some) }
    }
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Cell::to_value)
    }
}
