use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    #[entity(length(1, 20))]
    year: i32,
    #[entity(range(1, 5))]
    brand: String,
    #[entity(one_of("a", "b"))]
    stars: Option<i64>,
    #[entity(decimal(12, 2))]
    price: i64,
}

fn main() {}
