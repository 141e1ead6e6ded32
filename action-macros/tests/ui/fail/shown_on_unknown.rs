use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity = "Car", shown_on = "details")]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
