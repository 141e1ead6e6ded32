//! The key that questions are signed with, where the host gives none: made once, and the same on every node.

use async_trait::async_trait;

use super::{StoreError, Transaction};
use crate::SigningKey;

/// Keeps the key.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// The key, read in the call's own transaction.
    async fn load(&self, tx: &mut dyn Transaction) -> Result<SigningKey, StoreError>;
}
