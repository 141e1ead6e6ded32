use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
struct Car {
    id: Uuid,
}

fn main() {}
