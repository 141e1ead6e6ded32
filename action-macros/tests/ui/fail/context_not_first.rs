use action_core::{ActionContext, ActionResult, AnyParams, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: AnyParams, _: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
