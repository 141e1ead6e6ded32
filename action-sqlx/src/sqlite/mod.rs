//! What only SQLite has: one writer for the whole process, which commits waiting transactions in groups, and readers
//! that never wait for it.

mod connect;
pub(crate) mod decode;
pub(crate) mod encode;
mod hooks;
mod lease;
mod readers;
mod running_keys;
mod transaction;
mod writer;

pub(crate) use readers::Readers;
pub(crate) use running_keys::RunningKeys;
pub(crate) use transaction::{SqliteTransaction, read_alone};
pub(crate) use writer::Writer;

use crate::backend::{Backend, SqliteBackend};
use crate::connect_error::ConnectError;
use crate::dialect::Dialect;
use crate::migrate;
use crate::options::StorageOptions;

/// Opens the file, brings our tables up to date, and starts the writer.
pub(crate) async fn open_backend(options: &StorageOptions) -> Result<Backend, ConnectError> {
    let target = connect::SqliteTarget::read(options)?;
    let mut connection = connect::first_connection(&target).await?;
    if options.migrate {
        let migrated = migrate::migrator(Dialect::Sqlite).run_direct(None, &mut connection, false).await;
        migrated.map_err(|error| ConnectError::Migration { problem: migrate::problem(&error) })?;
    }
    let file = |problem: String| ConnectError::File { file: target.place(), problem };
    let readers = if target.is_in_memory() {
        None
    } else {
        let readers = Readers::new(target.clone(), options.pool_size.min(16), options.acquire_timeout);
        Some(readers.map_err(|error| file(error.to_string()))?)
    };
    let writer = Writer::start(target.clone(), connection, options.acquire_timeout).await;
    let writer = writer.map_err(|error| file(error.to_string()))?;
    Ok(Backend::Sqlite(SqliteBackend { writer, readers, running_keys: RunningKeys::default() }))
}
