//! What a compiler does not see: which crate may know which, under which terms we use what others wrote, and the few
//! conventions of the sources that a reader relies on.
//!
//! Nothing is built, started or fetched here; everything is read from `cargo metadata` and the files themselves. Each
//! failure says what to do about it.

mod boundaries;
mod licences;
mod readme;
mod sources;
mod workspace;

/// Fails with every offence found and the way out of it.
#[track_caller]
fn nothing_in(offences: &[String], what_to_do: &str) {
    assert!(offences.is_empty(), "\n\n  {}\n\n{what_to_do}\n", offences.join("\n  "));
}
