//! The real `fleet` program, as its operator meets it: started, loaded, killed, told to stop, cut off from its
//! database, and read by its log.
//!
//! What happened is not asked of the program but looked up in its database, over a connection of the test's own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops loudly"
)]

mod binary;
mod books;
mod database;
mod events;
mod first_minute;
mod hang_ups;
mod hang_ups_upload;
mod host;
mod killed;
mod log;
mod nodes;
mod outage;
mod potholes;
mod stopping;
mod wire;
