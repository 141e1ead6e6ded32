//! What is known of an action before anyone calls it: its name, what it needs, its limits and its flags.
//!
//! The attribute `#[custom_action]` writes one of these; by hand it is written as a chain of setters. Nothing is
//! judged here. [`crate::Engine`] checks it all when it is built, so that a mistake stops the start and not a call.

use std::borrow::Cow;
use std::panic::Location;
use std::time::Duration;

use serde::Serialize;

use crate::custom_actions::{ButtonStyle, SelectionRule, Unspoken};
use crate::rate::Rate;
use crate::time_limit::DEFAULT_TIME_LIMIT;

/// The description of one action.
///
/// ```
/// use action_core::{Action, Rate};
///
/// let action = Action::new("user.update").permission("user.edit").rate_limit(Rate::parse("30/min").unwrap());
/// assert_eq!(action.id(), "user.update");
/// ```
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent flags of a description, each named in its setter"
)]
pub struct Action {
    pub(crate) id: Cow<'static, str>,
    pub(crate) title: Option<Cow<'static, str>>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) needs: Needs,
    pub(crate) rate: Option<Rate>,
    pub(crate) time_limit: Duration,
    pub(crate) redact: Cow<'static, [Cow<'static, str>]>,
    pub(crate) read_only: bool,
    pub(crate) destructive: bool,
    pub(crate) idempotent: bool,
    pub(crate) tenant_optional: bool,
    pub(crate) allow_unknown: bool,
    pub(crate) entity: Option<OnEntity>,
    /// A role that the caller needs beside its permissions.
    pub(crate) role: Option<&'static str>,
    /// What the audit calls it, where it is an action of the library's own routes: it is reached by them alone.
    pub(crate) internal: Option<&'static str>,
    /// Setters that contradict each other; the engine refuses to build with them.
    pub(crate) contradictions: Vec<&'static str>,
    pub(crate) site: Cow<'static, str>,
}

/// What a caller must hold, as written; permissions may hold the placeholder `{entity}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing was said. On an entity that means `{Name}/{Entity}`; elsewhere the engine refuses to build.
    Unstated,
    /// Any signed-in caller.
    Authenticated,
    /// Every one of them.
    All(Vec<Cow<'static, str>>),
    /// One of them is enough.
    Any(Vec<Cow<'static, str>>),
}

/// The part of an action that acts on the rows of entities.
#[derive(Debug, Clone)]
pub(crate) struct OnEntity {
    pub(crate) entities: EntityTypes,
    /// How it is offered, as far as the code says.
    pub(crate) offer: Unspoken,
}

/// The entities whose rows an action acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EntityTypes {
    /// Every registered one.
    Any,
    /// These.
    These(Vec<Cow<'static, str>>),
}

/// Where an action on an entity is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ShownOn {
    /// In the view of one record.
    Detail,
    /// In a list.
    Query,
    /// In either.
    Both,
}

impl Action {
    /// An action reached through the execution endpoint under this id: 1–100 characters, `[A-Za-z][A-Za-z0-9._-]*`.
    #[track_caller]
    pub fn new(id: impl Into<Cow<'static, str>>) -> Self {
        let place = Location::caller();
        let place = format!("{}:{}", place.file(), place.line());
        Self {
            id: id.into(),
            title: None,
            description: None,
            needs: Needs::Unstated,
            rate: None,
            time_limit: DEFAULT_TIME_LIMIT,
            redact: Cow::Borrowed(&[]),
            read_only: false,
            destructive: false,
            idempotent: false,
            tenant_optional: false,
            allow_unknown: false,
            entity: None,
            role: None,
            internal: None,
            contradictions: Vec::new(),
            site: place.into(),
        }
    }

    /// An action on the rows of an entity, reached under that entity.
    ///
    /// It needs the permission `{name}/{entity}` unless another is stated, is shown on details and in lists, and takes no
    /// selected rows until [`selection`](Self::selection) or the configuration says otherwise.
    #[track_caller]
    pub fn on_entity(name: impl Into<Cow<'static, str>>, entity: impl Into<Cow<'static, str>>) -> Self {
        Self::on(name, EntityTypes::These(vec![entity.into()]))
    }

    /// As [`on_entity`](Self::on_entity), on the rows of several entities, each with a permission of its own. Its
    /// handler takes rows as `Selected<Record>`, `SelectedMany<Record>` and `Parent<Record>`.
    #[track_caller]
    pub fn on_entities<T: Into<Cow<'static, str>>>(
        name: impl Into<Cow<'static, str>>,
        entities: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::on(name, EntityTypes::These(entities.into_iter().map(Into::into).collect()))
    }

    /// As [`on_entities`](Self::on_entities), on the rows of every registered entity.
    #[track_caller]
    pub fn on_any_entity(name: impl Into<Cow<'static, str>>) -> Self {
        Self::on(name, EntityTypes::Any)
    }

    #[track_caller]
    fn on(name: impl Into<Cow<'static, str>>, entities: EntityTypes) -> Self {
        let mut action = Self::new(name);
        action.entity = Some(OnEntity { entities, offer: Unspoken::default() });
        action
    }

    /// An action that only routes of the library's own run, and what the audit calls it.
    #[track_caller]
    pub(crate) fn internal(id: &'static str, audit_id: &'static str) -> Self {
        Self { internal: Some(audit_id), ..Self::new(id) }
    }

    /// The caller has this role, beside the permissions.
    pub(crate) fn role(mut self, role: &'static str) -> Self {
        self.role = Some(role);
        self
    }

    /// Adds a permission; the caller needs all of those added.
    pub fn permission(mut self, permission: impl Into<Cow<'static, str>>) -> Self {
        if let Needs::All(all) = &mut self.needs {
            all.push(permission.into());
            return self;
        }
        self.needing(Needs::All(vec![permission.into()]))
    }

    /// One of these permissions is enough.
    pub fn any_permission<T: Into<Cow<'static, str>>>(
        self,
        permissions: impl IntoIterator<Item = T>,
    ) -> Self {
        self.needing(Needs::Any(permissions.into_iter().map(Into::into).collect()))
    }

    /// Any signed-in caller may run it.
    pub fn authenticated(self) -> Self {
        self.needing(Needs::Authenticated)
    }

    /// Of two different words on who may run it, neither may win silently.
    fn needing(mut self, needs: Needs) -> Self {
        if self.needs != Needs::Unstated && self.needs != needs {
            self.contradictions.push(
                "it says in two ways who may run it: keep `permission`, `any_permission` or `authenticated`",
            );
        }
        self.needs = needs;
        self
    }

    fn offered(mut self, say: impl FnOnce(&mut Unspoken)) -> Self {
        match &mut self.entity {
            Some(on) => say(&mut on.offer),
            None => self.contradictions.push(
                "`selection`, `shown_on`, `refresh`, `icon`, `confirm`, `offset`, `group` and `style` are for actions on an entity",
            ),
        }
        self
    }

    /// A short name for people; made from the id where none is given.
    pub fn title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What it does, in a sentence or two.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// How often one user of one tenant may run it.
    pub fn rate_limit(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// How long it may take, instead of 30 seconds.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Parameters that the audit must not show, besides those named like a secret.
    pub fn redact<T: Into<Cow<'static, str>>>(mut self, fields: impl IntoIterator<Item = T>) -> Self {
        self.redact = fields.into_iter().map(Into::into).collect();
        self
    }

    /// It writes nothing, and the database holds it to that.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// It takes something away for good, so a client should ask first.
    pub fn destructive(mut self) -> Self {
        self.destructive = true;
        self
    }

    /// Running it twice does no more than running it once.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// A caller without a tenant may run it too.
    pub fn tenant_optional(mut self) -> Self {
        self.tenant_optional = true;
        self
    }

    /// Parameters that it does not know are passed over instead of refused.
    pub fn allow_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }

    /// How many rows must be selected. Only for actions on an entity.
    pub fn selection(self, rule: SelectionRule) -> Self {
        self.offered(|it| it.selection = Some(rule))
    }

    /// Where it is offered. Only for actions on an entity.
    pub fn shown_on(self, shown_on: ShownOn) -> Self {
        self.offered(|it| it.shown_on = Some(shown_on))
    }

    /// What is shown is loaded again afterwards. Only for actions on an entity.
    pub fn refresh(self) -> Self {
        self.offered(|it| it.refresh = Some(true))
    }

    /// The button's icon. Only for actions on an entity.
    pub fn icon(self, icon: impl Into<Cow<'static, str>>) -> Self {
        self.offered(|it| it.icon = Some(icon.into()))
    }

    /// The key of the sentence a client shows before it calls. Only for actions on an entity.
    pub fn confirm(self, message_key: impl Into<Cow<'static, str>>) -> Self {
        self.offered(|it| it.confirm = Some(message_key.into()))
    }

    /// Its place among the buttons: lower is earlier, 0 by default. Only for actions on an entity.
    pub fn offset(self, offset: i32) -> Self {
        self.offered(|it| it.offset = Some(offset))
    }

    /// The buttons it is drawn together with. Only for actions on an entity.
    pub fn group(self, group: impl Into<Cow<'static, str>>) -> Self {
        self.offered(|it| it.group = Some(group.into()))
    }

    /// How its button is drawn. Only for actions on an entity.
    pub fn style(self, style: ButtonStyle) -> Self {
        self.offered(|it| it.style = Some(style))
    }

    /// Where in the source it is registered, `file:line`; named when something is wrong with it. Where this is not
    /// said, it is the line that made the action.
    pub fn site(mut self, site: &'static str) -> Self {
        self.site = Cow::Borrowed(site);
        self
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }
}
