use action_core::{ActionContext, ActionResult, custom_action};

struct Opaque;

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>) -> ActionResult<Opaque> {
    Ok(Opaque)
}

fn main() {}
