//! The mistakes that a newcomer makes first, each of which must end in a message that says what to do.
//!
//! Not what is refused is shown here, but the words it is refused with: a mistake in the code of an application, one in
//! what it is started with, and one in a request. Those that the compiler finds have their texts in the tests of
//! action-macros; here only that they are there.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on stops loudly"
)]

#[path = "../process/binary.rs"]
mod binary;

mod calling;
mod compiling;
mod registering;
mod starting;

/// Fails unless every part stands in the message.
#[track_caller]
fn says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "\n\nthis message:\n{message}\n\ndoes not say: {part}\n");
    }
}
