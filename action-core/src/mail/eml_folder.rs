//! Writes mails into a folder instead of sending them: for development, and for whoever fetches them there.
//!
//! A file has no envelope, so it says in its header `Bcc` who gets a blind copy: nobody else would know. Whoever sends it
//! on takes that header away, as `sendmail -t` does.

use std::path::PathBuf;

use async_trait::async_trait;
use lettre::message::Mailbox;

use super::{OutgoingMail, SmtpUrlError, mime};
use crate::ports::{MailError, Mailer};

/// A folder of `.eml` files, which mail programs open. It is made where it is missing.
///
/// ```
/// use action_core::mail::EmlFolder;
///
/// let mailer = EmlFolder::new("outbox", "Fleet <fleet@example.com>")?;
/// let builder = action_core::Engine::builder().mailer(mailer);
/// # let _ = builder;
/// # Ok::<(), action_core::mail::SmtpUrlError>(())
/// ```
#[derive(Debug, Clone)]
pub struct EmlFolder {
    folder: PathBuf,
    from: Mailbox,
}

impl EmlFolder {
    /// The folder, and the sender of all mails.
    pub fn new(folder: impl Into<PathBuf>, from: &str) -> Result<Self, SmtpUrlError> {
        let from = from.parse().map_err(|_| SmtpUrlError::sender())?;
        Ok(Self { folder: folder.into(), from })
    }
}

#[async_trait]
impl Mailer for EmlFolder {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let bytes = mime::message_with_bcc(mail, &self.from)?.formatted();
        let (folder, id) = (self.folder.clone(), mail.id);
        let written = tokio::task::spawn_blocking(move || {
            std::fs::create_dir_all(&folder)?;
            let unfinished = folder.join(format!("{id}.part"));
            std::fs::write(&unfinished, bytes)?;
            // Whoever watches the folder sees whole mails only.
            std::fs::rename(unfinished, folder.join(format!("{id}.eml")))
        });
        let written = written.await.map_err(|error| MailError::Transient(error.into()))?;
        written.map_err(|error| MailError::Transient(error.into()))
    }
}
