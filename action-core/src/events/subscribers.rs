//! Tells all subscribers of one event, and whether all took it.

use std::any::type_name;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;

use crate::error::causes;
use crate::ports::{EventSubscriber, PendingEvent};
use crate::refusal::BoxError;

/// The subscribers of an engine.
pub(crate) struct Subscribers {
    all: Vec<Subscriber>,
    time_limit: Duration,
}

struct Subscriber {
    /// Of its type, for the log.
    name: &'static str,
    port: Box<dyn EventSubscriber>,
}

impl Default for Subscribers {
    fn default() -> Self {
        Self { all: Vec::new(), time_limit: Duration::from_secs(30) }
    }
}

impl Subscribers {
    pub(crate) fn add<S: EventSubscriber + 'static>(&mut self, subscriber: S) {
        self.all.push(Subscriber { name: type_name::<S>(), port: Box::new(subscriber) });
    }

    pub(crate) fn set_time_limit(&mut self, limit: Duration) {
        self.time_limit = limit.clamp(Duration::from_millis(10), Duration::from_hours(1));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The longest that [`tell`](Self::tell) takes.
    pub(super) fn time_limit(&self) -> Duration {
        self.time_limit
    }

    /// All at once; whether all took it.
    pub(super) async fn tell(&self, event: &PendingEvent) -> bool {
        let taken = join_all(self.all.iter().map(|it| self.tell_one(it, event))).await;
        let taken = taken.into_iter().all(|it| it);
        let outcome = if taken { "told" } else { "failed" };
        metrics::counter!("action_events_total", "outcome" => outcome).increment(1);
        taken
    }

    async fn tell_one(&self, subscriber: &Subscriber, event: &PendingEvent) -> bool {
        let receiving = AssertUnwindSafe(async { subscriber.port.receive(event).await }).catch_unwind();
        let problem: BoxError = match tokio::time::timeout(self.time_limit, receiving).await {
            Ok(Ok(Ok(()))) => return true,
            Ok(Ok(Err(error))) => error,
            Ok(Err(_panic)) => "it panicked".into(),
            Err(_elapsed) => format!("not within {:?}", self.time_limit).into(),
        };
        tracing::warn!(
            event = %event.id,
            kind = %event.event.kind,
            attempt = event.attempt,
            subscriber = subscriber.name,
            error = causes(problem.as_ref()),
            "an event was not taken; it comes again"
        );
        false
    }
}
