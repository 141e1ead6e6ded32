//! A small host: two tenants, a table of cars, a few actions, everything in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use action_core::audit::{AuditOutcome, AuditRecord};
use action_core::entity::{CellError, Column, ColumnIndex, Entity, EntityError, EntityType, Record, RowRule};
use action_core::expression::{always, field};
use action_core::in_memory::InMemory;
use action_core::permissions::{Effect, Resource, Rights};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Call, Caller, Engine, EngineBuilder,
    Identity, Kind, Outcome, Params, Refusal, Reply, Value,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

pub const ACME: Uuid = Uuid::from_u128(0x11);
pub const GLOBEX: Uuid = Uuid::from_u128(0x22);

pub struct World {
    pub engine: Engine,
    pub storage: InMemory,
    /// How often a handler of this world's own ran.
    pub runs: Arc<AtomicU32>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Car {
    pub id: Uuid,
    pub license_plate: String,
    pub year: i64,
    pub color: Option<String>,
    pub version: i64,
}

impl EntityType for Car {
    const NAME: &'static str = "Car";

    fn definition() -> Result<Entity, EntityError> {
        Entity::builder("Car", "cars")
            .column(Column::new("id", Kind::Uuid))
            .column(Column::new("licensePlate", Kind::Text).required().length(1, 20).unique())
            .column(Column::new("year", Kind::Integer).required().range(1886, 2100))
            .column(Column::new("color", Kind::Text))
            .column(Column::new("status", Kind::Text).default_value("available").initially("available"))
            .column(Column::new("purchasePin", Kind::Text).hidden())
            .column(Column::new("version", Kind::Integer))
            .column(Column::new("createdBy", Kind::Uuid))
            .row_rule(RowRule::new(|caller, action| {
                if caller.has_role("painter") && action != "Read" {
                    field("color").eq("red")
                } else {
                    always()
                }
            }))
            .build()
    }

    fn from_record(record: Record) -> Result<Self, CellError> {
        use action_core::entity::Cell;
        Ok(Self {
            id: Cell::from_value(record.value("id").clone())?,
            license_plate: Cell::from_value(record.value("licensePlate").clone())?,
            year: Cell::from_value(record.value("year").clone())?,
            color: Cell::from_value(record.value("color").clone())?,
            version: Cell::from_value(record.value("version").clone())?,
        })
    }

    fn to_values(&self, entity: &Entity) -> Vec<(ColumnIndex, Value)> {
        let at = |name: &str| entity.column_named(name).unwrap().0;
        vec![
            (at("licensePlate"), self.license_plate.clone().into()),
            (at("year"), self.year.into()),
            (at("color"), self.color.clone().into()),
        ]
    }

    fn key(&self) -> Value {
        self.id.into()
    }
}

/// Counts its runs, and does as its parameters say.
pub struct Probe(pub Arc<AtomicU32>);

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
pub struct ProbeParams {
    #[garde(length(chars, min = 1, max = 10))]
    pub text: String,
    /// `fail`, `panic`, `sleep`, `refuse`, `insert`, `insert_then_fail`
    #[garde(skip)]
    pub then: Option<String>,
}

impl ActionHandler for Probe {
    type Input = (Params<ProbeParams>,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Json> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let plate = params.text.clone();
        let car = Car { id: Uuid::nil(), license_plate: plate, year: 2020, color: None, version: 0 };
        match params.then.as_deref() {
            Some("fail") => Err(std::io::Error::other("secret-detail").into()),
            Some("panic") => panic!("secret-panic"),
            Some("sleep") => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                Ok(json!("slept"))
            }
            Some("refuse") => Err(Refusal::conflict("taken_back", "not today").into()),
            Some("insert") => Ok(serde_json::to_value(ctx.records::<Car>()?.insert(&car).await?)?),
            Some("insert_then_fail") => {
                ctx.records::<Car>()?.insert(&car).await?;
                ctx.notify(action_core::Tone::Success, "inserted")?;
                Err(std::io::Error::other("secret-detail").into())
            }
            _ => Ok(json!({ "text": params.text })),
        }
    }
}

pub struct Echo;

impl ActionHandler for Echo {
    type Input = (AnyParams,);
    type Output = Map<String, Json>;

    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Self::Output> {
        Ok(params.0)
    }
}

pub fn rights() -> Rights {
    let group = Uuid::from_u128;
    let grants = [
        (1, "*/*"),
        (2, "QueryReadEditNewDelete/Car"),
        (2, "probe/*"),
        (2, "generateReport/*"),
        (3, "QueryReadEdit/Car"),
        (3, "generateReport/*"),
        (4, "New/Car"),
        (4, "inspect/Car"),
    ];
    let mut builder = Rights::builder()
        .group(group(1), ["admins"])
        .group(group(2), ["editors"])
        .group(group(3), ["painter"])
        .group(group(4), ["newcomers"]);
    for (id, resource) in grants {
        builder = builder.right(group(id), Resource::new(resource).unwrap(), Effect::Grant);
    }
    builder.build()
}

impl World {
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    pub async fn with(more: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        let storage = InMemory::new();
        let runs = Arc::new(AtomicU32::new(0));
        let builder = Engine::builder()
            .storage(storage.clone())
            .rights(rights())
            .entity::<Car>()
            .custom_actions_from_code()
            .action(Action::new("echo").authenticated().tenant_optional().redact(["iban"]), Echo)
            .action(
                Action::new("probe")
                    .permission("probe")
                    .rate_limit(action_core::Rate::parse("5/min").unwrap())
                    .time_limit(Duration::from_millis(50)),
                Probe(runs.clone()),
            );
        let engine = more(builder).build().await.unwrap();
        Self { engine, storage, runs }
    }

    pub fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }

    pub async fn run(&self, who: &Caller, action: &str, params: Json) -> Reply {
        self.call(who, Call::execute(action, params.as_object().cloned().unwrap())).await
    }

    pub async fn call(&self, who: &Caller, call: Call) -> Reply {
        self.engine.run(who.clone(), call).await
    }

    /// The code of the refusal, or `done`, or `asked`.
    pub async fn end(&self, who: &Caller, action: &str, params: Json) -> String {
        end(&self.run(who, action, params).await)
    }

    /// The data of a success.
    pub async fn data(&self, who: &Caller, action: &str, params: Json) -> Json {
        data(&self.run(who, action, params).await)
    }

    /// Makes a car and returns its id.
    pub async fn car(&self, who: &Caller, plate: &str) -> Json {
        let values = json!({ "licensePlate": plate, "year": 2020 });
        self.data(who, "createRecord", json!({ "entity": "Car", "values": values })).await["id"].clone()
    }

    /// Action and end of each audit record, oldest first.
    pub fn audit(&self) -> Vec<(String, AuditOutcome)> {
        self.storage.audit_records().iter().map(|it| (it.action_id.to_string(), it.outcome)).collect()
    }

    pub fn last_record(&self) -> AuditRecord {
        self.storage.audit_records().pop().expect("nothing was audited")
    }
}

pub fn end(reply: &Reply) -> String {
    match &reply.result {
        Ok(Outcome::Done(_)) => "done".to_owned(),
        Ok(Outcome::Asked(_)) => "asked".to_owned(),
        Err(refusal) => refusal.code().to_owned(),
    }
}

pub fn data(reply: &Reply) -> Json {
    match &reply.result {
        Ok(Outcome::Done(done)) => {
            done.data.as_ref().map_or(Json::Null, |it| serde_json::from_str(it.get()).unwrap())
        }
        other => panic!("not done: {other:?}"),
    }
}

/// Paths and codes of the invalid fields.
pub fn fields(reply: &Reply) -> Vec<(String, String)> {
    let Err(refusal) = &reply.result else { return Vec::new() };
    let errors = refusal.fields().map(|it| it.iter().collect::<Vec<_>>()).unwrap_or_default();
    errors.into_iter().map(|it| (it.field.to_string(), it.code.to_string())).collect()
}

fn somebody(id: u128, tenant: Option<Uuid>, roles: &[&str]) -> Caller {
    Caller::new(Identity {
        tenant_id: tenant,
        roles: roles.iter().map(ToString::to_string).collect(),
        ..Identity::of(Uuid::from_u128(id))
    })
}

pub fn editor() -> Caller {
    somebody(0xE1, Some(ACME), &["editors"])
}

pub fn painter() -> Caller {
    somebody(0xE2, Some(ACME), &["painter"])
}

pub fn newcomer() -> Caller {
    somebody(0xE3, Some(ACME), &["newcomers"])
}

pub fn nobody() -> Caller {
    somebody(0xE4, Some(ACME), &[])
}

pub fn stranger() -> Caller {
    somebody(0xE5, Some(GLOBEX), &["editors"])
}

pub fn without_tenant() -> Caller {
    somebody(0xE6, None, &["editors"])
}
