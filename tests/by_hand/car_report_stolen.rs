//! `CarReportStolen`: asks twice, writes before it asks, and does it all once in total.

use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Call, EngineBuilder, Event, Outcome, Parent,
    Question, Reply, RowReference, SentAnswer, ShownOn, Tone,
};
use action_tests::databases::TestDatabase;
use serde_json::{Value, json};

use crate::car::Car;
use crate::host::{Host, end, no_params};

struct CarReportStolen;

impl ActionHandler for CarReportStolen {
    type Input = (Parent<Car>,);
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (car,): Self::Input) -> ActionResult {
        // Written before the question, to show that a question undoes it.
        ctx.records::<Car>()?.set(car.id, [("status", "stolen".into())]).await?;
        let sure = Question::new("Report vehicle as stolen").options(["Confirm", "Cancel"]);
        if ctx.ask(sure).await?.is("Cancel") {
            ctx.records::<Car>()?.set(car.id, [("status", car.status.clone().into())]).await?;
            ctx.notify(Tone::Info, "Nothing was changed")?;
            return Ok(());
        }
        let tell = Question::new("Notify fleet managers").options(["Yes, notify", "No, skip"]);
        if ctx.ask(tell).await?.is("Yes, notify") {
            let subject = car.id.to_string();
            ctx.emit(Event {
                kind: "car.stolen".into(),
                subject,
                payload: json!({ "plate": car.license_plate }),
            });
        }
        Ok(())
    }
}

fn actions(builder: EngineBuilder) -> EngineBuilder {
    builder.action(Action::on_entity("CarReportStolen", "Car").shown_on(ShownOn::Detail), CarReportStolen)
}

fn report(car: &Value) -> Call {
    let mut call = Call::custom("Car", "CarReportStolen", no_params());
    call.selection.parent = Some(RowReference { id: Some(car.clone()), ..RowReference::default() });
    call
}

/// The same call with an answer to what it was asked.
fn answered(mut call: Call, reply: &Reply, option: &str) -> Call {
    let Ok(Outcome::Asked(asked)) = &reply.result else { panic!("nothing was asked: {reply:?}") };
    call.answers.push(SentAnswer {
        step: asked.step,
        option: option.to_owned(),
        state: Some(asked.state.clone()),
        values: None,
    });
    call
}

on_both_databases!(
    two_questions_are_asked_in_turn_and_one_effect_is_left,
    a_cancelled_report_changes_nothing_for_good
);

async fn two_questions_are_asked_in_turn_and_one_effect_is_left(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let car = host.car("A-1").await;
    let first = host.run(report(&car)).await;
    assert_eq!(end(&first), "asked 0");
    assert_eq!(host.cars().await[0]["status"], "available");
    let confirmed = answered(report(&car), &first, "Confirm");
    let second = host.run(confirmed.clone()).await;
    assert_eq!(end(&second), "asked 1");
    assert_eq!(host.cars().await[0]["status"], "available");
    assert_eq!(end(&host.run(answered(confirmed, &second, "Yes, notify")).await), "done");
    let stolen = &host.cars().await[0];
    assert_eq!((&stolen["status"], &stolen["version"]), (&json!("stolen"), &json!(2)));
    let events = host.engine.event_outbox().take(10, 60).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event.payload, json!({ "plate": "A-1" }));
    let audit = host.audit().await.items;
    let reported: Vec<_> = audit
        .iter()
        .rev()
        .filter(|it| it.action_id == "CarReportStolen/Car")
        .map(|it| it.outcome.name())
        .collect();
    assert_eq!(reported, ["asked", "asked", "succeeded"]);
}

async fn a_cancelled_report_changes_nothing_for_good(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let car = host.car("A-1").await;
    let asked = host.run(report(&car)).await;
    assert_eq!(end(&host.run(answered(report(&car), &asked, "Cancel")).await), "done");
    assert_eq!(host.cars().await[0]["status"], "available");
    let asked = host.run(report(&car)).await;
    assert_eq!(end(&host.run(answered(report(&car), &asked, "Burn it")).await), "invalid_answer");
    assert!(host.engine.event_outbox().take(10, 60).await.unwrap().is_empty());
}
