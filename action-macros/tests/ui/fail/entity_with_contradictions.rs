use action_core::Entity;

#[derive(Entity)]
#[entity(table = "cars")]
struct Car {
    #[entity(key, role = "version", default = 1)]
    id: i64,
    #[entity(hidden, read_only)]
    code: String,
    #[entity(initially = "available", default = "stolen")]
    status: String,
}

fn main() {}
