//! What a storage promises, whichever database it stands on: one file a port, every test on both databases.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

#[macro_use]
extern crate action_tests;

mod audit_log;
mod calls;
mod change_feed;
mod dice;
mod entity_actions;
mod event_outbox;
mod file_index;
mod file_stores;
mod idempotency;
mod mail_outbox;
mod outages;
mod page_actions;
mod rate_limiter;
mod records;
mod signing_keys;
mod unit_of_work;
mod workflow_history;
