use action_core::custom_action;

#[custom_action(id = "a", authenticated)]
struct Handler;

fn main() {}
