//! Idempotency keys in memory.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{InMemory, MOST_KEPT, Parts, locked};
use crate::ports::{Claim, IdempotencyKey, IdempotencyStore, Kept, Scope, StoreError};

type Owner = (Option<Uuid>, Uuid, String);

/// Keys that are running, and those whose answer was kept.
#[derive(Default)]
pub(super) struct Keys {
    running: HashSet<Owner>,
    kept: HashMap<Owner, Entry>,
}

struct Entry {
    digest: [u8; 32],
    answer: String,
    expires: DateTime<Utc>,
}

impl Keys {
    pub(super) fn keep(&mut self, kept: &Kept<'_>) {
        let expires = Utc::now() + TimeDelta::hours(24);
        if self.kept.len() >= MOST_KEPT {
            let now = Utc::now();
            self.kept.retain(|_, it| it.expires > now);
            // All of them within a day: those that would expire first make room, many at once.
            let mut ends: Vec<_> = self.kept.values().map(|it| it.expires).collect();
            if ends.len() >= MOST_KEPT {
                let (_, bound, _) = ends.select_nth_unstable(MOST_KEPT / 8);
                let bound = *bound;
                self.kept.retain(|_, it| it.expires > bound);
            }
        }
        let entry = Entry { digest: kept.key.digest, answer: kept.answer.to_owned(), expires };
        self.kept.insert(owner(kept.key), entry);
    }
}

fn owner(key: &IdempotencyKey) -> Owner {
    (key.tenant, key.user, key.key.clone())
}

/// A claim; ends when it is dropped.
pub(super) struct Running {
    parts: Arc<Parts>,
    owner: Owner,
}

impl Drop for Running {
    fn drop(&mut self) {
        locked(&self.parts.kept).running.remove(&self.owner);
    }
}

#[async_trait]
impl IdempotencyStore for InMemory {
    async fn claim(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Claim, StoreError> {
        let owner = owner(key);
        {
            let mut keys = locked(&self.0.kept);
            match keys.kept.get(&owner) {
                Some(entry) if entry.expires <= Utc::now() => {
                    keys.kept.remove(&owner);
                }
                Some(entry) if entry.digest == key.digest => return Ok(Claim::Replay(entry.answer.clone())),
                Some(_) => return Ok(Claim::OtherRequest),
                None => {}
            }
            if !keys.running.insert(owner.clone()) {
                return Ok(Claim::InProgress);
            }
        }
        let running = Running { parts: Arc::clone(&self.0), owner };
        Ok(Claim::Fresh(self.open(scope, Some(running)).await))
    }
}
