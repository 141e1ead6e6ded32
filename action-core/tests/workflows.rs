//! Workflows as data: what a file may say, what is refused and where, and what guards a transition.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

use action_core::entity::{Column, Entity};
use action_core::in_memory::InMemory;
use action_core::workflows::{Transition, Workflow};
use action_core::{Call, Caller, Engine, Identity, Kind, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

fn door() -> Entity {
    Entity::builder("Door", "doors")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("state", Kind::Text).one_of(["open", "shut", "locked"]).default_value("open"))
        .column(Column::new("other", Kind::Text))
        .column(Column::new("weight", Kind::Integer))
        .build()
        .unwrap()
}

const GOOD: &str = r#"{
  "_about": "Doors.",
  "door": {
    "entity": "Door",
    "field": "state",
    "states": { "open": {}, "shut": {}, "locked": { "label": { "en": "Locked up" } } },
    "transitions": {
      "close": { "from": ["open"], "to": "shut" },
      "lock": { "_why": "keys", "from": "*", "to": "locked", "commentRequired": true }
    }
  }
}"#;

async fn problems(text: &str) -> Vec<String> {
    let built =
        Engine::builder().entity_definition(door()).workflows_json(text, "workflows.json").build().await;
    built.err().map(|it| it.problems().to_vec()).unwrap_or_default()
}

#[tokio::test]
async fn a_good_file_is_taken_with_its_remarks() {
    assert_eq!(problems(GOOD).await, Vec::<String>::new());
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of mistakes")]
async fn each_mistake_of_a_file_is_told_with_its_place() {
    for (from, to, told) in [
        (
            r#""from": ["open"]"#,
            r#""from": ["opened"]"#,
            "workflow `door`, transition `close` (workflows.json:8): it leaves `opened`, which is none of the states",
        ),
        (
            r#""from": ["open"]"#,
            r#""from": []"#,
            "workflow `door`, transition `close` (workflows.json:8): it leaves no state",
        ),
        (
            r#""to": "shut""#,
            r#""to": "closed""#,
            "workflow `door`, transition `close` (workflows.json:8): it enters `closed`, which is none of the states",
        ),
        (
            r#""to": "shut""#,
            r#""to": "shut", "role": " ""#,
            "workflow `door`, transition `close` (workflows.json:8): its role is blank",
        ),
        (
            r#""to": "shut""#,
            r#""to": "shut", "permission": "*/*""#,
            "workflow `door`, transition `close` (workflows.json:8): its permission: `*/*` has a `*`; a wildcard belongs in a right, a permission names one action",
        ),
        (
            r#""to": "shut""#,
            r#""to": "shut", "condition": {"field": "colour", "operator": "eq", "value": 1}"#,
            "workflow `door`, transition `close` (workflows.json:8): its condition: ",
        ),
        (
            r#""close""#,
            r#""cl ose""#,
            "workflow `door`, transition `cl ose` (workflows.json:8): a name has 1 to 100 letters, digits, `_`, `-` or `.`, and starts with a letter",
        ),
        (
            r#""entity": "Door""#,
            r#""entity": "Gate""#,
            "workflow `door` (workflows.json:3): its entity `Gate` is not registered",
        ),
        (
            r#""field": "state""#,
            r#""field": "status""#,
            "workflow `door` (workflows.json:3): `Door` has no field `status`",
        ),
        (
            r#""field": "state""#,
            r#""field": "weight""#,
            "workflow `door` (workflows.json:3): the field `weight` must be text that callers can read",
        ),
        (
            r#""field": "state""#,
            r#""field": "state", "initial": "ajar""#,
            "workflow `door` (workflows.json:3): its initial state `ajar` is none of its states",
        ),
        (
            r#""shut": {}"#,
            r#""shut": {}, "ajar": {}"#,
            "workflow `door` (workflows.json:3): the column `state` cannot hold the state `ajar`",
        ),
        (
            r#""shut": {}"#,
            r#""shut": {}, "shut": {}"#,
            "`workflows.json`: door.states: `shut` is given twice at line 6 column ",
        ),
        (
            r#""from": ["open"]"#,
            r#""from": "open""#,
            "`workflows.json`: door.transitions.close.from: `from` is a list of states, or \"*\" at line 8 column ",
        ),
        (
            r#""from": ["open"]"#,
            r#""form": ["open"]"#,
            "`workflows.json`: door.transitions.close: missing field `from` at line 8 column ",
        ),
        (
            r#""to": "shut""#,
            r#""to": "shut", "rol": "admin""#,
            "`workflows.json`: door.transitions.close.rol is no member of a workflow at line 8 column 50",
        ),
        (
            r#""locked": { "label": { "en": "Locked up" } }"#,
            r#""locked": { "labels": {}, "_label": {}, "colour": 1 }"#,
            "`workflows.json`: door.states.locked.labels is no member of a workflow at line 6 column 53; \
             door.states.locked.colour is no member of a workflow at line 6 column 81",
        ),
        (
            r#""field": "state""#,
            r#""field": "state", "field": "other""#,
            "`workflows.json`: door: duplicate field `field` at line 5 column ",
        ),
        (
            r#""to": "shut""#,
            r#""to": 7"#,
            "`workflows.json`: door.transitions.close.to: invalid type: integer `7`, expected a string at line 8 column ",
        ),
        (
            r#""commentRequired": true"#,
            r#""commentRequired": "yes""#,
            "`workflows.json`: door.transitions.lock.commentRequired: invalid type: string \"yes\", expected a boolean at line 9 column ",
        ),
        (
            r#""_about": "Doors.","#,
            r#""_about": "Doors.",,"#,
            "`workflows.json`: key must be a string at line 2 column ",
        ),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let found = problems(&GOOD.replacen(from, to, 1)).await;
        assert!(
            found.iter().any(|it| it.starts_with(told)),
            "{to}\n  expected {told}\n  found    {found:#?}"
        );
    }
}

#[tokio::test]
async fn a_field_has_one_workflow_and_an_entity_no_name_twice() {
    let other = |name: &'static str, field: &'static str, transition: &'static str| {
        Workflow::new(name, "Door", field)
            .states(["open", "shut"])
            .transition(Transition::new(transition).from(["open"]).to("shut"))
    };
    let build = async |second: Workflow| {
        let builder = Engine::builder().entity_definition(door()).workflow(other("door", "state", "close"));
        builder.workflow(second).build().await.err().map(|it| it.to_string()).unwrap_or_default()
    };
    assert!(build(other("door", "other", "shut")).await.contains("two workflows are called `door`"));
    assert!(build(other("lid", "state", "shut")).await.contains("belongs to the workflow `door` already"));
    assert!(
        build(other("lid", "other", "close")).await.contains("workflow `door` has a transition of this name")
    );
    assert_eq!(build(other("lid", "other", "shut")).await, "");
}

#[tokio::test]
async fn a_column_that_starts_with_something_else_contradicts_its_workflow() {
    let entity = Entity::builder("Door", "doors")
        .column(Column::new("id", Kind::Uuid))
        .column(Column::new("state", Kind::Text).initially("shut"))
        .build()
        .unwrap();
    let error =
        Engine::builder().entity_definition(entity).workflows_json(GOOD, "w.json").build().await.err();
    let told =
        "workflow `door` (w.json:3): it starts with `open`, and the column `state` of `Door` with `\"shut\"`";
    assert!(error.unwrap().to_string().contains(told));
}

#[tokio::test]
async fn a_file_that_is_not_there_stops_the_start() {
    #[cfg(feature = "config-files")]
    {
        let error = Engine::builder().workflows_file("/nowhere/workflows.json").build().await.err().unwrap();
        assert!(error.to_string().contains("`/nowhere/workflows.json` cannot be read"), "{error}");
    }
}

/// An engine with doors, and a caller who may do everything with them but has no role.
struct House {
    engine: Engine,
    storage: InMemory,
}

fn caller(permissions: &[&str], roles: &[&str]) -> Caller {
    Caller::new(Identity {
        tenant_id: Some(Uuid::from_u128(1)),
        permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
        roles: roles.iter().map(|it| (*it).to_owned()).collect(),
        ..Identity::of(Uuid::from_u128(2))
    })
}

fn keeper() -> Caller {
    caller(&["New/Door", "Read/Door", "Edit/Door", "Transition/Door"], &[])
}

impl House {
    async fn with(workflow: Workflow) -> Self {
        let storage = InMemory::new();
        let builder = Engine::builder().storage(storage.clone()).entity_definition(door()).workflow(workflow);
        Self { engine: builder.build().await.unwrap(), storage }
    }

    async fn run(&self, caller: Caller, action: &str, params: Value) -> Result<Value, String> {
        let params = params.as_object().unwrap().clone();
        let reply = self.engine.run(caller, Call::execute(action, params)).await;
        match reply.result {
            Ok(Outcome::Done(done)) => Ok(serde_json::from_str(done.data.unwrap().get()).unwrap()),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal.code().to_owned()),
        }
    }

    async fn door(&self, values: Value) -> Value {
        let made = self.run(keeper(), "createRecord", json!({ "entity": "Door", "values": values })).await;
        made.unwrap()["id"].clone()
    }
}

#[tokio::test]
async fn a_condition_is_asked_of_the_stored_row() {
    let light = json!({ "field": "weight", "operator": "lt", "value": 100 });
    let house = House::with(
        Workflow::new("door", "Door", "state")
            .states(["open", "shut"])
            .transition(Transition::new("close").from(["open"]).to("shut").condition(light)),
    )
    .await;
    let close = |id: &Value| json!({ "entity": "Door", "id": id, "transition": "close" });
    let heavy = house.door(json!({ "weight": 100 })).await;
    assert_eq!(house.run(keeper(), "processWorkflow", close(&heavy)).await.unwrap_err(), "not_available");
    let listed =
        house.run(keeper(), "listTransitions", json!({ "entity": "Door", "id": heavy })).await.unwrap();
    assert_eq!(listed["transitions"][0]["reason"]["code"], "not_available");
    let light = house.door(json!({ "weight": 99 })).await;
    assert_eq!(house.run(keeper(), "processWorkflow", close(&light)).await.unwrap()["to"], "shut");
}

#[tokio::test]
async fn a_permission_is_asked_beside_the_right() {
    let house = House::with(
        Workflow::new("door", "Door", "state")
            .states(["open", "shut"])
            .transition(Transition::new("close").from(["open"]).to("shut").permission("door.keys")),
    )
    .await;
    let id = house.door(json!({})).await;
    let close = json!({ "entity": "Door", "id": id, "transition": "close" });
    assert_eq!(house.run(keeper(), "processWorkflow", close.clone()).await.unwrap_err(), "permission_denied");
    let with_keys = caller(&["Transition/Door", "DOOR.KEYS"], &[]);
    assert_eq!(house.run(with_keys, "processWorkflow", close).await.unwrap()["to"], "shut");
}

#[tokio::test]
async fn a_workflow_makes_its_column_one_that_is_not_written() {
    let workflow = Workflow::new("door", "Door", "other").states(["new", "old"]);
    let house = House::with(workflow).await;
    let id = house.door(json!({})).await;
    let params = json!({ "entity": "Door", "id": id, "values": { "other": "old" } });
    assert_eq!(house.run(keeper(), "updateRecord", params).await.unwrap_err(), "validation_failed");
    let made = json!({ "entity": "Door", "values": { "other": "old" } });
    assert_eq!(house.run(keeper(), "createRecord", made).await.unwrap_err(), "validation_failed");
    let found = house.run(keeper(), "createRecord", json!({ "entity": "Door", "values": {} })).await.unwrap();
    assert_eq!(found["other"], "new");
}

#[tokio::test]
async fn a_transition_tells_the_hosts_subscribers_in_its_transaction() {
    let house = House::with(
        Workflow::new("door", "Door", "state")
            .states(["open", "shut"])
            .transition(Transition::new("close").from(["open"]).to("shut")),
    )
    .await;
    let id = house.door(json!({})).await;
    let close = json!({ "entity": "Door", "id": id, "transition": "close" });
    house.run(keeper(), "processWorkflow", close.clone()).await.unwrap();
    assert_eq!(house.run(keeper(), "processWorkflow", close).await.unwrap_err(), "transition_refused");
    let told = house.engine.event_outbox().take(10, 30).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event.kind, "workflow.transitioned");
    assert_eq!(told[0].event.payload["to"], "shut");
    assert_eq!(house.storage.audit_records().len(), 3);
}

#[tokio::test]
async fn a_refusal_names_the_transitions_that_are_allowed_to_this_caller_for_this_record() {
    let light = json!({ "field": "weight", "operator": "lt", "value": 100 });
    let from_open = |name: &str| Transition::new(name).from(["open"]).to("shut");
    let house = House::with(
        Workflow::new("door", "Door", "state")
            .states(["open", "shut"])
            .transition(from_open("slam").role("Smith"))
            .transition(from_open("wedge").permission("door.wedges"))
            .transition(from_open("push").condition(light)),
    )
    .await;
    let told = async |who: Caller, id: &Value| {
        let params = json!({ "entity": "Door", "id": id, "transition": "open" });
        let reply =
            house.engine.run(who, Call::execute("processWorkflow", params.as_object().unwrap().clone()));
        reply.await.result.unwrap_err().to_string()
    };
    let heavy = house.door(json!({ "weight": 100 })).await;
    let light = house.door(json!({ "weight": 99 })).await;
    let stem = "`open` does not leave `open`";
    assert_eq!(told(keeper(), &light).await, format!("{stem}; allowed: `push`"));
    assert_eq!(told(keeper(), &heavy).await, format!("{stem}, and what does is not allowed now"));
    let smith = || caller(&["Transition/Door", "door.wedges"], &["smith"]);
    assert_eq!(told(smith(), &heavy).await, format!("{stem}; allowed: `slam`, `wedge`"));
    assert_eq!(told(smith(), &light).await, format!("{stem}; allowed: `slam`, `wedge`, `push`"));
}

/// Any workflow over three states, a bit for each way between them, and one for each guard.
fn workflows() -> impl Strategy<Value = Workflow> {
    let transition = (0..3_usize, 0..8_usize, any::<bool>(), any::<bool>(), any::<bool>());
    prop::collection::vec(transition, 1..5).prop_map(|transitions| {
        let states = ["open", "shut", "locked"];
        let mut workflow = Workflow::new("door", "Door", "state").states(states);
        for (number, (to, from, role, condition, any)) in transitions.into_iter().enumerate() {
            let mut leaves: Vec<&str> = states
                .iter()
                .enumerate()
                .filter(|(bit, _)| from & (1 << bit) != 0)
                .map(|(_, it)| *it)
                .collect();
            if leaves.is_empty() {
                leaves.push("open");
            }
            let mut transition = Transition::new(format!("t{number}")).to(states[to]);
            transition = if any { transition.from_any() } else { transition.from(leaves) };
            if role {
                transition = transition.role("Smith");
            }
            if condition {
                transition = transition.condition(json!({ "field": "weight", "operator": "is_null" }));
            }
            workflow = workflow.transition(transition);
        }
        workflow
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_is_listed_as_allowed_is_what_can_be_made(
        workflow in workflows(),
        walk in prop::collection::vec(0..4_usize, 1..6),
        is_smith in any::<bool>(),
        heavy in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::with(workflow).await;
            let id = house.door(if heavy { json!({ "weight": 1 }) } else { json!({}) }).await;
            let who = || caller(&["Read/Door", "Transition/Door"], if is_smith { &["smith"] } else { &[] });
            for step in walk {
                let name = format!("t{step}");
                let of_door = json!({ "entity": "Door", "id": id });
                let listed = house.run(who(), "listTransitions", of_door).await.unwrap();
                let allowed = listed["transitions"].as_array().unwrap().iter()
                    .any(|it| it["transition"] == name.as_str() && it["allowed"] == true);
                let params = json!({ "entity": "Door", "id": id, "transition": name });
                let made = house.run(who(), "processWorkflow", params).await;
                assert_eq!(made.is_ok(), allowed, "{name}: {made:?}, listed {listed}");
            }
        });
    }
}
