//! How an SMTP server is reached: what its URL says, and which certificates it may show.
//!
//! Whatever would weaken the way without anybody noticing is refused here: a misspelt parameter, a user without a
//! password, a certificate where there is no TLS.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use url::Url;

use super::smtp::SmtpMailer;

/// How long the server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connections that are kept.
const CONNECTIONS: u32 = 8;

/// The URL, the sender or a certificate is none, or there is no Tokio runtime. None is repeated here: a URL may hold a
/// password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SmtpUrlError(String);

impl SmtpUrlError {
    pub(super) fn sender() -> Self {
        Self("the sender must be an address, as in `Fleet <fleet@example.com>`".to_owned())
    }

    fn url() -> Self {
        Self("the URL must be smtp://host:port or smtps://host, perhaps with ?tls=required".to_owned())
    }

    fn certificate() -> Self {
        Self("a root certificate must be in PEM, `-----BEGIN CERTIFICATE-----` and so on".to_owned())
    }
}

/// A server that is about to be opened; [`SmtpMailer::options`] begins it.
///
/// ```no_run
/// use action_core::mail::SmtpMailer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mailer = SmtpMailer::options("smtps://mail.internal", "Fleet <fleet@example.com>")
///     .root_certificate(std::fs::read("our-authority.pem")?)
///     .open()?;
/// # let _ = mailer;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is opened before `open`"]
#[derive(Clone)]
pub struct SmtpOptions {
    url: String,
    from: String,
    roots: Vec<Vec<u8>>,
}

impl fmt::Debug for SmtpOptions {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpOptions").field("from", &self.from).finish_non_exhaustive()
    }
}

impl SmtpOptions {
    pub(super) fn new(url: &str, from: &str) -> Self {
        Self { url: url.to_owned(), from: from.to_owned(), roots: Vec::new() }
    }

    /// Trusts an authority of your own as well as the public ones: its certificate, or several, in PEM. The server's
    /// certificate must still be for the host of the URL.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// As [`SmtpMailer::open`].
    pub fn open(self) -> Result<SmtpMailer, SmtpUrlError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(SmtpUrlError("a mailer is opened inside a Tokio runtime".to_owned()));
        }
        let url = Url::parse(&self.url).map_err(|_| SmtpUrlError::url())?;
        unambiguous(&url)?;
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.url).map_err(|_| SmtpUrlError::url())?;
        if !self.roots.is_empty() {
            builder = builder.tls(tls(&url, &self.roots)?);
        }
        let from = self.from.parse().map_err(|_| SmtpUrlError::sender())?;
        let transport = builder
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30)))
            .build();
        Ok(SmtpMailer { transport, from })
    }
}

/// What the transport would pass over in silence, and then send mails in the clear or without signing in.
fn unambiguous(url: &Url) -> Result<(), SmtpUrlError> {
    if url.query_pairs().any(|(name, _)| name != "tls") {
        return Err(SmtpUrlError::url());
    }
    if url.username().is_empty() != url.password().is_none() {
        return Err(SmtpUrlError("a user needs a password, and a password a user".to_owned()));
    }
    Ok(())
}

/// The kind of TLS that the URL asks for, with more authorities.
fn tls(url: &Url, roots: &[Vec<u8>]) -> Result<Tls, SmtpUrlError> {
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
    let kind: fn(TlsParameters) -> Tls = match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Tls::Wrapper,
        ("smtp", Some("required")) => Tls::Required,
        ("smtp", Some("opportunistic")) => Tls::Opportunistic,
        _ => return Err(SmtpUrlError("a root certificate needs a URL with TLS".to_owned())),
    };
    let host = url.host_str().ok_or_else(SmtpUrlError::url)?;
    let mut parameters = TlsParameters::builder(host.to_owned());
    for pem in roots {
        // A text without any certificate would count as none, and the first mail would tell.
        if !pem.windows(BEGIN.len()).any(|it| it == BEGIN) {
            return Err(SmtpUrlError::certificate());
        }
        let root = Certificate::from_pem(pem).map_err(|_| SmtpUrlError::certificate())?;
        parameters = parameters.add_root_certificate(root);
    }
    Ok(kind(parameters.build().map_err(|_| SmtpUrlError::certificate())?))
}

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: SmtpOptions) -> String {
        match options.open() {
            Ok(_) => "opened".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    fn at(url: &str) -> SmtpOptions {
        SmtpMailer::options(url, "fleet@localhost")
    }

    #[tokio::test]
    async fn a_url_that_would_weaken_the_way_in_silence_is_refused() {
        for url in ["smtp://h?tls=require", "smtp://h?TLS=required", "smtp://h?tls=required&x=1", "http://h"]
        {
            assert!(refusal(at(url)).starts_with("the URL must be"), "{url}");
        }
        for url in ["smtp://ada@h", "smtps://:secret@h"] {
            assert!(refusal(at(url)).starts_with("a user needs a password"), "{url}");
        }
        for url in ["smtp://h", "smtp://h:25?tls=opportunistic", "smtps://ada:p%40ss@h"] {
            assert_eq!(refusal(at(url)), "opened", "{url}");
        }
    }

    #[tokio::test]
    async fn a_root_certificate_must_be_one_and_be_of_use() {
        assert!(refusal(at("smtps://h").root_certificate("no certificate")).contains("must be in PEM"));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(refusal(at("smtps://h").root_certificate(broken)).contains("must be in PEM"));
        assert!(refusal(at("smtp://h").root_certificate(broken)).contains("needs a URL with TLS"));
    }

    #[tokio::test]
    async fn nothing_shows_the_password() {
        let options = at("smtps://ada:hunter2@h");
        assert!(!format!("{options:?}").contains("hunter2"));
        assert!(!refusal(at("smtps://ada:hunter2@h?tls=x&y")).contains("hunter2"));
    }
}
