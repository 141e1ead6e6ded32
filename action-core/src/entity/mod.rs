//! Entities: the tables an application lets actions work on.
//!
//! An [`Entity`] lists everything about one: its names, its table, its key, its tenant column and each column with
//! type and bounds. Nothing outside that list is ever named in a statement. [`EntityType`] ties a Rust struct to
//! one; `#[derive(Entity)]` writes both from the struct.

mod column;
mod definition;
mod entity_type;
mod record;
mod row_rule;
mod set;

pub use column::{Column, ColumnRole};
pub use definition::{ColumnIndex, Entity, EntityBuilder, EntityError, Verb};
pub use entity_type::{Cell, CellError, EntityType};
pub use record::Record;
pub use row_rule::RowRule;
pub(crate) use set::Entities;
