//! A database of cars, the engine on it, and the calls.

use action_core::{Call, Caller, Engine, Identity, Outcome};
use action_sqlx::Storage;
use action_tests::postgres;
use serde_json::{Map, Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::by_hand::ByHand;
use crate::common::{TENANT, fleet_builder, make_tables};

const USER: Uuid = Uuid::from_u128(7);

pub struct World {
    engine: Engine,
    caller: Caller,
    pool: PgPool,
    pub by_hand: ByHand,
    rows: usize,
    _database: postgres::Database,
}

impl World {
    pub async fn postgres(rows: usize) -> Self {
        let database = postgres::server().create_database(None).await;
        let storage = Storage::connect(database.url()).await.unwrap();
        make_tables(&storage).await;
        let pool = PgPoolOptions::new().max_connections(2).connect(database.url()).await.unwrap();
        sqlx::query(
            "INSERT INTO cars (id, tenant_id, license_plate, brand, model, year)
             SELECT lpad(to_hex(n), 32, '0')::uuid, $1, 'B-' || n, 'Volvo', 'XC40', 2020 FROM generate_series(1, $2) AS n",
        )
        .bind(TENANT)
        .bind(i64::try_from(rows).unwrap())
        .execute(&pool)
        .await
        .unwrap();
        let engine = fleet_builder().storage(storage).build().await.unwrap();
        let caller = Caller::new(Identity {
            tenant_id: Some(TENANT),
            roles: vec!["Administrators".to_owned()],
            ..Identity::of(USER)
        });
        let by_hand = ByHand::new(pool.clone(), TENANT, USER);
        Self { engine, caller, pool, by_hand, rows, _database: database }
    }

    /// Both sides have their connections, and their statements for one row.
    pub async fn warm_up(&self) {
        self.sweep().await;
        for color in ["a", "b", "c"] {
            self.run(&Self::bulk_update(1).replace("COLOR", color)).await;
            self.by_hand.update(1, color).await;
        }
    }

    /// No turn finds what another left behind.
    pub async fn sweep(&self) {
        for text in ["TRUNCATE actions.action_audit_changes", "VACUUM ANALYZE cars", "CHECKPOINT"] {
            sqlx::query(text).execute(&self.pool).await.unwrap();
        }
    }

    /// A body as it comes over the wire.
    pub fn bulk_update(rows: usize) -> String {
        let ids: Vec<Uuid> = (1..=rows).map(|it| Uuid::from_u128(it as u128)).collect();
        json!({ "entity": "Car", "ids": ids, "values": { "color": "COLOR" } }).to_string()
    }

    pub fn bulk_update_by_filter(&self) -> String {
        let filter = json!({ "field": "brand", "operator": "eq", "value": "Volvo" });
        json!({ "entity": "Car", "filter": filter, "maxAffected": self.rows, "values": { "color": "pink" } })
            .to_string()
    }

    /// From the body to the answer.
    pub async fn run(&self, body: &str) {
        let params: Map<String, Value> = serde_json::from_str(body).unwrap();
        let reply = self.engine.run(self.caller.clone(), Call::execute("bulkUpdate", params)).await;
        match reply.result {
            Ok(Outcome::Done(done)) => assert!(done.affected.is_some_and(|it| it > 0)),
            other => panic!("{other:?}"),
        }
    }
}
