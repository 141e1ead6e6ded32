//! Making a repetition harmless: the first successful answer to a key is kept, and given again for 24 hours.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Scope, StoreError, Transaction};

/// Claims keys. What a claim's call answers is kept by the transaction's own end, see [`super::Ending`].
#[async_trait]
pub trait IdempotencyStore: Send + Sync {
    /// Claims a key and opens the transaction that will keep its answer, or says why not. Where the scope only reads,
    /// the transaction refuses writes, and its end keeps the answer all the same.
    ///
    /// Of several claims at once, one is [`Claim::Fresh`]; the others are told [`Claim::InProgress`] without
    /// waiting. The claim ends with its transaction, however that ends.
    async fn claim(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Claim, StoreError>;
}

/// A key, bound to its owner and to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The caller's tenant; none for callers without one.
    pub tenant: Option<Uuid>,
    /// The caller.
    pub user: Uuid,
    /// The key as sent.
    pub key: String,
    /// SHA-256 over route, action and canonical body: the same key for anything else is refused.
    pub digest: [u8; 32],
}

/// What became of a claim.
pub enum Claim {
    /// The key is new, or its kept answer expired: go on in this transaction.
    Fresh(Box<dyn Transaction>),
    /// The answer that was kept.
    Replay(String),
    /// Another call holds it right now.
    InProgress,
    /// It was used for a different request.
    OtherRequest,
}
