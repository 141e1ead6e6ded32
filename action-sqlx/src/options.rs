//! What a storage can be told before it is opened.

use std::time::Duration;

use crate::connect_error::ConnectError;
use crate::storage::Storage;

/// Settings of a storage; each has a default that fits one program on one machine.
#[derive(Debug, Clone)]
pub struct StorageOptions {
    pub(crate) url: String,
    pub(crate) pool_size: usize,
    pub(crate) acquire_timeout: Duration,
    pub(crate) migrate: bool,
    pub(crate) synchronous: Synchronous,
    pub(crate) audit_queue: usize,
    pub(crate) housekeeping: Duration,
}

/// What SQLite waits for before a commit counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// The disk has it: nothing committed is lost, even when the power is.
    #[default]
    Full,
    /// The operating system has it: a power failure may lose the last commits, never their consistency.
    Normal,
    /// Nothing: for tests.
    Off,
}

impl StorageOptions {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            acquire_timeout: Duration::from_secs(5),
            migrate: true,
            synchronous: Synchronous::Full,
            audit_queue: 1_024,
            housekeeping: Duration::from_mins(1),
        }
    }

    /// How many connections may be open at once: to PostgreSQL in all (16), to an SQLite file for readers (at most
    /// 16), beside its one writer.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool_size = connections.max(1);
        self
    }

    /// How long a call waits for a connection, or for SQLite's writer, before it is told that the database is
    /// unavailable (5 s).
    pub fn acquire_timeout(mut self, patience: Duration) -> Self {
        self.acquire_timeout = patience;
        self
    }

    /// Whether to bring the tables up to date first (yes). A host that does it itself takes the SQL from
    /// [`Storage::migrations`].
    pub fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// What a commit waits for on SQLite ([`Synchronous::Full`]).
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How many audit records may wait for the database (1,024); further ones wait for a place.
    pub fn audit_queue(mut self, records: usize) -> Self {
        self.audit_queue = records.max(1);
        self
    }

    /// How often expired answers and ended rate windows are removed (every 60 s).
    pub fn housekeeping(mut self, every: Duration) -> Self {
        self.housekeeping = every.max(Duration::from_millis(10));
        self
    }

    /// Opens the storage.
    pub async fn connect(self) -> Result<Storage, ConnectError> {
        Storage::open(self).await
    }
}
