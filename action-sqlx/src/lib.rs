#![doc = include_str!("../README.md")]

#[cfg(not(any(feature = "postgres", feature = "sqlite")))]
compile_error!("action-sqlx needs a database: turn on its feature `postgres`, `sqlite`, or both");

mod audit_insert;
mod backend;
mod bind;
mod cause;
mod connect_error;
mod context;
mod dialect;
mod drain;
mod ending;
mod expression_sql;
mod identifier;
mod migrate;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod row;
mod script;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
mod storage;
mod stores;
mod transaction;

pub use connect_error::ConnectError;
pub use context::{Connection, SqlContext};
pub use dialect::Dialect;
pub use migrate::Migration;
pub use options::{StorageOptions, Synchronous};
pub use storage::Storage;
pub use transaction::SqlTransaction;
