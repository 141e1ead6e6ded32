//! Domain events that wait to be told to the host's subscribers.
//!
//! An event is written in the transaction of its cause ([`super::Ending`]), and read here after the commit: it is
//! told at least once, and in order per subject. The order is the one in which they were written; it is that of the
//! commits where whoever writes of a subject holds something that the next one waits for.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::events::Event;

/// Reads events that are committed and not yet delivered.
#[async_trait]
pub trait EventOutbox: Send + Sync {
    /// Takes at most `limit` of the oldest events whose subject no other node is telling about, and holds them for
    /// `lease_seconds`. They come again after that, unless they were confirmed. One that cannot be read is told to
    /// nobody, and keeps no other back.
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<PendingEvent>, StoreError>;

    /// These were delivered.
    async fn confirm(&self, ids: &[Uuid]) -> Result<(), StoreError>;

    /// These were taken and not delivered: each comes again after its pause, and later ones of its subject wait for it.
    /// Of one that somebody else has taken meanwhile nothing is changed.
    async fn put_back(&self, events: &[PutBack]) -> Result<(), StoreError>;
}

/// An event and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingEvent {
    /// The same at every delivery, so that a subscriber can tell a repetition.
    pub id: Uuid,
    /// The tenant it happened in.
    pub tenant: Option<Uuid>,
    /// Who caused it.
    pub user: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
    /// How often it was taken to be delivered, this time included.
    pub attempt: u32,
}

/// An event that was taken and not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutBack {
    /// Which.
    pub id: Uuid,
    /// The attempt it was taken for.
    pub attempt: u32,
    /// Seconds until it comes again. `None`: its delivery was not even begun, so it is as if it had not been taken.
    pub pause: Option<u32>,
}
