//! What the tests of the whole have in common: databases that are thrown away, and the fleet example running on one.

pub mod app;
pub mod databases;
mod guides;
pub mod people;
pub mod postgres;

pub use app::{Answer, Ask, TestApp};
pub use people::Person;
