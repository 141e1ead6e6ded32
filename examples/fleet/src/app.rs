//! Putting the parts together: storage, engine, router.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use action_axum::{Jwt, Metrics, MetricsError, metrics_router};
use action_core::files::FolderStore;
use action_core::mail::{EmlFolder, MailTemplate, SmtpMailer};
use action_core::{Engine, EngineBuilder};
use action_object_store::ObjectFiles;
use action_sqlx::Storage;
use axum::Router;

use crate::issues::{ApproveFix, RejectFix};
use crate::{Car, Company, Invoice, InvoiceLine, Settings, diagnostics, events, queries};

/// The running parts of the example.
pub struct App {
    /// Every route.
    pub router: Router,
    /// What runs the actions.
    pub engine: Engine,
    /// Where everything is kept.
    pub storage: Storage,
}

/// Why the example does not start, and what to do.
#[derive(Debug)]
pub struct StartError(String);

impl StartError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The address cannot be listened on.
    pub fn bind(address: SocketAddr, error: &std::io::Error) -> Self {
        Self(match error.kind() {
            std::io::ErrorKind::AddrInUse => format!(
                "{address} is already in use; stop the program that listens there, or choose another port: \
                 BIND=127.0.0.1:0 picks a free one"
            ),
            _ => format!("cannot listen on {address}: {error}"),
        })
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// Connects, migrates, fills in the demo data on the first start, and mounts every router.
pub async fn app(settings: &Settings) -> Result<App, StartError> {
    let failed = |error: &dyn std::error::Error| StartError::new(error.to_string());
    // Before the engine: its metric handles are made for the recorder that is there by then.
    let metrics = metrics().map_err(|it| failed(&it))?;
    let storage = Storage::connect(&settings.database_url)
        .await
        .map_err(|error| StartError::new(format!("DATABASE_URL: {error}")))?;
    let schema = match storage.dialect() {
        action_sqlx::Dialect::Postgres => include_str!("../schema/postgres.sql"),
        action_sqlx::Dialect::Sqlite => include_str!("../schema/sqlite.sql"),
    };
    storage.run_script(schema).await.map_err(|it| failed(&it))?;
    storage.run_script(include_str!("../schema/demo_data.sql")).await.map_err(|it| failed(&it))?;
    let pages = match storage.dialect() {
        action_sqlx::Dialect::Postgres => concat!(
            "SET search_path TO config, public;",
            include_str!("../schema/demo_pages.sql"),
            "; RESET search_path",
        ),
        action_sqlx::Dialect::Sqlite => include_str!("../schema/demo_pages.sql"),
    };
    storage.run_script(pages).await.map_err(|it| failed(&it))?;
    let issues = match storage.dialect() {
        action_sqlx::Dialect::Postgres => include_str!("../schema/issues_postgres.sql"),
        action_sqlx::Dialect::Sqlite => include_str!("../schema/issues_sqlite.sql"),
    };
    storage.run_script(issues).await.map_err(|it| failed(&it))?;
    storage.run_script(include_str!("../schema/demo_issues.sql")).await.map_err(|it| failed(&it))?;

    let jwt = Jwt::hs256(&settings.jwt_secret)
        .map_err(|error| StartError::new(format!("ACTIONS_JWT_SECRET: {error}")))?;
    let mut builder = Engine::builder()
        .storage(storage.clone())
        .authenticator(jwt)
        .security_file(settings.config.join("security.json"))
        .custom_actions_file(settings.config.join("customActions.json"))
        // What a folder of one's own does not translate is said as the example says it.
        .translations_json(include_str!("../App_Data/translations.json"), "translations.json")
        .translations_file(settings.config.join("translations.json"))
        .entity::<Car>()
        .entity::<Company>()
        .entity::<Invoice>()
        .entity::<InvoiceLine>()
        .query(queries::available_cars())
        // Where the database has no functions: on SQLite.
        .entity_function("approve_pothole_fix", ApproveFix)
        .entity_function("reject_pothole_fix", RejectFix)
        .subscriber(events::log_page_actions)
        .expect_actions(["user.update", "echo", "CarCopy", "CarReportStolen"]);
    if settings.diagnostics {
        builder = diagnostics::register(builder);
    }
    builder = mail(files(workflows(builder, settings), settings)?, settings)?;
    let engine = builder.build().await.map_err(|it| failed(&it))?;
    let router = action_axum::router(engine.clone()).merge(metrics_router(&metrics));
    Ok(App { router, engine, storage })
}

/// Those of the configuration's folder; a folder without any has the example's own.
fn workflows(builder: EngineBuilder, settings: &Settings) -> EngineBuilder {
    let file = settings.config.join("workflows.json");
    if file.exists() {
        return builder.workflows_file(file);
    }
    builder.workflows_json(include_str!("../App_Data/workflows.json"), "workflows.json")
}

/// A folder, or whatever a URL names.
fn files(builder: EngineBuilder, settings: &Settings) -> Result<EngineBuilder, StartError> {
    if !settings.files.contains("://") {
        return Ok(builder.files(FolderStore::new(&settings.files)));
    }
    let store = ObjectFiles::open(&settings.files)
        .map_err(|error| StartError::new(format!("ACTIONS_FILES: {error}")))?;
    Ok(builder.files(store))
}

/// A server, or a folder to look into.
fn mail(builder: EngineBuilder, settings: &Settings) -> Result<EngineBuilder, StartError> {
    const SENDER: &str = "Fleet <fleet@localhost>";
    let failed = |error| StartError::new(format!("ACTIONS_SMTP_URL: {error}"));
    let welcome = MailTemplate::new("welcome")
        .text("en", "Hello {{ name }},\n\nwelcome to the fleet.\n")
        .text("fr", "Bonjour {{ name }},\n\nbienvenue dans la flotte.\n")
        .text("nl", "Dag {{ name }},\n\nwelkom bij de vloot.\n")
        .html("en", "<p>Hello {{ name }},</p><p>welcome to the fleet.</p>")
        .html("fr", "<p>Bonjour {{ name }},</p><p>bienvenue dans la flotte.</p>")
        .html("nl", "<p>Dag {{ name }},</p><p>welkom bij de vloot.</p>");
    let builder = builder.mail_template(welcome).mail_retries(settings.mail_retries);
    let Some(url) = &settings.smtp_url else {
        return Ok(builder.mailer(EmlFolder::new(&settings.outbox, SENDER).map_err(failed)?));
    };
    let mut server = SmtpMailer::options(url, SENDER);
    if let Some(file) = &settings.smtp_root_certificate {
        let pem = std::fs::read(file).map_err(|error| {
            StartError::new(format!("ACTIONS_SMTP_ROOT_CERTIFICATE: {}: {error}", file.display()))
        })?;
        server = server.root_certificate(pem);
    }
    Ok(builder.mailer(server.open().map_err(failed)?))
}

/// The process's one collector, also where several apps run in it, as in tests.
fn metrics() -> Result<Metrics, MetricsError> {
    static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);
    let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    match &*installed {
        Some(metrics) => Ok(metrics.clone()),
        None => Ok(installed.insert(Metrics::install()?).clone()),
    }
}
