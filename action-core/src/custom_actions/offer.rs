//! How an action on an entity is offered: where, for how many rows, and how its button looks.
//!
//! The handler's attribute says some of it, and an entry of the configuration some of it. Neither has to say all:
//! what the entry leaves out falls to the attribute, and what that leaves out to a default.

use std::borrow::Cow;

use serde::Serialize;

use super::SelectionRule;
use crate::action::ShownOn;

/// What is said of an offer, and what is left to somebody else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unspoken {
    pub(crate) icon: Option<Cow<'static, str>>,
    pub(crate) description: Option<Cow<'static, str>>,
    pub(crate) shown_on: Option<ShownOn>,
    pub(crate) selection: Option<SelectionRule>,
    pub(crate) refresh: Option<bool>,
    pub(crate) confirm: Option<Cow<'static, str>>,
    pub(crate) offset: Option<i32>,
    pub(crate) group: Option<Cow<'static, str>>,
    pub(crate) style: Option<ButtonStyle>,
}

impl Unspoken {
    /// This, and where it is silent the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            icon: self.icon.or(other.icon),
            description: self.description.or(other.description),
            shown_on: self.shown_on.or(other.shown_on),
            selection: self.selection.or(other.selection),
            refresh: self.refresh.or(other.refresh),
            confirm: self.confirm.or(other.confirm),
            offset: self.offset.or(other.offset),
            group: self.group.or(other.group),
            style: self.style.or(other.style),
        }
    }
}

/// How a button is drawn.
///
/// ```
/// use action_core::custom_actions::ButtonStyle;
///
/// assert_eq!("error".parse(), Ok(ButtonStyle::Error));
/// assert!("Error".parse::<ButtonStyle>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of any design system, which say it themselves")]
pub enum ButtonStyle {
    Primary,
    Secondary,
    Accent,
    Success,
    Warning,
    Error,
    Ghost,
}

/// A word that is no style.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a style is {}", ButtonStyle::ALL.map(|it| format!("`{}`", it.name())).join(", "))]
pub struct UnknownStyle;

impl ButtonStyle {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Primary,
        Self::Secondary,
        Self::Accent,
        Self::Success,
        Self::Warning,
        Self::Error,
        Self::Ghost,
    ];

    /// The word for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Accent => "accent",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Ghost => "ghost",
        }
    }
}

impl std::str::FromStr for ButtonStyle {
    type Err = UnknownStyle;

    fn from_str(text: &str) -> Result<Self, UnknownStyle> {
        Self::ALL.into_iter().find(|it| it.name() == text).ok_or(UnknownStyle)
    }
}
