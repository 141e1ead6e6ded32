//! A handler that asks before it goes on.

use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, Answer, Call, Outcome, Question, Tone,
};
use serde_json::json;

use crate::world::*;

struct Ask;

impl ActionHandler for Ask {
    type Input = ();
    type Output = &'static str;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<&'static str> {
        let car =
            Car { id: uuid::Uuid::nil(), license_plate: "Q-1".into(), year: 2020, color: None, version: 0 };
        ctx.records::<Car>()?.insert(&car).await?;
        ctx.notify(Tone::Info, "inserted")?;
        if ctx.ask(Question::new("Sure?").options(["Yes", "No"])).await?.is("No") {
            return Ok("kept as it was");
        }
        ctx.ask(Question::new("Really?").options(["Yes", "No"])).await?;
        Ok("done")
    }
}

async fn world() -> World {
    World::with(|builder| builder.action(Action::new("ask").authenticated(), Ask)).await
}

fn answered(options: &[&str]) -> Call {
    let mut call = Call::execute("ask", serde_json::Map::new());
    let answers = (0..).zip(options).map(|(step, option)| Answer { step, option: (*option).to_owned() });
    call.answers = answers.collect();
    call
}

#[tokio::test]
async fn a_question_undoes_what_was_written_before_it() {
    let world = world().await;
    let reply = world.call(&editor(), answered(&[])).await;
    assert!(
        matches!(reply.result, Ok(Outcome::Asked(asked)) if asked.step == 0 && asked.question.title() == "Sure?")
    );
    assert_eq!(world.audit(), [("ask".to_owned(), action_core::audit::AuditOutcome::Asked)]);
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 0);
}

#[tokio::test]
async fn the_run_that_has_all_answers_completes_with_one_effect() {
    let world = world().await;
    let second = world.call(&editor(), answered(&["Yes"])).await;
    assert!(matches!(second.result, Ok(Outcome::Asked(asked)) if asked.step == 1));
    let last = world.call(&editor(), answered(&["Yes", "No"])).await;
    assert_eq!(data(&last), "done");
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 1);
}

#[tokio::test]
async fn an_answer_that_was_not_offered_or_given_twice_is_refused() {
    let world = world().await;
    assert_eq!(end(&world.call(&editor(), answered(&["Maybe"])).await), "invalid_answer");
    let mut twice = answered(&["Yes"]);
    twice.answers.push(Answer { step: 0, option: "No".into() });
    assert_eq!(end(&world.call(&editor(), twice).await), "invalid_answer");
}
