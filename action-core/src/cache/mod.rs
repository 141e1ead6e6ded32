//! What is read often and changes seldom, kept in this process until it changes.
//!
//! A change names what it touches as a [`Topic`]. It is told to this process once the commit has ended, before the change
//! is answered, and to the others by the database where it can ([`crate::ports::ChangeFeed`]). Nothing is looked for and
//! removed then: the topic only enters its next epoch (`Freshness`), and what was read in an earlier one counts no more.
//! A reader notes the epoch before it asks the database, so what it read just before a commit and keeps just after it is
//! never taken for new.

mod freshness;
mod topic;

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use freshness::{Freshness, follow};
use moka::sync::Cache as Map;
pub use topic::Topic;

/// How long anything is kept where other processes' changes are told. It bounds what a change by hand, in a database
/// client, or a connection that died without a word may hide.
const LONGEST: Duration = Duration::from_mins(1);

/// How long anything is kept where they are not told: they are to be seen within a second.
const UNTOLD: Duration = Duration::from_millis(800);

/// JSON documents by their keys, up to a number of bytes; those that are read least go first.
pub(crate) struct Cache<K> {
    kept: Map<K, Kept>,
    freshness: Arc<Freshness>,
}

#[derive(Clone)]
struct Kept {
    epoch: u64,
    document: Arc<[u8]>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Cache<K> {
    pub(crate) fn new(most_bytes: u64, freshness: Arc<Freshness>) -> Self {
        let longest = if freshness.is_told() { LONGEST } else { UNTOLD };
        let weight = |_: &K, kept: &Kept| {
            u32::try_from(kept.document.len() + size_of::<(K, Kept)>()).unwrap_or(u32::MAX)
        };
        let kept = Map::builder().max_capacity(most_bytes).weigher(weight).time_to_live(longest).build();
        Self { kept, freshness }
    }

    /// The kept document, or what `load` reads, which is kept from then on.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        topic: Topic,
        load: impl Future<Output = Result<Vec<u8>, E>>,
    ) -> Result<Arc<[u8]>, E> {
        let Some(epoch) = self.freshness.epoch(topic) else { return Ok(load.await?.into()) };
        if let Some(kept) = self.kept.get(&key).filter(|it| it.epoch == epoch) {
            return Ok(kept.document);
        }
        let document: Arc<[u8]> = load.await?.into();
        self.kept.insert(key, Kept { epoch, document: Arc::clone(&document) });
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use uuid::Uuid;

    use super::*;

    const TOPIC: Topic = Topic::PageActions { tenant: Uuid::nil(), page: Uuid::nil() };

    async fn read(cache: &Cache<u8>, text: &str) -> String {
        let load = async { Ok::<_, Infallible>(text.as_bytes().to_vec()) };
        let Ok(document) = cache.get(1, TOPIC, load).await;
        String::from_utf8(document.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_was_read_is_kept_until_its_topic_changes() {
        let freshness = Arc::new(Freshness::new(false));
        let cache = Cache::new(1_000, Arc::clone(&freshness));
        assert_eq!(read(&cache, "a").await, "a");
        assert_eq!(read(&cache, "b").await, "a");
        freshness.changed(&[TOPIC]);
        assert_eq!(read(&cache, "c").await, "c");
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_and_is_kept_after_it_counts_no_more() {
        let freshness = Arc::new(Freshness::new(false));
        let cache = Cache::new(1_000, Arc::clone(&freshness));
        let slow = async {
            freshness.changed(&[TOPIC]);
            Ok::<_, Infallible>(b"old".to_vec())
        };
        let Ok(_) = cache.get(1, TOPIC, slow).await;
        assert_eq!(read(&cache, "new").await, "new");
    }

    #[tokio::test]
    async fn nothing_is_kept_while_nobody_tells_of_changes() {
        let freshness = Arc::new(Freshness::new(true));
        let cache = Cache::new(1_000, Arc::clone(&freshness));
        assert_eq!(read(&cache, "a").await, "a");
        assert_eq!(read(&cache, "b").await, "b");
        freshness.listening();
        assert_eq!(read(&cache, "c").await, "c");
        assert_eq!(read(&cache, "d").await, "c");
        freshness.lost();
        assert_eq!(read(&cache, "e").await, "e");
        freshness.listening();
        assert_eq!(read(&cache, "f").await, "f", "what happened meanwhile was not heard");
    }

    #[tokio::test]
    async fn what_would_not_fit_is_not_kept() {
        let cache = Cache::new(1_000, Arc::new(Freshness::new(false)));
        let long = "x".repeat(2_000);
        assert_eq!(read(&cache, &long).await, long);
        cache.kept.run_pending_tasks();
        assert_eq!(cache.kept.entry_count(), 0);
    }
}
