use action_core::custom_action;

#[custom_action(id = "a", authenticated)]
pub trait Handler {}

fn main() {}
