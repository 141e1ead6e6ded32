//! Domain events: written with their cause, told to the host's subscribers after the commit.
//!
//! A call that is undone has told nothing, and one that is committed has told everything at least once. Whoever emits
//! decides what an event says; the worker here decides when it is told, and how often.

mod event;

pub use event::Event;
