//! What a client sent along with the rows it named. It is not trusted: a type of its own keeps it apart from the
//! stored rows, which come as `Selected<T>` and `Parent<T>`.

use serde_json::{Map, Value};

use super::{Input, InputShape, Intake};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionError;

/// The attributes a client submitted, by attribute name.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    /// Those of the parent, saved or not.
    pub parent: Option<Map<String, Value>>,
    /// Those of the selected items, in the order sent.
    pub items: Vec<Map<String, Value>>,
}

impl Input for Submitted {
    type Checked = ();

    fn describe(_: &mut InputShape) {}

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        let selection = ctx.selection();
        Ok(Self {
            parent: selection.parent.as_ref().map(|it| it.submitted.clone()),
            items: selection.items.iter().map(|it| it.submitted.clone()).collect(),
        })
    }
}
