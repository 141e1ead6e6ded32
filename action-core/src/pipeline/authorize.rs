//! Step two: may they. The one permission check there is.

use std::sync::Arc;

use super::resolve::Resolved;
use crate::engine::Inner;
use crate::entity::Verb;
use crate::permissions::Grants;
use crate::refusal::Refusal;

/// A call whose caller may make it. Only [`authorize`] makes one.
pub(crate) struct Granted {
    pub(super) resolved: Resolved,
    pub(super) grants: Arc<Grants>,
}

pub(super) async fn authorize(engine: &Inner, resolved: Resolved) -> Result<Granted, Refusal> {
    if resolved.caller.tenant_id().is_none() && !resolved.registered.action.tenant_optional {
        return Err(Refusal::TenantRequired);
    }
    let grants = engine.authorizer.grants(&resolved.caller).await?;
    let admitted = resolved.aimed.transition.as_ref().is_none_or(|it| it.admits(&resolved.caller, &grants));
    let in_role = resolved.registered.action.role.is_none_or(|it| resolved.caller.has_role(it));
    let granted = grants.satisfies(&resolved.aimed.required) && admitted && in_role;
    if !granted || !may_read_named_rows(engine, &resolved, &grants) {
        return Err(Refusal::PermissionDenied);
    }
    Ok(Granted { resolved, grants })
}

/// Naming a row asks for the right to read its type: an answer must not tell what a look would not.
fn may_read_named_rows(engine: &Inner, resolved: &Resolved, grants: &Grants) -> bool {
    let selection = &resolved.call.selection;
    let own = resolved.registered.entity.as_deref();
    let named = selection.parent.iter().chain(&selection.items);
    named.filter(|it| it.id.is_some()).all(|row| {
        let entity = row.entity.as_deref().map_or(own, |name| engine.entities.find(name).map(AsRef::as_ref));
        // A type that is not there cannot be read; that there is none is told when its row is looked for.
        entity.is_none_or(|it| grants.allows(it.permission(Verb::Read)))
    })
}
