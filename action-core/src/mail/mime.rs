//! A mail as the bytes that travel (RFC 5322, MIME).

use lettre::Message;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};

use super::OutgoingMail;
use crate::ports::MailError;
use crate::refusal::BoxError;

/// The message, from this sender. What cannot be one never will be.
pub(super) fn message(mail: &OutgoingMail, from: &Mailbox) -> Result<Message, MailError> {
    build(mail, Message::builder(), from).map_err(MailError::Permanent)
}

/// The same with a header `Bcc`, for where there is no envelope beside the message.
pub(super) fn message_with_bcc(mail: &OutgoingMail, from: &Mailbox) -> Result<Message, MailError> {
    build(mail, Message::builder().keep_bcc(), from).map_err(MailError::Permanent)
}

fn build(outgoing: &OutgoingMail, builder: MessageBuilder, from: &Mailbox) -> Result<Message, BoxError> {
    let mail = &outgoing.mail;
    let id = format!("<{}@{}>", outgoing.id.as_hyphenated(), from.email.domain());
    let mut builder = builder
        .message_id(Some(id))
        .date(outgoing.created_at.into())
        .from(from.clone())
        .subject(&mail.subject);
    for address in &mail.to {
        builder = builder.to(mailbox(address)?);
    }
    for address in &mail.cc {
        builder = builder.cc(mailbox(address)?);
    }
    // They are in the envelope, and left out of the headers unless they are to be kept.
    for address in &mail.bcc {
        builder = builder.bcc(mailbox(address)?);
    }
    let text = |it: &String| SinglePart::builder().header(ContentType::TEXT_PLAIN).body(it.clone());
    let html = |it: &String| SinglePart::builder().header(ContentType::TEXT_HTML).body(it.clone());
    Ok(match (&mail.text, &mail.html) {
        (Some(plain), Some(rich)) => {
            builder.multipart(MultiPart::alternative().singlepart(text(plain)).singlepart(html(rich)))?
        }
        (None, Some(rich)) => builder.singlepart(html(rich))?,
        (plain, None) => builder.singlepart(text(&plain.clone().unwrap_or_default()))?,
    })
}

fn mailbox(address: &str) -> Result<Mailbox, BoxError> {
    Ok(Mailbox::new(None, address.parse()?))
}
