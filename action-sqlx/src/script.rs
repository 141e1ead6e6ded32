//! A host's own statements: its tables, its first data.

use std::time::Duration;

use action_core::ports::{Access, Scope, StoreError, Transaction as _};

use crate::context::Connection;
use crate::{Storage, cause};

/// Making an index on a large table takes its time.
const LIMIT: Duration = Duration::from_mins(10);

impl Storage {
    /// Runs a host's own statements, separated by semicolons, in one transaction: all of them or none.
    ///
    /// For a schema the host keeps itself, on the connection the storage has anyway; a database in memory has no
    /// other. It is no place for values: the text is the program's own.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "sqlite")] {
    /// let storage = action_sqlx::Storage::connect("sqlite::memory:").await?;
    /// storage.run_script("CREATE TABLE cars (id text PRIMARY KEY); CREATE TABLE keys (id text PRIMARY KEY);").await?;
    /// # storage.close().await;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_script(&self, script: &'static str) -> Result<(), StoreError> {
        let scope = Scope { tenant: None, access: Access::ReadWrite, time_limit: LIMIT };
        let mut transaction = self.backend().begin(&scope).await?;
        let ran = match transaction.connection().await? {
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => sqlx::raw_sql(script).execute(connection).await.map(drop),
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => sqlx::raw_sql(script).execute(connection).await.map(drop),
        };
        match ran {
            Ok(()) => Box::new(transaction).commit(action_core::ports::Ending::default()).await,
            Err(error) => {
                Box::new(transaction).rollback().await;
                Err(cause::of(error, script))
            }
        }
    }
}
