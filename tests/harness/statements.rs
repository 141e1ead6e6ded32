//! How many statements a piece of work sends: the library tells of each by a `tracing` event.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use tracing::instrument::WithSubscriber as _;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// A listener that is always there. While there is one alone, `tracing` asks the default of whichever thread comes by
/// first whether an event is wanted, and keeps its answer for all: a test next door would switch the counting off.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Counter(Arc::default())));

struct Counter(Arc<AtomicUsize>);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "action_sqlx::statement"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What the work came to, and how many statements it sent in this task. Of a call that writes, one is its audit
/// record's.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, usize) {
    LazyLock::force(&ANOTHER);
    let sent = Arc::new(AtomicUsize::new(0));
    let done = work.with_subscriber(Counter(Arc::clone(&sent))).await;
    (done, sent.load(Ordering::Relaxed))
}
