//! What the engine tells of its actions and entities: to a caller what they may use, to the documentation everything.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Engine;
use crate::action::ShownOn;
use crate::custom_actions::{ButtonStyle, Offer};
use crate::entity::Verb;
use crate::permissions::Grants;
use crate::registry::Registered;
use crate::{Caller, Languages, Translations};

/// An action of the execution endpoint, as it is listed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the members of the listing, described in the guide on the execution endpoint"
)]
pub struct ActionDescription {
    pub action_id: String,
    pub title: String,
    pub description: Option<String>,
    /// As written; `{entity}` stands for the entity that the call names.
    pub permissions: Vec<String>,
    /// JSON Schema 2020-12 of the parameters.
    pub params: Value,
    /// `30/min`
    pub rate_limit: Option<String>,
    pub idempotent: bool,
    pub read_only: bool,
    pub destructive: bool,
}

/// An action on an entity, as it is listed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members of the listing, described in the guide on custom actions")]
pub struct CustomActionDescription {
    pub name: String,
    /// In the caller's language.
    pub display_name: String,
    pub display_names: Translations,
    pub icon: Option<String>,
    pub description: Option<String>,
    pub showed_on: ShownOn,
    pub selection_rule: String,
    pub refresh_on_completed: bool,
    pub confirmation_message_key: Option<String>,
    pub offset: i32,
    pub group: Option<String>,
    pub style: Option<ButtonStyle>,
    /// JSON Schema 2020-12 of the parameters, where it takes any.
    pub params: Option<Value>,
}

/// An entity type, as it is listed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the members of the listing, described in the guide on the execution endpoint"
)]
pub struct EntityDescription {
    pub name: String,
    pub alias: String,
    pub type_id: Uuid,
    /// The key's JSON name.
    pub key: String,
    pub fields: Vec<FieldDescription>,
}

/// A column, as it is listed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the members of the listing, described in the guide on the execution endpoint"
)]
pub struct FieldDescription {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub required: bool,
    pub readable: bool,
    pub writable: bool,
}

impl Engine {
    /// The execution endpoint's actions that these grants open, by id.
    pub fn actions_for(&self, caller: &Caller, grants: &Grants) -> Vec<ActionDescription> {
        self.0
            .registry
            .iter_execute()
            .filter(|it| self.is_open(it, caller, grants))
            .map(|it| describe(it))
            .collect()
    }

    /// Whether a call of this caller could get past the permission check.
    fn is_open(&self, registered: &Registered, caller: &Caller, grants: &Grants) -> bool {
        let by_query = || {
            registered.shape.queries
                && self.0.queries.values().any(|it| grants.satisfies(&registered.required_for(it)))
        };
        (caller.tenant_id().is_some() || registered.action.tenant_optional)
            && (registered.is_open_to(grants) || by_query())
    }

    /// One of them.
    pub fn action_for(&self, id: &str, caller: &Caller, grants: &Grants) -> Option<ActionDescription> {
        self.0.registry.execute(id).filter(|it| self.is_open(it, caller, grants)).map(|it| describe(it))
    }

    /// All actions of the execution endpoint, by id, for documentation.
    pub fn all_actions(&self) -> Vec<ActionDescription> {
        self.0.registry.iter_execute().map(|it| describe(it)).collect()
    }

    /// The actions on an entity that a call of this caller could run, by offset and then in the order of the
    /// configuration; none on an entity that there is not. `entity` is its name, alias or type id.
    pub fn custom_actions_for(
        &self,
        entity: &str,
        caller: &Caller,
        grants: &Grants,
        languages: &Languages,
    ) -> Vec<CustomActionDescription> {
        let Some(entity) = self.0.entities.find(entity) else { return Vec::new() };
        let offers = self.0.offers.current();
        let open = offers.on(entity).filter(|(_, it)| self.is_open(it, caller, grants));
        open.map(|(offer, registered)| describe_offer(offer, registered, languages)).collect()
    }

    /// All actions on entities that are offered now, each once, with the names of the entities, for documentation.
    pub fn all_custom_actions(&self) -> Vec<(CustomActionDescription, Vec<String>)> {
        let each = |offer: &Arc<Offer>| {
            let (first, entities) = (offer.entities().next()?, offer.entities());
            let names = entities.filter_map(|it| Some(it.entity.as_ref()?.name().to_owned())).collect();
            Some((describe_offer(offer, first, &Languages::default()), names))
        };
        self.0.offers.current().iter().filter_map(each).collect()
    }

    /// The entity types that these grants let a caller query or read, by name. Hidden columns are not listed.
    pub fn entities_for(&self, grants: &Grants) -> Vec<EntityDescription> {
        let open = |verb: Verb, entity: &Arc<crate::entity::Entity>| grants.allows(entity.permission(verb));
        self.0
            .entities
            .iter()
            .filter(|it| open(Verb::Query, it) || open(Verb::Read, it))
            .map(|entity| EntityDescription {
                name: entity.name().to_owned(),
                alias: entity.alias().to_owned(),
                type_id: entity.type_id(),
                key: entity.key().name().to_owned(),
                fields: entity
                    .columns()
                    .iter()
                    .filter(|it| it.is_readable())
                    .map(|it| FieldDescription {
                        name: it.name().to_owned(),
                        kind: it.kind().name(),
                        required: it.is_required(),
                        readable: it.is_readable(),
                        writable: it.is_writable(),
                    })
                    .collect(),
            })
            .collect()
    }
}

fn describe_offer(offer: &Offer, registered: &Registered, languages: &Languages) -> CustomActionDescription {
    let text = |it: &Option<Box<str>>| it.as_deref().map(str::to_owned);
    CustomActionDescription {
        name: offer.name.to_string(),
        display_name: offer.display_names.pick(languages).unwrap_or(&offer.name).to_owned(),
        display_names: offer.display_names.clone(),
        icon: text(&offer.icon),
        description: text(&offer.description),
        showed_on: offer.shown_on,
        selection_rule: offer.selection.to_string(),
        refresh_on_completed: offer.refresh,
        confirmation_message_key: text(&offer.confirm),
        offset: offer.offset,
        group: text(&offer.group),
        style: offer.style,
        params: registered.shape.params_schema().cloned(),
    }
}

fn describe(registered: &Registered) -> ActionDescription {
    let action = &registered.action;
    let none = || json!({ "type": "object", "properties": {}, "additionalProperties": false });
    ActionDescription {
        action_id: action.id.to_string(),
        title: registered.title.clone(),
        description: action.description.as_ref().map(ToString::to_string),
        permissions: registered.permissions(),
        params: registered.shape.params_schema().cloned().unwrap_or_else(none),
        rate_limit: action.rate.map(|it| it.to_string()),
        idempotent: action.idempotent,
        read_only: action.read_only,
        destructive: action.destructive,
    }
}
