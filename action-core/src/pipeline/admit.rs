//! Step three: not too often. Counted after the permission check, so that nobody uses up a window they may not enter.

use super::authorize::Granted;
use crate::engine::Inner;
use crate::ports::{RateKey, Window};
use crate::refusal::Refusal;

/// A call within its rate. Only [`admit`] makes one.
pub(crate) struct Admitted {
    pub(super) granted: Granted,
}

/// `window` is where the call's window stands afterwards; every answer tells it, refusals included.
pub(super) async fn admit(
    engine: &Inner,
    granted: Granted,
    window: &mut Option<Window>,
) -> Result<Admitted, Refusal> {
    if let Some(rate) = granted.resolved.registered.action.rate {
        let key = RateKey {
            action: &granted.resolved.registered.audit_id,
            tenant: granted.resolved.caller.tenant_id(),
            user: granted.resolved.caller.user_id(),
        };
        let hit = engine.rate_limiter.hit(&key, rate).await?;
        *window = Some(hit);
        if !hit.allowed {
            return Err(Refusal::RateLimited(hit));
        }
    }
    Ok(Admitted { granted })
}
