//! Listens to what other nodes tell with their commits (LISTEN and NOTIFY).
//!
//! It has a connection of its own, which is idle but for that; what waits in it survives no interruption. A pooler that
//! lends a server's connection for a transaction at a time lets nothing through: behind one, other nodes' changes are seen
//! once what is kept has become old.

use action_core::cache::Topic;
use action_core::ports::{ChangeFeed, Changes, StoreError};
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::pool::PgPool;
use crate::cause;
use crate::ending::CHANNEL;

/// The port.
pub(crate) struct PgChangeFeed {
    pub(crate) pool: PgPool,
    pub(crate) closed: watch::Receiver<bool>,
}

#[async_trait]
impl ChangeFeed for PgChangeFeed {
    async fn listen(&self) -> Result<Changes, StoreError> {
        let mut closed = self.closed.clone();
        if *closed.borrow() {
            return Err(StoreError::Unavailable("the storage is closed".into()));
        }
        let one = PgPoolOptions::new().max_connections(1).acquire_timeout(self.pool.patience());
        let one = one.idle_timeout(None).max_lifetime(None).connect_lazy_with(self.pool.options().clone());
        let failed = |error| cause::of(error, "LISTEN");
        let mut listener = PgListener::connect_with(&one).await.map_err(failed)?;
        // What is told while it connects again is lost, and the lost connection must be known at once.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await.map_err(failed)?;
        let told = stream::unfold(listener, async |mut listener| {
            let told = listener.try_recv().await.ok()??;
            Some((Topic::read(told.payload()), listener))
        });
        Ok(Box::pin(told.take_until(async move { closed.wait_for(|it| *it).await.map(drop) })))
    }
}
