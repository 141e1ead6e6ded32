//! The core actions on records, in memory. What only a database can show is shown there.

use action_core::QueryDefinition;
use action_core::expression::field;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::world::*;

#[tokio::test]
async fn a_new_record_gets_what_the_server_keeps() {
    let world = World::new().await;
    let values = json!({ "licensePlate": "A-1", "year": 2020 });
    let car = world.data(&editor(), "createRecord", json!({ "entity": "car", "values": values })).await;
    assert_eq!(
        (&car["version"], &car["status"], &car["color"]),
        (&json!(1), &json!("available"), &json!(null))
    );
    assert_eq!(car["createdBy"], json!(editor().user_id()));
    assert!(car.get("purchasePin").is_none(), "a hidden column is not shown");
}

#[tokio::test]
async fn everything_wrong_with_a_new_record_is_told_at_once_in_the_order_of_the_columns() {
    let world = World::new().await;
    let values = json!({
        "ghost": 1, "status": "stolen", "year": 1700, "id": "x", "version": 3, "purchasePin": "1",
    });
    let reply = world.run(&editor(), "createRecord", json!({ "entity": "Car", "values": values })).await;
    let expected = [
        ("values.id", "read_only"),
        ("values.licensePlate", "required"),
        ("values.year", "out_of_range"),
        ("values.status", "read_only"),
        ("values.version", "read_only"),
        ("values.ghost", "unknown_field"),
        ("values.purchasePin", "unknown_field"),
    ];
    assert_eq!(fields(&reply), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}

#[tokio::test]
async fn a_change_leaves_absent_columns_and_null_clears() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    let update = |values| json!({ "entity": "Car", "id": id, "values": values });
    let car = world.data(&editor(), "updateRecord", update(json!({ "color": "red" }))).await;
    assert_eq!((&car["color"], &car["year"], &car["version"]), (&json!("red"), &json!(2020), &json!(2)));
    let car = world.data(&editor(), "updateRecord", update(json!({ "color": null }))).await;
    assert_eq!((&car["color"], &car["version"]), (&json!(null), &json!(3)));
    let reply =
        world.run(&editor(), "updateRecord", update(json!({ "year": null, "status": "retired" }))).await;
    assert_eq!(
        fields(&reply),
        [("values.year".into(), "required".into()), ("values.status".into(), "read_only".into())]
    );
    let reply = world.run(&editor(), "updateRecord", update(json!({}))).await;
    assert_eq!(fields(&reply), [("values".into(), "too_few".into())]);
}

#[tokio::test]
async fn a_stale_version_is_refused_with_the_current_one() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    let update = json!({ "entity": "Car", "id": id, "values": { "color": "red" }, "version": 1 });
    assert_eq!(world.end(&editor(), "updateRecord", update.clone()).await, "done");
    let reply = world.run(&editor(), "updateRecord", update).await;
    assert!(matches!(reply.result, Err(action_core::Refusal::VersionConflict { current: 2 })));
}

#[tokio::test]
async fn another_tenants_record_is_a_missing_one() {
    let world = World::new().await;
    let id = world.car(&stranger(), "G-1").await;
    let update = json!({ "entity": "Car", "id": id, "values": { "color": "red" } });
    assert_eq!(world.end(&editor(), "updateRecord", update).await, "not_found");
    assert_eq!(world.end(&editor(), "deleteRecord", json!({ "entity": "Car", "id": id })).await, "not_found");
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 0);
}

#[tokio::test]
async fn a_unique_value_that_is_taken_names_its_field() {
    let world = World::new().await;
    world.car(&editor(), "A-1").await;
    let values = json!({ "licensePlate": "A-1", "year": 2020 });
    let reply = world.run(&editor(), "createRecord", json!({ "entity": "Car", "values": values })).await;
    assert_eq!(end(&reply), "conflict");
    assert_eq!(fields(&reply), [("values.licensePlate".into(), "taken".into())]);
}

#[tokio::test]
async fn a_row_cannot_be_written_out_of_its_writers_sight() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    let paint = |color: &str| json!({ "entity": "Car", "id": id, "values": { "color": color } });
    assert_eq!(world.end(&editor(), "updateRecord", paint("red")).await, "done");
    assert_eq!(world.end(&painter(), "updateRecord", paint("blue")).await, "permission_denied");
    let stored = world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await;
    assert_eq!(stored["records"][0]["color"], "red");
}

#[tokio::test]
async fn a_second_deletion_finds_nothing() {
    let world = World::new().await;
    let id = world.car(&editor(), "A-1").await;
    let delete = json!({ "entity": "Car", "id": id });
    assert_eq!(world.data(&editor(), "deleteRecord", delete.clone()).await, json!({ "id": id }));
    assert_eq!(world.end(&editor(), "deleteRecord", delete).await, "not_found");
}

#[tokio::test]
async fn a_query_is_filtered_sorted_paged_and_narrowed() {
    let world = World::new().await;
    for (plate, year) in [("A-1", 2001), ("A-2", 2003), ("A-3", 2002), ("B-1", 2004)] {
        let values = json!({ "licensePlate": plate, "year": year });
        world.data(&editor(), "createRecord", json!({ "entity": "Car", "values": values })).await;
    }
    let query = json!({
        "entity": "Car", "filter": { "field": "licensePlate", "operator": "starts_with", "value": "a-" },
        "sort": [{ "field": "year", "direction": "desc" }], "limit": 2, "offset": 1, "fields": ["licensePlate"],
    });
    let page = world.data(&editor(), "executeQuery", query).await;
    let plates: Vec<_> =
        page["records"].as_array().unwrap().iter().map(|it| it["licensePlate"].clone()).collect();
    assert_eq!(plates, ["A-3", "A-1"]);
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(3), &json!(2), &json!(1)));
    assert_eq!(page["records"][0].as_object().unwrap().len(), 2, "the field asked for, and the key");
}

#[tokio::test]
async fn a_query_that_is_wrong_is_told_everything() {
    let world = World::new().await;
    let query = json!({
        "entity": "Car", "filter": { "field": "purchasePin", "operator": "eq", "value": "1" },
        "sort": [{ "field": "ghost", "direction": "up" }], "fields": ["year", "ghost"], "arguments": {},
    });
    let reply = world.run(&editor(), "executeQuery", query).await;
    let named: Vec<_> = fields(&reply).into_iter().map(|(field, _)| field).collect();
    assert_eq!(named, ["filter.field", "sort[0].field", "sort[0].direction", "fields[1]", "arguments"]);
    for (member, value) in
        [("limit", json!(0)), ("limit", json!(1001)), ("offset", json!(-1)), ("limit", json!("5"))]
    {
        let reply = world.run(&editor(), "executeQuery", json!({ "entity": "Car", member: value })).await;
        assert_eq!(fields(&reply).len(), 1, "{member} {value}");
        assert_eq!(fields(&reply)[0].0, member);
    }
}

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct NewerThan {
    #[garde(range(min = 1886, max = 2100))]
    year: i64,
}

#[tokio::test]
async fn a_registered_query_takes_arguments_and_has_its_own_permission() {
    let query = || {
        QueryDefinition::new("cars.newer", "Car", |arguments: NewerThan, _| field("year").gt(arguments.year))
            .permission("probe")
    };
    let world = World::with(|builder| builder.query(query())).await;
    world.car(&editor(), "A-1").await;
    let run = |year: i64| json!({ "query": "cars.newer", "arguments": { "year": year } });
    assert_eq!(world.data(&editor(), "executeQuery", run(2019)).await["total"], 1);
    assert_eq!(world.data(&editor(), "executeQuery", run(2020)).await["total"], 0);
    assert_eq!(world.end(&painter(), "executeQuery", run(2020)).await, "permission_denied");
    let reply = world.run(&editor(), "executeQuery", run(1)).await;
    assert_eq!(fields(&reply), [("arguments.year".into(), "out_of_range".into())]);
    let mixed = json!({ "query": "cars.newer", "entity": "Car", "arguments": { "year": 2000 } });
    assert_eq!(
        fields(&world.run(&editor(), "executeQuery", mixed).await),
        [("entity".into(), "not_allowed".into())]
    );
}
