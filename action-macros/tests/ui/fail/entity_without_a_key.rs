use action_core::Entity;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    brand: String,
}

fn main() {}
