use action_core::{ActionContext, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>) -> Option<String> {
    None
}

fn main() {}
