//! Domain events: written with their cause, told to the host's subscribers after the commit.
//!
//! A call that is undone has told nothing, and one that is committed has told everything at least once. Whoever emits
//! decides what an event says. `subscribers` decides when an event counts as taken, and `worker` when which is told:
//! each subject's in order, and never one that another node may be telling.

mod event;
mod subscribers;
mod worker;

pub use event::Event;
pub(crate) use subscribers::Subscribers;
pub(crate) use worker::run;
