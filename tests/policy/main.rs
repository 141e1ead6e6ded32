//! Who may do what, seen from outside: every action and every route, for every kind of caller, as one table that
//! people can read.
//!
//! `matrix.txt` is that table. It is compared with what the running fleet answers, on both databases, and it is walked
//! from what is registered and mounted: an action, entity or route that is missing in it fails the test, as does a row
//! for something that is gone. `no_rights` shows that nothing configured means refused, and `reference` that the whole
//! road decides as a decision procedure of a few lines does, whatever the rights.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops loudly"
)]

mod callers;
mod listing;
mod matrix;
mod no_rights;
mod reference;
mod requests;
mod table;
