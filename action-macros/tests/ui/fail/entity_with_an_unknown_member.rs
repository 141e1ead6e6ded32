use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(tabel = "cars")]
struct Car {
    #[entity(readonly, colour = "red")]
    id: Uuid,
}

fn main() {}
