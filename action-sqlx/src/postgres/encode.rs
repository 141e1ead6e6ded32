//! Values as PostgreSQL's binary protocol takes them.

use std::net::IpAddr;

use action_core::{Kind, Value};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::types::Json;
use sqlx::{Arguments, Encode, Postgres, Type};

use crate::bind::Bind;

/// All values of a statement.
pub(crate) fn arguments(binds: &[Bind]) -> Result<PgArguments, BoxDynError> {
    let mut arguments = PgArguments::default();
    arguments.reserve(binds.len(), binds.len() * 16);
    for bind in binds {
        match bind {
            Bind::Value(value, kind) => add(&mut arguments, value, *kind)?,
            Bind::List(values, kind) => add_list(&mut arguments, values, *kind)?,
            Bind::Json(text) => arguments.add(text.as_deref().map(JsonText))?,
            Bind::Bytes(bytes) => arguments.add(bytes.as_slice())?,
            Bind::Address(address) => arguments.add(address.map(Inet))?,
        }
    }
    Ok(arguments)
}

fn add(arguments: &mut PgArguments, value: &Value, kind: Kind) -> Result<(), BoxDynError> {
    match value {
        Value::Null => match kind {
            Kind::Boolean => arguments.add(None::<bool>),
            Kind::Integer => arguments.add(None::<i64>),
            Kind::Decimal { .. } => arguments.add(None::<rust_decimal::Decimal>),
            Kind::Text => arguments.add(None::<&str>),
            Kind::Uuid => arguments.add(None::<uuid::Uuid>),
            Kind::Timestamp => arguments.add(None::<chrono::DateTime<chrono::Utc>>),
            Kind::Date => arguments.add(None::<chrono::NaiveDate>),
            Kind::Json => arguments.add(None::<JsonText<'_>>),
        },
        Value::Boolean(it) => arguments.add(*it),
        Value::Integer(it) => arguments.add(*it),
        Value::Decimal(it) => arguments.add(*it),
        Value::Text(it) => arguments.add(it.as_str()),
        Value::Uuid(it) => arguments.add(*it),
        Value::Timestamp(it) => arguments.add(*it),
        Value::Date(it) => arguments.add(*it),
        Value::Json(it) => arguments.add(Json(it)),
    }
}

fn add_list(arguments: &mut PgArguments, values: &[Value], kind: Kind) -> Result<(), BoxDynError> {
    macro_rules! list {
        ($variant:ident) => {
            arguments.add(each(values, |it| match it {
                Value::$variant(it) => Some(it.clone()),
                _ => None,
            }))
        };
    }
    match kind {
        Kind::Boolean => list!(Boolean),
        Kind::Integer => list!(Integer),
        Kind::Decimal { .. } => list!(Decimal),
        Kind::Text => list!(Text),
        Kind::Uuid => list!(Uuid),
        Kind::Timestamp => list!(Timestamp),
        Kind::Date => list!(Date),
        Kind::Json => list!(Json),
    }
}

fn each<T>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Vec<Option<T>> {
    values.iter().map(read).collect()
}

/// A JSON document that is text already.
struct JsonText<'a>(&'a str);

impl Type<Postgres> for JsonText<'_> {
    fn type_info() -> PgTypeInfo {
        <Json<()> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for JsonText<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        // The version of the binary form of `jsonb`, of which there is one.
        buffer.push(1);
        buffer.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }
}

/// A network address without a mask.
struct Inet(IpAddr);

impl Type<Postgres> for Inet {
    fn type_info() -> PgTypeInfo {
        // The number of `inet` in `pg_type.dat`, the same on every server.
        PgTypeInfo::with_oid(Oid(869))
    }
}

impl Encode<'_, Postgres> for Inet {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        // Family, bits of the mask, not a `cidr`, bytes of the address: `inet_send` in network.c.
        match self.0 {
            IpAddr::V4(address) => {
                buffer.extend_from_slice(&[2, 32, 0, 4]);
                buffer.extend_from_slice(&address.octets());
            }
            IpAddr::V6(address) => {
                buffer.extend_from_slice(&[3, 128, 0, 16]);
                buffer.extend_from_slice(&address.octets());
            }
        }
        Ok(IsNull::No)
    }
}
