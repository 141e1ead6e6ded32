//! All actions of an engine: gathered from what is linked and what was registered at run time, checked, and frozen.
//!
//! Everything that can be known of an action before a call is worked out here once: its permissions as values that
//! are compared without allocating, its parameters' schema, its metric handles. Every problem found is reported, not
//! just the first, each with the place in the source it comes from.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::FieldError;
use crate::action::{Action, EntityTypes, Needs};
pub(crate) use crate::action_name::canonical_name;
use crate::action_name::{check_id, check_name};
use crate::entity::{Entities, Entity, Verb};
use crate::handler::ErasedHandler;
use crate::input::{InputShape, RowType};
use crate::metrics::ActionMetrics;
use crate::permissions::{Grants, Permission, Required};
use crate::queries::NamedQuery;
use crate::refusal::Refusal;
use crate::services::Services;
use crate::workflows::{Guarded, Workflows};

/// What stands in a permission for the entity that a call's parameters name.
const ENTITY_PLACEHOLDER: &str = "{entity}";

/// An action that was linked into the program: what `#[custom_action]` leaves behind.
#[doc(hidden)]
pub struct Registration {
    /// Makes the action and its handler; called when an engine is built.
    pub make: fn() -> Candidate,
}

inventory::collect!(Registration);

/// An action and its handler, not checked yet.
#[doc(hidden)]
pub struct Candidate {
    pub(crate) action: Action,
    pub(crate) handler: Arc<dyn ErasedHandler>,
}

impl Candidate {
    /// Pairs a description with what runs.
    pub fn new<H: crate::ActionHandler>(action: Action, handler: H) -> Self {
        Self { action, handler: Arc::new(handler) }
    }
}

/// One action, ready to be called. An action on several entities is one on each.
pub(crate) struct Registered {
    /// What the audit calls it: its id; `CarCopy/Car` for an action on an entity.
    pub(crate) audit_id: Arc<str>,
    pub(crate) action: Arc<Action>,
    pub(crate) title: String,
    pub(crate) handler: Arc<dyn ErasedHandler>,
    pub(crate) shape: InputShape,
    pub(crate) needed: Needed,
    /// The entity it acts on, for an action on an entity.
    pub(crate) entity: Option<Arc<Entity>>,
    pub(crate) metrics: ActionMetrics,
}

/// The permissions of an action.
#[derive(Debug)]
pub(crate) enum Needed {
    /// The same for every call.
    Always(Required),
    /// Those of the entity that the call's parameters name.
    PerEntity(HashMap<Box<str>, Required>),
}

impl Registered {
    /// Whether a caller may run it, on one entity at least where that is a question.
    pub(crate) fn is_open_to(&self, grants: &Grants) -> bool {
        match &self.needed {
            Needed::Always(required) => grants.satisfies(required),
            Needed::PerEntity(by_entity) => by_entity.values().any(|it| grants.satisfies(it)),
        }
    }

    /// What it takes to run it with a registered query: the query's own permission in the place of the entity's, and
    /// whatever else the action needs.
    pub(crate) fn required_for(&self, query: &NamedQuery) -> Required {
        let Needs::All(names) = &self.action.needs else { return query.required.clone() };
        let mut others = names.iter().filter(|it| !it.contains(ENTITY_PLACEHOLDER)).peekable();
        if others.peek().is_none() {
            return query.required.clone();
        }
        // They were checked when the engine was built.
        let others = others.filter_map(|it| Permission::new(it).ok());
        Required::all(others.chain(query.required.permissions().cloned()))
    }

    /// The permissions as they were written, `{entity}` included.
    pub(crate) fn permissions(&self) -> Vec<String> {
        match &self.action.needs {
            Needs::All(names) | Needs::Any(names) => names.iter().map(ToString::to_string).collect(),
            Needs::Authenticated => Vec::new(),
            Needs::Unstated => match &self.needed {
                Needed::Always(required) => required.permissions().map(ToString::to_string).collect(),
                Needed::PerEntity(_) => Vec::new(),
            },
        }
    }
}

/// The frozen actions.
pub(crate) struct Registry {
    execute: BTreeMap<Box<str>, Arc<Registered>>,
    /// Those of the library's own routes, by id.
    internal: BTreeMap<Box<str>, Arc<Registered>>,
    /// By canonical name in lower case; on each of its entities.
    custom: BTreeMap<Box<str>, Vec<Arc<Registered>>>,
}

impl Registry {
    /// Checks and freezes a list of actions; the error lists all that is wrong with it.
    pub(crate) fn new(
        candidates: Vec<Candidate>,
        entities: &Entities,
        services: &Services,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut registry =
            Self { execute: BTreeMap::new(), internal: BTreeMap::new(), custom: BTreeMap::new() };
        for candidate in candidates {
            let place = candidate.action.site.clone();
            let id = candidate.action.id.clone();
            match check(candidate, entities, services) {
                Err(found) => {
                    problems.extend(found.into_iter().map(|it| format!("action `{id}` ({place}): {it}")));
                }
                Ok(Checked::OnEntities(registered)) => {
                    let name = canonical_name(&id).to_lowercase().into();
                    let registered = registered.into_iter().map(Arc::new).collect();
                    let first = registry.custom.insert(name, registered);
                    if let Some(other) = first.and_then(|it| it.first().map(|it| it.action.site.clone())) {
                        problems.push(twice(&id, &other, &place));
                    }
                }
                Ok(Checked::Execute(registered)) => {
                    let map = match registered.action.internal {
                        Some(_) => &mut registry.internal,
                        None => &mut registry.execute,
                    };
                    let first = map.insert(id.as_ref().into(), Arc::new(*registered));
                    if let Some(first) = first {
                        problems.push(twice(&id, &first.action.site, &place));
                    }
                }
            }
        }
        if problems.is_empty() { Ok(registry) } else { Err(problems) }
    }

    /// The action of the execution endpoint with exactly this id.
    pub(crate) fn execute(&self, id: &str) -> Option<&Arc<Registered>> {
        self.execute.get(id)
    }

    /// The action of the library's own routes with exactly this id.
    pub(crate) fn internal(&self, id: &str) -> Option<&Arc<Registered>> {
        self.internal.get(id)
    }

    /// The action on entities of this name, ignoring case and one trailing `Action`: the name it is known by here, and
    /// the action on each of its entities.
    pub(crate) fn custom(&self, name: &str) -> Option<(&str, &[Arc<Registered>])> {
        let name = name.to_lowercase();
        // Without its case, an `Action` cannot be told from the end of `Transaction`: the whole name comes first.
        let found = self.custom.get_key_value(name.as_str());
        let found = found.or_else(|| self.custom.get_key_value(name.strip_suffix("action")?));
        found.map(|(name, on)| (name.as_ref(), on.as_slice()))
    }

    /// The actions on entities, by name.
    pub(crate) fn iter_custom(&self) -> impl Iterator<Item = (&str, &[Arc<Registered>])> {
        self.custom.iter().map(|(name, on)| (name.as_ref(), on.as_slice()))
    }

    /// The execution endpoint's actions, by id.
    pub(crate) fn iter_execute(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.execute.values()
    }

    /// The longest that any action may take.
    pub(crate) fn longest_time_limit(&self) -> Duration {
        let all = self.execute.values().chain(self.custom.values().flatten());
        all.map(|it| it.action.time_limit).max().unwrap_or_default()
    }

    /// Whether an action of this name is there, on whichever surface.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.execute(name).is_some() || self.custom(name).is_some()
    }
}

fn twice(id: &str, one: &str, other: &str) -> String {
    format!("two actions are called `{id}`: one at {one}, one at {other}; rename one of them")
}

/// A candidate without a problem.
enum Checked {
    Execute(Box<Registered>),
    OnEntities(Vec<Registered>),
}

fn check(candidate: Candidate, entities: &Entities, services: &Services) -> Result<Checked, Vec<String>> {
    let Candidate { mut action, handler } = candidate;
    let mut shape = handler.shape();
    shape.allow_unknown = action.allow_unknown;
    let mut problems = std::mem::take(&mut shape.problems);
    problems.extend(action.contradictions.iter().map(ToString::to_string));
    let called = if action.entity.is_some() { check_name(&action.id) } else { check_id(&action.id) };
    problems.extend(called.err().map(|it| it.of(canonical_name(&action.id))));
    for (type_id, name) in &shape.services {
        if !services.has(*type_id) {
            problems.push(format!("it takes `Service<{name}>`; put one into the builder with `.service(…)`"));
        }
    }
    for name in shape.selected.and_then(RowType::entity).iter().chain(&shape.parents) {
        if entities.find(name).is_none() {
            problems
                .push(format!("it takes rows of `{name}`; register the entity with `.entity::<{name}>()`"));
        }
    }
    if action.entity.is_none() && shape.selected.is_some() {
        problems.push("it takes selected rows but names no entity; add `entity = \"…\"`".to_owned());
    }
    let on = action.entity.as_ref().map(|it| acted_on(&it.entities, entities, &mut problems));
    if let (Some(on), Some(selected)) = (&on, shape.selected.and_then(RowType::entity)) {
        for entity in on.iter().filter(|it| !selected.eq_ignore_ascii_case(it.name())) {
            problems.push(format!("it acts on `{}` but takes selected rows of `{selected}`", entity.name()));
        }
    }
    let title = action.title.take().map_or_else(|| humanised(&action.id), std::borrow::Cow::into_owned);
    let action = Arc::new(action);
    let mut registered = |entity: Option<&Arc<Entity>>| {
        let needed = needed(&action, entity.map(AsRef::as_ref), entities, &mut problems);
        let audit_id: Arc<str> = match entity {
            Some(entity) => format!("{}/{}", canonical_name(&action.id), entity.name()).into(),
            None => action.internal.unwrap_or(&action.id).into(),
        };
        Registered {
            metrics: ActionMetrics::of(&audit_id),
            audit_id,
            action: Arc::clone(&action),
            title: title.clone(),
            handler: Arc::clone(&handler),
            shape: shape.clone(),
            needed,
            entity: entity.cloned(),
        }
    };
    let checked = match &on {
        Some(on) => Checked::OnEntities(on.iter().map(|it| registered(Some(it))).collect()),
        None => Checked::Execute(Box::new(registered(None))),
    };
    problems.dedup();
    if problems.is_empty() { Ok(checked) } else { Err(problems) }
}

/// The entities that an action acts on.
fn acted_on(types: &EntityTypes, entities: &Entities, problems: &mut Vec<String>) -> Vec<Arc<Entity>> {
    let EntityTypes::These(names) = types else { return entities.iter().cloned().collect() };
    let mut on: Vec<Arc<Entity>> = Vec::with_capacity(names.len());
    for name in names {
        match entities.find(name) {
            None => problems.push(format!(
                "its entity `{name}` is not registered; add `.entity::<{name}>()` to the builder"
            )),
            Some(entity) if on.iter().any(|it| it.name() == entity.name()) => {
                problems.push(format!("it names the entity `{}` twice", entity.name()));
            }
            Some(entity) => on.push(Arc::clone(entity)),
        }
    }
    on
}

fn needed(action: &Action, on: Option<&Entity>, entities: &Entities, problems: &mut Vec<String>) -> Needed {
    let (names, any) = match &action.needs {
        Needs::Authenticated => return Needed::Always(Required::authenticated()),
        Needs::All(names) => (names.clone(), false),
        Needs::Any(names) => (names.clone(), true),
        Needs::Unstated => match on {
            Some(entity) => (vec![format!("{}/{}", canonical_name(&action.id), entity.name()).into()], false),
            None => {
                problems.push(
                    "it states no permission; add `permission = \"…\"`, or `authenticated` for every signed-in caller"
                        .to_owned(),
                );
                (Vec::new(), false)
            }
        },
    };
    if names.is_empty() && problems.is_empty() {
        problems.push("its list of permissions is empty, which nobody could satisfy".to_owned());
    }
    let mut build = |entity: &str| {
        let permissions: Vec<Permission> = names
            .iter()
            .filter_map(|name| {
                Permission::new(&name.replace(ENTITY_PLACEHOLDER, entity))
                    .map_err(|error| problems.push(error.to_string()))
                    .ok()
            })
            .collect();
        if any { Required::any(permissions) } else { Required::all(permissions) }
    };
    match on {
        // Of an action on an entity it is that one, and not one that its parameters name.
        Some(entity) => Needed::Always(build(entity.name())),
        None if !names.iter().any(|it| it.contains(ENTITY_PLACEHOLDER)) => Needed::Always(build("")),
        None => {
            Needed::PerEntity(entities.iter().map(|it| (Box::from(it.name()), build(it.name()))).collect())
        }
    }
}

/// `user.update` as `User update`, `CarCopy` as `Car copy`.
pub(crate) fn humanised(id: &str) -> String {
    let mut title = String::with_capacity(id.len() + 4);
    for letter in id.chars() {
        if matches!(letter, '.' | '_' | '-') {
            title.push(' ');
        } else if letter.is_ascii_uppercase() && !title.is_empty() && !title.ends_with(' ') {
            title.push(' ');
            title.push(letter.to_ascii_lowercase());
        } else if title.is_empty() {
            title.push(letter.to_ascii_uppercase());
        } else {
            title.push(letter);
        }
    }
    title
}

/// The means to find out what a call aims at, given to [`crate::ActionHandler::aim`].
pub struct Aim<'a> {
    pub(crate) registered: &'a Registered,
    pub(crate) entities: &'a Entities,
    pub(crate) queries: &'a HashMap<Box<str>, Arc<NamedQuery>>,
    pub(crate) workflows: &'a Workflows,
}

/// What a call aims at: its permissions, and the entity, query or transition it names.
#[derive(Debug, Clone)]
pub struct Aimed {
    pub(crate) required: Required,
    pub(crate) entity: Option<Arc<Entity>>,
    pub(crate) query: Option<Arc<NamedQuery>>,
    pub(crate) transition: Option<Arc<Guarded>>,
}

impl Aimed {
    fn at(required: &Required, entity: Option<&Arc<Entity>>) -> Self {
        Self { required: required.clone(), entity: entity.cloned(), query: None, transition: None }
    }
}

impl Aim<'_> {
    /// The action's own permissions; for those that hold `{entity}`, of the entity that `params.entity` names.
    pub fn by_entity(&self, params: &Map<String, Value>) -> Result<Aimed, Refusal> {
        match &self.registered.needed {
            Needed::Always(required) => Ok(Aimed::at(required, self.registered.entity.as_ref())),
            Needed::PerEntity(by_entity) => {
                let name = text_member(params, "entity")?;
                let entity = self.entities.find(name).ok_or(Refusal::NotFound)?;
                let required = by_entity.get(entity.name()).ok_or(Refusal::NotFound)?;
                Ok(Aimed::at(required, Some(entity)))
            }
        }
    }

    /// The action's own permissions and, where `params.entity` names an entity, the right to read it.
    pub(crate) fn by_record(&self, params: &Map<String, Value>) -> Result<Aimed, Refusal> {
        let mut aimed = self.by_entity(params)?;
        if params.get("entity").is_some_and(|it| !it.is_null()) {
            let entity = self.entities.find(text_member(params, "entity")?).ok_or(Refusal::NotFound)?;
            let own = aimed.required.permissions().chain([entity.permission(Verb::Read)]);
            aimed.required = Required::all(own.cloned().collect::<Vec<_>>());
            aimed.entity = Some(entity.clone());
        }
        Ok(aimed)
    }

    /// The registered query that `params.query` names, and its permissions.
    pub(crate) fn by_query(&self, params: &Map<String, Value>) -> Result<Aimed, Refusal> {
        let name = text_member(params, "query")?;
        let query = self.queries.get(name).ok_or(Refusal::UnknownQuery)?;
        Ok(Aimed {
            query: Some(query.clone()),
            ..Aimed::at(&self.registered.required_for(query), Some(&query.entity))
        })
    }

    /// The entity that `params.entity` names, and the transition of it that `params.transition` names, if there is one:
    /// it may ask for more than the entity's permission.
    pub(crate) fn by_transition(&self, params: &Map<String, Value>) -> Result<Aimed, Refusal> {
        let mut aimed = self.by_entity(params)?;
        if let (Some(entity), Some(name)) = (&aimed.entity, params.get("transition").and_then(Value::as_str))
        {
            aimed.transition = self.workflows.transition(entity, name).cloned();
        }
        Ok(aimed)
    }
}

/// A member that names the call's target: absent or not text is a mistake before anything else is looked at.
fn text_member<'a>(params: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, Refusal> {
    match params.get(name) {
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::field(name, "wrong_type", format!("{name} must be text"))),
        None => Err(Refusal::validation(FieldError::required(name).into())),
    }
}
