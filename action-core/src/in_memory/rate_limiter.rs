//! Counts calls in fixed windows, in the memory of one process.
//!
//! What one process alone decides needs no database. The number of windows is bounded: ended ones are removed when
//! there are many, and if callers really hold that many open at once, those that would end first make room.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tokio::time::Instant;
use uuid::Uuid;

use crate::ports::{RateKey, RateLimiter, StoreError, Window};
use crate::rate::Rate;

/// How many windows are held at once: some ten megabytes.
const MOST_WINDOWS: usize = 100_000;

/// A rate limiter for a program that runs as one process.
#[derive(Debug)]
pub struct LocalRateLimiter {
    windows: Mutex<Windows>,
    most: usize,
}

#[derive(Debug, Default)]
struct Windows {
    // Few actions, many callers: the action's name is held once.
    by_action: HashMap<Box<str>, HashMap<Owner, Open>>,
    count: usize,
}

type Owner = (Option<Uuid>, Uuid);

#[derive(Debug, Clone, Copy)]
struct Open {
    ends: Instant,
    calls: u32,
}

impl Default for LocalRateLimiter {
    fn default() -> Self {
        Self { windows: Mutex::default(), most: MOST_WINDOWS }
    }
}

impl LocalRateLimiter {
    /// Counts one call.
    pub fn count(&self, key: &RateKey<'_>, rate: Rate) -> Window {
        let now = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.count >= self.most {
            windows.make_room(now, self.most);
        }
        let open = windows.open(key, now, rate);
        if open.ends <= now {
            *open = Open { ends: now + rate.window(), calls: 0 };
        }
        open.calls = open.calls.min(rate.calls()).saturating_add(1);
        let left = open.ends.saturating_duration_since(now);
        Window {
            rate,
            remaining: rate.calls().saturating_sub(open.calls),
            resets_in_ms: u64::try_from(left.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX),
            allowed: open.calls <= rate.calls(),
        }
    }

    /// Removes the windows that have ended. Worth calling now and then, so that a burst leaves no memory behind.
    pub fn remove_ended(&self) {
        let now = Instant::now();
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).retain(|open| open.ends > now);
    }
}

impl Windows {
    fn open(&mut self, key: &RateKey<'_>, now: Instant, rate: Rate) -> &mut Open {
        let Self { by_action, count } = self;
        let of_action = by_action.entry(key.action.into()).or_default();
        of_action.entry((key.tenant, key.user)).or_insert_with(|| {
            *count += 1;
            Open { ends: now + rate.window(), calls: 0 }
        })
    }

    fn make_room(&mut self, now: Instant, most: usize) {
        self.retain(|open| open.ends > now);
        if self.count >= most {
            // An eighth at once, so that the next calls find room without looking again.
            let mut ends: Vec<Instant> =
                self.by_action.values().flat_map(|it| it.values().map(|it| it.ends)).collect();
            let (_, bound, _) = ends.select_nth_unstable(self.count / 8);
            let bound = *bound;
            self.retain(|open| open.ends > bound);
        }
    }

    fn retain(&mut self, mut wanted: impl FnMut(&Open) -> bool) {
        self.by_action.retain(|_, of_action| {
            of_action.retain(|_, open| wanted(open));
            !of_action.is_empty()
        });
        self.count = self.by_action.values().map(HashMap::len).sum();
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn hit(&self, key: &RateKey<'_>, rate: Rate) -> Result<Window, StoreError> {
        Ok(self.count(key, rate))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const RATE: &str = "2/min";

    fn key(user: u128) -> RateKey<'static> {
        RateKey { action: "user.update", tenant: None, user: Uuid::from_u128(user) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_starts_with_its_first_call_and_ends_on_time() {
        let limiter = LocalRateLimiter::default();
        let rate = Rate::parse(RATE).unwrap();
        let hits =
            |user| (limiter.count(&key(user), rate).remaining, limiter.count(&key(user), rate).remaining);
        assert_eq!(hits(1), (1, 0));
        let refused = limiter.count(&key(1), rate);
        assert_eq!((refused.allowed, refused.resets_in_ms), (false, 60_000));

        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert_eq!(
            (limiter.count(&key(1), rate).allowed, limiter.count(&key(1), rate).resets_in_ms),
            (false, 1)
        );
        tokio::time::advance(Duration::from_millis(1)).await;
        let next = limiter.count(&key(1), rate);
        assert_eq!((next.allowed, next.remaining, next.resets_in_ms), (true, 1, 60_000));
        assert_eq!(hits(2), (1, 0), "another caller has a window of their own");
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_windows_is_bounded() {
        let limiter = LocalRateLimiter { most: 100, ..LocalRateLimiter::default() };
        let rate = Rate::parse(RATE).unwrap();
        for user in 0..1_000 {
            limiter.count(&key(user), rate);
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(limiter.windows.lock().unwrap().count <= 100);
        assert_eq!(limiter.count(&key(999), rate).remaining, 0, "the newest windows are still known");
        tokio::time::advance(Duration::from_secs(61)).await;
        limiter.remove_ended();
        assert_eq!(limiter.windows.lock().unwrap().count, 0);
    }
}
