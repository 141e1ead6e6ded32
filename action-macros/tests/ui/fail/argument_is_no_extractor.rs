use action_core::{ActionContext, ActionResult, Caller, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>, _: Caller, _: Vec<String>) -> ActionResult {
    Ok(())
}

fn main() {}
