//! What the benchmarks of this package have in common: what is asked of them, the fleet's tables, a right to
//! everything, and the middle of a list.

use action_core::permissions::{Effect, Resource, Rights};
use action_core::{Engine, EngineBuilder};
use action_sqlx::{Dialect, Storage};
use fleet::{Car, Company, Invoice, InvoiceLine};
use uuid::{Uuid, uuid};

/// Whose rows they work on.
pub const TENANT: Uuid = uuid!("11111111-1111-4111-8111-111111111111");

/// The arguments of a run.
pub struct Asked {
    /// A quick look only: `cargo bench` says `--bench`, and `cargo test --benches` says nothing.
    pub quick: bool,
    /// A part of the names of the lines to run; empty, all of them.
    wanted: String,
}

impl Asked {
    pub fn of_this_run() -> Self {
        let wanted = std::env::args().skip(1).find(|it| !it.starts_with("--")).unwrap_or_default();
        Self { quick: std::env::args().all(|it| it != "--bench"), wanted }
    }

    pub fn wants(&self, title: &str) -> bool {
        title.contains(&self.wanted)
    }
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

/// Administrators may do everything.
fn rights() -> Rights {
    let group = Uuid::from_u128(1);
    Rights::builder()
        .group(group, ["Administrators"])
        .right(group, Resource::new("*/*").unwrap(), Effect::Grant)
        .build()
}

/// An engine of the fleet's entities.
pub fn fleet_builder() -> EngineBuilder {
    Engine::builder()
        .rights(rights())
        .entity::<Car>()
        .entity::<Company>()
        .entity::<Invoice>()
        .entity::<InvoiceLine>()
}

/// Makes the fleet's tables, without rows.
pub async fn make_tables(storage: &Storage) {
    let schema = match storage.dialect() {
        Dialect::Postgres => include_str!("../../../examples/fleet/schema/postgres.sql"),
        Dialect::Sqlite => include_str!("../../../examples/fleet/schema/sqlite.sql"),
    };
    storage.run_script(schema).await.unwrap();
}

pub fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}
