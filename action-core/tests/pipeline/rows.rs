//! The rows a custom action is given: counted, loaded again, all of them or none.

use action_core::custom_actions::SelectionRule;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Call, Reply, RowReference, Selected, SelectedMany,
    ShownOn,
};
use serde_json::{Map, Value as Json, json};

use crate::world::*;

struct Inspect;

impl ActionHandler for Inspect {
    type Input = (Selected<Car>,);
    type Output = String;

    async fn execute(&self, _: &mut ActionContext<'_>, (car,): Self::Input) -> ActionResult<String> {
        Ok(car.0.license_plate)
    }
}

struct Count;

impl ActionHandler for Count {
    type Input = (SelectedMany<Car>,);
    type Output = usize;

    async fn execute(&self, _: &mut ActionContext<'_>, (cars,): Self::Input) -> ActionResult<usize> {
        Ok(cars.len())
    }
}

async fn world() -> World {
    World::with(|builder| {
        let one = SelectionRule::parse("=1").unwrap();
        let some = SelectionRule::parse(">0").unwrap();
        builder.action(Action::on_entity("inspect", "Car").authenticated().selection(one), Inspect).action(
            Action::on_entity("count", "Car").authenticated().selection(some).shown_on(ShownOn::Query),
            Count,
        )
    })
    .await
}

fn row(id: &Json) -> RowReference {
    RowReference { id: Some(id.clone()), ..RowReference::default() }
}

async fn with(
    world: &World,
    who: &action_core::Caller,
    action: &str,
    parent: Option<&Json>,
    items: &[&Json],
) -> Reply {
    let mut call = Call::custom("car", action, Map::new());
    call.selection.parent = parent.map(row);
    call.selection.items = items.iter().map(|it| row(it)).collect();
    world.call(who, call).await
}

#[tokio::test]
async fn the_selected_row_is_the_stored_one() {
    let world = world().await;
    let id = world.car(&editor(), "A-1").await;
    assert_eq!(data(&with(&world, &editor(), "INSPECT", None, &[&id]).await), "A-1");
    assert_eq!(world.last_record().action_id.as_ref(), "inspect/Car");
}

#[tokio::test]
async fn repeated_ids_count_once() {
    let world = world().await;
    let id = world.car(&editor(), "A-1").await;
    assert_eq!(data(&with(&world, &editor(), "count", None, &[&id, &id, &id]).await), 1);
    assert_eq!(end(&with(&world, &editor(), "inspect", None, &[&id, &id]).await), "done");
    let shouted = json!(id.as_str().unwrap().to_uppercase());
    assert_eq!(end(&with(&world, &editor(), "inspect", None, &[&id, &shouted]).await), "done");
}

#[tokio::test]
async fn the_rule_is_held_against_the_number_of_rows() {
    let world = world().await;
    let (a, b) = (world.car(&editor(), "A-1").await, world.car(&editor(), "A-2").await);
    assert_eq!(end(&with(&world, &editor(), "inspect", None, &[]).await), "selection_refused");
    assert_eq!(end(&with(&world, &editor(), "inspect", None, &[&a, &b]).await), "selection_refused");
    assert_eq!(end(&with(&world, &editor(), "inspect", Some(&a), &[&a, &b]).await), "selection_refused");
    assert_eq!(data(&with(&world, &editor(), "inspect", Some(&a), &[]).await), "A-1");
    assert_eq!(end(&with(&world, &editor(), "count", Some(&a), &[]).await), "selection_refused");
    let many: Vec<Json> = (0..201).map(|it| json!(uuid::Uuid::from_u128(it))).collect();
    let many: Vec<&Json> = many.iter().collect();
    assert_eq!(end(&with(&world, &editor(), "count", None, &many).await), "too_many_selected");
}

#[tokio::test]
async fn one_row_that_cannot_be_seen_hides_the_whole_call() {
    let world = world().await;
    let (own, foreign) = (world.car(&editor(), "A-1").await, world.car(&stranger(), "G-1").await);
    let missing = json!(uuid::Uuid::from_u128(9));
    for other in [&foreign, &missing, &json!("no-uuid"), &json!(5)] {
        assert_eq!(
            end(&with(&world, &editor(), "count", None, &[&own, other]).await),
            "not_found",
            "{other}"
        );
    }
}

#[tokio::test]
async fn the_row_rule_is_asked_for_reading_and_for_the_action() {
    let world = world().await;
    let id = world.car(&editor(), "A-1").await;
    assert_eq!(end(&with(&world, &painter(), "inspect", None, &[&id]).await), "not_found");
    let red = json!({ "entity": "Car", "id": id, "values": { "color": "red" } });
    assert_eq!(world.end(&editor(), "updateRecord", red).await, "done");
    assert_eq!(end(&with(&world, &painter(), "inspect", None, &[&id]).await), "done");
}

#[tokio::test]
async fn naming_a_row_needs_the_right_to_read_its_type() {
    let world = world().await;
    let id = world.car(&editor(), "A-1").await;
    assert_eq!(end(&with(&world, &newcomer(), "inspect", None, &[&id]).await), "permission_denied");
    assert_eq!(end(&with(&world, &nobody(), "inspect", Some(&id), &[]).await), "permission_denied");
}

#[tokio::test]
async fn an_action_on_an_entity_is_not_reached_by_the_execution_endpoint_nor_the_other_way() {
    let world = world().await;
    assert_eq!(world.end(&editor(), "inspect", json!({})).await, "action_not_found");
    let call = Call::custom("Car", "echo", Map::new());
    assert_eq!(end(&world.call(&editor(), call).await), "action_not_found");
    let call = Call::custom("Ghost", "inspect", Map::new());
    assert_eq!(end(&world.call(&editor(), call).await), "not_found");
}

#[tokio::test]
async fn without_an_entry_or_the_builders_word_an_action_on_an_entity_is_not_there() {
    let engine = action_core::Engine::builder()
        .entity::<Car>()
        .action(Action::on_entity("inspect", "Car").authenticated(), Inspect)
        .build()
        .await
        .unwrap();
    let reply = engine.run(editor(), Call::custom("Car", "inspect", Map::new())).await;
    assert_eq!(end(&reply), "action_not_found");
}
