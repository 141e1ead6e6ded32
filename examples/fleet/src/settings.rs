//! What the environment says. Everything has a default, so that `cargo run` alone works.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use action_core::mail::MailRetries;

use crate::StartError;

/// Signs tokens while nobody has set a secret. Known to everybody, so it is refused beyond this machine.
pub const DEVELOPMENT_SECRET: &str = "development-secret-that-everybody-knows";

/// The settings of the example.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `BIND`, by default `127.0.0.1:3000`; port 0 picks a free one.
    pub bind: SocketAddr,
    /// `DATABASE_URL`, by default `sqlite://fleet.db`.
    pub database_url: String,
    /// `ACTIONS_JWT_SECRET`, by default [`DEVELOPMENT_SECRET`].
    pub jwt_secret: String,
    /// `FLEET_CONFIG`, by default the example's own `App_Data`.
    pub config: PathBuf,
    /// `FLEET_DIAGNOSTICS=1`: the `diagnostics.*` actions are there too.
    pub diagnostics: bool,
    /// `ACTIONS_FILES`, by default the folder `fleet-files`: where uploads and reports are. A folder, or the URL of an
    /// object store.
    pub files: String,
    /// `ACTIONS_SMTP_URL`: `smtp://host:port` or `smtps://user:password@host`. Without it mails are written into `outbox`.
    pub smtp_url: Option<String>,
    /// `ACTIONS_SMTP_ROOT_CERTIFICATE`: a file in PEM, the authority of that server's certificate where it is your own.
    pub smtp_root_certificate: Option<PathBuf>,
    /// The folder for mails where there is no server, `outbox`.
    pub outbox: PathBuf,
    /// How often a mail is tried.
    pub mail_retries: MailRetries,
}

impl Default for Settings {
    fn default() -> Self {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("App_Data");
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            database_url: "sqlite://fleet.db".to_owned(),
            jwt_secret: DEVELOPMENT_SECRET.to_owned(),
            config: if own.exists() { own } else { PathBuf::from("App_Data") },
            diagnostics: false,
            files: "fleet-files".to_owned(),
            smtp_url: None,
            smtp_root_certificate: None,
            outbox: PathBuf::from("outbox"),
            mail_retries: MailRetries::default(),
        }
    }
}

impl Settings {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, StartError> {
        Self::from_lookup(|name| std::env::var(name).ok().filter(|it| !it.is_empty()))
    }

    /// Reads from a look-up by name.
    pub fn from_lookup(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, StartError> {
        let mut settings = Self::default();
        if let Some(bind) = look_up("BIND") {
            settings.bind = bind.parse().map_err(|_| {
                StartError::new(format!(
                    "BIND is `{bind}`; it must be an address and a port, as in 127.0.0.1:3000"
                ))
            })?;
        }
        if let Some(url) = look_up("DATABASE_URL") {
            settings.database_url = url;
        }
        if let Some(config) = look_up("FLEET_CONFIG") {
            settings.config = config.into();
        }
        if let Some(files) = look_up("ACTIONS_FILES") {
            settings.files = files;
        }
        settings.smtp_url = look_up("ACTIONS_SMTP_URL");
        settings.smtp_root_certificate = look_up("ACTIONS_SMTP_ROOT_CERTIFICATE").map(PathBuf::from);
        settings.diagnostics = look_up("FLEET_DIAGNOSTICS").is_some_and(|it| it == "1");
        match look_up("ACTIONS_JWT_SECRET") {
            Some(secret) => settings.jwt_secret = secret,
            None => {
                tracing::warn!(
                    "ACTIONS_JWT_SECRET is not set: tokens are signed with the development secret"
                );
            }
        }
        if settings.jwt_secret == DEVELOPMENT_SECRET && !settings.bind.ip().is_loopback() {
            return Err(StartError::new(format!(
                "the development secret is known to everybody, and {} can be reached from other machines; \
                 set ACTIONS_JWT_SECRET to a secret of at least 32 characters, or BIND to a loopback address",
                settings.bind
            )));
        }
        Ok(settings)
    }
}
