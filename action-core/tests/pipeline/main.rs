//! The road of a call, walked without a database: the order of its checks, what each end leaves behind, and what no
//! end leaves behind.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

mod audit;
mod build;
mod bulk;
mod custom_actions;
mod files;
mod idempotency;
mod limits;
mod order;
mod questions;
mod records;
mod reports;
mod rows;
mod validation;
mod world;
