use action_core::Entity;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car<T> {
    id: T,
}

fn main() {}
