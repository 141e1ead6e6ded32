//! Hands mails to an SMTP server (RFC 5321), over connections that are kept.
//!
//! How the server is reached is read in `smtp_options`. What its answers mean for a mail is decided here.

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::smtp_options::{SmtpOptions, SmtpUrlError};
use super::{OutgoingMail, mime};
use crate::ports::{MailError, Mailer};

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
    pub(super) transport: AsyncSmtpTransport<Tokio1Executor>,
    pub(super) from: Mailbox,
}

impl SmtpMailer {
    /// A server and the sender of all mails. Nothing is sent yet. Needs a Tokio runtime, in which idle connections are
    /// closed.
    ///
    /// `smtp://host:port`, with `?tls=required` or `?tls=opportunistic` for STARTTLS; `smtps://host` for TLS from the
    /// start; `user:password@` before the host, percent-encoded.
    pub fn open(url: &str, from: &str) -> Result<Self, SmtpUrlError> {
        Self::options(url, from).open()
    }

    /// The same, with more to say before it is opened.
    pub fn options(url: &str, from: &str) -> SmtpOptions {
        SmtpOptions::new(url, from)
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let message = mime::message(mail, &self.from)?;
        self.transport.send(message).await.map(|_| ()).map_err(sorted)
    }
}

fn sorted(error: SmtpError) -> MailError {
    if let Some(refusal) = error.status().and_then(|it| sign_in_refusal(it.into())) {
        return MailError::Transient(refusal.into());
    }
    if error.is_permanent() { MailError::Permanent(error.into()) } else { MailError::Transient(error.into()) }
}

/// The codes of RFC 4954 by which a server refuses whoever sends, and no mail of theirs: a corrected password mends
/// it, so the mails wait instead of all being dead at once.
///
/// In our words, because a server may repeat what it was given, and that was the password.
fn sign_in_refusal(code: u16) -> Option<&'static str> {
    match code {
        530 => Some("the server wants TLS or a user and password first (530)"),
        534 => Some("the server wants another way of signing in (534)"),
        535 => Some("the server does not accept the user and password (535)"),
        538 => Some("the server wants TLS before a password (538)"),
        _ => None,
    }
}
