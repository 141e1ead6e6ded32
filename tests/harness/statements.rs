//! Which statements a piece of work sends: the library tells of each by a `tracing` event.

use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber as _;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// A listener that is always there. While there is one alone, `tracing` asks the default of whichever thread comes by
/// first whether an event is wanted, and keeps its answer for all: a test next door would switch the listening off.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Listener(Arc::default())));

struct Listener(Arc<Mutex<Vec<String>>>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "action_sqlx::statement"
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The text of a statement; it has no values in it.
struct Text(String);

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "text" {
            value.clone_into(&mut self.0);
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// What the work came to, and how many statements it sent in this task. Of a call that writes, one is its audit
/// record's.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, usize) {
    let (done, sent) = heard(work).await;
    (done, sent.len())
}

/// What the work came to, and the texts of the statements it sent in this task.
pub async fn heard<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    LazyLock::force(&ANOTHER);
    let sent = Arc::new(Mutex::new(Vec::new()));
    let done = work.with_subscriber(Listener(Arc::clone(&sent))).await;
    let sent = std::mem::take(&mut *sent.lock().unwrap_or_else(PoisonError::into_inner));
    (done, sent)
}
