//! Something of the host's: `Service<S>` is the `S` that was put into the engine's builder.

use std::any::{TypeId, type_name};
use std::ops::Deref;
use std::sync::Arc;

use super::{Input, InputShape, Intake};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionError;

/// A shared service of the host's. That it is there was checked when the engine was built.
pub struct Service<S: ?Sized>(Arc<S>);

impl<S> Deref for Service<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: Send + Sync + 'static> Input for Service<S> {
    type Checked = ();

    fn describe(shape: &mut InputShape) {
        shape.services.push((TypeId::of::<S>(), type_name::<S>()));
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        ctx.service::<S>().map(Self)
    }
}
