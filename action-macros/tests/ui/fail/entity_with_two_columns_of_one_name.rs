use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    brand: String,
    #[entity(name = "Brand")]
    make: String,
    #[entity(column = "brand")]
    model: String,
}

fn main() {}
