use action_core::{ActionContext, ActionResult, Params, custom_action};

#[derive(serde::Deserialize, garde::Validate)]
struct Update {
    #[garde(skip)]
    _name: String,
}

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>, _: Params<Update>) -> ActionResult {
    Ok(())
}

fn main() {}
