//! What only PostgreSQL has: its session settings, a pool that sends no pings, and transactions that name their
//! tenant to row-level security.

mod change_feed;
mod connect;
pub(crate) mod decode;
pub(crate) mod encode;
mod plain_tables;
mod pool;
mod transaction;

use sqlx::{Connection, SqlSafeStr};

pub(crate) use self::change_feed::PgChangeFeed;
pub(crate) use self::pool::PgPool;
pub(crate) use self::transaction::{PgTransaction, once};
use crate::backend::Backend;
use crate::connect_error::ConnectError;
use crate::dialect::Dialect;
use crate::migrate;
use crate::options::StorageOptions;

/// Connects once, brings our tables up to date, and opens the pool.
pub(crate) async fn open_backend(options: &StorageOptions) -> Result<Backend, ConnectError> {
    let connect = connect::connect_options(&options.url)?;
    let mut connection = connect::first_connection(&connect, options.acquire_timeout).await?;
    if options.migrate {
        // Building an index on a large table may take longer than any statement of an action.
        let unlimited =
            sqlx::raw_sql("SET statement_timeout = 0".into_sql_str()).execute(&mut connection).await;
        let migrated = match unlimited {
            Ok(_) => migrate::migrator(Dialect::Postgres).run_direct(None, &mut connection, false).await,
            Err(error) => Err(error.into()),
        };
        migrated.map_err(|error| ConnectError::Migration { problem: migrate::problem(&error) })?;
    }
    // Nothing hangs on how this connection ends.
    let _ = connection.close().await;
    let pool = PgPool::new(connect, options.pool_size, options.acquire_timeout)
        .map_err(|error| ConnectError::Url { problem: error.to_string() })?;
    Ok(Backend::Postgres(pool))
}
