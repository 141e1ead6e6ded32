//! Rate windows of one process.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::time::Instant;

use async_trait::async_trait;
use uuid::Uuid;

use super::locked;
use crate::ports::{RateKey, RateLimiter, StoreError, Window};
use crate::rate::Rate;

/// How many windows are kept before those that ended are cleared away.
const CLEAR_AT: usize = 10_000;

/// Counts calls in windows that this process alone knows of: right for one node.
///
/// A window is kept until it ends, and ended ones are cleared away when there are many, so keys do not pile up.
#[derive(Default)]
pub struct LocalRateLimiter {
    hasher: RandomState,
    windows: Mutex<Windows>,
}

#[derive(Default)]
struct Windows {
    open: HashMap<u64, Open>,
    clear_at: usize,
}

struct Open {
    /// In full, since two keys may share a hash.
    owner: (Box<str>, Option<Uuid>, Uuid),
    ends: Instant,
    calls: u32,
}

impl LocalRateLimiter {
    /// One that has counted nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn count(&self, key: &RateKey<'_>, rate: Rate, now: Instant) -> Window {
        let hash = self.hasher.hash_one(key);
        let mut windows = locked(&self.windows);
        if windows.open.len() >= windows.clear_at.max(CLEAR_AT) {
            windows.open.retain(|_, it| it.ends > now);
            // Where most of them are still open, looking again at once would cost every call a full pass.
            windows.clear_at = windows.open.len() * 2;
        }
        let same = |it: &Open| {
            it.owner.0.as_ref() == key.action && it.owner.1 == key.tenant && it.owner.2 == key.user
        };
        let open = windows.open.entry(hash).or_insert_with(|| Open {
            owner: (key.action.into(), key.tenant, key.user),
            ends: now + rate.window(),
            calls: 0,
        });
        if open.ends <= now || !same(open) {
            *open = Open {
                owner: (key.action.into(), key.tenant, key.user),
                ends: now + rate.window(),
                calls: 0,
            };
        }
        let allowed = open.calls < rate.calls();
        if allowed {
            open.calls += 1;
        }
        Window {
            rate,
            remaining: rate.calls() - open.calls,
            resets_in_ms: u64::try_from((open.ends - now).as_millis()).unwrap_or(u64::MAX),
            allowed,
        }
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn hit(&self, key: &RateKey<'_>, rate: Rate) -> Result<Window, StoreError> {
        Ok(self.count(key, rate, Instant::now()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn key(action: &str) -> RateKey<'_> {
        RateKey { action, tenant: None, user: Uuid::nil() }
    }

    #[test]
    fn a_window_starts_with_its_first_call_and_ends_on_time() -> Result<(), &'static str> {
        let limiter = LocalRateLimiter::new();
        let rate = Rate::parse("2/10s")?;
        let start = Instant::now();
        let at = |seconds: u64| limiter.count(&key("a"), rate, start + Duration::from_secs(seconds));
        assert_eq!((at(0).remaining, at(3).remaining), (1, 0));
        let refused = at(9);
        assert!(!refused.allowed);
        assert_eq!(refused.reset_seconds(), 1);
        assert!(at(10).allowed, "the next window starts where the first ends");
        Ok(())
    }

    #[test]
    fn each_action_and_user_has_a_window_of_its_own() -> Result<(), &'static str> {
        let limiter = LocalRateLimiter::new();
        let rate = Rate::parse("1/min")?;
        let now = Instant::now();
        assert!(limiter.count(&key("a"), rate, now).allowed);
        assert!(limiter.count(&key("b"), rate, now).allowed);
        let other = RateKey { user: Uuid::max(), ..key("a") };
        assert!(limiter.count(&other, rate, now).allowed);
        assert!(!limiter.count(&key("a"), rate, now).allowed);
        Ok(())
    }

    #[test]
    fn ended_windows_are_cleared_away() -> Result<(), &'static str> {
        let limiter = LocalRateLimiter::new();
        let rate = Rate::parse("1/s")?;
        let start = Instant::now();
        for user in 0..CLEAR_AT {
            let user = Uuid::from_u128(user as u128);
            limiter.count(&RateKey { user, ..key("a") }, rate, start);
        }
        limiter.count(&key("b"), rate, start + Duration::from_secs(2));
        assert_eq!(locked(&limiter.windows).open.len(), 1);
        Ok(())
    }
}
