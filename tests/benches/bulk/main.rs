//! `bulkUpdate` of 10,000 rows on PostgreSQL against one statement written by hand, in one run, as a ratio.
//!
//! `cargo bench -p action-tests --bench bulk` (or `scripts/bench rows`). Both lock in the order of keys, change the rows, write
//! an audit row with before and after for each, and one for the call. They take turns, so that a change of the machine's
//! speed meets both, and find the tables swept before each turn. A ratio above 1 means that the action is slower. The
//! memory is this process's own: the peak of its resident set during a call over what it held before the first.
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

mod by_hand;
#[path = "../common/mod.rs"]
mod common;
mod memory;
mod world;

use std::time::{Duration, Instant};

use common::{Asked, median};
use world::World;

const ROWS: usize = 10_000;
const MANY_ROWS: usize = 100_000;
const ROUNDS: usize = 20;

const BY_KEYS: &str = "postgres: update of 10000 rows, audited";
const BY_FILTER: &str = "postgres: update of 100000 rows by a filter, audited";

fn main() {
    let asked = Asked::of_this_run();
    let by_filter_too = !asked.quick && asked.wants(BY_FILTER);
    if !asked.wants(BY_KEYS) && !by_filter_too {
        return;
    }
    common::runtime().block_on(async {
        let world = World::postgres(if asked.quick { ROWS } else { MANY_ROWS }).await;
        world.warm_up().await;
        if asked.wants(BY_KEYS) {
            compare(&world, if asked.quick { 1 } else { ROUNDS }).await;
        }
        if by_filter_too {
            by_filter(&world).await;
        }
    });
}

async fn compare(world: &World, rounds: usize) {
    let body = World::bulk_update(ROWS);
    let mut pairs: Vec<(Duration, Duration)> = Vec::new();
    let idle = memory::resident();
    let mut peak = 0;
    for round in 0..rounds {
        let color = ["red", "blue", "white"][round % 3];
        let by_hand = ["black", "green", "grey"][round % 3];
        let mut pair = [Duration::ZERO; 2];
        // Each finds the rows where the other has put them, in turns: a table that was swept is filled from its start.
        for side in [round % 2, 1 - round % 2] {
            world.sweep().await;
            memory::forget_peak();
            if side == 0 {
                pair[0] = timed(world.run(&body.replace("COLOR", color))).await;
                peak = peak.max(memory::peak());
            } else {
                pair[1] = timed(world.by_hand.update(ROWS, by_hand)).await;
            }
        }
        pairs.push(pair.into());
    }
    let ratios = pairs.iter().map(|(ours, theirs)| ours.as_secs_f64() / theirs.as_secs_f64()).collect();
    println!("{BY_KEYS}, median of {rounds}");
    println!("  action   {:>8.1} ms", milliseconds(pairs.iter().map(|it| it.0).collect()));
    println!("  by hand  {:>8.1} ms", milliseconds(pairs.iter().map(|it| it.1).collect()));
    println!("  ratio    {:>8.2}", median(ratios));
    println!("  least    {:>8.2}", least(pairs.iter().map(|it| it.0)) / least(pairs.iter().map(|it| it.1)));
    println!("  memory   {:>8.1} MB above the {:.1} MB before", mega(peak.saturating_sub(idle)), mega(idle));
}

async fn by_filter(world: &World) {
    world.sweep().await;
    let idle = memory::resident();
    memory::forget_peak();
    let took = timed(world.run(&world.bulk_update_by_filter())).await;
    println!("{BY_FILTER}");
    println!("  action   {:>8.1} ms", milliseconds(vec![took]));
    println!(
        "  memory   {:>8.1} MB above the {:.1} MB before",
        mega(memory::peak().saturating_sub(idle)),
        mega(idle)
    );
}

async fn timed(work: impl Future<Output = ()>) -> Duration {
    let since = Instant::now();
    work.await;
    since.elapsed()
}

/// The least is what the machine's other work disturbs the least.
fn least(list: impl Iterator<Item = Duration>) -> f64 {
    list.map(|it| it.as_secs_f64()).fold(f64::MAX, f64::min)
}

fn milliseconds(list: Vec<Duration>) -> f64 {
    median(list.into_iter().map(|it| it.as_secs_f64() * 1_000.0).collect())
}

fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}
