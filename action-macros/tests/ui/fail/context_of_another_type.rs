use action_core::{ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut String) -> ActionResult {
    Ok(())
}

fn main() {}
