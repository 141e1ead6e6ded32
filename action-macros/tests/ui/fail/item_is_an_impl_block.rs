use action_core::custom_action;

struct Handler;

#[custom_action(id = "a", authenticated)]
impl Handler {}

fn main() {}
