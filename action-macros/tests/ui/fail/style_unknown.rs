use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity = "Car", style = "sucess")]
async fn approve(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
