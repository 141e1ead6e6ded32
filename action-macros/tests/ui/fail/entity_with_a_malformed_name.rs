use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars", name = "fleet/Car")]
struct Car {
    id: Uuid,
}

fn main() {}
