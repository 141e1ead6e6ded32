use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async unsafe fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
