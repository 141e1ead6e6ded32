use action_core::{ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run() -> ActionResult {
    Ok(())
}

fn main() {}
