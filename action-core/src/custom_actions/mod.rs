//! Custom actions on entities: what an application adds to the verbs that every entity has.

mod selection_rule;

pub(crate) use selection_rule::MOST_ROWS;
pub use selection_rule::SelectionRule;
