//! The last steps, in one transaction: rows, handler, audit record and kept answer, commit.
//!
//! The action's time limit covers the rows and the handler, and not the commit: once it is sent, only the database
//! knows how it ends. A run that is cut off drops its transaction, which closes its connection.

use super::attempt::Attempt;
use super::authorize::Granted;
use super::claim::Fresh;
use super::resolve::Known;
use super::rows;
use crate::context::{ActionContext, End};
use crate::effect::{Effect, RefreshScope};
use crate::engine::Inner;
use crate::error::ActionError;
use crate::outcome::Done;
use crate::ports::{Access, Ending, IdempotencyKey, Kept};
use crate::refusal::Refusal;

pub(super) async fn execute(engine: &Inner, fresh: Fresh, attempt: &Attempt) -> Result<Done, ActionError> {
    let limit = fresh.granted.resolved.registered.action.time_limit;
    let refreshes = fresh.granted.resolved.registered.action.entity.as_ref().is_some_and(|it| it.refresh);
    let worked = tokio::time::timeout(limit, work(engine, fresh, attempt)).await;
    let (mut end, key) = worked.map_err(|_elapsed| Refusal::Timeout { limit })??;
    if refreshes && !end.effects.iter().any(Effect::is_refresh) {
        end.effects.push(Effect::refresh(RefreshScope::Query));
    }
    commit(engine, end, key, attempt).await
}

/// Loads the rows and runs the handler. What it wrote is undone where either says no.
async fn work(
    engine: &Inner,
    fresh: Fresh,
    attempt: &Attempt,
) -> Result<(End, Option<IdempotencyKey>), ActionError> {
    let Fresh { granted: Granted { resolved, grants }, ready, unit, key } = fresh;
    let Known { caller, call, registered, aimed } = &*resolved;
    if let Err(refusal) = rows::check_selection(registered, &call.selection) {
        unit.rollback().await;
        return Err(refusal.into());
    }
    let mut ctx = ActionContext::new(engine, call, caller, &grants, attempt, aimed.entity.as_ref(), unit);
    let ran = match rows::load(registered, &mut ctx).await {
        Ok(()) => ready.run(&mut ctx).await,
        Err(error) => Err(error),
    };
    match ran {
        Ok(data) => Ok((ctx.into_end(data), key)),
        Err(error) => {
            ctx.into_end(None).unit.rollback().await;
            Err(error)
        }
    }
}

async fn commit(
    engine: &Inner,
    end: End,
    key: Option<IdempotencyKey>,
    attempt: &Attempt,
) -> Result<Done, ActionError> {
    let End { mut unit, data, effects, affected, changes, events } = end;
    let done = Done::new(data, affected, &effects, attempt.elapsed())?;
    let record = (!unit.sealed).then(|| attempt.succeeded(engine, affected, changes));
    let answer = key.is_some().then(|| done.keep()).transpose()?;
    if !events.is_empty() && attempt.is_read_only() {
        return Err(ActionError::fault("an action that is marked `read_only` emitted an event"));
    }
    // Events are told only if they are kept, and so ask for a transaction even where nothing else did.
    if !events.is_empty() {
        unit.transaction().await?;
    }
    let writes = unit.is_open() && unit.scope().access == Access::ReadWrite;
    if writes {
        let kept = key.as_ref().zip(answer.as_deref()).map(|(key, answer)| Kept { key, answer });
        unit.commit(Ending { audit: record.as_ref(), kept, events: &events }).await?;
    } else {
        // Nothing was written that the record must not be without: it is kept on its own, many at a time.
        unit.rollback().await;
        if let Some(record) = record {
            engine.audit_log.append(record).await?;
        }
    }
    Ok(done)
}
