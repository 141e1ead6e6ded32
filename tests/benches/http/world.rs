//! The servers that are compared, and the requests they are sent.

use std::net::SocketAddr;
use std::sync::Arc;

use action_axum::Jwt;
use action_core::{Engine, EngineBuilder};
use action_sqlx::Storage;
use action_tests::postgres;
use axum::Router;
use fleet::{DEVELOPMENT_SECRET, Person, demo_token};
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use uuid::Uuid;

use crate::by_hand::{ByHand, Pool};
use crate::common::{TENANT, fleet_builder, make_tables};

/// As many cars as the requests are spread over.
const CARS: u128 = 1_000;

/// Connections of either side's pool.
const POOL: u32 = 16;

const POSTGRES_AUDIT: &str = "CREATE TABLE by_hand_audit (id uuid PRIMARY KEY, user_id uuid, tenant_id uuid,
    action text, before jsonb, after jsonb, created_at timestamptz)";
const SQLITE_AUDIT: &str = "CREATE TABLE by_hand_audit (id text PRIMARY KEY, user_id text, tenant_id text,
    action text, before text, after text, created_at text)";

macro_rules! demo_pages {
    () => {
        include_str!("../../../examples/fleet/schema/demo_pages.sql")
    };
}

/// The page that is read, with five buttons, a dropdown of three items and a separator.
const PAGE: &str = "aaaaaaaa-0000-4000-8000-000000000001";

pub struct World {
    pub actions: SocketAddr,
    pub by_hand: SocketAddr,
    token: String,
    _kept: Vec<Box<dyn std::any::Any>>,
}

impl World {
    /// `echo` needs no database.
    pub async fn in_memory() -> Self {
        let engine = builder().build().await.unwrap();
        Self::serve(engine, Pool::None, Vec::new()).await
    }

    /// On a database by its name.
    pub async fn on(database: &str, builder: EngineBuilder) -> Self {
        match database {
            "postgres" => Self::postgres(builder).await,
            _ => Self::sqlite(builder).await,
        }
    }

    async fn postgres(builder: EngineBuilder) -> Self {
        let database = postgres::server().create_database(None).await;
        let url = database.url().to_owned();
        let storage = Storage::options(&url).pool_size(POOL as usize).connect().await.unwrap();
        make_tables(&storage).await;
        storage.run_script(POSTGRES_AUDIT).await.unwrap();
        storage.run_script(cars()).await.unwrap();
        let pages = concat!("SET search_path TO config, public;", demo_pages!(), "; RESET search_path");
        storage.run_script(pages).await.unwrap();
        let engine = builder.storage(storage).build().await.unwrap();
        let pool = PgPoolOptions::new().max_connections(POOL).connect(&url).await.unwrap();
        Self::serve(engine, Pool::Postgres(pool), vec![Box::new(database)]).await
    }

    /// Both at full durability, each on a file of its own.
    async fn sqlite(builder: EngineBuilder) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut urls = ["actions.db", "by_hand.db"]
            .map(|it| format!("sqlite://{}", folder.path().join(it).display()))
            .into_iter();
        let storage = sqlite_storage(&urls.next().unwrap()).await;
        let by_hand = urls.next().unwrap();
        sqlite_storage(&by_hand).await.close().await;
        let options: SqliteConnectOptions = by_hand.parse().unwrap();
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(std::time::Duration::from_secs(30));
        let pool = SqlitePoolOptions::new()
            .max_connections(POOL)
            .acquire_timeout(std::time::Duration::from_mins(1))
            .connect_with(options)
            .await
            .unwrap();
        let engine = builder.storage(storage).build().await.unwrap();
        Self::serve(engine, Pool::Sqlite(pool), vec![Box::new(folder)]).await
    }

    async fn serve(engine: Engine, pool: Pool, kept: Vec<Box<dyn std::any::Any>>) -> Self {
        let actions = listen(action_axum::router(engine)).await;
        let by_hand = listen(ByHand::new(DEVELOPMENT_SECRET, pool).router()).await;
        let token = demo_token(DEVELOPMENT_SECRET, Person::Administrator).unwrap();
        Self { actions, by_hand, token, _kept: kept }
    }

    /// The requests of one kind, spread over the cars.
    pub fn requests(&self, kind: &str) -> Arc<Vec<Vec<u8>>> {
        if kind == "page" {
            let path = format!("/v1/config/page-configs/{PAGE}/actions?isActive=true");
            return Arc::new(vec![self.get(&path)]);
        }
        let action = |id: &str, params: serde_json::Value| {
            ("/ui/actions/execute", json!({ "actionId": id, "params": params }))
        };
        let one = |number: u128| {
            let id = Uuid::from_u128(number + 1);
            let color = ["red", "blue", "white"][usize::try_from(number % 3).unwrap()];
            match kind {
                "echo" => action("echo", json!({ "name": "Ada", "year": 2026 })),
                "paint" => action("bench.paint", json!({ "id": id, "color": color })),
                "update" => {
                    action("updateRecord", json!({ "entity": "Car", "id": id, "values": { "color": color } }))
                }
                other => panic!("{other}"),
            }
        };
        Arc::new((0..CARS).map(|it| self.request(one(it))).collect())
    }

    /// The same facts, as the server written by hand takes them.
    pub fn requests_by_hand(&self, kind: &str) -> Arc<Vec<Vec<u8>>> {
        if kind == "page" {
            return Arc::new(vec![self.get(&format!("/pages/{PAGE}"))]);
        }
        let one = |number: u128| {
            let color = ["red", "blue", "white"][usize::try_from(number % 3).unwrap()];
            match kind {
                "echo" => ("/echo", json!({ "name": "Ada", "year": 2026 })),
                "update" => ("/update", json!({ "id": Uuid::from_u128(number + 1), "color": color })),
                other => panic!("{other}"),
            }
        };
        Arc::new((0..CARS).map(|it| self.request(one(it))).collect())
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let token = &self.token;
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
            .into_bytes()
    }

    fn request(&self, (path, body): (&str, serde_json::Value)) -> Vec<u8> {
        let body = body.to_string();
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .into_bytes()
    }
}

async fn sqlite_storage(url: &str) -> Storage {
    let storage = Storage::options(url).connect().await.unwrap();
    make_tables(&storage).await;
    storage.run_script(SQLITE_AUDIT).await.unwrap();
    storage.run_script(cars()).await.unwrap();
    storage.run_script(demo_pages!()).await.unwrap();
    storage
}

pub fn builder() -> EngineBuilder {
    fleet_builder().authenticator(Jwt::hs256(DEVELOPMENT_SECRET).unwrap())
}

fn cars() -> &'static str {
    let rows: Vec<String> = (1..=CARS)
        .map(|it| format!("('{}', '{TENANT}', 'B-{it}', 'Volvo', 'XC40', 2020)", Uuid::from_u128(it)))
        .collect();
    let text = format!(
        "INSERT INTO cars (id, tenant_id, license_plate, brand, model, year) VALUES {}",
        rows.join(",")
    );
    // Three of them in a benchmark that ends.
    Box::leak(text.into_boxed_str())
}

async fn listen(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
