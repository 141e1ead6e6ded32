//! What the road itself costs: one call of `echo` and one of a typed action, without I/O, against the same work
//! written by hand (look up a permission, read the parameters, run, serialise, keep an audit record).
//!
//! `cargo bench -p action-core` prints time and allocations per call.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark stops at the first surprise"
)]

use std::collections::HashSet;
use std::hint::black_box;
use std::sync::{Arc, Mutex};

use action_core::permissions::{Effect, Resource, Rights};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Call, Caller, Engine, Identity, Params,
};
use divan::{AllocProfiler, Bencher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

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

#[derive(Deserialize, Serialize, JsonSchema, garde::Validate)]
struct Rename {
    #[garde(skip)]
    id: Uuid,
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
}

struct RenameHandler;

impl ActionHandler for RenameHandler {
    type Input = (Params<Rename>,);
    type Output = Rename;

    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Rename> {
        Ok(params.0)
    }
}

/// Counts what would be kept, so that no benchmark measures a growing list.
#[derive(Default)]
struct Discard(Mutex<u64>);

#[async_trait::async_trait]
impl action_core::ports::AuditLog for Discard {
    async fn append(
        &self,
        record: action_core::audit::AuditRecord,
    ) -> Result<(), action_core::ports::StoreError> {
        black_box(&record);
        *self.0.lock().unwrap() += 1;
        Ok(())
    }

    async fn list(
        &self,
        _: &action_core::ports::AuditQuery,
    ) -> Result<action_core::ports::AuditPage, action_core::ports::StoreError> {
        Err(action_core::ports::StoreError::fault("nothing is kept"))
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn engine(runtime: &tokio::runtime::Runtime) -> Engine {
    let group = Uuid::from_u128(1);
    let rights = Rights::builder()
        .group(group, ["editors"])
        .right(group, Resource::new("*/*").unwrap(), Effect::Grant)
        .build();
    let builder = Engine::builder()
        .audit_log(Discard::default())
        .rights(rights)
        .action(Action::new("echo").authenticated(), Echo)
        .action(Action::new("rename").permission("user.edit"), RenameHandler);
    runtime.block_on(builder.build()).unwrap()
}

fn caller() -> Caller {
    Caller::new(Identity {
        tenant_id: Some(Uuid::from_u128(2)),
        roles: vec!["editors".into()],
        ..Identity::of(Uuid::from_u128(3))
    })
}

fn params() -> Map<String, Value> {
    json!({ "id": Uuid::from_u128(4), "name": "Ada" }).as_object().cloned().unwrap()
}

#[divan::bench]
fn echo(bencher: Bencher<'_, '_>) {
    run(bencher, "echo");
}

#[divan::bench]
fn typed(bencher: Bencher<'_, '_>) {
    run(bencher, "rename");
}

fn run(bencher: Bencher<'_, '_>, action: &str) {
    let runtime = runtime();
    let engine = engine(&runtime);
    let caller = caller();
    bencher
        .with_inputs(|| (caller.clone(), Call::execute(action, params())))
        .bench_local_values(|(caller, call)| runtime.block_on(engine.run(caller, call)));
}

#[divan::bench]
fn by_hand(bencher: Bencher<'_, '_>) {
    let runtime = runtime();
    let permissions: Arc<HashSet<String>> = Arc::new(HashSet::from(["user.edit".to_owned()]));
    let audit: Mutex<u64> = Mutex::default();
    bencher.with_inputs(params).bench_local_values(|params| {
        runtime.block_on(async {
            assert!(permissions.contains("user.edit"));
            let kept = serde_json::to_string(&params).unwrap();
            let rename: Rename = serde_json::from_value(Value::Object(params)).unwrap();
            assert!((1..=100).contains(&rename.name.chars().count()));
            let answer = serde_json::to_string(&rename).unwrap();
            black_box((Uuid::now_v7(), chrono::Utc::now(), &kept));
            *audit.lock().unwrap() += 1;
            answer
        })
    });
}
