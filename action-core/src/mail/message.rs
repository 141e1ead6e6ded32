//! What a mail may be: addresses that are some, a subject of one line, a body.
//!
//! No text of a mail can end a header and begin another: what could is refused here, before anything is queued, and the
//! adapter encodes the rest.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use garde::rules::email::Email as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldErrors, Refusal};

/// Most recipients of each kind.
pub(super) const MOST_RECIPIENTS: usize = 50;
/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 200;
/// Longest body, in characters.
pub(super) const LONGEST_BODY: usize = 500_000;
/// Longest address, in characters (RFC 5321, section 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;

/// A mail that is being put together; [`ActionContext::mail`](crate::ActionContext::mail) queues it.
///
/// ```
/// use action_core::mail::Mail;
///
/// let mail = Mail::to("ada@example.com").subject("Your car").text("It is ready.").html("<p>It is ready.</p>");
/// assert!(mail.check().is_ok());
/// assert!(Mail::to("ada@example.com").subject("a\r\nBcc: eve@example.com").text("x").check().is_err());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    pub(crate) to: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cc: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) bcc: Vec<String>,
    pub(crate) subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) html: Option<String>,
}

/// A mail on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Its id: the `messageId` of the answer, and the left part of the header `Message-ID`, the same at every attempt.
    pub id: Uuid,
    /// The tenant of its call.
    pub tenant_id: Option<Uuid>,
    /// Who caused it.
    pub user_id: Uuid,
    /// The request it came of.
    pub request_id: String,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// What is sent.
    pub mail: Mail,
}

impl Mail {
    /// A mail to one recipient.
    pub fn to(address: impl Into<String>) -> Self {
        Self { to: vec![address.into()], ..Self::default() }
    }

    /// A mail to several recipients.
    pub fn to_all<T: Into<String>>(addresses: impl IntoIterator<Item = T>) -> Self {
        Self { to: addresses.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Recipients of a copy.
    pub fn cc<T: Into<String>>(mut self, addresses: impl IntoIterator<Item = T>) -> Self {
        self.cc.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// Recipients of a copy whom the others do not see.
    pub fn bcc<T: Into<String>>(mut self, addresses: impl IntoIterator<Item = T>) -> Self {
        self.bcc.extend(addresses.into_iter().map(Into::into));
        self
    }

    /// The subject, 1–200 characters in one line.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The body as plain text.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// The body as HTML. With [`text`](Self::text), the two are alternatives.
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Everybody it goes to.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).chain(&self.bcc).map(String::as_str)
    }

    /// Whether it can be sent; every mistake is told, at the field of `sendEmail`.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut errors = FieldErrors::default();
        if self.to.is_empty() {
            errors.add("to", "too_few", "to must have at least 1 entry");
        }
        for (field, addresses) in [("to", &self.to), ("cc", &self.cc), ("bcc", &self.bcc)] {
            check_addresses(field, addresses, &mut errors);
        }
        check_subject(&self.subject, &mut errors);
        if self.text.is_none() && self.html.is_none() {
            errors.add("text", "required", "one of text, html and template is required");
        }
        for (field, body) in [("text", &self.text), ("html", &self.html)] {
            if is_too_long(body.as_deref()) {
                errors.add(field, "too_long", format!("{field} may have at most {LONGEST_BODY} characters"));
            }
        }
        errors.into_result(()).map_err(Refusal::validation)
    }

    /// Each recipient once, in the first place where it is named.
    pub(crate) fn each_once(mut self) -> Self {
        let mut seen = HashSet::new();
        for addresses in [&mut self.to, &mut self.cc, &mut self.bcc] {
            addresses.retain(|it| seen.insert(it.to_lowercase()));
        }
        self
    }
}

/// Whether it is a body, and too long for one.
pub(super) fn is_too_long(body: Option<&str>) -> bool {
    body.is_some_and(|it| it.len() > LONGEST_BODY && it.chars().count() > LONGEST_BODY)
}

pub(super) fn check_addresses(field: &str, addresses: &[String], errors: &mut FieldErrors) {
    if addresses.len() > MOST_RECIPIENTS {
        errors.add(
            field.to_owned(),
            "too_many",
            format!("{field} may have at most {MOST_RECIPIENTS} entries"),
        );
        return;
    }
    for (at, address) in addresses.iter().enumerate() {
        if !is_address(address) {
            let field = format!("{field}[{at}]");
            let message = format!("{field} is no email address");
            errors.add(field, "wrong_format", message);
        }
    }
}

/// An address alone, without a name; nothing in it can end a header.
fn is_address(address: &str) -> bool {
    address.chars().count() <= LONGEST_ADDRESS
        && !address.chars().any(|it| it.is_control() || it.is_whitespace() || "<>,;:\"()[]\\".contains(it))
        && address.validate_email().is_ok()
}

pub(super) fn check_subject(subject: &str, errors: &mut FieldErrors) {
    if subject.trim().is_empty() {
        errors.add("subject", "required", "subject is required");
    } else if subject.chars().count() > LONGEST_SUBJECT {
        errors.add("subject", "too_long", format!("subject may have at most {LONGEST_SUBJECT} characters"));
    } else if subject.chars().any(|it| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}')) {
        errors.add("subject", "wrong_format", "subject must be one line");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(mail: &Mail) -> Vec<String> {
        let Err(Refusal::Invalid { errors, .. }) = mail.check() else { return Vec::new() };
        errors.into_iter().map(|it| format!("{} {}", it.field, it.code)).collect()
    }

    #[test]
    fn nothing_in_a_mail_can_begin_a_header() {
        let mail = Mail::to("ada@example.com").text("x");
        for subject in
            ["a\nb", "a\rb", "a\r\nBcc: e@example.com", "a\0b", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"]
        {
            assert_eq!(told(&mail.clone().subject(subject)), ["subject wrong_format"], "{subject:?}");
        }
        for address in [
            "ada@example.com\r\nBcc: eve@example.com",
            "ada@example.com,eve@example.com",
            "Ada <ada@example.com>",
            "ada@example.com\n",
            "\"ada\u{20}x\"@example.com",
            "ada@@example.com",
            "ada",
            "",
        ] {
            let mail = Mail::to(address).subject("s").text("x");
            assert_eq!(told(&mail), ["to[0] wrong_format"], "{address:?}");
        }
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mail = Mail::to_all(["a@example.com", "b"]).cc(["c"]).bcc(["d@example.com", "e@"]);
        assert_eq!(
            told(&mail),
            [
                "to[1] wrong_format",
                "cc[0] wrong_format",
                "bcc[1] wrong_format",
                "subject required",
                "text required"
            ]
        );
        let many = Mail::to_all((0..51).map(|it| format!("a{it}@example.com"))).subject("s").text("x");
        assert_eq!(told(&many), ["to too_many"]);
    }

    #[test]
    fn each_recipient_is_one_once() {
        let mail = Mail::to_all(["a@example.com", "A@example.com"]).cc(["a@example.com", "b@example.com"]);
        let mail = mail.bcc(["b@example.com"]).each_once();
        assert_eq!(mail.recipients().collect::<Vec<_>>(), ["a@example.com", "b@example.com"]);
    }
}
