use action_core::{ActionContext, ActionResult, custom_action};

#[custom_action(id = "a", authenticated)]
async fn run(_: &mut ActionContext<'_>) -> ActionResult {
    let shared = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(shared);
    Ok(())
}

fn main() {}
