//! The attribute takes its literals from a `macro_rules!` as well.
#![deny(warnings)]

use action_core::{ActionContext, ActionResult, custom_action};

macro_rules! action {
    ($id:literal, $permission:expr, $function:ident) => {
        #[custom_action(id = $id, permission = $permission)]
        async fn $function(_: &mut ActionContext<'_>) -> ActionResult {
            Ok(())
        }
    };
}

action!("a", "diag.a", a);
action!("b", "diag.b", b);
