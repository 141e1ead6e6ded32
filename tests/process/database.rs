//! An empty database that outlives the programs run on it, and plain SQL over a connection of the test's own.

use action_tests::postgres;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _, SqliteConnection};
use tempfile::TempDir;

/// Two tests of each function: one on SQLite, one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::database::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::database::Database::postgres().await).await;
            }
        })+
    };
}
pub(crate) use on_both;

/// Gone when it is dropped.
pub(crate) struct Database {
    url: String,
    _folder: Option<TempDir>,
    _on_server: Option<postgres::Database>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("fleet.db").display());
        Self { url, _folder: Some(folder), _on_server: None }
    }

    pub(crate) async fn postgres() -> Self {
        Self::of(postgres::server().create_database(None).await)
    }

    /// One on a server of the test's own.
    pub(crate) fn of(database: postgres::Database) -> Self {
        Self { url: database.url().to_owned(), _folder: None, _on_server: Some(database) }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Rows of text; a null is an empty one. `{library}` is where the library keeps its tables.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let sql = AssertSqlSafe(sql.replace("{library}", if self.is_postgres() { "actions." } else { "" }));
        if self.is_postgres() {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            let text = |row: &sqlx::postgres::PgRow, at| row.get::<Option<String>, _>(at).unwrap_or_default();
            rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect()
        } else {
            // The program has the file open too.
            let options: sqlx::sqlite::SqliteConnectOptions = self.url.parse().unwrap();
            let mut connection: SqliteConnection =
                options.busy_timeout(std::time::Duration::from_secs(10)).connect().await.unwrap();
            let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
            let text =
                |row: &sqlx::sqlite::SqliteRow, at| row.get::<Option<String>, _>(at).unwrap_or_default();
            let rows = rows.iter().map(|row| (0..row.len()).map(|at| text(row, at)).collect()).collect();
            connection.close().await.unwrap();
            rows
        }
    }

    /// The one number that a statement selects as text.
    pub(crate) async fn number(&self, sql: &str) -> usize {
        self.rows(sql).await[0][0].parse().unwrap()
    }
}
