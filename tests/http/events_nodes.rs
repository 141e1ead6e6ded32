//! Domain events where several nodes share a database, and where one of them dies.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use action_core::BoxError;
use action_core::ports::{EventSubscriber, PendingEvent};
use action_tests::TestApp;
use async_trait::async_trait;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::events::{Notes, tell, telling};
use crate::mail::until;

on_both_fleets!(
    two_nodes_tell_every_event_in_order_and_no_subject_at_once,
    what_another_node_wrote_is_found,
    an_event_whose_node_died_in_the_middle_of_its_delivery_is_told_by_another_one,
);

/// What all nodes do, together.
#[derive(Default)]
struct Board {
    under_way: HashSet<String>,
    told: BTreeMap<String, Vec<u64>>,
    at_once: Vec<String>,
}

/// The subscriber of a node. It takes nothing before both have something, so that both take part.
struct Node {
    number: usize,
    begun: watch::Sender<[bool; 2]>,
    board: Arc<Mutex<Board>>,
}

#[async_trait]
impl EventSubscriber for Node {
    async fn receive(&self, event: &PendingEvent) -> Result<(), BoxError> {
        self.begun.send_modify(|it| it[self.number] = true);
        self.begun.subscribe().wait_for(|it| *it == [true; 2]).await?;
        let subject = event.event.subject.clone();
        if !self.board.lock().unwrap().under_way.insert(subject.clone()) {
            self.board.lock().unwrap().at_once.push(subject.clone());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut board = self.board.lock().unwrap();
        board.under_way.remove(&subject);
        board.told.entry(subject).or_default().push(event.event.payload.as_u64().unwrap());
        Ok(())
    }
}

async fn two_nodes_tell_every_event_in_order_and_no_subject_at_once(app: TestApp) {
    let app = Arc::new(app.hosted(telling).await);
    let mut subjects = JoinSet::new();
    // More than one node is telling about at a time.
    for subject in 0..80 {
        let app = Arc::clone(&app);
        subjects.spawn(async move {
            for n in 0..5 {
                tell(&app, &format!("s{subject}"), n).await;
            }
        });
    }
    subjects.join_all().await;
    let (begun, board) = (watch::Sender::new([false; 2]), Arc::<Mutex<Board>>::default());
    let mut engines = Vec::new();
    for number in 0..2 {
        let node = Node { number, begun: begun.clone(), board: Arc::clone(&board) };
        engines.push(app.second_engine(|it| it.subscriber(node)).await);
    }
    until(async || board.lock().unwrap().told.values().map(Vec::len).sum::<usize>() >= 400).await;
    let board = board.lock().unwrap();
    assert!(board.at_once.is_empty(), "told by both at once: {:?}", board.at_once);
    assert_eq!(board.told.len(), 80);
    for (subject, told) in &board.told {
        assert_eq!(*told, [0, 1, 2, 3, 4], "{subject}");
    }
}

async fn what_another_node_wrote_is_found(app: TestApp) {
    let notes = Notes::default();
    let app = app.hosted(telling).await;
    let _other = app.second_engine(|it| it.subscriber(notes.clone())).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    tell(&app, "a", 1).await;
    notes.until(1).await;
    assert_eq!(notes.list(), ["a 1 #1"]);
}

async fn an_event_whose_node_died_in_the_middle_of_its_delivery_is_told_by_another_one(app: TestApp) {
    let app = Arc::new(app.hosted(telling).await);
    tell(&app, "a", 1).await;
    tell(&app, "a", 2).await;
    let limit = Duration::from_millis(500);
    let doomed = Arc::clone(&app);
    // It has a runtime of its own, which ends with everything that runs on it.
    let first = tokio::task::spawn_blocking(move || {
        let (began, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let hangs = move |event: PendingEvent| {
            let began = began.clone();
            async move {
                began.send(event)?;
                std::future::pending().await
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let first = runtime.block_on(async move {
            let engine = doomed.second_engine(|it| it.subscriber(hangs).subscriber_time_limit(limit)).await;
            let first = begins.recv().await;
            drop(engine);
            first
        });
        runtime.shutdown_background();
        first.unwrap()
    })
    .await
    .unwrap();
    let notes = Notes::default();
    let _second = app.second_engine(|it| it.subscriber(notes.clone()).subscriber_time_limit(limit)).await;
    notes.until(2).await;
    assert_eq!(notes.list(), ["a 1 #2", "a 2 #2"]);
    assert_eq!((notes.taken()[0].id, first.attempt), (first.id, 1));
}
