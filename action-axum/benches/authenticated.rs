//! A call with its bearer token checked, without I/O, against the same check written by hand.
//!
//! `cargo bench -p action-axum` prints time and allocations per call. The engine keeps verified tokens for as long as
//! they hold, so the case with one caller again and again is the usual one; `a_new_token_each_time` is the other.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use action_axum::Jwt;
use action_core::audit::AuditRecord;
use action_core::permissions::{Effect, Resource, Rights};
use action_core::ports::{AuditLog, AuditPage, AuditQuery, Credentials, StoreError};
use action_core::{Action, ActionContext, ActionHandler, ActionResult, AnyParams, Call, Engine};
use divan::{AllocProfiler, Bencher};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

const SECRET: &str = "a secret of at least thirty-two characters";

fn main() {
    divan::main();
}

struct Echo;

impl ActionHandler for Echo {
    type Input = (AnyParams,);
    type Output = Map<String, Value>;

    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Self::Output> {
        Ok(params.0)
    }
}

/// Keeps nothing, so that no benchmark measures a growing list.
struct Discard;

#[async_trait::async_trait]
impl AuditLog for Discard {
    async fn append(&self, record: AuditRecord) -> Result<(), StoreError> {
        black_box(&record);
        Ok(())
    }

    async fn list(&self, _: &AuditQuery) -> Result<AuditPage, StoreError> {
        Err(StoreError::fault("nothing is kept"))
    }
}

/// Different each time it is called.
fn token() -> String {
    static CALLERS: AtomicU64 = AtomicU64::new(0);
    let caller = CALLERS.fetch_add(1, Ordering::Relaxed);
    let claims = json!({
        "sub": Uuid::from_u128(caller.into()), "tenant_id": Uuid::from_u128(2), "roles": ["editors"],
        "exp": 4_000_000_000_u64,
    });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn params() -> Map<String, Value> {
    json!({ "id": Uuid::from_u128(4), "name": "Ada" }).as_object().cloned().unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn engine() -> Engine {
    let group = Uuid::from_u128(1);
    let rights = Rights::builder().group(group, ["editors"]).right(
        group,
        Resource::new("*/*").unwrap(),
        Effect::Grant,
    );
    Engine::builder()
        .audit_log(Discard)
        .authenticator(Jwt::hs256(SECRET).unwrap())
        .rights(rights.build())
        .action(Action::new("echo").permission("echo"), Echo)
        .build()
        .await
        .unwrap()
}

async fn run(engine: &Engine, token: &str, params: Map<String, Value>) {
    let header = format!("Bearer {token}");
    let look_up = |name: &str| (name == "authorization").then_some(header.as_str());
    let identified = engine.authenticate(&Credentials::new(&look_up)).await.unwrap();
    let reply = engine.run(identified.caller, Call::execute("echo", params)).await;
    assert!(reply.result.is_ok());
}

#[divan::bench]
fn the_same_caller_again(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let engine = runtime.block_on(engine());
    let token = token();
    bencher.with_inputs(params).bench_local_values(|params| runtime.block_on(run(&engine, &token, params)));
}

#[divan::bench]
fn a_new_token_each_time(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let engine = runtime.block_on(engine());
    bencher
        .with_inputs(|| (token(), params()))
        .bench_local_values(|(token, params)| runtime.block_on(run(&engine, &token, params)));
}

#[derive(Deserialize)]
struct Claims {
    sub: Uuid,
    #[serde(default)]
    roles: Vec<String>,
}

#[divan::bench]
fn by_hand(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let key = DecodingKey::from_secret(SECRET.as_bytes());
    let validation = Validation::new(Algorithm::HS256);
    let rights = HashSet::from(["editors".to_owned()]);
    bencher.with_inputs(|| (token(), params())).bench_local_values(|(token, params)| {
        runtime.block_on(async {
            let claims = decode::<Claims>(&token, &key, &validation).unwrap().claims;
            assert!(claims.roles.iter().any(|it| rights.contains(it)));
            let kept = serde_json::to_string(&params).unwrap();
            let answer = serde_json::to_string(&params).unwrap();
            black_box((claims.sub, Uuid::now_v7(), chrono::Utc::now(), &kept));
            answer
        })
    });
}
