//! Counting calls in windows of time.

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;
use crate::rate::Rate;

/// Counts a call. Windows are fixed and start with their first call.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts one call under the key, and tells where its window stands after it.
    async fn hit(&self, key: &RateKey<'_>, rate: Rate) -> Result<Window, StoreError>;
}

/// Whose calls are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateKey<'a> {
    /// The action.
    pub action: &'a str,
    /// The caller's tenant.
    pub tenant: Option<Uuid>,
    /// The caller.
    pub user: Uuid,
}

/// A window after a call was counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// What the window allows, and its length.
    pub rate: Rate,
    /// How many calls are left in it.
    pub remaining: u32,
    /// Milliseconds until the next one starts.
    pub resets_in_ms: u64,
    /// Whether this call was still within it.
    pub allowed: bool,
}

impl Window {
    /// Whole seconds until the next window starts, rounded up, at least 1: what `Retry-After` says.
    pub fn reset_seconds(&self) -> u64 {
        self.resets_in_ms.div_ceil(1_000).max(1)
    }
}
