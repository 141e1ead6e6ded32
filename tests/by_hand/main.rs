//! Handlers written by hand against the traits, without the attribute, on both databases: what an author can rely on.
//!
//! They came before the attribute and keep it honest: whatever it writes must be something that can be written.
#![allow(
    missing_docs,
    clippy::drop_non_drop,
    clippy::unnecessary_wraps,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[macro_use]
extern crate action_tests;

mod approve_fix;
mod car;
mod car_copy;
mod car_report_stolen;
mod host;
mod raw_sql;
