//! Opening a connection and what its session is told first.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqlSafeStr};

use crate::connect_error::ConnectError;

/// How long a statement may run that no action's own limit stands over. A little less than the limit most actions have,
/// so that a transaction of theirs need not say it again and the server is the one to end a statement that is too long.
pub(super) const STATEMENT_LIMIT: Duration = Duration::from_secs(29);

/// [`STATEMENT_LIMIT`], and how long an open transaction may be idle before the server ends its session.
///
/// The library ends its transactions by itself; the second limit is for what it cannot know of, such as a process
/// that was stopped in a debugger.
const SESSION: &str = "SET statement_timeout = '29s'; SET idle_in_transaction_session_timeout = '60s'";

/// Since PostgreSQL 14, and only where the server's system can tell: a statement whose client is gone is ended
/// within this time instead of running on with its locks.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '2s'";

/// Reads a URL, with the settings of a session of ours.
pub(crate) fn connect_options(url: &str) -> Result<PgConnectOptions, ConnectError> {
    // The parser's error does not repeat the URL, and so no password.
    let options = PgConnectOptions::from_str(url).map_err(|error| ConnectError::Url {
        problem: format!(
            "{error}; write `postgres://user:password@host:5432/database`, with `%40` for an `@` in the password"
        ),
    })?;
    let options = if options.get_application_name().is_some() {
        options
    } else {
        options.application_name("action-sqlx")
    };
    // Each entity has a handful of statements of its own, and each is prepared once a connection.
    Ok(options.statement_cache_capacity(256).disable_statement_logging())
}

/// A new connection whose session has our settings, for transactions of ours.
///
/// Our own BEGIN, COMMIT and ROLLBACK are plain statements, which sqlx does not count. Told once that a transaction is
/// open, it makes a handler's `begin()` a savepoint in ours; otherwise its `commit()` would commit ours.
pub(crate) async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = open_plain(options).await?;
    std::mem::forget(connection.begin().await?);
    sqlx::raw_sql("ROLLBACK".into_sql_str()).execute(&mut connection).await?;
    Ok(connection)
}

async fn open_plain(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    // A pooler in between may refuse settings in the start-up message, so they are sent as statements.
    sqlx::raw_sql(SESSION.into_sql_str()).execute(&mut connection).await?;
    if connection.server_version_num().is_some_and(|it| it >= 140_000)
        && let Err(error) = sqlx::raw_sql(CHECK_CLIENT.into_sql_str()).execute(&mut connection).await
        && !matches!(error, sqlx::Error::Database(_))
    {
        return Err(error);
    }
    Ok(connection)
}

/// The first connection of a program: an error here is told to a person, with the place but without the password.
pub(crate) async fn first_connection(
    options: &PgConnectOptions,
    patience: Duration,
) -> Result<PgConnection, ConnectError> {
    let opening = tokio::time::timeout(patience, open_plain(options)).await;
    let problem = match opening {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", patience.as_secs()),
    };
    Err(ConnectError::Unreachable { place: place(options), problem })
}

/// Where a database is, for people.
pub(crate) fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or(options.get_username());
    match options.get_socket() {
        Some(socket) => format!("database `{database}` at {}", socket.display()),
        None => format!("database `{database}` at {}:{}", options.get_host(), options.get_port()),
    }
}
