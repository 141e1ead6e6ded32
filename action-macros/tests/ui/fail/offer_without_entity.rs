use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "car.copy", authenticated, shown_on = "both", selection = "=1", icon = "Copy", confirm = "Sure", refresh)]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
