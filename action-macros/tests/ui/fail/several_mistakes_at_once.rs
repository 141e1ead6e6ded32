use action_core::{ActionResult, custom_action};

#[custom_action(id = 7, permission = "user.edit", authenticated, timout = "5s", icon = "Copy", read_only, read_only)]
fn run() -> ActionResult {
    Ok(())
}

fn main() {}
