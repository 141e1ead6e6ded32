//! The call's open transaction, for handlers that speak SQL themselves.
//!
//! What a handler gets is the connection of its own call: tenant set, time limit set, committed or rolled back with
//! everything else the call does. There is nothing to begin and nothing to commit.

use action_core::{ActionContext, ActionError};

use crate::SqlTransaction;

/// The open transaction, on whichever database it is.
#[derive(Debug)]
pub enum Connection<'t> {
    /// On PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(&'t mut sqlx::PgConnection),
    /// On SQLite.
    #[cfg(feature = "sqlite")]
    Sqlite(&'t mut sqlx::SqliteConnection),
}

/// Adds the open transaction to a handler's context.
///
/// ```
/// use action_core::{ActionContext, ActionResult};
/// use action_sqlx::SqlContext as _;
///
/// # #[cfg(feature = "postgres")]
/// async fn count_cars(ctx: &mut ActionContext<'_>) -> ActionResult<i64> {
///     let connection = ctx.postgres().await?;
///     Ok(sqlx::query_scalar("SELECT count(*) FROM cars").fetch_one(connection).await?)
/// }
/// ```
pub trait SqlContext {
    /// The open transaction; opens it where it is not.
    fn connection(&mut self) -> impl Future<Output = Result<Connection<'_>, ActionError>> + Send;

    /// The open transaction on PostgreSQL. On another database it is a fault, told in the log.
    #[cfg(feature = "postgres")]
    fn postgres(&mut self) -> impl Future<Output = Result<&mut sqlx::PgConnection, ActionError>> + Send;

    /// The open transaction on SQLite. On another database it is a fault, told in the log.
    #[cfg(feature = "sqlite")]
    fn sqlite(&mut self) -> impl Future<Output = Result<&mut sqlx::SqliteConnection, ActionError>> + Send;
}

impl SqlContext for ActionContext<'_> {
    async fn connection(&mut self) -> Result<Connection<'_>, ActionError> {
        let transaction = self.transaction().await?;
        let transaction = transaction
            .as_any()
            .downcast_mut::<SqlTransaction>()
            .ok_or_else(|| ActionError::fault("the engine's storage is none of action-sqlx"))?;
        Ok(transaction.connection().await?)
    }

    #[cfg(feature = "postgres")]
    async fn postgres(&mut self) -> Result<&mut sqlx::PgConnection, ActionError> {
        match self.connection().await? {
            Connection::Postgres(connection) => Ok(connection),
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(_) => {
                Err(ActionError::fault("the action needs PostgreSQL and runs on SQLite"))
            }
        }
    }

    #[cfg(feature = "sqlite")]
    async fn sqlite(&mut self) -> Result<&mut sqlx::SqliteConnection, ActionError> {
        match self.connection().await? {
            Connection::Sqlite(connection) => Ok(connection),
            #[cfg(feature = "postgres")]
            Connection::Postgres(_) => {
                Err(ActionError::fault("the action needs SQLite and runs on PostgreSQL"))
            }
        }
    }
}
