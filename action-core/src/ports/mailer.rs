//! How a mail leaves: one attempt at handing it to whoever delivers it.

use async_trait::async_trait;

use crate::mail::OutgoingMail;
use crate::refusal::BoxError;

/// Hands mails over, one at a time.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Makes one attempt. It may take a minute at most; then it is cut off and counts as transient.
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError>;
}

/// Why an attempt failed. The text is kept beside the mail and logged, so it must hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may work later: nobody answers, or not now.
    #[error("not now")]
    Transient(#[source] BoxError),
    /// It never will: the mail or its recipients are refused for good.
    #[error("refused for good")]
    Permanent(#[source] BoxError),
}
