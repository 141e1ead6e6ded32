//! A handler that asks before it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use action_core::ports::Clock;
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Asked, Call, EngineBuilder, FormField,
    Kind, Outcome, Question, Reply, SentAnswer, Tone,
};
use chrono::{DateTime, Utc};
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

fn call() -> Call {
    Call::execute("ask", serde_json::Map::new())
}

fn asked(reply: &Reply) -> &Asked {
    match &reply.result {
        Ok(Outcome::Asked(asked)) => asked,
        other => panic!("nothing was asked: {other:?}"),
    }
}

/// The same call with one more answer, to what it was asked.
fn answered(mut call: Call, reply: &Reply, option: &str) -> Call {
    let Asked { step, state, .. } = asked(reply);
    let (option, state) = (option.to_owned(), Some(state.clone()));
    call.answers.push(SentAnswer { step: *step, option, state, values: None });
    call
}

#[tokio::test]
async fn a_question_undoes_what_was_written_before_it() {
    let world = world().await;
    let reply = world.call(&editor(), call()).await;
    assert_eq!((asked(&reply).step, asked(&reply).question.title()), (0, "Sure?"));
    assert_eq!(world.audit(), [("ask".to_owned(), action_core::audit::AuditOutcome::Asked)]);
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 0);
}

#[tokio::test]
async fn the_run_that_has_all_answers_completes_with_one_effect() {
    let world = world().await;
    let first = world.call(&editor(), call()).await;
    let yes = answered(call(), &first, "Yes");
    let second = world.call(&editor(), yes.clone()).await;
    assert_eq!(asked(&second).step, 1);
    let last = world.call(&editor(), answered(yes, &second, "No")).await;
    assert_eq!(data(&last), "done");
    assert_eq!(world.data(&editor(), "executeQuery", json!({ "entity": "Car" })).await["total"], 1);
}

#[tokio::test]
async fn an_answer_that_was_not_offered_or_given_twice_is_refused() {
    let world = world().await;
    let first = world.call(&editor(), call()).await;
    assert_eq!(end(&world.call(&editor(), answered(call(), &first, "Maybe")).await), "invalid_answer");
    let twice = answered(answered(call(), &first, "Yes"), &first, "No");
    assert_eq!(end(&world.call(&editor(), twice).await), "invalid_answer");
}

#[tokio::test]
async fn an_answer_without_its_state_or_from_somebody_else_is_asked_again() {
    let world = world().await;
    let first = world.call(&editor(), call()).await;
    let mut bare = answered(call(), &first, "Yes");
    bare.answers[0].state = None;
    assert_eq!(asked(&world.call(&editor(), bare).await).step, 0);
    assert_eq!(asked(&world.call(&nobody(), answered(call(), &first, "Yes")).await).step, 0);
    assert_eq!(asked(&world.call(&stranger(), answered(call(), &first, "Yes")).await).step, 0);
}

/// Parameters that the audit hides are part of what was asked about, too.
#[tokio::test]
async fn an_answer_holds_for_the_parameters_it_was_given_for() {
    let world = World::with(|builder| builder.action(Action::new("ask").authenticated(), AskAny)).await;
    for (params, others) in [
        (json!({ "a": 1 }), json!({ "a": 2 })),
        (json!({ "password": "one" }), json!({ "password": "two" })),
        (json!({ "long": "x".repeat(20_000) }), json!({ "long": "y".repeat(20_000) })),
    ] {
        let of = |params: &serde_json::Value| Call::execute("ask", params.as_object().cloned().unwrap());
        let first = world.call(&editor(), of(&params)).await;
        assert_eq!(asked(&world.call(&editor(), answered(of(&others), &first, "OK")).await).step, 0);
        assert_eq!(end(&world.call(&editor(), answered(of(&params), &first, "OK")).await), "done");
    }
}

#[tokio::test]
async fn a_form_is_held_against_its_fields_unless_it_is_left() {
    let world = World::with(|builder| builder.action(Action::new("ask").authenticated(), Fill)).await;
    let first = world.call(&editor(), call()).await;
    let filled = |option: &str, values: serde_json::Value| {
        let mut call = answered(call(), &first, option);
        call.answers[0].values = values.as_object().cloned();
        call
    };
    let good = world.call(&editor(), filled("OK", json!({ "reason": "rust", "days": 3 }))).await;
    assert_eq!(data(&good), json!(["rust", 3]));
    let left = world.call(&editor(), filled("Cancel", json!(null))).await;
    assert_eq!(data(&left), json!([null, null]));
    let wrong = world.call(&editor(), filled("OK", json!({ "days": 31, "other": 1 }))).await;
    assert_eq!(end(&wrong), "validation_failed");
    let at = |name: &str, code: &str| (format!("retryResults[0].persistentObject.{name}"), code.to_owned());
    assert_eq!(
        fields(&wrong),
        [at("reason", "required"), at("days", "out_of_range"), at("other", "unknown_field")]
    );
    assert_eq!(end(&world.call(&editor(), filled("OK", json!(null))).await), "validation_failed");
}

#[tokio::test]
async fn an_answer_comes_within_ten_minutes_or_is_asked_for_again() {
    let clock = Hands::default();
    let with = |builder: EngineBuilder| {
        builder.action(Action::new("ask").authenticated(), AskAny).clock(clock.clone())
    };
    let world = World::with(with).await;
    let first = world.call(&editor(), call()).await;
    clock.0.store(599, Ordering::SeqCst);
    assert_eq!(end(&world.call(&editor(), answered(call(), &first, "OK")).await), "done");
    clock.0.store(600, Ordering::SeqCst);
    assert_eq!(asked(&world.call(&editor(), answered(call(), &first, "OK")).await).step, 0);
}

#[tokio::test]
async fn a_key_of_the_hosts_own_is_the_same_on_another_node_and_needs_32_bytes() {
    let engine = |key: &[u8]| {
        let builder = action_core::Engine::builder().without_linked_actions().signing_key(key);
        builder.action(Action::new("ask").authenticated(), AskAny).build()
    };
    let (one, two, other) =
        (engine(&[7; 32]).await.unwrap(), engine(&[7; 32]).await.unwrap(), engine(&[8; 32]).await.unwrap());
    let first = one.run(editor(), call()).await;
    assert_eq!(end(&two.run(editor(), answered(call(), &first, "OK")).await), "done");
    assert_eq!(end(&other.run(editor(), answered(call(), &first, "OK")).await), "asked");
    let short = engine(&[7; 31]).await.err().unwrap();
    assert_eq!(short.problems(), ["the signing key has 31 bytes; it needs 32 at least"]);
}

/// A clock that stands still until it is set, in seconds.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + self.0.load(Ordering::SeqCst), 0).unwrap()
    }
}

struct AskAny;

impl ActionHandler for AskAny {
    type Input = (AnyParams,);
    type Output = &'static str;

    async fn execute(&self, ctx: &mut ActionContext<'_>, _: Self::Input) -> ActionResult<&'static str> {
        ctx.ask(Question::new("Sure?")).await?;
        Ok("done")
    }
}

struct Fill;

impl ActionHandler for Fill {
    type Input = ();
    type Output = serde_json::Value;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<serde_json::Value> {
        let question = Question::new("Why?")
            .cancel("Cancel")
            .field(FormField::new("reason", Kind::Text).required().length(1, 10))
            .field(FormField::new("days", Kind::Integer).range(1, 30).value(7));
        let answer = ctx.ask(question).await?;
        Ok(json!([answer.text("reason"), answer.value("days").to_json()]))
    }
}
