//! The caller as an argument.

use super::{Input, InputShape, Intake};
use crate::context::ActionContext;
use crate::error::ActionError;
use crate::{Caller, FieldErrors};

impl Input for Caller {
    type Checked = ();

    fn describe(_: &mut InputShape) {}

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(ctx.caller().clone())
    }
}
