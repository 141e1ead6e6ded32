//! Waiting events in memory.

use async_trait::async_trait;
use uuid::Uuid;

use super::{InMemory, locked};
use crate::ports::{EventOutbox, PendingEvent, StoreError};

#[async_trait]
impl EventOutbox for InMemory {
    async fn take(&self, limit: u32, _: u32) -> Result<Vec<PendingEvent>, StoreError> {
        let mut events = locked(&self.0.events);
        let taken = events.iter_mut().take(limit as usize).map(|it| {
            it.attempt += 1;
            it.clone()
        });
        Ok(taken.collect())
    }

    async fn confirm(&self, ids: &[Uuid]) -> Result<(), StoreError> {
        locked(&self.0.events).retain(|it| !ids.contains(&it.id));
        Ok(())
    }
}
