//! `CarReportStolen`: asks twice, writes before it asks, and does it all once in total.

use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Answer, Call, EngineBuilder, Event, Parent, Question,
    Reply, RowReference, ShownOn, Tone,
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

async fn report(host: &Host, car: &Value, answers: &[&str]) -> Reply {
    let mut call = Call::custom("Car", "CarReportStolen", no_params());
    call.selection.parent = Some(RowReference { id: Some(car.clone()), ..RowReference::default() });
    call.answers = (0..).zip(answers).map(|(step, it)| Answer { step, option: (*it).to_owned() }).collect();
    host.run(call).await
}

on_both_databases!(
    two_questions_are_asked_in_turn_and_one_effect_is_left,
    a_cancelled_report_changes_nothing_for_good
);

async fn two_questions_are_asked_in_turn_and_one_effect_is_left(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let car = host.car("A-1").await;
    assert_eq!(end(&report(&host, &car, &[]).await), "asked 0");
    assert_eq!(host.cars().await[0]["status"], "available");
    assert_eq!(end(&report(&host, &car, &["Confirm"]).await), "asked 1");
    assert_eq!(host.cars().await[0]["status"], "available");
    assert_eq!(end(&report(&host, &car, &["Confirm", "Yes, notify"]).await), "done");
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
    assert_eq!(end(&report(&host, &car, &["Cancel"]).await), "done");
    assert_eq!(host.cars().await[0]["status"], "available");
    assert_eq!(end(&report(&host, &car, &["Burn it"]).await), "invalid_answer");
    assert!(host.engine.event_outbox().take(10, 60).await.unwrap().is_empty());
}
