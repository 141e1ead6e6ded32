//! Row rules: which rows of an entity a caller may see and touch.
//!
//! A rule is a function from (caller, action) to a condition. The condition is compiled into every statement on the
//! entity, so lists, single rows, bulk changes and reports all see the same rows. A row that the rule refuses looks
//! like one that does not exist.

use std::fmt;
use std::sync::Arc;

use crate::Caller;
use crate::expression::Draft;

type Function = dyn Fn(&Caller, &str) -> Draft + Send + Sync;

/// A rule. The action is named as rights name it: `Read`, `Edit`, `CarCopy`.
///
/// ```
/// use action_core::entity::RowRule;
/// use action_core::expression::{always, field};
///
/// let own_rows = RowRule::new(|caller, _action| {
///     if caller.has_role("Administrators") { always() } else { field("createdBy").eq(caller.user_id()) }
/// });
/// ```
#[derive(Clone)]
pub struct RowRule(Arc<Function>);

impl RowRule {
    /// A rule from its function.
    pub fn new(rule: impl Fn(&Caller, &str) -> Draft + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// What must hold of a row for this caller and action.
    pub fn condition(&self, caller: &Caller, action: &str) -> Draft {
        (self.0)(caller, action)
    }
}

impl fmt::Debug for RowRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RowRule")
    }
}
