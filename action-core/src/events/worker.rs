//! Tells what waits, until all subscribers took it.
//!
//! It wakes when a call of this process has written events, and looks every second for what others left. What it takes it
//! holds by a lease, and begins no delivery that might outlast it, so that no other node tells the same subject meanwhile.
//! A node that dies between a delivery and its confirmation leaves an event that is told again.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::Subscribers;
use crate::engine::Inner;
use crate::ports::{EventOutbox, PendingEvent, PutBack, StoreError};

/// How many subjects are told about at once, and how many events are taken at once.
const MOST: u32 = 32;

/// How often to look for events that another node left.
const LOOK: Duration = Duration::from_secs(1);

/// How long to leave an outbox alone that does not answer.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// The longest pause before another attempt, in seconds.
const LONGEST_PAUSE: u32 = 60;

/// Between the end of the last delivery and that of its lease, for a clock or a task that is late.
const MARGIN: Duration = Duration::from_secs(1);

/// Works until the engine is gone or closed.
pub(crate) async fn run(engine: Weak<Inner>, subscribers: Subscribers) {
    let subscribers = Arc::new(subscribers);
    loop {
        let Some(strong) = engine.upgrade() else { return };
        let wake = Arc::clone(&strong.events_written);
        let looked = {
            // An engine that stops waits for what is under way: for whoever held a token before it was closed.
            let _running = strong.running.token();
            if strong.running.is_closed() {
                return;
            }
            let teller = Teller {
                engine: Weak::clone(&engine),
                running: strong.running.clone(),
                outbox: Arc::clone(&strong.event_outbox),
                subscribers: Arc::clone(&subscribers),
            };
            drop(strong);
            teller.tell_all(&wake).await
        };
        let pause = looked.map_or_else(
            |error| {
                tracing::warn!(%error, "the event outbox could not be looked at; trying again");
                AFTER_FAILURE
            },
            |()| LOOK,
        );
        tokio::select! {
            () = wake.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// What it takes to tell.
#[derive(Clone)]
struct Teller {
    engine: Weak<Inner>,
    running: TaskTracker,
    outbox: Arc<dyn EventOutbox>,
    subscribers: Arc<Subscribers>,
}

/// What became of some events of a subject.
#[derive(Default)]
struct Told {
    taken: Vec<Uuid>,
    put_back: Vec<PutBack>,
}

impl Teller {
    /// Until nothing is free and nothing under way. A slow subject keeps no other from being told.
    async fn tell_all(self, wake: &Notify) -> Result<(), StoreError> {
        let mut under_way = JoinSet::new();
        let mut looked = Ok(());
        let mut look = true;
        loop {
            if look && looked.is_ok() && !self.stops() && under_way.len() < MOST as usize {
                match self.begin(&mut under_way).await {
                    Ok(taken) => look = taken == MOST as usize,
                    Err(error) => looked = Err(error),
                }
                continue;
            }
            if under_way.is_empty() {
                return looked;
            }
            tokio::select! {
                ended = under_way.join_next() => {
                    let mut told = Told::default();
                    told.add(ended.and_then(Result::ok));
                    while let Some(ended) = under_way.try_join_next() {
                        told.add(ended.ok());
                    }
                    self.settle(told).await;
                    // Later ones of these subjects may have waited for them.
                    look = true;
                }
                () = wake.notified() => look = true,
                () = tokio::time::sleep(LOOK) => look = true,
            }
        }
    }

    /// Whether nothing more is to be begun.
    fn stops(&self) -> bool {
        self.running.is_closed() || self.engine.strong_count() == 0
    }

    /// Takes a batch, and begins with its subjects; how many events there were.
    async fn begin(&self, under_way: &mut JoinSet<Told>) -> Result<usize, StoreError> {
        let limit = self.subscribers.time_limit();
        // Some of a subject may be told one after the other.
        let lease = (limit * 4 + MARGIN * 2).as_secs();
        let begin_until = Instant::now() + Duration::from_secs(lease).saturating_sub(limit + MARGIN);
        let events = self.outbox.take(MOST, u32::try_from(lease).unwrap_or(u32::MAX)).await?;
        let taken = events.len();
        let mut subjects: HashMap<_, Vec<PendingEvent>> = HashMap::new();
        for event in events {
            let subject = (event.tenant, event.event.subject.clone());
            subjects.entry(subject).or_default().push(event);
        }
        for events in subjects.into_values() {
            // A task for each: a subscriber that computes for long stands in the way of its subject only.
            under_way.spawn(self.clone().tell_in_order(events, begin_until));
        }
        Ok(taken)
    }

    async fn tell_in_order(self, events: Vec<PendingEvent>, begin_until: Instant) -> Told {
        let mut told = Told::default();
        for event in events {
            let PendingEvent { id, attempt, .. } = event;
            if !told.put_back.is_empty() || self.stops() || Instant::now() > begin_until {
                told.put_back.push(PutBack { id, attempt, pause: None });
            } else if self.subscribers.tell(&event).await {
                told.taken.push(id);
            } else {
                told.put_back.push(PutBack { id, attempt, pause: Some(pause(attempt)) });
            }
        }
        told
    }

    /// Writes down what became of them. What cannot be written comes again when its lease ends.
    async fn settle(&self, told: Told) {
        for written in [self.outbox.confirm(&told.taken).await, self.outbox.put_back(&told.put_back).await] {
            if let Err(error) = written {
                tracing::warn!(%error, "what became of events could not be written; they may be told again");
            }
        }
    }
}

impl Told {
    /// `None` where a task did not end as it should: its events come again when their lease ends.
    fn add(&mut self, other: Option<Self>) {
        let Some(Self { taken, put_back }) = other else { return };
        self.taken.extend(taken);
        self.put_back.extend(put_back);
    }
}

/// Seconds before another attempt: one, and then always twice as long, up to a minute.
fn pause(attempt: u32) -> u32 {
    1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let pauses = [1, 2, 3, 6, 7, 8, 32, 33, u32::MAX].map(pause);
        assert_eq!(pauses, [1, 2, 4, 32, 60, 60, 60, 60, 60]);
        assert_eq!(pause(0), 1);
    }
}
