//! Which columns of a row stand in its audit, and how openly.

use std::borrow::Cow;

use action_core::audit::{Audited, audited};
use action_core::entity::ColumnIndex;
use action_core::{Kind, Value};

use super::scope::InScope;

/// A column that is part of a change.
pub(super) struct Shown<'a> {
    pub(super) index: ColumnIndex,
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) hidden: Hidden,
}

/// Whether a marker stands in place of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hidden {
    No,
    Always,
    /// As `Change::redacted` does it: a null stays one.
    WhereThere,
}

/// All columns of a row; `redact` are the names that the action marks.
pub(super) fn all<'a>(scope: &'a InScope<'_>, redact: &[Cow<'static, str>]) -> Vec<Shown<'a>> {
    (0..scope.entity.columns().len()).filter_map(|it| shown(scope, it, redact)).collect()
}

/// The columns that a change sets.
pub(super) fn set<'a>(
    scope: &'a InScope<'_>,
    set: &[(ColumnIndex, Value)],
    redact: &[Cow<'static, str>],
) -> Vec<Shown<'a>> {
    set.iter().filter_map(|(index, _)| shown(scope, *index, redact)).collect()
}

fn shown<'a>(scope: &'a InScope<'_>, index: ColumnIndex, redact: &[Cow<'static, str>]) -> Option<Shown<'a>> {
    let column = scope.entity.column(index)?;
    let hidden = match audited(&scope.entity, index)? {
        Audited::Redacted => Hidden::Always,
        Audited::Shown if redact.iter().any(|it| it == column.name()) => Hidden::WhereThere,
        Audited::Shown => Hidden::No,
    };
    Some(Shown { index, name: column.name(), kind: column.kind(), hidden })
}
