//! Actions over HTTP against the same work written by hand with axum and sqlx, in one run, as ratios.
//!
//! `cargo bench -p action-tests --bench http` (or `scripts/bench`). Each pair of servers answers the same requests
//! from the same client on the same machine, in turns, so that a change of the machine's speed meets both. A ratio
//! above 1 means that the action is faster.
#![allow(
    missing_docs,
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
mod client;
mod world;

use std::time::Duration;

use world::World;

const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` asks for a quick look only.
    let quick = std::env::args().any(|it| it == "--test");
    let time = if quick { Duration::from_millis(50) } else { Duration::from_millis(1_500) };
    let rounds = if quick { 1 } else { ROUNDS };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("{:<46}{:>6}{:>14}{:>14}{:>8}{:>16}", "", "conns", "action/s", "by hand/s", "ratio", "min–max");
    runtime.block_on(async {
        let memory = World::in_memory().await;
        for connections in [16, 64] {
            compare("echo, audit in memory", &memory, connections, "echo", "echo", time, rounds).await;
        }
        for world in [World::postgres().await, World::sqlite().await] {
            let name = world.name;
            for connections in [16, 64] {
                let title = |what: &str| format!("{name}: {what}");
                compare(&title("echo, audit stored"), &world, connections, "echo", "echo", time, rounds).await;
                compare(&title("update, a handler of one's own"), &world, connections, "paint", "update", time, rounds).await;
                compare(&title("update, built-in updateRecord"), &world, connections, "update", "update", time, rounds).await;
            }
        }
    });
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
        let ours = client::requests_per_second(world.actions, &world.requests(action), connections, time).await;
        let theirs = client::requests_per_second(world.by_hand, &world.requests_by_hand(by_hand), connections, time).await;
        pairs.push((ours, theirs));
    }
    let median = |mut list: Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list[list.len() / 2]
    };
    let ratios: Vec<f64> = pairs.iter().map(|(ours, theirs)| ours / theirs).collect();
    let (least, most) = ratios.iter().fold((f64::MAX, 0.0_f64), |(least, most), it| (least.min(*it), most.max(*it)));
    println!(
        "{title:<46}{connections:>6}{:>14.0}{:>14.0}{:>8.2}{:>16}",
        median(pairs.iter().map(|it| it.0).collect()),
        median(pairs.iter().map(|it| it.1).collect()),
        median(ratios.clone()),
        format!("{least:.2}–{most:.2}"),
    );
}
