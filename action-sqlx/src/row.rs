//! A row of an answer, neither database's own.
//!
//! A column is read by the kind the reader expects, whatever width or type the table really gave it: an `int2`, an
//! `int8` and a `numeric` without fraction are all whole numbers. The reading itself stands in `postgres::decode`
//! and `sqlite::decode`.

use action_core::ports::StoreError;
use action_core::{Kind, Value};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One row.
pub(crate) enum Row {
    /// As PostgreSQL answered it.
    #[cfg(feature = "postgres")]
    Postgres(sqlx::postgres::PgRow),
    /// As SQLite answered it.
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::sqlite::SqliteRow),
}

impl Row {
    /// The value of a column, counted from 0.
    pub(crate) fn value(&self, index: usize, kind: Kind) -> Result<Value, StoreError> {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => crate::postgres::decode::value(row, index, kind),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(row) => crate::sqlite::decode::value(row, index, kind),
        }
        .map_err(|cause| {
            StoreError::fault(format!("column {index} of an answer is no {}: {cause}", kind.name()))
        })
    }

    /// Bytes, or none.
    pub(crate) fn bytes(&self, index: usize) -> Result<Option<Vec<u8>>, StoreError> {
        use sqlx::Row as _;
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(row) => row.try_get(index),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(row) => row.try_get(index),
        }
        .map_err(|cause| StoreError::fault(format!("column {index} of an answer holds no bytes: {cause}")))
    }

    /// A whole number, or none.
    pub(crate) fn optional_i64(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.value(index, Kind::Integer)? {
            Value::Integer(number) => Ok(Some(number)),
            _ => Ok(None),
        }
    }

    /// A whole number.
    pub(crate) fn i64(&self, index: usize) -> Result<i64, StoreError> {
        self.optional_i64(index)?.ok_or_else(|| missing(index))
    }

    /// Text, or none.
    pub(crate) fn optional_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.value(index, Kind::Text)? {
            Value::Text(text) => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    /// Text.
    pub(crate) fn text(&self, index: usize) -> Result<String, StoreError> {
        self.optional_text(index)?.ok_or_else(|| missing(index))
    }

    /// A UUID, or none.
    pub(crate) fn optional_uuid(&self, index: usize) -> Result<Option<Uuid>, StoreError> {
        match self.value(index, Kind::Uuid)? {
            Value::Uuid(id) => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    /// A UUID.
    pub(crate) fn uuid(&self, index: usize) -> Result<Uuid, StoreError> {
        self.optional_uuid(index)?.ok_or_else(|| missing(index))
    }

    /// An instant.
    pub(crate) fn timestamp(&self, index: usize) -> Result<DateTime<Utc>, StoreError> {
        match self.value(index, Kind::Timestamp)? {
            Value::Timestamp(at) => Ok(at),
            _ => Err(missing(index)),
        }
    }

    /// Yes or no.
    pub(crate) fn boolean(&self, index: usize) -> Result<bool, StoreError> {
        match self.value(index, Kind::Boolean)? {
            Value::Boolean(it) => Ok(it),
            _ => Err(missing(index)),
        }
    }

    /// A JSON document; null where there is none.
    pub(crate) fn json(&self, index: usize) -> Result<serde_json::Value, StoreError> {
        match self.value(index, Kind::Json)? {
            Value::Json(document) => Ok(document),
            _ => Ok(serde_json::Value::Null),
        }
    }
}

fn missing(index: usize) -> StoreError {
    StoreError::fault(format!("column {index} of an answer is null"))
}
