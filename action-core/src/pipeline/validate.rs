//! Step four: is it well formed. No transaction is open yet, and every mistake is reported at once.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::admit::Admitted;
use super::attempt::Attempt;
use super::authorize::Granted;
use super::resolve::Known;
use crate::handler::Ready;
use crate::input::{Intake, refuse_all};
use crate::question::invalid_answer;
use crate::refusal::Refusal;
use crate::{Call, FieldError, FieldErrors, idempotency};

/// A call whose parameters are right. Only [`validate`] makes one.
pub(crate) struct Valid {
    pub(super) granted: Granted,
    /// What runs; for a click with an idempotency key, also why nothing does.
    pub(super) ready: Result<Box<dyn Ready>, Refusal>,
}

pub(super) fn validate(admitted: Admitted, attempt: &Attempt) -> Result<Valid, Refusal> {
    let Admitted { mut granted } = admitted;
    let resolved = &mut granted.resolved;
    refuse_second_answers(&resolved.call)?;
    let params = std::mem::take(&mut resolved.call.params);
    let call = &resolved.call;
    // A question that is asked later takes them from the attempt, where they are whole: most calls ask nothing.
    if call.idempotency_key.is_some() || !call.answers.is_empty() || !attempt.shows_all_params() {
        resolved.digest = Some(idempotency::digest(call, &params));
    }
    let ready = match resolved.refused.take() {
        Some(leads_nowhere) => Err(leads_nowhere),
        None => check(resolved, params),
    };
    match ready {
        // What is stored may be wrong by now where it was right when it ran: a repetition is answered as it was then.
        Err(refusal) if resolved.sent.is_none() => Err(refusal),
        ready => Ok(Valid { granted, ready }),
    }
}

/// Holds the parameters and files against what the action takes.
fn check(resolved: &Known, params: Map<String, Value>) -> Result<Box<dyn Ready>, Refusal> {
    let registered = &resolved.registered;
    if registered.shape.params.is_none() && !registered.action.allow_unknown {
        refuse_all(&params).map_err(invalid)?;
    }
    let uploads = &resolved.call.uploads;
    if !registered.shape.uploads && !uploads.is_empty() {
        let message = "this action takes no files";
        let errors = uploads.iter().map(|it| FieldError::new(it.part.clone(), "unexpected_file", message));
        return Err(Refusal::validation(errors.collect()));
    }
    let mut intake = Intake {
        params,
        shape: &registered.shape,
        aimed: &resolved.aimed,
        caller: &resolved.caller,
        uploads,
    };
    Arc::clone(&registered.handler).check(&mut intake).map_err(invalid)
}

/// Of two answers to one question neither is better.
fn refuse_second_answers(call: &Call) -> Result<(), Refusal> {
    for (place, answer) in call.answers.iter().enumerate() {
        if call.answers.iter().take(place).any(|it| it.step == answer.step) {
            let told = format!("question {} is answered twice", answer.step);
            return Err(invalid_answer(FieldError::new(
                format!("retryResults[{place}].step"),
                "duplicate",
                told,
            )));
        }
    }
    Ok(())
}

/// `unknown_field` where that is all that is wrong, else `validation_failed`.
fn invalid(errors: FieldErrors) -> Refusal {
    let only_unknown = errors.iter().all(|it| it.code == "unknown_field");
    let code = if only_unknown { "unknown_field" } else { "validation_failed" };
    Refusal::Invalid { code: code.into(), errors }
}
