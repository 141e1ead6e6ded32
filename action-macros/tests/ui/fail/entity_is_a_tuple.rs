use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car(Uuid);

fn main() {}
