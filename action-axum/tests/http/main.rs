//! What a client sees of the routes: one file a subject, one behaviour a test. The engine keeps everything in memory.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should stop loudly"
)]

mod support;

mod audit_trail;
mod authentication;
mod cross_site;
mod documentation;
mod envelope;
mod headers;
mod hostile_input;
mod languages;
mod listings;
mod logs;
mod operations;
mod outcomes;
mod refusals;
mod routing;
