//! Hands mails to an SMTP server (RFC 5321), over connections that are kept.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::{OutgoingMail, mime};
use crate::ports::{MailError, Mailer};

/// How long the server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connections that are kept.
const CONNECTIONS: u32 = 8;

/// A server that delivers mails.
///
/// ```
/// use action_core::mail::SmtpMailer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), action_core::mail::SmtpUrlError> {
/// let mailer = SmtpMailer::open("smtp://localhost:2525", "Fleet <fleet@example.com>")?;
/// let builder = action_core::Engine::builder().mailer(mailer);
/// # let _ = builder;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// The URL or the sender is none, or there is no Tokio runtime. Neither is repeated here: a URL may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SmtpUrlError(String);

impl SmtpUrlError {
    pub(super) fn sender() -> Self {
        Self("the sender must be an address, as in `Fleet <fleet@example.com>`".to_owned())
    }
}

impl SmtpMailer {
    /// A server and the sender of all mails. Nothing is sent yet. Needs a Tokio runtime, in which idle connections are
    /// closed.
    ///
    /// `smtp://host:port`, with `?tls=required` or `?tls=opportunistic` for STARTTLS; `smtps://host` for TLS from the
    /// start; `user:password@` before the host, percent-encoded.
    pub fn open(url: &str, from: &str) -> Result<Self, SmtpUrlError> {
        if tokio::runtime::Handle::try_current().is_err() {
            return Err(SmtpUrlError("a mailer is opened inside a Tokio runtime".to_owned()));
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| {
            SmtpUrlError(
                "the URL must be smtp://host:port or smtps://host, perhaps with ?tls=required".to_owned(),
            )
        })?;
        let from = from.parse().map_err(|_| SmtpUrlError::sender())?;
        let transport = builder
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(Duration::from_secs(30)))
            .build();
        Ok(Self { transport, from })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = mime::message(mail, &self.from)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Permanent(error.into())),
            Err(error) => Err(MailError::Transient(error.into())),
        }
    }
}
