//! Step five: not a repetition. With an idempotency key, the call's transaction begins here; without one, the first
//! thing that needs it opens it.

use super::authorize::Granted;
use super::validate::Valid;
use crate::FieldError;
use crate::engine::Inner;
use crate::handler::Ready;
use crate::outcome::Done;
use crate::ports::{Access, Claim, IdempotencyKey, Scope};
use crate::refusal::Refusal;
use crate::unit::Unit;

/// A call that is made for the first time, or the answer that was kept from then. Only [`claim`] makes one.
pub(crate) enum Claimed {
    Fresh(Fresh),
    Replay(Done),
}

/// A call that is about to run.
pub(crate) struct Fresh {
    pub(super) granted: Granted,
    pub(super) ready: Result<Box<dyn Ready>, Refusal>,
    pub(super) unit: Unit,
    pub(super) key: Option<IdempotencyKey>,
}

pub(super) async fn claim(engine: &Inner, valid: Valid) -> Result<Claimed, Refusal> {
    let Valid { mut granted, ready } = valid;
    let sent = granted.resolved.call.idempotency_key.take();
    if sent.is_some() && granted.resolved.caller.is_anonymous() {
        // It would be everybody's.
        let told = "Idempotency-Key needs a signed-in caller";
        let error = FieldError::new("Idempotency-Key", "invalid_parameter", told);
        return Err(Refusal::Invalid { code: "invalid_parameter".into(), errors: error.into() });
    }
    let action = &granted.resolved.registered.action;
    let caller = &granted.resolved.caller;
    // A click's key belongs to what was sent: what is stored behind the button may have changed since.
    let digest = granted.resolved.sent.or(granted.resolved.digest);
    let key = sent.zip(digest).map(|(key, digest)| IdempotencyKey {
        tenant: caller.tenant_id(),
        user: caller.user_id(),
        key,
        digest,
    });
    let access = if action.read_only { Access::ReadOnly } else { Access::ReadWrite };
    let scope = Scope { tenant: caller.tenant_id(), access, time_limit: action.time_limit };
    let unit = Unit::new(engine.unit_of_work.clone(), scope);
    let Some(key) = key else {
        return Ok(Claimed::Fresh(Fresh { granted, ready, unit, key: None }));
    };
    match engine.idempotency_store.claim(&scope, &key).await? {
        Claim::Fresh(transaction) => {
            let unit = unit.opened(transaction);
            Ok(Claimed::Fresh(Fresh { granted, ready, unit, key: Some(key) }))
        }
        Claim::Replay(kept) => Done::replay(&kept).map(Claimed::Replay).map_err(Refusal::internal),
        Claim::InProgress => Err(Refusal::InProgress),
        Claim::OtherRequest => Err(Refusal::KeyReused),
    }
}
