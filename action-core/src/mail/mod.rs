//! Mail: queued in the transaction of its call, sent after the commit, tried again until it is sent or dead.
//!
//! A call that is undone sends nothing, and one that is committed has queued its mails exactly once, however often it
//! is repeated with its key. The worker here takes what is due, hands it to the [`Mailer`](crate::ports::Mailer) and
//! writes down what became of it. What a mail may be is decided in `message`; how it leaves is the adapter's.

#[cfg(feature = "mail")]
mod eml_folder;
mod message;
#[cfg(feature = "mail")]
mod mime;
mod send_action;
#[cfg(feature = "mail")]
mod smtp;
#[cfg(feature = "mail")]
mod smtp_options;
mod template;
mod worker;

#[cfg(feature = "mail")]
pub use eml_folder::EmlFolder;
pub use message::{Mail, OutgoingMail};
#[cfg(feature = "mail")]
pub use smtp::SmtpMailer;
#[cfg(feature = "mail")]
pub use smtp_options::{SmtpOptions, SmtpUrlError};
pub use template::MailTemplate;
pub(crate) use template::Templates;
pub(crate) use worker::run;
pub use worker::{MailRetries, Mails};

use crate::action::Action;
use crate::registry::Candidate;

/// The action `sendEmail`.
pub(crate) fn send_action() -> Candidate {
    let action = Action::new("sendEmail")
        .permission("sendEmail")
        .title("Send email")
        .description("Queues a mail, which is sent once the call is committed.")
        .redact(["text", "html", "data"]);
    Candidate::new(action, send_action::SendEmail)
}
