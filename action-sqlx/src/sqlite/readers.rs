//! Connections that only read. In the write-ahead log a reader sees the file as it was when it began, and neither
//! waits for the writer nor makes it wait.

use std::time::Duration;

use action_core::ports::StoreError;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolConfig, QueueMode, RecycleResult};
use sqlx::{Connection as _, SqliteConnection};

use super::connect::SqliteTarget;
use super::hooks::Hooks;

/// The readers of one file.
pub(crate) struct Readers {
    pool: Pool<ReaderManager>,
    patience: Duration,
}

impl Readers {
    /// An empty pool of at most `size` connections, whose borrowers wait at most `patience`.
    pub(crate) fn new(target: SqliteTarget, size: usize, patience: Duration) -> Result<Self, StoreError> {
        let config = PoolConfig { max_size: size, queue_mode: QueueMode::Lifo, ..PoolConfig::default() };
        let pool =
            Pool::builder(ReaderManager { target }).config(config).build().map_err(StoreError::fault)?;
        Ok(Self { pool, patience })
    }

    /// Lends a connection.
    pub(crate) async fn get(&self) -> Result<ReaderLease, StoreError> {
        match tokio::time::timeout(self.patience, self.pool.get()).await {
            Ok(Ok(object)) => Ok(ReaderLease { object: Some(object), clean: false }),
            Ok(Err(error)) => Err(StoreError::Unavailable(error.into())),
            Err(_) => {
                metrics::counter!("action_storage_acquire_timeouts_total", "pool" => "sqlite_readers")
                    .increment(1);
                let problem = format!("no reader came free within {} ms", self.patience.as_millis());
                Err(StoreError::Unavailable(problem.into()))
            }
        }
    }

    /// Tells how many connections are lent and idle.
    pub(crate) fn measure(&self) {
        let status = self.pool.status();
        let [used, idle] = [status.size.saturating_sub(status.available), status.available]
            .map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        metrics::gauge!("action_storage_connections", "pool" => "sqlite_readers", "state" => "used")
            .set(used);
        metrics::gauge!("action_storage_connections", "pool" => "sqlite_readers", "state" => "idle")
            .set(idle);
    }

    /// Closes idle connections, waits for their end, and lends no more. The last connection to a file folds the log into
    /// it, which one that only reads cannot: the writer is to be closed after this.
    pub(crate) async fn close(&self) {
        for reader in self.pool.retain(|_, _| false).removed {
            if let Err(error) = reader.connection.close().await {
                tracing::debug!(%error, "a reader of the SQLite file was not closed cleanly");
            }
        }
        self.pool.close();
    }
}

/// A reader that is lent. It is closed when dropped, unless it was declared clean.
pub(crate) struct ReaderLease {
    object: Option<Object<ReaderManager>>,
    clean: bool,
}

impl ReaderLease {
    /// The connection.
    pub(crate) fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.object.as_mut().map(|it| &mut it.connection)
    }

    /// Nothing is open on it: the next borrower may have it.
    pub(crate) fn give_back(mut self) {
        self.clean = true;
    }
}

impl Drop for ReaderLease {
    fn drop(&mut self) {
        if let Some(object) = self.object.take()
            && !self.clean
        {
            // Its thread ends when the statement does, so that is ended first.
            object.hooks.interrupt(true);
            drop(Object::take(object));
        }
    }
}

struct ReaderManager {
    target: SqliteTarget,
}

struct Reader {
    connection: SqliteConnection,
    hooks: Hooks,
}

impl Manager for ReaderManager {
    type Type = Reader;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<Reader, sqlx::Error> {
        let mut connection = self.target.open_reader().await?;
        let hooks = Hooks::install_for_reading(&mut connection).await?;
        Ok(Reader { connection, hooks })
    }

    async fn recycle(&self, _: &mut Reader, _: &Metrics) -> RecycleResult<sqlx::Error> {
        Ok(())
    }
}
