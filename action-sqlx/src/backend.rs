//! The database behind a storage: which of the two it is, and the ways to it that all stores share.

use std::sync::Arc;

use action_core::ports::{Scope, StoreError};

use crate::dialect::Dialect;
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::{Inner, SqlTransaction};

/// An open database.
pub(crate) enum Backend {
    #[cfg(feature = "postgres")]
    Postgres(crate::postgres::PgPool),
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteBackend),
}

/// What an SQLite database consists of.
#[cfg(feature = "sqlite")]
pub(crate) struct SqliteBackend {
    pub(crate) writer: crate::sqlite::Writer,
    /// A database in memory has none.
    pub(crate) readers: Option<crate::sqlite::Readers>,
    pub(crate) running_keys: crate::sqlite::RunningKeys,
}

impl Backend {
    /// Which database's SQL it takes.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Opens a transaction.
    pub(crate) async fn begin(self: &Arc<Self>, scope: &Scope) -> Result<SqlTransaction, StoreError> {
        let inner = match self.as_ref() {
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => {
                Inner::Postgres(crate::postgres::PgTransaction::begin(pool, scope).await?)
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite(SqliteBackend { writer, readers, .. }) => {
                Inner::Sqlite(crate::sqlite::SqliteTransaction::begin(writer, readers.as_ref(), scope).await?)
            }
        };
        Ok(SqlTransaction::new(inner, *scope, Arc::clone(self)))
    }

    /// Runs one statement that writes, committed by itself. It may be sent twice: it must be one that may be repeated.
    pub(crate) async fn write_once(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        statement.announce();
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => crate::postgres::once(pool, statement).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(backend) => backend.once(statement, action_core::ports::Access::ReadWrite).await,
        }
    }

    /// Runs one statement that reads.
    pub(crate) async fn read_once(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        statement.announce();
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => crate::postgres::once(pool, statement).await,
            #[cfg(feature = "sqlite")]
            Self::Sqlite(SqliteBackend { readers: Some(readers), .. }) => {
                crate::sqlite::read_alone(readers, statement).await
            }
            #[cfg(feature = "sqlite")]
            Self::Sqlite(backend) => backend.once(statement, action_core::ports::Access::ReadOnly).await,
        }
    }

    /// Tells how busy the connections are.
    pub(crate) fn measure(&self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => pool.measure(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(SqliteBackend { writer, readers, .. }) => {
                writer.measure();
                if let Some(readers) = readers {
                    readers.measure();
                }
            }
        }
    }

    /// Closes connections as they come back, and lends no more.
    #[cfg_attr(
        not(feature = "sqlite"),
        expect(clippy::unused_async, reason = "only SQLite's writer is waited for")
    )]
    pub(crate) async fn close(&self) {
        match self {
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => pool.close(),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(SqliteBackend { writer, readers, .. }) => {
                if let Some(readers) = readers {
                    readers.close().await;
                }
                writer.close().await;
            }
        }
    }
}

#[cfg(feature = "sqlite")]
impl SqliteBackend {
    async fn once(
        &self,
        statement: &Statement,
        access: action_core::ports::Access,
    ) -> Result<Vec<Row>, StoreError> {
        let scope = Scope { tenant: None, access, time_limit: std::time::Duration::from_mins(1) };
        let mut transaction =
            crate::sqlite::SqliteTransaction::begin(&self.writer, self.readers.as_ref(), &scope).await?;
        let rows = transaction.rows(statement).await?;
        transaction.commit().await?;
        Ok(rows)
    }
}
