//! Files that handlers make: kept with their call, and gone with it.

use std::time::Duration;

use action_core::in_memory::InMemoryFiles;
use action_core::ports::{Clock, FileName, FileStore as _};
use action_core::{Action, ActionContext, ActionHandler, ActionResult, AnyParams, Effect, Outcome, Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::*;

/// Keeps a file, begins another, and then does as its parameters say.
struct Export;

impl ActionHandler for Export {
    type Input = (AnyParams,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Json> {
        let mut file = ctx.new_file("../cars.csv", "text/csv; charset=utf-8").await?;
        file.write(b"plate\r\n").await?;
        // It does not borrow the context.
        ctx.cancellation();
        file.write(b"A-1\r\n").await?;
        let stored = ctx.keep_file(file).await?;
        let mut dropped = ctx.new_file("other.csv", "text/csv").await?;
        dropped.write(b"never kept").await?;
        match params.get("then").and_then(Json::as_str) {
            Some("refuse") => Err(Refusal::conflict("no", "not today").into()),
            Some("panic") => panic!("secret-panic"),
            Some("sleep") => {
                tokio::time::sleep(Duration::from_secs(5)).await;
                Ok(json!("slept"))
            }
            _ => {
                ctx.effect(Effect::download(&stored));
                Ok(serde_json::to_value(&stored)?)
            }
        }
    }
}

async fn world() -> (World, InMemoryFiles) {
    let files = InMemoryFiles::default();
    let store = files.clone();
    let export = || Action::new("export").authenticated().time_limit(Duration::from_millis(50));
    let world = World::with(|builder| {
        let reading = Action::new("export.reading").authenticated().read_only();
        builder.files(store).action(export(), Export).action(reading, Export)
    })
    .await;
    (world, files)
}

#[tokio::test]
async fn a_kept_file_is_told_and_can_be_found_and_read() {
    let (world, files) = world().await;
    let reply = world.run(&editor(), "export", json!({})).await;
    let Ok(Outcome::Done(done)) = &reply.result else { panic!("{reply:?}") };
    let told = data(&reply);
    let id: Uuid = told["fileId"].as_str().unwrap().parse().unwrap();
    // printf 'plate\r\nA-1\r\n' | sha256sum
    let sha256 = "d5be6c661e8e6d320746d713c1498800c9a69cb12ce2ff74bf0447157135450c";
    assert_eq!((&told["fileName"], &told["size"]), (&json!("cars.csv"), &json!(12)));
    assert_eq!(told["sha256"], sha256);
    let effects: Json = serde_json::from_str(done.effects.as_ref().unwrap().get()).unwrap();
    let url = format!("/ui/files/{id}");
    assert_eq!(effects, json!([{ "type": "download", "fileId": id, "fileName": "cars.csv", "url": url }]));
    let found = world.engine.file(Some(ACME), id).await.unwrap();
    let mut reader = world.engine.open_file(&found, None).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap(), b"plate\r\nA-1\r\n");
    assert!(world.engine.file(Some(GLOBEX), id).await.is_err());
    assert_eq!(files.count(), 1, "what was not kept is not there");
}

#[tokio::test]
async fn a_call_that_is_undone_leaves_no_bytes_however_it_ends() {
    let (world, files) = world().await;
    for (then, expected) in [("refuse", "no"), ("panic", "internal"), ("sleep", "timeout")] {
        assert_eq!(world.end(&editor(), "export", json!({ "then": then })).await, expected);
        assert_eq!(files.count(), 0, "{then}");
    }
}

#[tokio::test]
async fn an_action_that_only_reads_makes_no_files() {
    let (world, files) = world().await;
    assert_eq!(world.end(&editor(), "export.reading", json!({})).await, "internal");
    assert_eq!(files.count(), 0);
}

#[tokio::test]
async fn bytes_that_no_row_knows_are_swept_when_no_call_can_commit_them_any_more() {
    let long = || Action::new("long").authenticated().time_limit(Duration::from_hours(24));
    for (hours, takes_a_day, expected) in [(0, false, 0), (2, false, 1), (2, true, 0), (49, true, 1)] {
        let files = InMemoryFiles::default();
        let world = World::with(|builder| {
            let builder = builder.files(files.clone()).clock(HoursFromNow(hours));
            if takes_a_day { builder.action(long(), Export) } else { builder }
        })
        .await;
        orphan(&files).await;
        assert_eq!(world.engine.sweep_files().await.unwrap(), expected, "after {hours} h");
        assert_eq!(files.count() as u64, 1 - expected);
    }
}

/// Bytes of a call that nobody heard of again.
async fn orphan(files: &InMemoryFiles) {
    let name = FileName { tenant: ACME, id: Uuid::from_u128(7) };
    let mut writer = files.create(name).await.unwrap();
    writer.write(b"nobody's").await.unwrap();
    writer.finish().await.unwrap();
}

struct HoursFromNow(i64);

impl Clock for HoursFromNow {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::hours(self.0)
    }
}
