//! Several arguments at once. Each checks its own part; the mistakes of all are reported together.

use super::{Input, InputShape, Intake, Rows};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::error::ActionError;

impl Input for () {
    type Checked = ();

    fn describe(_: &mut InputShape) {}

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(())
    }
}

macro_rules! tuple {
    ($($argument:ident)+) => {
        impl<$($argument: Input),+> Input for ($($argument,)+) {
            type Checked = ($($argument::Checked,)+);
            const ROWS: Rows = Rows::None$(.or($argument::ROWS))+;

            fn describe(shape: &mut InputShape) {
                $($argument::describe(shape);)+
            }

            #[allow(non_snake_case, reason = "each type parameter names its own value")]
            fn check(intake: &mut Intake<'_>) -> Result<Self::Checked, FieldErrors> {
                let mut errors = FieldErrors::default();
                $(let $argument = $argument::check(intake).map_err(|its| errors.extend_under("", its)).ok();)+
                match ($($argument,)+) {
                    ($(Some($argument),)+) => Ok(($($argument,)+)),
                    _ => Err(errors),
                }
            }

            #[allow(non_snake_case, reason = "each type parameter names its own value")]
            fn assemble(checked: Self::Checked, ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
                let ($($argument,)+) = checked;
                Ok(($($argument::assemble($argument, ctx)?,)+))
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
