use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(name = "CarCopy", authenticated)]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
