//! All offers of an engine: each entry held against its handler, and frozen.
//!
//! An entry may name fewer entities than its handler takes, never more. One without a handler is no mistake, because
//! the crate with it may be linked another day: it is passed over, and the log says so. A rule that does not suit the
//! rows the handler takes is one, told when the configuration loads and not at a call.

use std::collections::HashMap;
use std::sync::Arc;

use super::file::CustomActionEntry;
use super::offer::Unspoken;
use super::{ButtonStyle, SelectionRule};
use crate::Translations;
use crate::action::ShownOn;
use crate::action_name::canonical_name;
use crate::entity::{Entities, Entity};
use crate::registry::{Registered, Registry};

/// An action on entities as it is offered: nothing of it is left open.
pub(crate) struct Offer {
    /// As the configuration spells it.
    pub(crate) name: Box<str>,
    pub(crate) display_names: Translations,
    pub(crate) icon: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) shown_on: ShownOn,
    pub(crate) selection: SelectionRule,
    pub(crate) refresh: bool,
    pub(crate) confirm: Option<Box<str>>,
    pub(crate) offset: i32,
    pub(crate) group: Option<Box<str>>,
    pub(crate) style: Option<ButtonStyle>,
    /// The action on each entity it is offered for.
    on: Vec<Arc<Registered>>,
}

impl Offer {
    /// The action on this entity.
    pub(crate) fn on(&self, entity: &Entity) -> Option<&Arc<Registered>> {
        self.on.iter().find(|it| it.entity.as_ref().is_some_and(|it| it.name() == entity.name()))
    }

    /// The action on each entity it is offered for.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &Arc<Registered>> {
        self.on.iter()
    }
}

/// One snapshot of the configuration.
#[derive(Default, Clone)]
pub(crate) struct Offers {
    /// By offset, then in the order of the file, then those without an entry by name.
    ordered: Vec<Arc<Offer>>,
    /// By the registry's names.
    by_name: HashMap<Box<str>, Arc<Offer>>,
}

impl Offers {
    /// Holds entries against the handlers. `from_code`: a handler without an entry is offered as its attribute says.
    pub(super) fn new(
        entries: Vec<CustomActionEntry>,
        registry: &Registry,
        entities: &Entities,
        from_code: bool,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut offers = Self::default();
        let mut placed: HashMap<&str, String> = HashMap::new();
        for entry in entries {
            let Some((name, handlers)) = registry.custom(&entry.key) else {
                tracing::warn!(
                    action = entry.key,
                    place = entry.place,
                    "an entry of the custom actions has no handler; the action is not available"
                );
                continue;
            };
            let place = format!("{}: {}", entry.place, entry.key);
            if let Some(first) = placed.insert(name, place.clone()) {
                problems.push(format!("{place}: it is the same action as `{first}`: leave one of them out"));
            }
            match configured(entry, handlers, entities) {
                Ok(offer) => offers.add(name, offer),
                Err(found) => problems.extend(found.into_iter().map(|it| format!("{place}: {it}"))),
            }
        }
        if from_code {
            problems.extend(offers.offer_the_rest(registry));
        }
        offers.ordered.sort_by_key(|it| it.offset);
        if problems.is_empty() { Ok(offers) } else { Err(problems) }
    }

    /// What there is without a file. A handler that cannot be offered as its attribute says is left out: an entry had
    /// made it good.
    #[cfg(feature = "config-files")]
    pub(super) fn without_entries(registry: &Registry, from_code: bool) -> Self {
        let mut offers = Self::default();
        if from_code {
            for problem in offers.offer_the_rest(registry) {
                tracing::warn!(problem, "a custom action is not available without an entry");
            }
        }
        offers.ordered.sort_by_key(|it| it.offset);
        offers
    }

    /// Offers each handler without an entry as its attribute says, and tells which cannot be.
    fn offer_the_rest(&mut self, registry: &Registry) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, handlers) in registry.iter_custom() {
            let Some(first) = handlers.first().filter(|_| !self.by_name.contains_key(name)) else { continue };
            let id = canonical_name(&first.action.id);
            match offered(id, Translations::default(), Unspoken::default(), handlers) {
                Ok(offer) => self.add(name, offer),
                Err(problem) => problems.push(format!("action `{id}` ({}): {problem}", first.action.site)),
            }
        }
        problems
    }

    fn add(&mut self, name: &str, offer: Offer) {
        let offer = Arc::new(offer);
        self.ordered.push(Arc::clone(&offer));
        self.by_name.insert(name.into(), offer);
    }

    /// The offer of the action of this name in the registry.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Offer>> {
        self.by_name.get(name)
    }

    /// What is offered on an entity, in order, with the action on it.
    pub(crate) fn on<'a>(
        &'a self,
        entity: &'a Entity,
    ) -> impl Iterator<Item = (&'a Arc<Offer>, &'a Arc<Registered>)> {
        self.ordered.iter().filter_map(|it| Some((it, it.on(entity)?)))
    }

    /// All offers, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Offer>> {
        self.ordered.iter()
    }
}

/// The offer that an entry makes of a handler.
fn configured(
    entry: CustomActionEntry,
    handlers: &[Arc<Registered>],
    entities: &Entities,
) -> Result<Offer, Vec<String>> {
    let mut problems = Vec::new();
    let handlers = match entry.entity_types {
        None => handlers.to_vec(),
        Some(names) => {
            let mut on: Vec<Arc<Registered>> = Vec::with_capacity(names.len());
            for name in names {
                let entity = entities.find(&name);
                let handler = entity.and_then(|entity| {
                    handlers.iter().find(|it| it.entity.as_ref().is_some_and(|it| it.name() == entity.name()))
                });
                match (entity, handler) {
                    (None, _) => problems.push(format!("entityTypes: there is no entity `{name}`")),
                    (Some(_), None) => {
                        let takes = handlers.iter().filter_map(|it| it.entity.as_ref());
                        let takes = takes.map(|it| format!("`{}`", it.name())).collect::<Vec<_>>().join(", ");
                        problems.push(format!("entityTypes: its handler takes {takes}, and not `{name}`"));
                    }
                    (Some(_), Some(handler)) if on.iter().any(|it| Arc::ptr_eq(it, handler)) => {
                        problems.push(format!("entityTypes: `{name}` is named twice"));
                    }
                    (Some(_), Some(handler)) => on.push(Arc::clone(handler)),
                }
            }
            on
        }
    };
    let offer = offered(&entry.key, entry.display_names, entry.offer, &handlers);
    match offer {
        Ok(offer) if problems.is_empty() => Ok(offer),
        Ok(_) => Err(problems),
        Err(problem) => {
            problems.push(problem);
            Err(problems)
        }
    }
}

/// Fills in what nobody said.
fn offered(
    name: &str,
    display_names: Translations,
    said: Unspoken,
    handlers: &[Arc<Registered>],
) -> Result<Offer, String> {
    let first = handlers.first();
    let of_code = first.and_then(|it| it.action.entity.as_ref()).map(|it| it.offer.clone());
    let mut said = said.or(of_code.unwrap_or_default());
    said.description = said.description.or_else(|| first.and_then(|it| it.action.description.clone()));
    let shown_on = said.shown_on.unwrap_or(ShownOn::Both);
    let selection = said.selection.unwrap_or(SelectionRule::NONE);
    if let Some(handler) = first {
        selection
            .suits(handler.shape.rows, shown_on == ShownOn::Detail)
            .map_err(|problem| format!("selectionRule `{selection}`: {problem}"))?;
    }
    let display_names = match first {
        Some(handler) if display_names == Translations::default() => {
            Translations::from([("en", handler.title.clone())])
        }
        _ => display_names,
    };
    let boxed = |it: Option<std::borrow::Cow<'static, str>>| it.map(|it| it.into_owned().into_boxed_str());
    Ok(Offer {
        name: name.into(),
        display_names,
        icon: boxed(said.icon),
        description: boxed(said.description),
        shown_on,
        selection,
        refresh: said.refresh.unwrap_or(false),
        confirm: boxed(said.confirm),
        offset: said.offset.unwrap_or(0),
        group: boxed(said.group),
        style: said.style,
        on: handlers.to_vec(),
    })
}
