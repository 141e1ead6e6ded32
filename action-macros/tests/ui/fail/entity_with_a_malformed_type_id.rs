use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars", type_id = "car")]
struct Car {
    id: Uuid,
}

fn main() {}
