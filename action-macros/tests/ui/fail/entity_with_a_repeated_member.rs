use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
#[entity(table = "autos")]
struct Car {
    id: Uuid,
}

fn main() {}
