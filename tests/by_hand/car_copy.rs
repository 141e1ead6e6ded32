//! `CarCopy`: one selected row, typed parameters, a new row as its answer.

use action_core::custom_actions::SelectionRule;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, EngineBuilder, Params, Selected, Tone,
};
use action_tests::databases::TestDatabase;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::car::Car;
use crate::host::{Host, data, end};

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
struct CopyParams {
    /// What stands behind the plate.
    #[garde(length(chars, min = 1, max = 10))]
    suffix: Option<String>,
}

struct CarCopy;

impl ActionHandler for CarCopy {
    type Input = (Selected<Car>, Params<CopyParams>);
    type Output = Car;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (car, params): Self::Input) -> ActionResult<Car> {
        let mut copy = car.0.clone();
        copy.license_plate.push_str(params.suffix.as_deref().unwrap_or(" (copy)"));
        let copy = ctx.records::<Car>()?.insert(&copy).await?;
        ctx.notify(Tone::Success, format!("Copied to {}", copy.license_plate))?;
        Ok(copy)
    }
}

fn actions(builder: EngineBuilder) -> EngineBuilder {
    let one = SelectionRule::parse("=1").unwrap();
    builder.action(Action::on_entity("CarCopy", "Car").selection(one).refresh(), CarCopy)
}

on_both_databases!(a_copy_is_a_new_row_with_its_own_key, a_copy_that_collides_is_undone_and_audited);

async fn a_copy_is_a_new_row_with_its_own_key(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let id = host.car("A-1").await;
    let copy = data(&host.on_car("CarCopy", &id, json!({})).await);
    assert_eq!((&copy["licensePlate"], &copy["version"]), (&json!("A-1 (copy)"), &json!(1)));
    assert_ne!(copy["id"], id);
    assert_eq!(host.cars().await.len(), 2);
    let audited = &host.audit().await.items[0..];
    let copied = audited.iter().find(|it| it.action_id == "CarCopy/Car").unwrap();
    assert_eq!((copied.success, copied.affected_records), (true, Some(1)));
    assert_eq!(copied.changed_records[0]["after"]["licensePlate"], "A-1 (copy)");
}

async fn a_copy_that_collides_is_undone_and_audited(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let id = host.car("A-1").await;
    assert_eq!(end(&host.on_car("CarCopy", &id, json!({})).await), "done");
    assert_eq!(end(&host.on_car("CarCopy", &id, json!({})).await), "conflict");
    assert_eq!(end(&host.on_car("CarCopy", &id, json!({ "suffix": "" })).await), "validation_failed");
    assert_eq!(end(&host.on_car("CarCopy", &id, json!({ "suffix": " 2" })).await), "done");
    assert_eq!(host.cars().await.len(), 3);
    let ends: Vec<_> = host.audit().await.items.iter().rev().map(|it| it.outcome.name()).collect();
    assert_eq!(ends, ["succeeded", "succeeded", "refused", "refused", "succeeded", "succeeded"]);
}
