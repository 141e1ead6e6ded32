//! The example host: a small fleet of cars with every router of the library mounted.
//!
//! `main` reads the settings and serves; [`app`] puts the parts together, for `main` and for tests alike.

mod app;
mod cars;
mod custom_actions;
mod demo_token;
mod diagnostics;
mod echo;
mod events;
mod invoices;
mod issues;
mod queries;
mod settings;
mod users;

pub use app::{App, StartError, app};
pub use cars::Car;
pub use demo_token::{Person, demo_token};
pub use invoices::{Company, Invoice, InvoiceLine};
pub use settings::{DEVELOPMENT_SECRET, Settings};
