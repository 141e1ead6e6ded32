use action_core::{Caller, Entity};
use uuid::Uuid;

fn own_rows(_: &Caller) -> bool {
    true
}

#[derive(Entity)]
#[entity(table = "cars", row_rule = own_rows)]
struct Car {
    id: Uuid,
}

fn main() {}
