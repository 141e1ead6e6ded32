//! A host around one database: a table of cars and one of issues, and an engine with the actions under test.

use action_core::permissions::{Effect, Resource, Rights};
use action_core::ports::{AuditPage, AuditQuery};
use action_core::{Call, Caller, Engine, EngineBuilder, Identity, Outcome, Reply, RowReference};
use action_sqlx::Dialect;
use action_tests::databases::TestDatabase;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::car::Car;

pub(crate) const ACME: Uuid = Uuid::from_u128(0x11);
pub(crate) const GLOBEX: Uuid = Uuid::from_u128(0x22);

pub(crate) struct Host {
    pub(crate) engine: Engine,
    _database: TestDatabase,
}

impl Host {
    pub(crate) async fn new(
        database: TestDatabase,
        actions: impl FnOnce(EngineBuilder) -> EngineBuilder,
    ) -> Self {
        let (uuid, integer) = match database.dialect() {
            Dialect::Postgres => ("uuid", "bigint"),
            Dialect::Sqlite => ("text", "integer"),
        };
        let schema = format!(
            "CREATE TABLE cars (id {uuid} PRIMARY KEY, tenant_id {uuid} NOT NULL, license_plate text NOT NULL,
                status text NOT NULL, version {integer} NOT NULL, UNIQUE (tenant_id, license_plate));
             CREATE TABLE issues (id {integer} PRIMARY KEY, tenant_id {uuid} NOT NULL, status text NOT NULL);
             INSERT INTO issues VALUES (1, '{ACME}', 'pending'), (2, '{ACME}', 'rejected'), (3, '{GLOBEX}', 'pending');"
        );
        database.storage().run_script(Box::leak(schema.into_boxed_str())).await.unwrap();
        let group = Uuid::from_u128(1);
        let rights = Rights::builder()
            .group(group, ["editors"])
            .right(group, Resource::new("*/*").unwrap(), Effect::Grant)
            .build();
        let builder = Engine::builder()
            .storage(database.storage().clone())
            .rights(rights)
            .without_linked_actions()
            .custom_actions_from_code()
            .entity::<Car>();
        let engine = actions(builder).build().await.unwrap();
        Self { engine, _database: database }
    }

    pub(crate) async fn run(&self, call: Call) -> Reply {
        self.engine.run(editor(ACME), call).await
    }

    pub(crate) async fn execute(&self, action: &str, params: Value) -> Reply {
        self.run(Call::execute(action, params.as_object().cloned().unwrap())).await
    }

    /// Runs a custom action on one selected car.
    pub(crate) async fn on_car(&self, action: &str, car: &Value, params: Value) -> Reply {
        let mut call = Call::custom("Car", action, params.as_object().cloned().unwrap());
        call.selection.items = vec![RowReference { id: Some(car.clone()), ..RowReference::default() }];
        self.run(call).await
    }

    /// Makes a car and returns its id.
    pub(crate) async fn car(&self, plate: &str) -> Value {
        let params = json!({ "entity": "Car", "values": { "licensePlate": plate } });
        data(&self.execute("createRecord", params).await)["id"].clone()
    }

    pub(crate) async fn cars(&self) -> Vec<Value> {
        let page = data(&self.execute("executeQuery", json!({ "entity": "Car" })).await);
        page["records"].as_array().cloned().unwrap()
    }

    /// The audit of acme, newest first.
    pub(crate) async fn audit(&self) -> AuditPage {
        let query = AuditQuery {
            tenant: Some(ACME),
            user: None,
            action_id: None,
            success: None,
            outcome: None,
            from: None,
            to: None,
            page: 1,
            page_size: 200,
        };
        self.engine.audit(&query).await.unwrap()
    }
}

pub(crate) fn editor(tenant: Uuid) -> Caller {
    Caller::new(Identity {
        tenant_id: Some(tenant),
        roles: vec!["editors".into()],
        ..Identity::of(Uuid::from_u128(7))
    })
}

pub(crate) fn data(reply: &Reply) -> Value {
    match &reply.result {
        Ok(Outcome::Done(done)) => {
            done.data.as_ref().map_or(Value::Null, |it| serde_json::from_str(it.get()).unwrap())
        }
        other => panic!("not done: {other:?}"),
    }
}

/// `done`, `asked <step>`, or the refusal's code.
pub(crate) fn end(reply: &Reply) -> String {
    match &reply.result {
        Ok(Outcome::Done(_)) => "done".to_owned(),
        Ok(Outcome::Asked(asked)) => format!("asked {}", asked.step),
        Err(refusal) => refusal.code().to_owned(),
    }
}

pub(crate) fn no_params() -> Map<String, Value> {
    Map::new()
}
