//! A value on its way into a statement, neither database's own.
//!
//! PostgreSQL wants to know the type even of a null, hence the [`Kind`] beside each value. How a value is spelled
//! for a database is decided in `postgres::encode` and `sqlite::encode`.

use std::net::IpAddr;

use action_core::{Kind, Value};

/// What a placeholder stands for.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite does not ask for the kind"))]
pub(crate) enum Bind {
    /// One value, or a null of its kind.
    Value(Value, Kind),
    /// Several: `= ANY($1)` on PostgreSQL, `IN (SELECT value FROM json_each($1))` on SQLite. See
    /// [`Statement::push_any_of`](crate::statement::Statement::push_any_of).
    List(Vec<Value>, Kind),
    /// A JSON document as text, bound as the database's own JSON type without being read.
    Json(Option<String>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A network address.
    Address(Option<IpAddr>),
}

impl Bind {
    /// Text, or no text.
    pub(crate) fn text<'a>(text: impl Into<Option<&'a str>>) -> Self {
        Self::Value(text.into().into(), Kind::Text)
    }

    /// A whole number, or none.
    pub(crate) fn integer(number: impl Into<Option<i64>>) -> Self {
        Self::Value(number.into().into(), Kind::Integer)
    }

    /// A UUID, or none.
    pub(crate) fn uuid(id: impl Into<Option<uuid::Uuid>>) -> Self {
        Self::Value(id.into().into(), Kind::Uuid)
    }

    /// An instant, or none.
    pub(crate) fn timestamp(at: impl Into<Option<chrono::DateTime<chrono::Utc>>>) -> Self {
        Self::Value(at.into().into(), Kind::Timestamp)
    }
}
