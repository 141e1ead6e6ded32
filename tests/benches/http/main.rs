//! Actions over HTTP against the same work written by hand with axum and sqlx, in one run, as ratios.
//!
//! `cargo bench -p action-tests --bench http` (or `scripts/bench`). Each pair of servers answers the same requests
//! from the same client on the same machine, in turns, so that a change of the machine's speed meets both. A ratio
//! above 1 means that the action is faster. A word behind `--` runs only the lines it occurs in: `-- postgres`.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, and its output is what it prints"
)]

mod actions;
mod by_hand;
mod by_hand_pages;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod world;

use std::time::Duration;

use action_core::EngineBuilder;
use common::{Asked, median};
use world::{World, builder};

const ROUNDS: usize = 5;

fn main() {
    let asked = Asked::of_this_run();
    let time = if asked.quick { Duration::from_millis(50) } else { Duration::from_millis(1_500) };
    let rounds = if asked.quick { 1 } else { ROUNDS };
    println!("{:<46}{:>6}{:>14}{:>14}{:>8}{:>16}", "", "conns", "action/s", "by hand/s", "ratio", "min–max");
    common::runtime().block_on(async {
        let plan = Plan { asked, time, rounds };
        if plan.wants("echo, audit in memory") {
            let memory = World::in_memory().await;
            for connections in [16, 64] {
                plan.compare("echo, audit in memory", &memory, connections, "echo", "echo").await;
            }
        }
        for name in ["postgres", "sqlite"] {
            let lines = LINES.map(|(what, action, by_hand)| (format!("{name}: {what}"), action, by_hand));
            if !lines.iter().any(|(title, ..)| plan.wants(title)) {
                continue;
            }
            let world = World::on(name, builder()).await;
            for connections in [16, 64] {
                for (title, action, by_hand) in lines.iter().filter(|(title, ..)| plan.wants(title)) {
                    plan.compare(title, &world, connections, action, by_hand).await;
                }
            }
        }
        for name in ["postgres", "sqlite"] {
            for (what, kept) in [("in memory", None), ("read each time", Some(0))] {
                let title = format!("{name}: a page's actions, {what}");
                if plan.wants(&title) {
                    let builder = kept.into_iter().fold(builder(), EngineBuilder::page_cache);
                    let world = World::on(name, builder).await;
                    for connections in [16, 64] {
                        plan.compare(&title, &world, connections, "page", "page").await;
                    }
                }
            }
        }
    });
}

/// What is compared on each database: its name, the requests for the action, the requests for what is written by hand.
const LINES: [(&str, &str, &str); 3] = [
    ("echo, audit stored", "echo", "echo"),
    ("update, a handler of one's own", "paint", "update"),
    ("update, built-in updateRecord", "update", "update"),
];

struct Plan {
    asked: Asked,
    time: Duration,
    rounds: usize,
}

impl Plan {
    fn wants(&self, title: &str) -> bool {
        self.asked.wants(title)
    }

    async fn compare(&self, title: &str, world: &World, connections: usize, action: &str, by_hand: &str) {
        compare(title, world, connections, action, by_hand, self.time, self.rounds).await;
    }
}

async fn compare(
    title: &str,
    world: &World,
    connections: usize,
    action: &str,
    by_hand: &str,
    time: Duration,
    rounds: usize,
) {
    let mut pairs = Vec::new();
    for _ in 0..rounds {
        let ours =
            client::requests_per_second(world.actions, &world.requests(action), connections, time).await;
        let theirs =
            client::requests_per_second(world.by_hand, &world.requests_by_hand(by_hand), connections, time)
                .await;
        pairs.push((ours, theirs));
    }
    let ratios: Vec<f64> = pairs.iter().map(|(ours, theirs)| ours / theirs).collect();
    let (least, most) =
        ratios.iter().fold((f64::MAX, 0.0_f64), |(least, most), it| (least.min(*it), most.max(*it)));
    println!(
        "{title:<46}{connections:>6}{:>14.0}{:>14.0}{:>8.2}{:>16}",
        median(pairs.iter().map(|it| it.0).collect()),
        median(pairs.iter().map(|it| it.1).collect()),
        median(ratios.clone()),
        format!("{least:.2}–{most:.2}"),
    );
}
