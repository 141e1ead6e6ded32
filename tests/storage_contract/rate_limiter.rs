//! Rate windows: fixed, started by their first call, and counted once for all nodes.

use std::sync::Arc;
use std::time::Duration;

use action_core::Rate;
use action_core::ports::{RateKey, RateLimiter, Storage, Window};
use action_tests::databases::TestDatabase;
use tokio::task::JoinSet;

use crate::calls::{ACME, ADA, BOB, GLOBEX};

on_both_databases!(
    a_window_takes_so_many_calls_and_then_starts_anew,
    callers_tenants_and_actions_are_counted_apart,
    of_many_calls_at_once_exactly_the_allowed_pass,
);

const KEY: RateKey<'static> = RateKey { action: "user.update", tenant: Some(ACME), user: ADA };

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

async fn hit(limiter: &Arc<dyn RateLimiter>, key: RateKey<'_>, text: &str) -> Window {
    limiter.hit(&key, rate(text)).await.unwrap()
}

async fn a_window_takes_so_many_calls_and_then_starts_anew(database: TestDatabase) {
    let limiter = database.rate_limiter();
    let first = hit(&limiter, KEY, "2/s").await;
    assert!(
        first.allowed && first.remaining == 1 && (990..=1_000).contains(&first.resets_in_ms),
        "{first:?}"
    );
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = hit(&limiter, KEY, "2/s").await;
    assert!(second.allowed && second.remaining == 0 && second.resets_in_ms <= 700, "{second:?}");
    for _ in 0..5 {
        let refused = hit(&limiter, KEY, "2/s").await;
        assert!(!refused.allowed && refused.remaining == 0 && refused.reset_seconds() == 1, "{refused:?}");
    }
    // Calls beyond the limit do not make the window longer.
    tokio::time::sleep(Duration::from_millis(second.resets_in_ms + 5)).await;
    let next = hit(&limiter, KEY, "2/s").await;
    assert!(next.allowed && next.remaining == 1 && next.resets_in_ms > 900, "{next:?}");
}

async fn callers_tenants_and_actions_are_counted_apart(database: TestDatabase) {
    let limiter = database.rate_limiter();
    let keys = [
        KEY,
        RateKey { user: BOB, ..KEY },
        RateKey { tenant: Some(GLOBEX), ..KEY },
        RateKey { tenant: None, ..KEY },
        RateKey { action: "user.delete", ..KEY },
    ];
    for key in keys {
        assert!(hit(&limiter, key, "1/min").await.allowed, "{key:?}");
    }
    for key in keys {
        assert!(!hit(&limiter, key, "1/min").await.allowed, "{key:?}");
    }
}

async fn of_many_calls_at_once_exactly_the_allowed_pass(database: TestDatabase) {
    let mut calls = JoinSet::new();
    for _ in 0..60 {
        let limiter = database.rate_limiter();
        calls.spawn(async move { limiter.hit(&KEY, rate("20/min")).await.unwrap().allowed });
    }
    let mut passed = 0;
    while let Some(allowed) = calls.join_next().await {
        passed += u32::from(allowed.unwrap());
    }
    assert_eq!(passed, 20);
}
