//! Domain events that wait to be told to the host's subscribers.
//!
//! An event is written in the transaction of its cause ([`super::Ending`]), and read here after the commit: it is
//! told at least once, and in order per subject.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::StoreError;
use crate::event::Event;

/// Reads events that are committed and not yet delivered.
#[async_trait]
pub trait EventOutbox: Send + Sync {
    /// Takes at most `limit` of the oldest events whose subject no other node is telling about, and holds them for
    /// `lease_seconds`. They come again after that, unless they were confirmed.
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<PendingEvent>, StoreError>;

    /// These were delivered.
    async fn confirm(&self, ids: &[Uuid]) -> Result<(), StoreError>;
}

/// An event and where it came from.
#[derive(Debug, Clone)]
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
    /// How often its delivery was begun, this time included.
    pub attempt: u32,
}
