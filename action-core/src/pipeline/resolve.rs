//! Step one: what is meant. The action, and where its parameters name one, the entity or query it aims at.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::click;
use crate::call::Target;
use crate::custom_actions::Offer;
use crate::engine::Inner;
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed, Registered};
use crate::texts::Texts;
use crate::workflows::Workflows;
use crate::{Call, Caller};

/// A call whose action is known. Only [`resolve`] makes one.
///
/// The steps hand it on by value, and an async step keeps what it was handed in its own state; so it is a pointer.
pub(crate) struct Resolved(Box<Known>);

/// What is known of the call from here on.
pub(crate) struct Known {
    pub(crate) caller: Caller,
    pub(crate) call: Call,
    pub(super) registered: Arc<Registered>,
    pub(crate) aimed: Aimed,
    /// As they were when the call began: an edit of their file is for the calls after it.
    pub(crate) workflows: Arc<Workflows>,
    /// What is said to people; of the same kind.
    pub(crate) texts: Arc<Texts>,
    /// How the action is offered, for one on an entity; of the same kind.
    pub(crate) offer: Option<Arc<Offer>>,
    /// Over the call with its parameters, where something is going to ask for it; they are used up by their check.
    pub(crate) digest: Option<[u8; 32]>,
    /// Over a click as it was sent, where it has an idempotency key.
    pub(super) sent: Option<[u8; 32]>,
    /// Why a click leads nowhere.
    pub(super) refused: Option<Refusal>,
}

impl Deref for Resolved {
    type Target = Known;
    fn deref(&self) -> &Known {
        &self.0
    }
}

impl DerefMut for Resolved {
    fn deref_mut(&mut self) -> &mut Known {
        &mut self.0
    }
}

pub(super) async fn resolve(engine: &Inner, caller: Caller, call: Call) -> Result<Resolved, Refusal> {
    let (registered, offer) = match &call.target {
        Target::Execute { action_id } => {
            (Arc::clone(engine.registry.execute(action_id).ok_or(Refusal::UnknownAction)?), None)
        }
        Target::Internal { id } => {
            (Arc::clone(engine.registry.internal(id).ok_or(Refusal::UnknownAction)?), None)
        }
        Target::Stored { button, item } => {
            let (button, item) = (*button, *item);
            // Nothing else waits here. In a box of its own, this does not make the road of every call longer.
            return Box::pin(click::resolve(engine, caller, call, button, item)).await;
        }
        Target::Custom { entity, action } => {
            let entity = engine.entities.find(entity).ok_or(Refusal::NotFound)?;
            let (name, _) = engine.registry.custom(action).ok_or(Refusal::UnknownAction)?;
            let offers = engine.offers.current();
            let offer = offers.find(name).ok_or(Refusal::UnknownAction)?;
            (Arc::clone(offer.on(entity).ok_or(Refusal::UnknownAction)?), Some(Arc::clone(offer)))
        }
    };
    known(engine, caller, call, registered, offer)
}

/// What is known of a call of this action.
pub(super) fn known(
    engine: &Inner,
    caller: Caller,
    call: Call,
    registered: Arc<Registered>,
    offer: Option<Arc<Offer>>,
) -> Result<Resolved, Refusal> {
    let (workflows, texts) = (engine.workflows.current(), engine.texts.current());
    let aimed = aim(engine, &registered, &workflows, &call.params)?;
    Ok(Resolved(Box::new(Known {
        caller,
        call,
        registered,
        aimed,
        workflows,
        texts,
        offer,
        digest: None,
        sent: None,
        refused: None,
    })))
}

/// What a call of this action with these parameters aims at.
pub(super) fn aim(
    engine: &Inner,
    registered: &Registered,
    workflows: &Workflows,
    params: &Map<String, Value>,
) -> Result<Aimed, Refusal> {
    let aim = Aim { registered, entities: &engine.entities, queries: &engine.queries, workflows };
    let mut aimed = registered.handler.aim(params, &aim)?;
    if let Some(entity) = &registered.entity {
        aimed.entity = Some(Arc::clone(entity));
    }
    Ok(aimed)
}
