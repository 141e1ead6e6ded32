//! Actions that misbehave on purpose, and a subscriber that does, registered by hand when `FLEET_DIAGNOSTICS=1`. Tests and
//! operators use them to see how faults, panics, limits and missing rights look from outside.

use std::time::Duration;

use action_core::ports::PendingEvent;
use action_core::{
    Action, ActionContext, ActionError, ActionHandler, ActionResult, AnyParams, BoxError, EngineBuilder,
    Params, Rate,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Car;

/// Adds the `diagnostics.*` actions, and a subscriber.
pub(crate) fn register(builder: EngineBuilder) -> EngineBuilder {
    // Five a minute can be read off the name in the guide, so it is written as text and checked here.
    let limited = Rate::parse("5/min").unwrap_or_else(|message| unreachable!("{message}"));
    let open = |id: &'static str, description: &'static str| {
        Action::new(id).authenticated().tenant_optional().description(description)
    };
    builder
        .subscriber(hang_once)
        // What a node that was killed was telling comes again after ten seconds.
        .subscriber_time_limit(Duration::from_secs(2))
        .action(open("diagnostics.fail", "Fails inside."), Fail)
        .action(open("diagnostics.panic", "Panics."), Panic)
        .action(
            open("diagnostics.slow", "Sleeps for `ms` milliseconds; its time limit is 500.")
                .time_limit(Duration::from_millis(500)),
            Slow,
        )
        .action(open("diagnostics.limited", "Runs five times a minute.").rate_limit(limited), Limited)
        .action(
            Action::new("diagnostics.write_then_fail")
                .authenticated()
                .description("Inserts a car, then fails."),
            WriteThenFail,
        )
        .action(
            Action::new("diagnostics.two_permissions")
                .permission("diag.a")
                .permission("diag.b")
                .tenant_optional()
                .description("Needs two permissions."),
            Limited,
        )
}

/// Does not take the event of a button `diagnostics.hang` the first time, until it is cut off.
async fn hang_once(pending: PendingEvent) -> Result<(), BoxError> {
    let label = pending.event.payload.pointer("/after/button/label");
    if pending.attempt == 1 && label.is_some_and(|it| it == "diagnostics.hang") {
        std::future::pending::<()>().await;
    }
    Ok(())
}

struct Fail;

impl ActionHandler for Fail {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        Err(ActionError::fault("secret-detail"))
    }
}

struct Panic;

impl ActionHandler for Panic {
    type Input = (AnyParams,);
    type Output = ();

    #[expect(clippy::panic, reason = "that is what it is for")]
    async fn execute(&self, _: &mut ActionContext<'_>, _: Self::Input) -> ActionResult {
        panic!("secret-detail")
    }
}

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct SlowParams {
    /// How long, in milliseconds.
    #[garde(range(max = 60_000))]
    ms: u64,
}

struct Slow;

impl ActionHandler for Slow {
    type Input = (Params<SlowParams>,);
    type Output = Value;

    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Value> {
        tokio::time::sleep(Duration::from_millis(params.ms)).await;
        Ok(json!({ "slept": params.ms }))
    }
}

struct Limited;

impl ActionHandler for Limited {
    type Input = (AnyParams,);
    type Output = Map<String, Value>;

    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Self::Output> {
        Ok(params.0)
    }
}

#[derive(Deserialize, JsonSchema, garde::Validate)]
#[serde(rename_all = "camelCase")]
struct WriteParams {
    /// The plate of the car that will not be there afterwards.
    #[garde(length(chars, min = 1, max = 20))]
    license_plate: String,
}

struct WriteThenFail;

impl ActionHandler for WriteThenFail {
    type Input = (Params<WriteParams>,);
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult {
        let car = Car {
            id: Uuid::nil(),
            license_plate: params.0.license_plate,
            brand: "None".to_owned(),
            model: "None".to_owned(),
            year: 2000,
            color: None,
            status: "available".to_owned(),
            price: None,
            notes: None,
            version: 0,
            created_at: ctx.now(),
            created_by: None,
            updated_at: None,
            updated_by: None,
        };
        ctx.records::<Car>()?.insert(&car).await?;
        Err(ActionError::fault("secret-detail"))
    }
}
