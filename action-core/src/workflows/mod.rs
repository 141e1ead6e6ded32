//! Workflows: which states a column may have, and how a row gets from one to another.
//!
//! A workflow is data: states, and transitions with the states they leave, the state they enter, and what guards them
//! (a role, a permission, a condition on the row, a comment). It is written in Rust or read from JSON, and checked
//! against its entity when the engine is built, so that no transition can fail for a misspelled name. From then on its
//! column changes by a transition only, or by a handler's own hand.
//!
//! What a caller must hold beside the action's permission is known from the transition's name alone, so it is asked
//! with the permission, before anything is looked at. What depends on the row is asked of the row under its lock; that
//! stands with the other things done to rows, in `records::transition`.

mod definition;
mod diagram;
mod file;
mod reload;
mod workflow_set;

pub use definition::{Transition, Workflow};
pub use file::WorkflowFileError;
pub(crate) use reload::Source;
pub(crate) use workflow_set::{Guarded, Workflows, state};
pub use workflow_set::{TransitionDescription, WorkflowDescription, WorkflowState};
