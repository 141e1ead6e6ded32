//! Opening a file, or a database in memory, and what each connection is told first.

use std::str::FromStr;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr, SqliteConnection};

use crate::connect_error::ConnectError;
use crate::options::{StorageOptions, Synchronous};

/// The first version whose write-ahead log cannot be corrupted by a checkpoint that meets a writer.
const OLDEST: (u32, u32, u32) = (3, 51, 3);
const OLDEST_TEXT: &str = "3.51.3";

/// Which database, and how its connections are opened.
#[derive(Debug, Clone)]
pub(crate) struct SqliteTarget {
    options: SqliteConnectOptions,
    in_memory: bool,
}

impl SqliteTarget {
    /// Reads a URL.
    pub(crate) fn read(options: &StorageOptions) -> Result<Self, ConnectError> {
        let url = options.url.as_str();
        let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        let wrong = |problem: &str| ConnectError::Url { problem: problem.to_owned() };
        let has = |parameter: &str| parameters.split('&').any(|it| it == parameter);
        let in_memory = path == ":memory:" || has("mode=memory");
        if path.is_empty() && !in_memory {
            return Err(wrong("it names no file; write `sqlite://file.db` or `sqlite::memory:`"));
        }
        if has("mode=ro") || has("immutable=1") || has("immutable=true") {
            return Err(wrong(
                "a storage writes, so its file cannot be opened with `mode=ro` or `immutable`",
            ));
        }
        let parsed = SqliteConnectOptions::from_str(url)
            .map_err(|error| ConnectError::Url { problem: error.to_string() })?
            // A cache that connections share takes locks on whole tables, and there is one connection in memory.
            .shared_cache(false)
            .create_if_missing(!has("mode=rw"))
            .foreign_keys(true)
            // Rows cross from SQLite's thread in larger steps than sqlx's 50.
            .row_buffer_size(512)
            // Each entity has a handful of statements of its own, and each is prepared once a connection.
            .statement_cache_capacity(256)
            .busy_timeout(options.acquire_timeout)
            .synchronous(match options.synchronous {
                Synchronous::Full => SqliteSynchronous::Full,
                Synchronous::Normal => SqliteSynchronous::Normal,
                Synchronous::Off => SqliteSynchronous::Off,
            })
            .disable_statement_logging();
        let options = if in_memory { parsed } else { parsed.journal_mode(SqliteJournalMode::Wal) };
        Ok(Self { options, in_memory })
    }

    /// Whether the database lives and dies with its one connection.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// The file, for people.
    pub(crate) fn place(&self) -> String {
        if self.in_memory { ":memory:".to_owned() } else { self.options.get_filename().display().to_string() }
    }

    /// A connection that writes.
    pub(crate) async fn open_writer(&self) -> Result<SqliteConnection, sqlx::Error> {
        nested(SqliteConnection::connect_with(&self.options).await?).await
    }

    /// A connection that the database itself keeps from writing.
    pub(crate) async fn open_reader(&self) -> Result<SqliteConnection, sqlx::Error> {
        let options = self.options.clone().create_if_missing(false).pragma("query_only", "ON");
        nested(SqliteConnection::connect_with(&options).await?).await
    }
}

/// The first connection of a program: an error here is told to a person.
pub(crate) async fn first_connection(target: &SqliteTarget) -> Result<SqliteConnection, ConnectError> {
    let file = |error: sqlx::Error| ConnectError::File { file: target.place(), problem: error.to_string() };
    let mut connection = SqliteConnection::connect_with(&target.options).await.map_err(file)?;
    let version = sqlx::query("SELECT sqlite_version()").fetch_one(&mut connection).await.map_err(file)?;
    let found: String = version.try_get(0).map_err(file)?;
    if numbers(&found) < OLDEST {
        return Err(ConnectError::Version { found, needed: OLDEST_TEXT });
    }
    Ok(connection)
}

/// Our own BEGIN, COMMIT and ROLLBACK are plain statements, which sqlx does not count. Told once that a transaction is
/// open, it makes a handler's `begin()` a savepoint in ours; otherwise it would be refused as a second BEGIN.
pub(crate) async fn nested(mut connection: SqliteConnection) -> Result<SqliteConnection, sqlx::Error> {
    std::mem::forget(connection.begin().await?);
    sqlx::raw_sql("ROLLBACK".into_sql_str()).execute(&mut connection).await?;
    Ok(connection)
}

fn numbers(version: &str) -> (u32, u32, u32) {
    let mut parts = version.split('.').map(|it| it.parse().unwrap_or_default());
    let mut next = || parts.next().unwrap_or_default();
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<SqliteTarget, ConnectError> {
        SqliteTarget::read(&StorageOptions::new(url))
    }

    #[test]
    fn a_url_names_a_file_or_the_memory() {
        assert_eq!(read("sqlite://fleet.db").unwrap().place(), "fleet.db");
        assert_eq!(read("sqlite:///var/fleet.db?mode=rwc").unwrap().place(), "/var/fleet.db");
        assert_eq!(read("sqlite:fleet.db").unwrap().place(), "fleet.db");
        assert!(read("sqlite::memory:").unwrap().is_in_memory());
        assert!(read("sqlite://?mode=memory").unwrap().is_in_memory());
    }

    #[test]
    fn a_url_that_names_nothing_or_cannot_be_written_is_refused() {
        for url in ["sqlite:", "sqlite://", "sqlite://a.db?mode=ro", "sqlite://a.db?colour=red"] {
            assert!(matches!(read(url), Err(ConnectError::Url { .. })), "{url}");
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(numbers("3.51.2") < OLDEST);
        assert!(numbers("3.51.3") >= OLDEST);
        assert!(numbers("3.100.0") > OLDEST);
    }
}
