use action_core::Entity;

#[derive(Entity)]
#[entity(table = "cars")]
enum Car {
    Red,
}

fn main() {}
