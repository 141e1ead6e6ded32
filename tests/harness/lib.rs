//! What the tests of the whole have in common: databases that are thrown away, and the fleet example running on one.

pub mod app;
pub mod authority;
pub mod databases;
mod guides;
pub mod people;
pub mod postgres;
pub mod smtp_server;
pub mod statements;

pub use app::{Answer, Ask, TestApp};
pub use authority::Authority;
pub use people::Person;
