use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    #[entity(default = "red")]
    color: Option<String>,
}

fn main() {}
