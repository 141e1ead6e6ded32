//! Many records at once, in memory. What only a database can show is shown there.

use action_core::audit::Operation;
use action_core::expression::field;
use action_core::records::{Mode, Which};
use action_core::{Action, ActionContext, ActionHandler, ActionResult, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::*;

async fn three(world: &World) -> [Json; 3] {
    [world.car(&editor(), "A-1").await, world.car(&editor(), "A-2").await, world.car(&editor(), "A-3").await]
}

#[tokio::test]
async fn records_are_changed_once_each_and_audited_each() {
    let world = World::new().await;
    let [first, second, _] = three(&world).await;
    let ids = json!([second, first, second]);
    let params = json!({ "entity": "Car", "ids": ids, "values": { "color": "red" } });
    let done = world.data(&editor(), "bulkUpdate", params).await;
    assert_eq!(done["updated"], 2);
    let record = world.last_record();
    assert_eq!((record.affected_records, record.changes.len()), (Some(2), 2));
    assert!(record.changes.iter().all(|it| it.after == json!({ "color": "red" })));
    let red = json!({ "entity": "Car", "filter": { "field": "color", "operator": "eq", "value": "red" } });
    assert_eq!(world.data(&editor(), "executeQuery", red).await["total"], 2);
}

#[tokio::test]
async fn a_missing_record_fails_the_whole_or_is_listed() {
    let world = World::new().await;
    let [first, ..] = three(&world).await;
    let foreign = world.car(&stranger(), "G-1").await;
    let nobodys = json!(Uuid::from_u128(9));
    let mut params = json!({ "entity": "Car", "ids": [foreign, first, nobodys] });
    let reply = world.run(&editor(), "bulkDelete", params.clone()).await;
    assert_eq!(end(&reply), "not_found");
    assert_eq!(fields(&reply), ["ids[0]", "ids[2]"].map(|it| (it.to_owned(), "not_found".to_owned())));
    params["mode"] = json!("independent");
    let done = world.data(&editor(), "bulkDelete", params).await;
    assert_eq!((&done["deleted"], &done["ids"]), (&json!(1), &json!([first])));
    let failed =
        [foreign, nobodys].map(|it| json!({ "id": it, "code": "not_found", "message": "not found" }));
    assert_eq!(done["failed"], json!(failed));
}

#[tokio::test]
async fn a_taken_value_fails_the_whole_or_is_listed() {
    let world = World::new().await;
    let ids = three(&world).await;
    let mut params = json!({ "entity": "Car", "ids": ids, "values": { "licensePlate": "B-1" } });
    let reply = world.run(&editor(), "bulkUpdate", params.clone()).await;
    assert_eq!((end(&reply), fields(&reply)[0].0.as_str()), ("conflict".to_owned(), "values.licensePlate"));
    params["mode"] = json!("independent");
    let done = world.data(&editor(), "bulkUpdate", params).await;
    assert_eq!((&done["updated"], done["failed"].as_array().unwrap().len()), (&json!(1), 2));
}

#[tokio::test]
async fn more_records_than_a_filter_may_pick_are_counted_and_left() {
    let world = World::new().await;
    three(&world).await;
    let mut params = json!({ "entity": "Car", "filter": { "and": [] }, "maxAffected": 2 });
    let reply = world.run(&editor(), "bulkDelete", params.clone()).await;
    assert_eq!(end(&reply), "too_many_affected");
    assert!(reply.result.unwrap_err().to_string().starts_with("3 records"));
    params["maxAffected"] = json!(3);
    assert_eq!(world.data(&editor(), "bulkDelete", params).await["deleted"], 3);
}

#[tokio::test]
async fn a_row_cannot_be_written_out_of_its_writers_sight() {
    let world = World::new().await;
    let [first, second, _] = three(&world).await;
    let paint =
        |color: &str| json!({ "entity": "Car", "ids": [first, second], "values": { "color": color } });
    assert_eq!(world.end(&painter(), "bulkUpdate", paint("red")).await, "not_found", "they are not red yet");
    assert_eq!(world.end(&editor(), "bulkUpdate", paint("red")).await, "done");
    assert_eq!(world.end(&painter(), "bulkUpdate", paint("blue")).await, "permission_denied");
    let mut independent = paint("blue");
    independent["mode"] = json!("independent");
    let done = world.data(&painter(), "bulkUpdate", independent).await;
    assert_eq!((&done["updated"], &done["failed"][1]["code"]), (&json!(0), &json!("permission_denied")));
}

/// Changes of one record and of many, one after the other.
struct Mixed;

impl ActionHandler for Mixed {
    type Input = ();
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<Json> {
        let car = |plate: &str| Car {
            id: Uuid::nil(),
            license_plate: plate.to_owned(),
            year: 1990,
            color: None,
            version: 0,
        };
        let first = ctx.records::<Car>()?.insert(&car("M-1")).await?;
        ctx.records::<Car>()?.insert(&car("M-2")).await?;
        let old = Which::matching(field("year").eq(1990), 10);
        let painted = ctx.records::<Car>()?.update_all(&old, [("color", "red".into())], Mode::Atomic).await?;
        // Refused, and nothing of it is left.
        let few = Which::matching(field("year").eq(1990), 1);
        assert!(ctx.records::<Car>()?.delete_all(&few, Mode::Atomic).await.is_err());
        let unknown = Which::keys([Value::from(first.id), Uuid::from_u128(5).into()]);
        assert!(ctx.records::<Car>()?.delete_all(&unknown, Mode::Atomic).await.is_err());
        ctx.records::<Car>()?.set(first.id, [("color", "blue".into())]).await?;
        let gone = ctx.records::<Car>()?.delete_all(&unknown, Mode::Independent).await?;
        Ok(json!([painted.changed, gone.changed, gone.failed.len()]))
    }
}

/// Asks for more than there may be.
struct TooMuch(Which);

impl ActionHandler for TooMuch {
    type Input = ();
    type Output = u64;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<u64> {
        Ok(ctx.records::<Car>()?.delete_all(&self.0, Mode::Atomic).await?.changed)
    }
}

#[tokio::test]
async fn a_handlers_changes_are_audited_in_the_order_in_which_it_made_them() {
    let world = World::with(|builder| builder.action(Action::new("mixed").permission("probe"), Mixed)).await;
    assert_eq!(world.data(&editor(), "mixed", json!({})).await, json!([2, 1, 1]));
    let record = world.last_record();
    let operations: Vec<Operation> = record.changes.iter().map(|it| it.operation).collect();
    let updated = Operation::Updated;
    let expected = [Operation::Created, Operation::Created, updated, updated, updated, Operation::Deleted];
    assert_eq!(operations, expected);
    assert_eq!(record.affected_records, Some(6));
    let left = world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await;
    assert_eq!((&left["total"], &left["records"][0]["color"]), (&json!(1), &json!("red")));
}

#[tokio::test]
async fn a_handler_that_asks_for_too_many_has_a_fault() {
    for which in [Which::keys(vec![1_i64; 10_001]), Which::matching(field("year").eq(1), 100_001)] {
        let world = World::with(|builder| {
            builder.action(Action::new("much").permission("probe"), TooMuch(which.clone()))
        })
        .await;
        assert_eq!(world.end(&editor(), "much", json!({})).await, "internal");
    }
}
