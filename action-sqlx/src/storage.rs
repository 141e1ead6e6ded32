//! The storage: one open database, and all ports on it.

use std::sync::Arc;

use action_core::in_memory::LocalRateLimiter;
use action_core::ports::{
    AuditLog, ChangeFeed, EntityActionStore, EventOutbox, FileIndex, IdempotencyStore, MailOutbox,
    PageActionStore, RateLimiter, RecordStore, SigningKeys, Storage as StoragePorts, UnitOfWork,
    WorkflowHistory,
};
use tokio::sync::watch;

use crate::backend::Backend;
use crate::connect_error::ConnectError;
use crate::dialect::Dialect;
use crate::migrate::{self, Migration};
use crate::options::StorageOptions;
use crate::statement::Statement;
use crate::stores::audit_log::SqlAuditLog;
use crate::stores::audit_queue::AuditQueue;
use crate::stores::entity_action_store::SqlEntityActionStore;
use crate::stores::event_outbox::SqlEventOutbox;
use crate::stores::file_index::SqlFileIndex;
use crate::stores::housekeeping;
use crate::stores::idempotency_store::SqlIdempotencyStore;
use crate::stores::mail_outbox::SqlMailOutbox;
use crate::stores::page_action_store::SqlPageActionStore;
use crate::stores::rate_limiter::SqlRateLimiter;
use crate::stores::signing_keys::SqlSigningKeys;
use crate::stores::unit_of_work::SqlUnitOfWork;
use crate::stores::workflow_history::SqlWorkflowHistory;

/// An open database, migrated and ready. Clones share it.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Arc<Backend>,
    audit: AuditQueue,
    // In memory, where one process owns the database.
    local_rates: Option<Arc<LocalRateLimiter>>,
    // Dropping it ends the housekeeping, as does saying so.
    closing: watch::Sender<bool>,
}

impl Storage {
    /// Opens a database with the default settings and brings our tables in it up to date.
    ///
    /// `sqlite://file.db` (made where it is missing), `sqlite::memory:`, or `postgres://user:password@host/database`.
    /// Needs a Tokio runtime that lives as long as the storage.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), action_sqlx::ConnectError> {
    /// # #[cfg(feature = "sqlite")] {
    /// let storage = action_sqlx::Storage::connect("sqlite::memory:").await?;
    /// # storage.close().await;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::options(url).connect().await
    }

    /// Settings for a database; end with [`StorageOptions::connect`].
    pub fn options(url: &str) -> StorageOptions {
        StorageOptions::new(url)
    }

    /// The changes of our tables, in order, for a host that runs its schema changes itself.
    ///
    /// Such a host opens the storage with `.migrate(false)`.
    pub const fn migrations(dialect: Dialect) -> &'static [Migration] {
        migrate::migrations(dialect)
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.inner.backend.dialect()
    }

    /// Serves what is under way and closes. Later calls are told that the database is unavailable.
    pub async fn close(&self) {
        self.inner.closing.send_replace(true);
        self.inner.backend.close().await;
    }

    pub(crate) async fn open(options: StorageOptions) -> Result<Self, ConnectError> {
        let backend = Arc::new(open_backend(&options).await?);
        if !options.migrate {
            check_tables(&backend).await?;
        }
        let local_rates = (backend.dialect() == Dialect::Sqlite).then(Arc::default);
        let (closing, closed) = watch::channel(false);
        let audit = AuditQueue::start(Arc::clone(&backend), options.audit_queue, options.acquire_timeout);
        tokio::spawn(housekeeping::run(
            Arc::clone(&backend),
            local_rates.clone(),
            options.housekeeping,
            closed,
        ));
        Ok(Self { inner: Arc::new(Inner { backend, audit, local_rates, closing }) })
    }

    pub(crate) fn backend(&self) -> Arc<Backend> {
        Arc::clone(&self.inner.backend)
    }
}

impl std::fmt::Debug for Storage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Storage").field("dialect", &self.dialect()).finish_non_exhaustive()
    }
}

async fn open_backend(options: &StorageOptions) -> Result<Backend, ConnectError> {
    let scheme = options.url.split_once(':').map_or("", |(scheme, _)| scheme);
    match scheme {
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => crate::postgres::open_backend(options).await,
        #[cfg(not(feature = "postgres"))]
        "postgres" | "postgresql" => {
            Err(ConnectError::Feature { database: "PostgreSQL", feature: "postgres" })
        }
        #[cfg(feature = "sqlite")]
        "sqlite" => crate::sqlite::open_backend(options).await,
        #[cfg(not(feature = "sqlite"))]
        "sqlite" => Err(ConnectError::Feature { database: "SQLite", feature: "sqlite" }),
        // Whatever stands there is no URL, and may be a password that lost its beginning.
        other
            if other.is_empty()
                || other.len() > 20
                || !other.chars().all(|it| it.is_ascii_alphanumeric()) =>
        {
            Err(ConnectError::Scheme { scheme: "this URL".to_owned() })
        }
        other => Err(ConnectError::Scheme { scheme: format!("`{other}`") }),
    }
}

async fn check_tables(backend: &Backend) -> Result<(), ConnectError> {
    let mut statement = Statement::new("SELECT 1 FROM ");
    statement.push_str(backend.dialect().table(crate::dialect::Table::AuditLog)).push_str(" LIMIT 1");
    let checked = backend.read_once(&statement).await;
    checked.map(drop).map_err(|error| ConnectError::NotMigrated { problem: with_cause(&error) })
}

fn with_cause(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

impl StoragePorts for Storage {
    fn unit_of_work(&self) -> Arc<dyn UnitOfWork> {
        Arc::new(SqlUnitOfWork { backend: self.backend() })
    }

    fn record_store(&self) -> Arc<dyn RecordStore> {
        Arc::new(crate::stores::record_store::SqlRecordStore)
    }

    fn audit_log(&self) -> Arc<dyn AuditLog> {
        Arc::new(SqlAuditLog { backend: self.backend(), queue: self.inner.audit.clone() })
    }

    fn idempotency_store(&self) -> Arc<dyn IdempotencyStore> {
        Arc::new(SqlIdempotencyStore { backend: self.backend() })
    }

    fn rate_limiter(&self) -> Arc<dyn RateLimiter> {
        match &self.inner.local_rates {
            Some(local) => Arc::clone(local) as Arc<dyn RateLimiter>,
            None => Arc::new(SqlRateLimiter { backend: self.backend() }),
        }
    }

    fn event_outbox(&self) -> Arc<dyn EventOutbox> {
        Arc::new(SqlEventOutbox { backend: self.backend() })
    }

    fn mail_outbox(&self) -> Arc<dyn MailOutbox> {
        Arc::new(SqlMailOutbox { backend: self.backend() })
    }

    fn file_index(&self) -> Arc<dyn FileIndex> {
        Arc::new(SqlFileIndex { backend: self.backend() })
    }

    fn workflow_history(&self) -> Arc<dyn WorkflowHistory> {
        Arc::new(SqlWorkflowHistory)
    }

    fn page_action_store(&self) -> Arc<dyn PageActionStore> {
        Arc::new(SqlPageActionStore { backend: self.backend() })
    }

    fn entity_action_store(&self) -> Arc<dyn EntityActionStore> {
        Arc::new(SqlEntityActionStore)
    }

    fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        Arc::new(SqlSigningKeys)
    }

    fn change_feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        match self.inner.backend.as_ref() {
            #[cfg(feature = "postgres")]
            Backend::Postgres(pool) => {
                let closed = self.inner.closing.subscribe();
                Some(Arc::new(crate::postgres::PgChangeFeed { pool: pool.clone(), closed }))
            }
            #[cfg(feature = "sqlite")]
            Backend::Sqlite(_) => None,
        }
    }
}
