//! A database of a test's own, on SQLite and on PostgreSQL, so that one test proves the same of both.
//!
//! [`on_both_databases!`](crate::on_both_databases) turns each named function into two tests: `name::sqlite` on a file
//! in a new folder, `name::postgres` in a new copy of a migrated database. A function takes a [`TestDatabase`], or an
//! `Arc<dyn Storage>` where the ports are all it needs.

#![expect(clippy::expect_used, reason = "a test without its database has nothing left to prove")]

use std::sync::Arc;

use action_core::BoxError;
use action_core::entity::Entity;
use action_core::ports::{
    AuditLog, ChangeFeed, EntityActionStore, EventOutbox, FileIndex, IdempotencyStore, MailOutbox,
    PageActionStore, RateLimiter, RecordStore, SigningKeys, Storage as StoragePorts, UnitOfWork,
    WorkflowHistory,
};
use action_sqlx::{Dialect, Storage, StorageOptions};
use tempfile::TempDir;

use crate::postgres;

/// Two tests of each function: one on SQLite, one on PostgreSQL.
#[macro_export]
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::databases::TestDatabase::sqlite().await.into()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::databases::TestDatabase::postgres().await.into()).await;
            }
        })+
    };
}

/// Three tests of each function: one on SQLite, one on PostgreSQL, one in memory. A function takes an
/// `Arc<dyn Storage>`.
#[macro_export]
macro_rules! on_every_storage {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::databases::TestDatabase::sqlite().await.into()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::databases::TestDatabase::postgres().await.into()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn memory() {
                super::$name(std::sync::Arc::new(action_core::in_memory::InMemory::new())).await;
            }
        })+
    };
}

/// A migrated database and a storage on it. The database is gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    storage: Storage,
    url: String,
    _place: Place,
}

#[derive(Debug)]
enum Place {
    Folder { _folder: TempDir },
    Server { _database: postgres::Database },
}

impl TestDatabase {
    /// A file in a new folder.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("the folder for temporary files is writable");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let storage = Storage::connect(&url).await.expect("a new SQLite file opens");
        Self { storage, url, _place: Place::Folder { _folder: folder } }
    }

    /// A copy of a database that was migrated once.
    ///
    /// # Panics
    /// When the throw-away server cannot be reached.
    pub async fn postgres() -> Self {
        let migrate = |url: String| async move {
            let storage = Storage::connect(&url).await.expect("a new PostgreSQL database is migrated");
            storage.close().await;
        };
        let template = postgres::server().template("migrated", migrate).await;
        let database = postgres::server().create_database(Some(&template)).await;
        let url = database.url().to_owned();
        let storage = Storage::connect(&url).await.expect("a migrated database opens");
        Self { storage, url, _place: Place::Server { _database: database } }
    }

    /// The storage.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.storage.dialect()
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Settings for a second storage on the same database: another process, in a test.
    pub fn options(&self) -> StorageOptions {
        Storage::options(&self.url)
    }
}

impl StoragePorts for TestDatabase {
    fn entity_action_store(&self) -> Arc<dyn EntityActionStore> {
        self.storage.entity_action_store()
    }
    fn change_feed(&self) -> Option<Arc<dyn ChangeFeed>> {
        self.storage.change_feed()
    }
    fn unit_of_work(&self) -> Arc<dyn UnitOfWork> {
        self.storage.unit_of_work()
    }
    fn record_store(&self) -> Arc<dyn RecordStore> {
        self.storage.record_store()
    }
    fn audit_log(&self) -> Arc<dyn AuditLog> {
        self.storage.audit_log()
    }
    fn idempotency_store(&self) -> Arc<dyn IdempotencyStore> {
        self.storage.idempotency_store()
    }
    fn rate_limiter(&self) -> Arc<dyn RateLimiter> {
        self.storage.rate_limiter()
    }
    fn event_outbox(&self) -> Arc<dyn EventOutbox> {
        self.storage.event_outbox()
    }

    fn mail_outbox(&self) -> Arc<dyn MailOutbox> {
        self.storage.mail_outbox()
    }
    fn file_index(&self) -> Arc<dyn FileIndex> {
        self.storage.file_index()
    }
    fn workflow_history(&self) -> Arc<dyn WorkflowHistory> {
        self.storage.workflow_history()
    }
    fn page_action_store(&self) -> Arc<dyn PageActionStore> {
        self.storage.page_action_store()
    }
    fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        self.storage.signing_keys()
    }
    fn check_entity(&self, entity: &Entity) -> Result<(), BoxError> {
        self.storage.check_entity(entity)
    }
}

impl From<TestDatabase> for Arc<dyn StoragePorts> {
    fn from(database: TestDatabase) -> Self {
        Arc::new(database)
    }
}
