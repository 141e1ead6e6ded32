//! Removes bytes that no row knows: those of calls that were rolled back while their process died.
//!
//! A file is written before its row, so a young one may only be waiting for its commit: only what is older than any
//! call can be is looked at. Two nodes that sweep at once remove the same, which is fine.

use std::time::Duration;

use crate::engine::Inner;
use crate::ports::{FileName, FileStoreError};
use crate::refusal::Refusal;

/// How old a file is at least that is looked at; twice as old as a call can become where that is more.
const AGE: Duration = Duration::from_hours(1);

/// As many files as one look compares.
const BATCH: usize = 500;

/// Removes them all, and tells how many there were.
pub(crate) async fn sweep(engine: &Inner) -> Result<u64, Refusal> {
    let age = AGE.max(engine.registry.longest_time_limit() * 2);
    let before = engine.clock.now() - age;
    let mut removed = 0;
    let mut after: Option<FileName> = None;
    loop {
        let names = engine.files.older_than(before, after, BATCH).await?;
        let known = engine.file_index.known(&names).await?;
        for name in names.iter().filter(|it| !known.contains(&it.id)) {
            match engine.files.delete(*name).await {
                Ok(()) => removed += 1,
                Err(FileStoreError::Missing) => {}
                Err(error) => return Err(error.into()),
            }
        }
        after = names.last().copied();
        if names.len() < BATCH || after.is_none() {
            return Ok(removed);
        }
    }
}
