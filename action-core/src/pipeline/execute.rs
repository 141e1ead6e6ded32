//! The last steps, in one transaction: rows, handler, audit record and kept answer, commit.
//!
//! The action's time limit covers the rows and the handler, and not the commit: once it is sent, only the database
//! knows how it ends. However a run ends, its transaction is over before the call is answered: whoever then tries again
//! finds the idempotency key free. Only a run that was cut off inside a statement leaves that to its connection's end.

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::pin;

use futures_util::FutureExt as _;

use super::attempt::Attempt;
use super::authorize::Granted;
use super::claim::Fresh;
use super::resolve::Known;
use super::rows;
use crate::audit::AuditRecord;
use crate::context::{ActionContext, End};
use crate::effect::{Effect, RefreshScope};
use crate::engine::Inner;
use crate::error::ActionError;
use crate::outcome::Done;
use crate::ports::{Access, Ending, FileName, IdempotencyKey, Kept};
use crate::refusal::Refusal;

pub(super) async fn execute(engine: &Inner, fresh: Fresh, attempt: &Attempt) -> Result<Done, ActionError> {
    let refresh = refresh(&fresh.granted.resolved);
    let (mut end, key) = work(engine, fresh, attempt).await?;
    if !end.effects.iter().any(Effect::is_refresh) {
        end.effects.extend(refresh);
    }
    let files = std::mem::take(&mut end.files);
    let mut undone = true;
    let done = commit(engine, end, key, attempt, &mut undone).await;
    if done.is_err() && undone {
        remove(engine, &files).await;
    }
    done
}

/// What is loaded again after an action that says so, unless its handler decides itself: what the caller looked at.
fn refresh(known: &Known) -> Option<Effect> {
    let selection = &known.call.selection;
    let in_detail = selection.parent.is_some() && selection.items.is_empty();
    let scope = if in_detail { RefreshScope::Record } else { RefreshScope::Query };
    known.offer.as_ref().filter(|it| it.refresh).map(|_| Effect::refresh(scope))
}

/// Loads the rows and runs the handler. What it wrote is undone where either says no, panics or takes too long.
async fn work(
    engine: &Inner,
    fresh: Fresh,
    attempt: &Attempt,
) -> Result<(End, Option<IdempotencyKey>), ActionError> {
    let Fresh { granted: Granted { resolved, grants }, ready, unit, key } = fresh;
    let Known { registered, .. } = &*resolved;
    let ready = match ready.and_then(|it| rows::check_selection(&resolved).map(|()| it)) {
        Ok(ready) => ready,
        Err(refusal) => {
            unit.rollback().await;
            return Err(refusal.into());
        }
    };
    let mut ctx = ActionContext::new(engine, &resolved, &grants, attempt, unit);
    let limit = registered.action.time_limit;
    let ended = {
        // Wrapping a future moves it, and this one is long.
        let run = pin!(async {
            rows::load(registered, &mut ctx).await?;
            ready.run(&mut ctx).await
        });
        tokio::time::timeout(limit, AssertUnwindSafe(run).catch_unwind()).await
    };
    let stopped = match ended {
        Ok(Ok(Ok(data))) => return Ok((ctx.into_end(data), key)),
        Ok(Ok(Err(error))) => Stopped::By(error),
        Ok(Err(panic)) => Stopped::Panic(panic),
        Err(_elapsed) => Stopped::By(Refusal::Timeout { limit }.into()),
    };
    let undone = ctx.into_end(None);
    undone.unit.rollback().await;
    remove(engine, &undone.files).await;
    match stopped {
        Stopped::By(error) => Err(error),
        Stopped::Panic(panic) => resume_unwind(panic),
    }
}

/// Removes the bytes of files whose rows were undone. What cannot be removed now is left to the sweep; so is what a
/// commit leaves of which nobody knows how it ended.
async fn remove(engine: &Inner, files: &[FileName]) {
    for name in files {
        if let Err(error) = engine.files.delete(*name).await {
            tracing::warn!(%error, "a file of a call that was undone is left to the sweep");
        }
    }
}

/// Why a run has no end of its own.
enum Stopped {
    By(ActionError),
    /// Told on the road's own level, like every other panic.
    Panic(Box<dyn Any + Send>),
}

/// `undone` is whether an error here is sure to have kept nothing: of a commit that was sent and not answered, only the
/// database knows.
async fn commit(
    engine: &Inner,
    end: End,
    key: Option<IdempotencyKey>,
    attempt: &Attempt,
    undone: &mut bool,
) -> Result<Done, ActionError> {
    let End { mut unit, data, effects, etag, affected, changes, written, events, mails, touched, .. } = end;
    let done = Done::new(data, affected, &effects, etag, attempt.elapsed())?;
    let record =
        (!unit.sealed).then(|| AuditRecord { written, ..attempt.succeeded(engine, affected, changes) });
    let answer = key.is_some().then(|| done.keep()).transpose()?;
    // What happens after the commit is kept for then, and so asks for a transaction even where nothing else did.
    if !events.is_empty() || !mails.is_empty() {
        if attempt.is_read_only() {
            return Err(ActionError::fault(
                "an action that is marked `read_only` emitted an event or a mail",
            ));
        }
        unit.transaction().await?;
    }
    // An answer is kept by the transaction that claimed its key, also where the action itself only reads.
    let ends = unit.is_open() && (unit.scope().access == Access::ReadWrite || key.is_some());
    if ends {
        let kept = key.as_ref().zip(answer.as_deref()).map(|(key, answer)| Kept { key, answer });
        let (events, mails, touched) = (&*events, &*mails, &*touched);
        let ended = unit.commit(Ending { audit: record.as_ref(), kept, events, mails, touched }).await;
        // Also where it is not known how the commit ended.
        engine.freshness.changed(touched);
        *undone = matches!(&ended, Err(error) if error.is_refusal());
        ended?;
        if !events.is_empty() {
            engine.events_written.notify_one();
        }
        if !mails.is_empty() {
            engine.mail_queued.notify_one();
        }
    } else {
        // Nothing was written that the record must not be without: it is kept on its own, many at a time.
        unit.rollback().await;
        if let Some(record) = record {
            engine.audit_log.append(record).await?;
        }
    }
    Ok(done)
}
