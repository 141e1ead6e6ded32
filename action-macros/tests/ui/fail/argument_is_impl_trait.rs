use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>, _: impl Send) -> ActionResult {
    Ok(())
}

fn main() {}
