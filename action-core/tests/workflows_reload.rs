//! A running engine follows its file of workflows, a call keeps those it began with, and nothing broken is in force.

#![cfg(feature = "config-files")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use action_core::entity::{Column, Entity};
use action_core::workflows::{Transition, Workflow};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Call, Caller, Engine, Identity, Kind,
    Outcome, Refusal, Value as Cell,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;
use uuid::Uuid;

/// How long an edit may take to be seen.
const SEEN: Duration = Duration::from_secs(2);

/// Longer than the engine waits between two looks at the file.
const LOOKED: Duration = Duration::from_millis(1_300);

fn door() -> Entity {
    Entity::builder("Door", "doors")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("state", Kind::Text))
        .column(Column::new("other", Kind::Text))
        .build()
        .unwrap()
}

/// A file with one workflow, in which a door is shut by a transition of this name.
fn shutting_by(name: &str) -> Value {
    json!({ "door": { "entity": "Door", "field": "state", "states": { "open": {}, "shut": {} },
                      "transitions": { name: { "from": ["open"], "to": "shut" } } } })
}

/// Waits in the middle of a call, then shuts a door.
struct SlowShut {
    started: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl ActionHandler for SlowShut {
    type Input = (AnyParams,);
    type Output = String;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (AnyParams(params),): Self::Input,
    ) -> ActionResult<String> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        self.started.notify_one();
        self.go_on.notified().await;
        let id = Cell::from(params["id"].as_str().unwrap().parse::<Uuid>()?);
        Ok(ctx.records_of(entity).transition(&id, "close", None, None).await?.to)
    }
}

struct House {
    engine: Engine,
    folder: TempDir,
    started: Arc<Notify>,
    go_on: Arc<Notify>,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (started, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        std::fs::write(folder.path().join("workflows.json"), shutting_by("close").to_string()).unwrap();
        let slow = SlowShut { started: Arc::clone(&started), go_on: Arc::clone(&go_on) };
        let engine = Engine::builder()
            .entity_definition(door())
            .workflows_file(folder.path().join("workflows.json"))
            .action(Action::new("door.slow").permission("Transition/{entity}"), slow)
            .build()
            .await
            .unwrap();
        Self { engine, folder, started, go_on }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("workflows.json")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
    }

    async fn run(&self, action: &str, params: Value) -> Result<Value, String> {
        let rights = ["New/Door", "Read/Door", "Transition/Door"];
        let caller = Caller::new(Identity {
            tenant_id: Some(Uuid::from_u128(1)),
            permissions: rights.iter().map(|it| (*it).to_owned()).collect(),
            ..Identity::of(Uuid::from_u128(2))
        });
        let params = params.as_object().unwrap().clone();
        match self.engine.run(caller, Call::execute(action, params)).await.result {
            Ok(Outcome::Done(done)) => Ok(serde_json::from_str(done.data.unwrap().get()).unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code().to_owned()),
        }
    }

    async fn door(&self) -> Value {
        self.run("createRecord", json!({ "entity": "Door", "values": {} })).await.unwrap()["id"].clone()
    }

    /// The transitions that leave the state of a new door.
    async fn ways(&self) -> Vec<String> {
        let id = self.door().await;
        let listed = self.run("listTransitions", json!({ "entity": "Door", "id": id })).await.unwrap();
        let listed = listed["transitions"].as_array().unwrap().iter();
        listed.map(|it| it["transition"].as_str().unwrap().to_owned()).collect()
    }

    async fn ways_become(&self, expected: &[&str]) {
        let started = Instant::now();
        while self.ways().await != expected {
            assert!(started.elapsed() < SEEN, "{:?} after {SEEN:?}", self.ways().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn ways_stay(&self, expected: &[&str]) {
        tokio::time::sleep(LOOKED).await;
        assert_eq!(self.ways().await, expected);
    }
}

#[tokio::test]
async fn an_edit_is_in_force_within_two_seconds() {
    let house = House::new().await;
    assert_eq!(house.ways().await, ["close"]);
    house.write(&shutting_by("slam").to_string());
    house.ways_become(&["slam"]).await;
    let slam = json!({ "entity": "Door", "id": house.door().await, "transition": "slam" });
    assert_eq!(house.run("processWorkflow", slam).await.unwrap()["to"], "shut");
    let close = json!({ "entity": "Door", "id": house.door().await, "transition": "close" });
    assert_eq!(house.run("processWorkflow", close).await.unwrap_err(), "transition_refused");
}

#[tokio::test]
async fn a_broken_edit_keeps_the_last_good_workflows_and_a_good_one_heals() {
    let house = House::new().await;
    let no_state = shutting_by("slam").to_string().replace("\"shut\":{}", "\"ajar\":{}");
    for broken in ["", "{", "[]", "\u{feff}{\"door\": 7}", &no_state] {
        house.write(broken);
        house.ways_stay(&["close"]).await;
    }
    std::fs::remove_file(house.path()).unwrap();
    house.ways_stay(&["close"]).await;
    house.write(&format!("\u{feff}{}", shutting_by("slam")));
    house.ways_become(&["slam"]).await;
}

#[tokio::test]
async fn an_edit_of_what_the_entities_were_frozen_with_waits_for_a_restart() {
    let house = House::new().await;
    let mut starts_shut = shutting_by("slam");
    starts_shut["door"]["initial"] = json!("shut");
    let mut of_another_field = shutting_by("slam");
    of_another_field["door"]["field"] = json!("other");
    let mut one_more = shutting_by("slam");
    one_more["lid"] =
        json!({ "entity": "Door", "field": "other", "states": { "on": {} }, "transitions": {} });
    for edit in [starts_shut, of_another_field, one_more, json!({})] {
        house.write(&edit.to_string());
        house.ways_stay(&["close"]).await;
    }
}

#[tokio::test]
async fn a_call_keeps_the_workflows_it_began_with() {
    let house = House::new().await;
    let id = house.door().await;
    let slow = house.run("door.slow", json!({ "entity": "Door", "id": id }));
    let edited_meanwhile = async {
        house.started.notified().await;
        house.write(&shutting_by("slam").to_string());
        house.ways_become(&["slam"]).await;
        house.go_on.notify_one();
    };
    let (shut, ()) = tokio::join!(slow, edited_meanwhile);
    assert_eq!(shut.unwrap(), "shut");
    let slow = house.run("door.slow", json!({ "entity": "Door", "id": house.door().await }));
    let (refused, ()) = tokio::join!(slow, async { house.go_on.notify_one() });
    assert_eq!(refused.unwrap_err(), "transition_refused");
}

#[tokio::test]
async fn workflows_of_code_stand_beside_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workflows.json");
    std::fs::write(&path, shutting_by("close").to_string()).unwrap();
    let of_code = |transition: &'static str| {
        Workflow::new("lid", "Door", "other")
            .states(["on", "off"])
            .transition(Transition::new(transition).from(["on"]).to("off"))
    };
    let build = async |workflow: Workflow| {
        let builder = Engine::builder().entity_definition(door()).workflow(workflow).workflows_file(&path);
        builder.build().await.err().map(|it| it.to_string()).unwrap_or_default()
    };
    assert_eq!(build(of_code("lift")).await, "");
    let told = build(of_code("close")).await;
    assert!(told.contains("workflow `lid` has a transition of this name already"), "{told}");
}

#[tokio::test]
async fn there_is_one_file() {
    let builder = Engine::builder().workflows_file("a.json").workflows_file("b.json");
    let told = builder.build().await.err().unwrap().to_string();
    assert!(told.contains("workflows come from one file, and `a.json` is another"), "{told}");
}
