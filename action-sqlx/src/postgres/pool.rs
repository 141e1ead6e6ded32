//! A pool of connections that are lent without asking the server first.
//!
//! sqlx's own pool sends a ping when a connection comes back and another before it is lent: on an action of one
//! statement that is a third of its time. Here a connection comes back only after its transaction ended cleanly, and
//! is closed in every other case, so there is nothing to ask. That an idle connection broke meanwhile is noticed by
//! the BEGIN that it is lent for; that one is sent again on a fresh connection, and all others of the same age are
//! thrown away.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use action_core::ports::StoreError;
use deadpool::managed::{Manager, Metrics, Object, Pool, PoolConfig, QueueMode, RecycleError, RecycleResult};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use super::connect;
use super::plain_tables::PlainTables;

/// See [`PgLease::is_warm`].
const WARM: Duration = Duration::from_secs(1);

/// The connections to one server. Clones share them.
#[derive(Clone)]
pub(crate) struct PgPool {
    pool: Pool<PgManager>,
    patience: Duration,
    tables: Arc<PlainTables>,
}

impl PgPool {
    /// An empty pool of at most `size` connections, whose borrowers wait at most `patience`.
    pub(crate) fn new(
        options: PgConnectOptions,
        size: usize,
        patience: Duration,
    ) -> Result<Self, StoreError> {
        let manager = PgManager { options, generation: AtomicU64::new(0) };
        // The connection that came back last has the warmest caches, here and on the server.
        let config = PoolConfig { max_size: size, queue_mode: QueueMode::Lifo, ..PoolConfig::default() };
        let pool = Pool::builder(manager).config(config).build().map_err(StoreError::fault)?;
        Ok(Self { pool, patience, tables: Arc::default() })
    }

    /// Lends a connection.
    pub(crate) async fn get(&self) -> Result<PgLease, StoreError> {
        match tokio::time::timeout(self.patience, self.pool.get()).await {
            Ok(Ok(object)) => Ok(PgLease { object: Some(object), clean: false }),
            // Whatever a server says to a new connection, a wrong password included: there is no database for now.
            Ok(Err(error)) => Err(StoreError::Unavailable(error.into())),
            Err(_) => {
                metrics::counter!("action_storage_acquire_timeouts_total", "pool" => "postgres").increment(1);
                let problem = format!("no connection came free within {} ms", self.patience.as_millis());
                Err(StoreError::Unavailable(problem.into()))
            }
        }
    }

    /// How its connections are made.
    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.pool.manager().options
    }

    /// What is known of the host's tables.
    pub(super) fn tables(&self) -> &PlainTables {
        &self.tables
    }

    /// How long a borrower waits.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Throws away whatever is as old as a connection that turned out to be broken.
    pub(crate) fn distrust(&self, lease: &PgLease) {
        if let Some(object) = &lease.object {
            let seen = object.generation;
            let generation = &self.pool.manager().generation;
            // Whoever notices first does it for all; connections made since are not suspected.
            let _ = generation.compare_exchange(seen, seen + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Tells how many connections are lent and idle.
    pub(crate) fn measure(&self) {
        let status = self.pool.status();
        let [used, idle] = [status.size.saturating_sub(status.available), status.available]
            .map(|it| u32::try_from(it).unwrap_or(u32::MAX));
        metrics::gauge!("action_storage_connections", "pool" => "postgres", "state" => "used").set(used);
        metrics::gauge!("action_storage_connections", "pool" => "postgres", "state" => "idle").set(idle);
    }

    /// Closes idle connections and lends no more.
    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// A connection that is lent. It is closed when dropped, unless it was declared clean.
pub(crate) struct PgLease {
    object: Option<Object<PgManager>>,
    clean: bool,
}

impl PgLease {
    /// The connection.
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        match &mut self.object {
            Some(object) => Ok(&mut object.connection),
            None => Err(StoreError::fault("the connection was given back")),
        }
    }

    /// Whether it was used before.
    pub(crate) fn is_reused(&self) -> bool {
        self.object.as_ref().is_some_and(|it| Object::metrics(it).recycle_count > 0)
    }

    /// Whether the server answered on it so lately that it is very likely still there.
    pub(crate) fn is_warm(&self) -> bool {
        self.object.as_ref().is_some_and(|it| it.heard.elapsed() < WARM)
    }

    /// Nothing is open on it: the next borrower may have it.
    pub(crate) fn give_back(mut self) {
        self.is_clean();
    }

    /// Nothing is open on it for now: once dropped, the next borrower may have it.
    pub(crate) fn is_clean(&mut self) {
        if let Some(object) = &mut self.object {
            object.heard = Instant::now();
        }
        self.clean = true;
    }

    /// Nothing was sent on it since it was lent.
    pub(crate) fn is_clean_so_far(&mut self) {
        self.clean = true;
    }

    /// Closes it.
    pub(crate) fn close(&mut self) {
        if let Some(object) = self.object.take() {
            // Dropping the socket is what ends it: a statement may still be running, so nothing can be said on it.
            drop(Object::take(object));
        }
    }

    /// Something is about to be open on it.
    pub(crate) fn is_in_use(&mut self) {
        self.clean = false;
    }
}

impl Drop for PgLease {
    fn drop(&mut self) {
        if !self.clean {
            self.close();
        }
    }
}

struct PgManager {
    options: PgConnectOptions,
    generation: AtomicU64,
}

/// A connection and when it was made.
struct PgSlot {
    connection: PgConnection,
    generation: u64,
    // When the server last answered.
    heard: Instant,
}

impl Manager for PgManager {
    type Type = PgSlot;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgSlot, sqlx::Error> {
        let generation = self.generation.load(Ordering::Relaxed);
        let connection = connect::open(&self.options).await?;
        Ok(PgSlot { connection, generation, heard: Instant::now() })
    }

    async fn recycle(&self, slot: &mut PgSlot, _: &Metrics) -> RecycleResult<sqlx::Error> {
        if slot.generation == self.generation.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err(RecycleError::message("the server went away since"))
        }
    }
}
