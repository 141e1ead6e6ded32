use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity = "cars"]
struct Car {
    #[entity]
    id: Uuid,
}

fn main() {}
