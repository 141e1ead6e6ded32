//! How a call ended: done, or a question to be answered first. The third end is a [`Refusal`].

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::effect::Effect;
use crate::ports::Window;
use crate::question::Asked;
use crate::refusal::Refusal;

/// The whole answer to a call.
#[derive(Debug)]
pub struct Reply {
    /// How it ended.
    pub result: Result<Outcome, Refusal>,
    /// The rate window it was counted in, where the action has one.
    pub window: Option<Window>,
}

/// A call that was not refused.
#[derive(Debug)]
pub enum Outcome {
    /// It ran, and everything it did is committed.
    Done(Done),
    /// It needs an answer; nothing it did was kept.
    Asked(Asked),
}

/// What a finished action hands back.
///
/// The data is kept as the JSON text it was serialised to: it is written into the answer, and into the idempotency
/// record, without being built as a tree in between.
#[derive(Debug)]
pub struct Done {
    /// The handler's data; `None` where it returned nothing.
    pub data: Option<Box<RawValue>>,
    /// How many records it changed or returned, where it did either.
    pub affected: Option<u64>,
    /// What the client should do now, in order, as a JSON array; `None` where there is nothing to do.
    pub effects: Option<Box<RawValue>>,
    /// The state of what was made or changed, as an entity tag, where its address tells one.
    pub etag: Option<String>,
    /// From the call's arrival to its end.
    pub took: Duration,
    /// Whether this is the kept answer of an earlier call with the same idempotency key.
    pub replayed: bool,
}

/// The part of [`Done`] that an idempotency record keeps.
#[derive(Serialize, Deserialize)]
struct Kept {
    data: Option<Box<RawValue>>,
    affected: Option<u64>,
    effects: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    took_micros: u64,
}

impl Done {
    pub(crate) fn new(
        data: Option<Box<RawValue>>,
        affected: Option<u64>,
        effects: &[Effect],
        etag: Option<String>,
        took: Duration,
    ) -> Result<Self, serde_json::Error> {
        let effects = if effects.is_empty() { None } else { Some(serde_json::value::to_raw_value(effects)?) };
        Ok(Self { data, affected, effects, etag, took, replayed: false })
    }

    /// The text an idempotency record keeps, to be replayed by [`Done::replay`].
    pub(crate) fn keep(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Kept {
            data: self.data.clone(),
            affected: self.affected,
            effects: self.effects.clone(),
            etag: self.etag.clone(),
            took_micros: u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX),
        })
    }

    /// The answer that was kept, word for word.
    pub(crate) fn replay(kept: &str) -> Result<Self, serde_json::Error> {
        let kept: Kept = serde_json::from_str(kept)?;
        Ok(Self {
            data: kept.data,
            affected: kept.affected,
            effects: kept.effects,
            etag: kept.etag,
            took: Duration::from_micros(kept.took_micros),
            replayed: true,
        })
    }
}
