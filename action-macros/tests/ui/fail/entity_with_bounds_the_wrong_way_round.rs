use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    #[entity(length(20, 1))]
    brand: String,
    #[entity(range(2100, 1886))]
    year: i32,
    #[entity(length(-1, 20))]
    model: String,
    #[entity(length(20))]
    color: String,
}

fn main() {}
