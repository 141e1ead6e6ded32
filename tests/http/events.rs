//! Domain events and the host's subscribers: who is told what, when, and what happens where one does not take it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use action_core::ports::{EventSubscriber, PendingEvent};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, BoxError, EngineBuilder, Event, Refusal,
};
use action_tests::{Answer, TestApp, people};
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::mail::until;
use crate::page_actions_seed::{CARS_PAGE, CONFIG, DASHBOARD, SEPARATOR, button, delete, put};
use crate::support::tally;

on_both_fleets!(
    each_change_of_a_page_action_is_told_after_its_commit_in_order,
    what_is_refused_or_undone_tells_nothing,
    of_an_action_that_is_moved_by_many_at_once_the_events_come_in_the_order_of_the_changes,
    what_was_not_taken_comes_again_and_keeps_back_only_what_follows_it,
    a_subscriber_that_panics_gets_the_event_again,
    a_subscriber_that_takes_too_long_is_cut_off_and_gets_the_event_again,
    every_subscriber_gets_every_event_and_again_if_one_did_not_take_it,
    a_slow_subject_keeps_no_other_waiting,
    a_closure_is_a_subscriber,
    without_a_subscriber_events_wait,
    an_engine_that_stops_ends_the_delivery_under_way_and_begins_no_other,
);

/// Emits an event of the subject and number that it is given, and refuses afterwards if it is told to.
struct Tell;

impl ActionHandler for Tell {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult {
        let sent = Value::Object(sent.0);
        let subject = sent["subject"].as_str().unwrap().to_owned();
        ctx.emit(Event { kind: "told".into(), subject, payload: sent["n"].clone() });
        if sent["refuse"] == true {
            Err(Refusal::conflict("refused", "as it was told").into())
        } else {
            Ok(())
        }
    }
}

/// With the action `tell`.
pub(crate) fn telling(builder: EngineBuilder) -> EngineBuilder {
    builder.action(Action::new("tell").authenticated(), Tell)
}

pub(crate) async fn tell(app: &TestApp, subject: &str, n: u64) {
    let sent = json!({ "subject": subject, "n": n });
    assert_eq!(app.as_person(&people::viewer()).execute("tell", sent).await.status, 200);
}

/// Keeps what it took. What has the number 0 it does not take in the first attempts.
#[derive(Clone, Default)]
pub(crate) struct Notes {
    taken: Arc<Mutex<Vec<PendingEvent>>>,
    fails: u32,
    how: Fail,
}

#[derive(Clone, Copy, Default)]
enum Fail {
    #[default]
    Error,
    Panic,
    Hang,
}

#[async_trait]
impl EventSubscriber for Notes {
    async fn receive(&self, event: &PendingEvent) -> Result<(), BoxError> {
        if event.attempt <= self.fails && event.event.payload == 0 {
            match self.how {
                Fail::Error => return Err("not yet".into()),
                Fail::Panic => panic!("as it was told"),
                Fail::Hang => std::future::pending().await,
            }
        }
        self.taken.lock().unwrap().push(event.clone());
        Ok(())
    }
}

impl Notes {
    pub(crate) fn taken(&self) -> Vec<PendingEvent> {
        self.taken.lock().unwrap().clone()
    }

    /// Subject and number of each, and the attempt.
    pub(crate) fn list(&self) -> Vec<String> {
        let line = |it: &PendingEvent| format!("{} {} #{}", it.event.subject, it.event.payload, it.attempt);
        self.taken().iter().map(line).collect()
    }

    pub(crate) async fn until(&self, count: usize) {
        until(async || self.taken().len() >= count).await;
    }
}

async fn each_change_of_a_page_action_is_told_after_its_commit_in_order(app: TestApp) {
    let notes = Notes::default();
    let app = app.hosted(|it| it.subscriber(notes.clone())).await;
    let ask = app.as_person(&people::administrator());
    let made = ask.post(&format!("{CONFIG}/buttons"), &button(CARS_PAGE)).await.json;
    let id = made["id"].as_str().unwrap();
    let kept = put(&ask, &format!("{CONFIG}/buttons/{id}"), &json!({ "label": "Keep" })).await.json;
    assert_eq!(delete(&ask, &format!("{CONFIG}/{id}")).await.status, 204);
    notes.until(3).await;
    let told = notes.taken();
    let kinds: Vec<_> = told.iter().map(|it| it.event.kind.as_ref()).collect();
    assert_eq!(kinds, ["page_action.created", "page_action.updated", "page_action.deleted"]);
    for (event, before, after) in [
        (&told[0], &Value::Null, &made["button"]["label"]),
        (&told[1], &made["button"]["label"], &kept["button"]["label"]),
        (&told[2], &kept["button"]["label"], &Value::Null),
    ] {
        let label = |at: &str| &event.event.payload[at]["button"]["label"];
        assert_eq!((label("before"), label("after")), (before, after));
        assert_eq!((event.event.subject.as_str(), event.attempt), (id, 1));
        assert_eq!(event.event.payload["actor"], json!(event.user));
    }
    assert_eq!(kept["button"]["label"], "Keep");
}

async fn what_is_refused_or_undone_tells_nothing(app: TestApp) {
    let notes = Notes::default();
    let app = app.hosted(|it| telling(it).subscriber(notes.clone())).await;
    let ask = app.as_person(&people::administrator());
    let refused = ask.execute("tell", json!({ "subject": "a", "n": 1, "refuse": true })).await;
    assert_eq!(refused.brief(), "409 refused");
    let unknown = ask.post(&format!("{CONFIG}/buttons"), &button(crate::support::NO_CAR)).await;
    assert_eq!(unknown.status, 400);
    let stale = ask.clone().header("if-match", "\"0\"");
    assert_eq!(delete(&stale, &format!("{CONFIG}/{SEPARATOR}")).await.status, 412);
    // What is told after them shows that there was nothing before.
    tell(&app, "a", 2).await;
    notes.until(1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(notes.list(), ["a 2 #1"]);
}

async fn of_an_action_that_is_moved_by_many_at_once_the_events_come_in_the_order_of_the_changes(
    app: TestApp,
) {
    let notes = Notes::default();
    let app = Arc::new(app.hosted(|it| it.subscriber(notes.clone())).await);
    let mut moves: JoinSet<Answer> = JoinSet::new();
    for n in 0..12 {
        let app = Arc::clone(&app);
        moves.spawn(async move {
            let ask = app.as_person(&people::administrator());
            let to = if n % 2 == 0 { DASHBOARD } else { CARS_PAGE };
            put(&ask, &format!("{CONFIG}/separators/{SEPARATOR}"), &json!({ "pageConfigId": to })).await
        });
    }
    // Of two that hold a page each and want the other's, one is told to come again.
    let answers = moves.join_all().await;
    let made = answers.iter().filter(|it| it.status == 200).count();
    assert!(made > 1 && answers.iter().all(|it| [200, 409].contains(&it.status)), "{:?}", tally(&answers));
    notes.until(made).await;
    let told = notes.taken();
    assert_eq!(told.len(), made);
    for (earlier, later) in told.iter().zip(&told[1..]) {
        assert_eq!(earlier.event.payload["after"], later.event.payload["before"]);
    }
}

async fn what_was_not_taken_comes_again_and_keeps_back_only_what_follows_it(app: TestApp) {
    let notes = Notes { fails: 2, ..Notes::default() };
    let app = app.hosted(|it| telling(it).subscriber(notes.clone())).await;
    tell(&app, "a", 0).await;
    tell(&app, "a", 1).await;
    tell(&app, "b", 2).await;
    tell(&app, "b", 3).await;
    notes.until(4).await;
    assert_eq!(notes.list(), ["b 2 #1", "b 3 #1", "a 0 #3", "a 1 #1"]);
}

async fn a_subscriber_that_panics_gets_the_event_again(app: TestApp) {
    let notes = Notes { fails: 1, how: Fail::Panic, ..Notes::default() };
    let app = app.hosted(|it| telling(it).subscriber(notes.clone())).await;
    tell(&app, "a", 0).await;
    notes.until(1).await;
    assert_eq!(notes.list(), ["a 0 #2"]);
}

async fn a_subscriber_that_takes_too_long_is_cut_off_and_gets_the_event_again(app: TestApp) {
    let notes = Notes { fails: 1, how: Fail::Hang, ..Notes::default() };
    let limit = Duration::from_millis(200);
    let app = app.hosted(|it| telling(it).subscriber(notes.clone()).subscriber_time_limit(limit)).await;
    tell(&app, "a", 0).await;
    notes.until(1).await;
    assert_eq!(notes.list(), ["a 0 #2"]);
}

async fn every_subscriber_gets_every_event_and_again_if_one_did_not_take_it(app: TestApp) {
    let (content, late) = (Notes::default(), Notes { fails: 1, ..Notes::default() });
    let app = app.hosted(|it| telling(it).subscriber(content.clone()).subscriber(late.clone())).await;
    tell(&app, "a", 0).await;
    content.until(2).await;
    late.until(1).await;
    assert_eq!(
        (content.list(), late.list()),
        (vec!["a 0 #1".into(), "a 0 #2".into()], vec!["a 0 #2".into()])
    );
    let same: Vec<_> = content.taken().iter().map(|it| it.id).collect();
    assert_eq!(same[0], same[1], "the id tells a repetition");
}

async fn a_slow_subject_keeps_no_other_waiting(app: TestApp) {
    let notes = Notes { fails: 1, how: Fail::Hang, ..Notes::default() };
    let app = app.hosted(|it| telling(it).subscriber(notes.clone())).await;
    tell(&app, "slow", 0).await;
    for n in 1..=50 {
        tell(&app, "a", n).await;
        tell(&app, "b", n).await;
    }
    let began = Instant::now();
    notes.until(100).await;
    assert!(began.elapsed() < Duration::from_secs(10), "they waited for it: {:?}", began.elapsed());
}

async fn a_closure_is_a_subscriber(app: TestApp) {
    let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
    let subscriber = move |event: PendingEvent| {
        let sender = sender.clone();
        async move { sender.send(event.event.subject).map_err(BoxError::from) }
    };
    let app = app.hosted(|it| telling(it).subscriber(subscriber)).await;
    tell(&app, "a", 1).await;
    assert_eq!(told.recv().await.as_deref(), Some("a"));
}

async fn without_a_subscriber_events_wait(app: TestApp) {
    let app = app.hosted(telling).await;
    tell(&app, "a", 1).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let waiting = app.parts().engine.event_outbox().take(10, 60).await.unwrap();
    assert_eq!(waiting.iter().map(|it| it.attempt).collect::<Vec<_>>(), [1]);
}

async fn an_engine_that_stops_ends_the_delivery_under_way_and_begins_no_other(app: TestApp) {
    let (began, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let notes = Notes::default();
    let slow = {
        let notes = notes.clone();
        move |event: PendingEvent| {
            let (notes, began) = (notes.clone(), began.clone());
            async move {
                began.send(())?;
                tokio::time::sleep(Duration::from_millis(300)).await;
                notes.receive(&event).await
            }
        }
    };
    // Both are there when it begins.
    let app = app.hosted(telling).await;
    tell(&app, "a", 1).await;
    tell(&app, "a", 2).await;
    let engine = app.second_engine(|it| it.subscriber(slow)).await;
    begins.recv().await.unwrap();
    assert!(engine.drain(Duration::from_secs(10)).await);
    assert_eq!(notes.list(), ["a 1 #1"]);
    let left = app.parts().engine.event_outbox().take(10, 60).await.unwrap();
    assert_eq!(
        left.iter().map(|it| (it.event.payload.clone(), it.attempt)).collect::<Vec<_>>(),
        [(json!(2), 1)]
    );
}
