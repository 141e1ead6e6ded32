use action_core::Entity;
use uuid::Uuid;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    id: Uuid,
    #[entity(role = "updatedBy")]
    changed_by: Option<Uuid>,
}

fn main() {}
