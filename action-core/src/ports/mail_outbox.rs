//! Mails that wait to be sent, and what became of them.
//!
//! A mail is written in the transaction of its call ([`super::Ending`]) and taken from here after the commit. A taken
//! one is held by a lease: nobody else takes it before that ends, so that of one mail there is one attempt at a time,
//! whatever the number of nodes.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::StoreError;
use crate::mail::OutgoingMail;

/// Keeps mails until they are sent, and the dead ones until somebody looks.
#[async_trait]
pub trait MailOutbox: Send + Sync {
    /// Takes at most `limit` mails whose time has come, the longest due first, and holds them for `lease_seconds`.
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<TakenMail>, StoreError>;

    /// Writes down how an attempt ended. Whoever lost its lease meanwhile, so that another attempt has begun or ended the
    /// mail, changes nothing.
    async fn settle(&self, taken: &TakenMail, end: AttemptEnd<'_>) -> Result<(), StoreError>;

    /// Queues a dead mail again, as if it were new. `false`: there is no dead mail of this id.
    async fn requeue(&self, id: Uuid) -> Result<bool, StoreError>;

    /// A page of the mails in a state, newest first; of equal times the larger id first.
    async fn list(&self, state: MailState, limit: u32, offset: u64) -> Result<Vec<ListedMail>, StoreError>;
}

/// A mail to be sent now.
#[derive(Debug, Clone)]
pub struct TakenMail {
    /// The mail.
    pub mail: OutgoingMail,
    /// How often its sending was begun, this time included.
    pub attempt: u32,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptEnd<'a> {
    /// It was handed over.
    Sent,
    /// It failed, and is tried again later.
    Retry {
        /// From now on.
        after_seconds: u32,
        /// Why it failed.
        error: &'a str,
    },
    /// It failed for good.
    Dead {
        /// Why.
        error: &'a str,
    },
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailState {
    /// It waits, for its first attempt or another.
    Queued,
    /// It was handed over.
    Sent,
    /// It failed for good, or too often.
    Dead,
}

impl MailState {
    /// As the column `state` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }
}

/// A mail as it is listed: without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedMail {
    /// Its id, as the call that queued it answered.
    pub id: Uuid,
    /// The tenant of that call.
    pub tenant_id: Option<Uuid>,
    /// How often its sending was begun.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
}
