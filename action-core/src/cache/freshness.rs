//! Which epoch each topic is in.
//!
//! A topic's number is one of a fixed few, found by its hash: two topics that share one only make each other be read once
//! more than needed.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;

use super::Topic;
use crate::engine::Inner;
use crate::ports::{ChangeFeed, Changes};

/// How many numbers there are.
const EPOCHS: usize = 256;

/// How long to wait before listening again.
const PAUSE: Duration = Duration::from_millis(500);

/// The epochs of all topics.
pub(crate) struct Freshness {
    epochs: Box<[AtomicU64]>,
    hasher: RandomState,
    /// Other processes' changes are told, if somebody listens.
    told: bool,
    listening: AtomicBool,
}

impl Freshness {
    /// `told`: whether the database tells of other processes' changes. Until somebody listens, nothing may be kept then.
    pub(crate) fn new(told: bool) -> Self {
        Self {
            epochs: (0..EPOCHS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            told,
            listening: AtomicBool::new(!told),
        }
    }

    pub(super) fn is_told(&self) -> bool {
        self.told
    }

    /// The topic's epoch; none while changes may happen that nobody hears of.
    pub(super) fn epoch(&self, topic: Topic) -> Option<u64> {
        let is_heard = self.listening.load(Ordering::Acquire);
        self.number(topic).filter(|_| is_heard).map(|it| it.load(Ordering::Acquire))
    }

    fn number(&self, topic: Topic) -> Option<&AtomicU64> {
        #[expect(clippy::cast_possible_truncation, reason = "any few bits of the hash will do")]
        let at = self.hasher.hash_one(topic) as usize % EPOCHS;
        self.epochs.get(at)
    }

    /// These have changed; what was read of them before counts no more.
    pub(crate) fn changed(&self, topics: &[Topic]) {
        for topic in topics {
            match topic {
                Topic::Everything => self.everything(),
                topic => drop(self.number(*topic).map(|it| it.fetch_add(1, Ordering::AcqRel))),
            }
        }
    }

    fn everything(&self) {
        for number in &self.epochs {
            number.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// From now on changes are heard of. Of what was before, nobody knows.
    pub(super) fn listening(&self) {
        self.everything();
        self.listening.store(true, Ordering::Release);
    }

    /// Changes are not heard of any more.
    pub(super) fn lost(&self) {
        self.listening.store(false, Ordering::Release);
    }
}

/// Listens to other processes' changes as long as anybody has the engine.
pub(crate) async fn follow(engine: Weak<Inner>, feed: Arc<dyn ChangeFeed>) {
    let mut told = false;
    while engine.strong_count() > 0 {
        match feed.listen().await {
            Ok(mut changes) => {
                let Some(strong) = engine.upgrade() else { return };
                let freshness = Arc::clone(&strong.freshness);
                drop(strong);
                freshness.listening();
                told = false;
                while let Some(topic) = next(&engine, &mut changes).await {
                    freshness.changed(&[topic]);
                }
                freshness.lost();
            }
            // Once, and not twice a second.
            Err(error) if !told => {
                told = true;
                tracing::warn!(%error, "changes of other nodes are not heard; nothing is kept until they are");
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The next change; none once the listening or the engine has ended.
async fn next(engine: &Weak<Inner>, changes: &mut Changes) -> Option<Topic> {
    loop {
        match tokio::time::timeout(Duration::from_secs(1), changes.next()).await {
            Ok(next) => return next,
            Err(_silence) if engine.strong_count() == 0 => return None,
            Err(_silence) => {}
        }
    }
}
