//! What other processes on the same database have changed.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::StoreError;
use crate::cache::Topic;

/// The topics of changes, each told within a second after its commit. It ends when some may have been missed.
pub type Changes = BoxStream<'static, Topic>;

/// Tells of changes of every process, as they are named at a commit ([`super::Ending::touched`]).
#[async_trait]
pub trait ChangeFeed: Send + Sync {
    /// Begins to listen. Whatever is committed once this has returned is told.
    async fn listen(&self) -> Result<Changes, StoreError>;
}
