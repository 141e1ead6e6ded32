//! The road of a call: one function, which every surface enters with a [`Call`] and nothing passes by.
//!
//! Each step takes the value that only the step before can make, so none can be left out or moved:
//! `Resolved` → `Granted` → `Admitted` → `Valid` → `Claimed` → an end. Who is calling was settled before, by the
//! surface, because a request without a valid credential is not even read. What a refusal looks like over HTTP is
//! settled after, by the surface.

mod admit;
mod attempt;
mod authorize;
mod claim;
mod click;
mod execute;
mod resolve;
mod rows;
mod validate;

use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;

pub(crate) use attempt::Attempt;
use futures_util::FutureExt as _;
pub(crate) use resolve::Known;
use tracing::{Instrument as _, debug_span, info_span};

use crate::engine::Inner;
use crate::error::{ActionError, Stop};
use crate::outcome::{Done, Outcome, Reply};
use crate::ports::{StoreError, Window};
use crate::refusal::Refusal;
use crate::{Call, Caller};

/// Runs a call to its end, and has that end in the audit before it returns.
pub(crate) async fn run(engine: Arc<Inner>, caller: Caller, call: Call) -> Reply {
    let _running = engine.running.token();
    let arrived = std::time::Instant::now();
    let resolved = match pin!(resolve::resolve(&engine, caller, call)).await {
        Ok(resolved) => resolved,
        // Nothing is known to have been attempted, so there is nothing to audit.
        Err(refusal) => return Reply { result: Err(refusal), window: None },
    };
    let attempt = Attempt::new(&engine, &resolved, arrived);
    let span = info_span!("action", id = %attempt.action_id(), request = %attempt.request_id());
    let mut window = None;
    let ended = {
        // Pinned before they are wrapped, here and below: a wrapper moves its future, and these are kilobytes long.
        let road = pin!(road(&engine, resolved, &attempt, &mut window));
        AssertUnwindSafe(road).catch_unwind().instrument(span.clone()).await
    };
    let end = match ended {
        Ok(end) => end,
        Err(panic) => Err(ActionError::fault(format!("the action panicked: {}", panic_text(panic.as_ref())))),
    };
    let result = pin!(settle(&engine, &attempt, end)).instrument(span).await;
    Reply { result, window }
}

/// The road itself. An error here undid whatever was written.
async fn road(
    engine: &Inner,
    resolved: resolve::Resolved,
    attempt: &Attempt,
    window: &mut Option<Window>,
) -> Result<Done, ActionError> {
    let granted = pin!(authorize::authorize(engine, resolved)).instrument(debug_span!("authorize")).await?; // may they
    let admitted = pin!(admit::admit(engine, granted, window)).instrument(debug_span!("admit")).await?; // not too often
    let valid = validate::validate(admitted, attempt)?; // is it well formed
    let claimed = match pin!(claim::claim(engine, valid)).instrument(debug_span!("claim")).await? {
        claim::Claimed::Fresh(claimed) => claimed, // not a repetition
        claim::Claimed::Replay(done) => return Ok(done),
    };
    pin!(execute::execute(engine, claimed, attempt)).instrument(debug_span!("execute")).await // rows, handler, audit, commit
}

/// Turns the end of the road into the answer; whatever is not in the audit yet is written there first.
async fn settle(
    engine: &Inner,
    attempt: &Attempt,
    end: Result<Done, ActionError>,
) -> Result<Outcome, Refusal> {
    let refusal = match end {
        Ok(done) => {
            attempt.report_success(&done);
            return Ok(Outcome::Done(done));
        }
        Err(ActionError(Stop::Asked(asked))) => {
            let record = attempt.asked(engine, &asked);
            attempt.report(&record, None);
            engine.audit_log.append(record).await.map_err(unaudited)?;
            return Ok(Outcome::Asked(*asked));
        }
        Err(ActionError(Stop::Refused(refusal))) => refusal,
        Err(ActionError(Stop::Fault(fault))) => attempt.refusal_from(engine, fault),
    };
    let record = attempt.refused(engine, &refusal);
    attempt.report(&record, Some(&refusal));
    match engine.audit_log.append(record).await {
        Ok(()) => Err(refusal),
        Err(error) => Err(unaudited(error)),
    }
}

/// An attempt that cannot be audited is not answered as if it had been.
fn unaudited(error: StoreError) -> Refusal {
    tracing::error!(%error, cause = error.source().map(tracing::field::display), "an attempt could not be audited");
    Refusal::from(error)
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}
