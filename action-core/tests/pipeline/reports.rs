//! Reports on the road, without a database: whose rows and columns, and what a handler reads itself.

use action_core::expression::{Sort, always};
use action_core::{Action, ActionContext, ActionHandler, ActionResult, Caller, Refusal};
use serde_json::{Value as Json, json};

use crate::world::*;

/// Adds up the years of the cars that it may see, after it has made one if it is told to.
struct Years;

impl ActionHandler for Years {
    type Input = (action_core::AnyParams,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Json> {
        if params.0.contains_key("make") {
            let car = Car {
                id: uuid::Uuid::nil(),
                license_plate: "NEW".to_owned(),
                year: 1900,
                color: None,
                version: 0,
            };
            ctx.records::<Car>()?.insert(&car).await?;
        }
        let most = params.0.get("most").and_then(Json::as_i64).unwrap_or(i64::MAX);
        let mut years = 0;
        let mut add = |car: Car| {
            years += car.year;
            if years > most { Err(Refusal::conflict("too_old", "too many years").into()) } else { Ok(()) }
        };
        let cars = ctx.records::<Car>()?.for_each(&always(), &Sort::default(), &mut add).await?;
        Ok(json!([cars, years]))
    }
}

async fn world() -> World {
    let years = Action::new("years").authenticated();
    let world = World::with(|builder| builder.action(years, Years)).await;
    for (plate, color) in [("A", "red"), ("B", "blue"), ("C", "red")] {
        let values = json!({ "licensePlate": plate, "year": 2000, "color": color });
        world.data(&editor(), "createRecord", json!({ "entity": "Car", "values": values })).await;
    }
    world
}

/// The report as text.
async fn report(world: &World, who: &Caller, more: Json) -> String {
    let mut params = json!({ "entity": "Car", "format": "csv", "fields": ["licensePlate"] });
    params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    let data = world.data(who, "generateReport", params).await;
    let id = data["fileId"].as_str().unwrap().parse().unwrap();
    let file = world.engine.file(who.tenant_id(), id).await.unwrap();
    let mut reader = world.engine.open_file(&file, None).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = reader.next().await.unwrap() {
        bytes.extend(chunk);
    }
    assert_eq!(bytes.len() as u64, file.size);
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_report_has_the_rows_that_the_row_rule_lets_its_caller_list() {
    let world = world().await;
    let sorted = json!({ "sort": [{ "field": "licensePlate", "direction": "asc" }] });
    assert_eq!(report(&world, &editor(), sorted.clone()).await, "licensePlate\r\nA\r\nB\r\nC\r\n");
    assert_eq!(report(&world, &painter(), sorted.clone()).await, "licensePlate\r\nA\r\nC\r\n");
    assert_eq!(report(&world, &stranger(), sorted).await, "licensePlate\r\n");
}

#[tokio::test]
async fn a_hidden_column_is_neither_reported_nor_known() {
    let world = world().await;
    let all = report(&world, &editor(), json!({ "fields": null })).await;
    assert!(all.starts_with("id,licensePlate,year,color,status,version,createdBy\r\n"), "{all}");
    for more in [
        json!({ "fields": ["purchasePin"] }),
        json!({ "sort": [{ "field": "purchasePin", "direction": "asc" }] }),
        json!({ "filter": { "field": "purchasePin", "operator": "is_null" } }),
    ] {
        let mut params = json!({ "entity": "Car", "format": "csv" });
        params.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let reply = world.run(&editor(), "generateReport", params).await;
        assert!(fields(&reply).iter().any(|(_, code)| code == "unknown_field"), "{more}");
    }
}

#[tokio::test]
async fn without_a_tenant_there_is_no_report() {
    let world = world().await;
    let params = json!({ "entity": "Car", "format": "csv" });
    assert_eq!(world.end(&without_tenant(), "generateReport", params).await, "tenant_required");
}

#[tokio::test]
async fn a_format_that_was_not_built_in_is_refused_with_those_that_were() {
    let world = world().await;
    for (format, is_there) in [("xlsx", cfg!(feature = "xlsx")), ("pdf", cfg!(feature = "pdf"))] {
        let reply =
            world.run(&editor(), "generateReport", json!({ "entity": "Car", "format": format })).await;
        if is_there {
            assert_eq!(end(&reply), "done");
        } else {
            assert_eq!(fields(&reply), [("format".to_owned(), "not_allowed".to_owned())]);
            let Err(refusal) = &reply.result else { panic!("refused") };
            assert!(refusal.to_string().contains("csv, html, json"), "{refusal}");
        }
    }
}

#[cfg(feature = "xlsx")]
#[tokio::test]
async fn a_text_that_no_cell_of_a_spreadsheet_holds_is_cut_and_the_report_is_made() {
    let world = world().await;
    // A spreadsheet counts an emoji as two.
    for (at, color) in
        ["😀".repeat(20_000), "x".repeat(40_000), format!("={}", "x".repeat(32_766))].into_iter().enumerate()
    {
        let values = json!({ "licensePlate": format!("L-{at}"), "year": 2000, "color": color });
        world.data(&editor(), "createRecord", json!({ "entity": "Car", "values": values })).await;
        let params = json!({ "entity": "Car", "format": "xlsx", "fields": ["color"] });
        assert_eq!(world.end(&editor(), "generateReport", params).await, "done", "{at}");
    }
}

#[tokio::test]
async fn a_handler_reads_many_rows_and_sees_what_it_wrote() {
    let world = world().await;
    assert_eq!(world.data(&editor(), "years", json!({})).await, json!([3, 6000]));
    assert_eq!(world.data(&editor(), "years", json!({ "make": true })).await, json!([4, 7900]));
    assert_eq!(world.data(&painter(), "years", json!({})).await, json!([2, 4000]));
    assert_eq!(world.end(&editor(), "years", json!({ "most": 2000 })).await, "too_old");
}
