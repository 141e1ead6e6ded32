use action_core::Entity;
use uuid::Uuid;

struct Color;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    color: Color,
}

fn main() {}
