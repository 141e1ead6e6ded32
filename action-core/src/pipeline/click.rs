//! Step one of a click: which action is stored behind a button, and with which parameters.
//!
//! A click begins as a call of an action of the library's own, which asks for the right to see what stands on pages.
//! Whoever holds it is told what is stored there, and from then on it is a call of that action. A click that leads
//! nowhere stays what it began as: it walks the road, so that it leaves a record and a repetition of one that ran is
//! answered as that was, and is refused at the end.

use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::resolve::{Known, Resolved, aim, known};
use crate::engine::Inner;
use crate::page_actions::Target as Stored;
use crate::refusal::Refusal;
use crate::registry::{Aimed, Registered};
use crate::{Call, Caller, call, idempotency, page_actions};

pub(super) async fn resolve(
    engine: &Inner,
    caller: Caller,
    call: Call,
    button: Option<Uuid>,
    item: Option<Uuid>,
) -> Result<Resolved, Refusal> {
    let own = engine.registry.internal(page_actions::CLICK).ok_or(Refusal::UnknownAction)?;
    let sent = call.idempotency_key.is_some().then(|| idempotency::digest(&call, &call.params));
    let mut click = known(engine, caller, call, Arc::clone(own), None)?;
    click.sent = sent;
    match look(engine, &click, button, item).await {
        Ok(Behind { registered, params, aimed }) => {
            click.call.target = call::Target::Execute { action_id: registered.action.id().to_owned() };
            // A question is bound to it, as to what is run.
            click.call.subject = item.or(button);
            click.call.params = params;
            click.registered = registered;
            click.aimed = aimed;
        }
        Err(refusal) => click.refused = Some(refusal),
    }
    Ok(click)
}

/// What a click runs.
struct Behind {
    registered: Arc<Registered>,
    params: Map<String, Value>,
    aimed: Aimed,
}

async fn look(
    engine: &Inner,
    click: &Known,
    button: Option<Uuid>,
    item: Option<Uuid>,
) -> Result<Behind, Refusal> {
    // Nobody learns of a button by clicking who may not see it. The next step says so again, and in its own words.
    let tenant = click.caller.tenant_id().ok_or(Refusal::TenantRequired)?;
    if !engine.authorizer.grants(&click.caller).await?.satisfies(&click.aimed.required) {
        return Err(Refusal::PermissionDenied);
    }
    let found = engine.page_actions.find(tenant, button.ok_or(Refusal::NotFound)?).await?;
    let action = found.ok_or(Refusal::NotFound)?;
    let target = action.target(item).filter(|_| action.is_active);
    let Some(Stored::Action { action_id, action_params: params }) = target else {
        let told = "this is not shown, or there is nothing here to run";
        return Err(Refusal::conflict("not_available", told));
    };
    let registered = engine.registry.execute(action_id).ok_or(Refusal::UnknownAction)?;
    let aimed = aim(engine, registered, &click.workflows, params)?;
    Ok(Behind { registered: Arc::clone(registered), params: params.clone(), aimed })
}
