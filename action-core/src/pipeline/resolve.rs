//! Step one: what is meant. The action, and where its parameters name one, the entity or query it aims at.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::call::Target;
use crate::engine::Inner;
use crate::entity::Entity;
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed, Registered};
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

pub(super) fn resolve(engine: &Inner, caller: Caller, call: Call) -> Result<Resolved, Refusal> {
    let (registered, on) = match &call.target {
        Target::Execute { action_id } => {
            (engine.registry.execute(action_id).ok_or(Refusal::UnknownAction)?, None)
        }
        Target::Custom { entity, action } => {
            let entity = engine.entities.find(entity).ok_or(Refusal::NotFound)?;
            (custom(engine, entity, action)?, Some(entity))
        }
    };
    let registered = Arc::clone(registered);
    let workflows = engine.workflows.current();
    let aim = Aim {
        registered: &registered,
        entities: &engine.entities,
        queries: &engine.queries,
        workflows: &workflows,
    };
    let mut aimed = registered.handler.aim(&call.params, &aim)?;
    if let Some(entity) = on {
        aimed.entity = Some(Arc::clone(entity));
    }
    Ok(Resolved(Box::new(Known { caller, call, registered, aimed, workflows })))
}

fn custom<'e>(engine: &'e Inner, entity: &Entity, action: &str) -> Result<&'e Arc<Registered>, Refusal> {
    engine
        .registry
        .custom(action)
        .filter(|_| engine.custom_actions_from_code)
        .filter(|it| it.entity.as_ref().is_some_and(|it| it.name() == entity.name()))
        .ok_or(Refusal::UnknownAction)
}
