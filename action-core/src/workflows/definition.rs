//! What a workflow says, before it is held against its entity.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::Translations;

/// States of a column, and the ways between them.
///
/// ```
/// use action_core::workflows::{Transition, Workflow};
///
/// let workflow = Workflow::new("car_status", "Car", "status")
///     .states(["available", "in_use", "retired"])
///     .transition(Transition::new("check_out").from(["available"]).to("in_use"))
///     .transition(Transition::new("retire").from_any().to("retired").role("admin").comment_required());
/// # let _ = action_core::Engine::builder().workflow(workflow);
/// ```
#[derive(Debug, Clone)]
pub struct Workflow {
    pub(super) name: String,
    pub(super) entity: String,
    pub(super) field: String,
    pub(super) initial: Option<String>,
    pub(super) states: Vec<State>,
    pub(super) transitions: Vec<Transition>,
    /// Where it was read, for messages.
    pub(super) place: String,
}

/// A state, and what people call it.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) label: Translations,
}

/// A way from some states into another.
#[derive(Debug, Clone)]
pub struct Transition {
    pub(super) name: String,
    pub(super) label: Translations,
    pub(super) from: From,
    pub(super) to: String,
    pub(super) role: Option<String>,
    pub(super) permission: Option<String>,
    pub(super) condition: Option<Json>,
    pub(super) comment_required: bool,
    /// Where it was read, for messages.
    pub(super) place: Option<String>,
}

/// The states a transition leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// Every one but that which it enters.
    Any,
    These(Vec<String>),
}

impl Workflow {
    /// A workflow of a field of an entity. Its first state is the initial one, unless [`initial`](Self::initial) says
    /// otherwise.
    #[track_caller]
    pub fn new(name: impl Into<String>, entity: impl Into<String>, field: impl Into<String>) -> Self {
        let place = std::panic::Location::caller();
        Self {
            name: name.into(),
            entity: entity.into(),
            field: field.into(),
            initial: None,
            states: Vec::new(),
            transitions: Vec::new(),
            place: format!("{}:{}", place.file(), place.line()),
        }
    }

    /// The state of a new record.
    pub fn initial(mut self, state: impl Into<String>) -> Self {
        self.initial = Some(state.into());
        self
    }

    /// Adds states.
    pub fn states<T: Into<String>>(mut self, states: impl IntoIterator<Item = T>) -> Self {
        self.states
            .extend(states.into_iter().map(|it| State { name: it.into(), label: Translations::default() }));
        self
    }

    /// Adds a state with what people call it.
    pub fn state(mut self, name: impl Into<String>, label: Translations) -> Self {
        self.states.push(State { name: name.into(), label });
        self
    }

    /// Adds a transition. Their order is that of the listings.
    pub fn transition(mut self, transition: Transition) -> Self {
        self.transitions.push(transition);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The initial state: the one that was said, else the first.
    pub(super) fn initial_state(&self) -> Option<&str> {
        self.initial.as_deref().or_else(|| self.states.first().map(|it| it.name.as_str()))
    }
}

impl Transition {
    /// A transition that leaves no state yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: Translations::default(),
            from: From::These(Vec::new()),
            to: String::new(),
            role: None,
            permission: None,
            condition: None,
            comment_required: false,
            place: None,
        }
    }

    /// What people call it; made from its name where this is not said.
    pub fn label(mut self, label: Translations) -> Self {
        self.label = label;
        self
    }

    /// The states it leaves.
    pub fn from<T: Into<String>>(mut self, states: impl IntoIterator<Item = T>) -> Self {
        self.from = From::These(states.into_iter().map(Into::into).collect());
        self
    }

    /// It leaves every state but that which it enters.
    pub fn from_any(mut self) -> Self {
        self.from = From::Any;
        self
    }

    /// The state it enters.
    pub fn to(mut self, state: impl Into<String>) -> Self {
        self.to = state.into();
        self
    }

    /// A role key that the caller must have beside the right `Transition/{entity}`, ignoring case.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// A permission that the caller must hold beside `Transition/{entity}`.
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.permission = Some(permission.into());
        self
    }

    /// What must hold for the row, in the language of [filters](crate::expression::Expression::filter); it may name
    /// every column.
    pub fn condition(mut self, condition: impl Into<Json>) -> Self {
        self.condition = Some(condition.into());
        self
    }

    /// It says why.
    pub fn comment_required(mut self) -> Self {
        self.comment_required = true;
        self
    }

    /// Whether it leaves this state.
    pub(super) fn leaves(&self, state: &str) -> bool {
        match &self.from {
            From::Any => state != self.to,
            From::These(states) => states.iter().any(|it| it == state),
        }
    }
}

/// A name of a state, transition or workflow, as people read it: `check_out` is `Check out`.
pub(super) fn humanised(name: &str) -> Cow<'_, str> {
    let mut words = name.replace(['_', '-', '.'], " ");
    match words.get_mut(..1) {
        Some(first) => first.make_ascii_uppercase(),
        None => return Cow::Borrowed(name),
    }
    Cow::Owned(words)
}
