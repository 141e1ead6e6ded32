//! Waiting events in memory.

use std::collections::HashSet;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{InMemory, MOST_KEPT, Parts, locked};
use crate::ports::{EventOutbox, PendingEvent, PutBack, StoreError};

/// An event, and until when somebody tells it or it waits for another attempt.
pub(super) struct Entry {
    event: PendingEvent,
    held_until: Option<DateTime<Utc>>,
}

impl Parts {
    /// The oldest are forgotten when there are many: nobody may be there to take them.
    pub(super) fn add_events(&self, events: impl Iterator<Item = PendingEvent>) {
        let mut waiting = locked(&self.events);
        waiting.extend(events.map(|event| Entry { event, held_until: None }));
        let over = waiting.len().saturating_sub(MOST_KEPT);
        waiting.drain(..over);
    }
}

#[async_trait]
impl EventOutbox for InMemory {
    async fn take(&self, limit: u32, lease_seconds: u32) -> Result<Vec<PendingEvent>, StoreError> {
        let now = Utc::now();
        let mut events = locked(&self.0.events);
        let mut held = HashSet::new();
        let mut taken = Vec::new();
        for Entry { event, held_until } in events.iter_mut() {
            if taken.len() == limit as usize {
                break;
            }
            let subject = (event.tenant, event.event.subject.clone());
            if held_until.is_some_and(|until| until > now) {
                held.insert(subject);
            } else if !held.contains(&subject) {
                event.attempt += 1;
                *held_until = Some(now + TimeDelta::seconds(lease_seconds.into()));
                taken.push(event.clone());
            }
        }
        Ok(taken)
    }

    async fn confirm(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        locked(&self.0.events).retain(|it| !ids.contains(&it.event.id));
        Ok(())
    }

    async fn put_back(&self, events: &[PutBack]) -> Result<(), StoreError> {
        let now = Utc::now();
        let mut waiting = locked(&self.0.events);
        for back in events {
            let same = |it: &&mut Entry| it.event.id == back.id && it.event.attempt == back.attempt;
            let Some(entry) = waiting.iter_mut().find(same) else { continue };
            entry.held_until = back.pause.map(|it| now + TimeDelta::seconds(it.into()));
            if back.pause.is_none() {
                entry.event.attempt = entry.event.attempt.saturating_sub(1);
            }
        }
        Ok(())
    }
}
