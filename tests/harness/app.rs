//! The fleet example, running on a database of its own, and a client that speaks to it in sentences.
//!
//! ```no_run
//! # async fn example() {
//! use action_tests::{TestApp, people};
//! use serde_json::json;
//!
//! let app = TestApp::sqlite().await;
//! let answer = app.as_person(&people::viewer()).execute("echo", json!({ "name": "Ada" })).await;
//! assert_eq!(answer.status, 200);
//! # }
//! ```

#![expect(clippy::expect_used, reason = "a test without its app has nothing left to prove")]

use std::path::Path;

use action_axum::Jwt;
use action_core::{Engine, EngineBuilder};
use axum::body::Body;
use axum::http::{Method, Request, Response};
use fleet::{App, Settings};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::people::Person;
use crate::postgres;

/// Two tests of each function, with the fleet on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_fleets {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name($crate::TestApp::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name($crate::TestApp::postgres().await).await;
            }
        })+
    };
}

/// A running fleet with demo data and diagnostics.
pub struct TestApp {
    app: App,
    settings: Settings,
    folder: TempDir,
    /// Gone when dropped.
    database: Option<postgres::Database>,
}

impl TestApp {
    /// On an SQLite file in a new folder.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("the folder for temporary files is writable");
        let url = format!("sqlite://{}", folder.path().join("fleet.db").display());
        Self::start(url, folder, None).await
    }

    /// On a copy of a PostgreSQL database that was filled once.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn postgres() -> Self {
        let fill = |url: String| async move {
            let folder = tempfile::tempdir().expect("the folder for temporary files is writable");
            let app = Self::start(url, folder, None).await;
            app.app.storage.close().await;
        };
        let template = postgres::server().template("fleet", fill).await;
        let database = postgres::server().create_database(Some(&template)).await;
        let folder = tempfile::tempdir().expect("the folder for temporary files is writable");
        Self::start(database.url().to_owned(), folder, Some(database)).await
    }

    async fn start(database_url: String, folder: TempDir, database: Option<postgres::Database>) -> Self {
        // A copy of the configuration, which the test may edit.
        let config = folder.path().join("App_Data");
        std::fs::create_dir(&config).expect("the folder is new");
        for file in std::fs::read_dir(Settings::default().config)
            .expect("the example has its configuration")
            .flatten()
        {
            std::fs::copy(file.path(), config.join(file.file_name())).expect("a file can be copied");
        }
        let files = folder.path().join("files").display().to_string();
        let outbox = folder.path().join("outbox");
        let settings =
            Settings { database_url, config, diagnostics: true, files, outbox, ..Settings::default() };
        let app = fleet::app(&settings).await.expect("the fleet starts");
        Self { app, settings, folder, database }
    }

    /// The same host on the same database, started again with other settings.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(self, change: impl FnOnce(&mut Settings)) -> Self {
        let Self { app, mut settings, folder, database } = self;
        app.engine.drain(std::time::Duration::from_secs(10)).await;
        app.storage.close().await;
        drop(app);
        change(&mut settings);
        let app = fleet::app(&settings).await.expect("the fleet starts");
        Self { app, settings, folder, database }
    }

    /// The same database and rights under a host of the test's own, with cars and the actions of the library; `more` is
    /// what it registers besides.
    ///
    /// # Panics
    /// When it cannot be built.
    pub async fn hosted(mut self, more: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        let builder = Engine::builder()
            .without_linked_actions()
            .storage(self.app.storage.clone())
            .authenticator(Jwt::hs256(&self.settings.jwt_secret).expect("the fleet has a good secret"))
            .security_file(self.settings.config.join("security.json"))
            .entity::<fleet::Car>();
        let engine = more(builder).build().await.expect("it can be built");
        self.app.engine.drain(std::time::Duration::from_secs(10)).await;
        self.app.router = action_axum::router(engine.clone());
        self.app.engine = engine;
        self
    }

    /// Another engine on this host's database, a second node; `more` is what it registers. SQLite's file belongs to one
    /// process, so there the storage is shared.
    ///
    /// # Panics
    /// When it cannot be built.
    pub async fn second_engine(&self, more: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Engine {
        let storage = match self.app.storage.dialect() {
            action_sqlx::Dialect::Postgres => action_sqlx::Storage::connect(&self.settings.database_url)
                .await
                .expect("the database answers"),
            action_sqlx::Dialect::Sqlite => self.app.storage.clone(),
        };
        let builder = Engine::builder().without_linked_actions().storage(storage);
        more(builder).build().await.expect("it can be built")
    }

    /// The parts of the running host.
    pub fn parts(&self) -> &App {
        &self.app
    }

    /// What it was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The folder with `security.json`, to be edited.
    pub fn config(&self) -> &Path {
        &self.settings.config
    }

    /// A client without a credential.
    pub fn anonymous(&self) -> Ask<'_> {
        Ask { app: self, headers: Vec::new() }
    }

    /// A client with a person's token.
    pub fn as_person(&self, person: &Person) -> Ask<'_> {
        self.anonymous().header("authorization", &format!("Bearer {}", person.token()))
    }
}

/// A request that is being put together.
#[derive(Clone)]
pub struct Ask<'a> {
    app: &'a TestApp,
    headers: Vec<(String, String)>,
}

impl Ask<'_> {
    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs an action of the execution endpoint.
    pub async fn execute(&self, action: &str, params: Value) -> Answer {
        self.post("/ui/actions/execute", &json!({ "actionId": action, "params": params })).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.clone()
            .header("content-type", "application/json")
            .send(Method::POST, path, body.to_string())
            .await
    }

    /// Gets.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Body::empty()).await
    }

    /// Sends anything.
    ///
    /// # Panics
    /// When the request cannot be made or the answer cannot be read.
    pub async fn send(&self, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(body.into()).expect("the test's request can be sent");
        let answer = self.app.app.router.clone().oneshot(request).await.expect("a router answers");
        Answer::read(answer).await
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null where it is none.
    pub json: Value,
}

impl Answer {
    async fn read(answer: Response<Body>) -> Self {
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.expect("the answer can be read").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status: head.status.as_u16(), headers: head.headers, text, json }
    }

    /// `403 permission_denied`, or only the status of a success.
    pub fn brief(&self) -> String {
        match self.json.get("code").and_then(Value::as_str) {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }

    /// A success's data.
    ///
    /// # Panics
    /// When it is no success.
    pub fn data(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json.get("data").unwrap_or(&Value::Null)
    }

    /// Paths and codes of the invalid fields.
    pub fn fields(&self) -> Vec<(String, String)> {
        let text = |error: &Value, name: &str| {
            error.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let errors = self.json.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        errors.iter().map(|it| (text(it, "field"), text(it, "code"))).collect()
    }

    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|it| it.to_str().ok())
    }
}
