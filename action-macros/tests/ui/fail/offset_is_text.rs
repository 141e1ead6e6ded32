use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(entity = "Car", offset = "1")]
async fn first(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

#[custom_action(entity = "Car", offset = 2147483648)]
async fn far(_: &mut ActionContext<'_>) -> ActionResult {
    Ok(())
}

fn main() {}
