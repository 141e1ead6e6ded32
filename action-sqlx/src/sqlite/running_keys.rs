//! The idempotency keys whose calls are running in this process.
//!
//! A claim looks here before it queues for the writer: with one writer, whoever repeats a key would otherwise wait
//! for the first call instead of being told that it runs. Another process on the same file is kept out by SQLite's
//! lock, and told nothing.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use action_core::ports::IdempotencyKey;
use uuid::Uuid;

type Owner = (Option<Uuid>, Uuid, String);

/// All of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunningKeys {
    keys: Arc<Mutex<HashSet<Owner>>>,
}

impl RunningKeys {
    /// Takes a key until the returned value is dropped; `None` where it is taken.
    pub(crate) fn take(&self, key: &IdempotencyKey) -> Option<RunningKey> {
        let owner = (key.tenant, key.user, key.key.clone());
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(owner.clone()).then(|| RunningKey { keys: Arc::clone(&self.keys), owner })
    }
}

/// A key that is taken.
#[derive(Debug)]
pub(crate) struct RunningKey {
    keys: Arc<Mutex<HashSet<Owner>>>,
    owner: Owner,
}

impl Drop for RunningKey {
    fn drop(&mut self) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.owner);
    }
}
