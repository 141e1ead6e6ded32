//! Whether an action shows on a row, and whether it can be clicked there.
//!
//! The listing of buttons, that of many rows and the execution under the row's lock all ask here, so what is shown and
//! what runs cannot differ. What is asked of the rows is asked of the database, all of it in one statement.

use serde::Serialize;

use super::{EntityAction, HostTable, Parameter};
use crate::expression::{Expression, InvalidCondition};
use crate::{FieldError, FieldErrors};

/// What is asked of each row for one action.
pub(crate) struct Questions {
    visible: Result<Expression, InvalidCondition>,
    enabled: Result<Expression, InvalidCondition>,
    disabled: Result<Expression, InvalidCondition>,
}

/// What came out of it for one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// It is there.
    pub visible: bool,
    /// It can be clicked where it is there.
    pub enabled: bool,
    /// Why not.
    pub reasons: Vec<Reason>,
}

/// Why an action does not show, or cannot be clicked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// `permission_denied`, `visibility_condition`, `enabled_condition`, `disabled_condition` or `invalid_condition`.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
}

impl Questions {
    pub(crate) fn of(action: &EntityAction, table: &HostTable) -> Self {
        let read = |condition: &Option<_>| Expression::condition(condition.as_ref(), table);
        // What is absent disables nothing.
        let disabled = match action.disabled_condition.as_ref().filter(|it| !it.is_null()) {
            Some(condition) => Expression::condition(Some(condition), table),
            None => Ok(Expression::Constant(false)),
        };
        Self {
            visible: read(&action.visibility_condition),
            enabled: read(&action.enabled_condition),
            disabled,
        }
    }

    /// What the rows are asked, in the order in which [`Questions::verdict`] takes the answers.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.visible, &self.enabled, &self.disabled].into_iter().filter_map(|it| it.as_ref().ok())
    }

    /// Takes as many answers as it asked questions.
    pub(crate) fn verdict(&self, action: &EntityAction, mut answers: impl Iterator<Item = bool>) -> Verdict {
        let mut reasons = Vec::new();
        let mut because = |code, message: &str| reasons.push(Reason { code, message: message.to_owned() });
        if !action.can_execute {
            because("permission_denied", "you may not run this action");
        }
        let mut visible = action.can_execute;
        if !action.parameters.iter().all(Parameter::is_sound) {
            visible = false;
            because("invalid_condition", "one of its parameters is none");
        }
        match &self.visible {
            Err(_) => {
                visible = false;
                because("invalid_condition", "its visibility_condition is no condition");
            }
            Ok(_) if !answers.next().unwrap_or(false) => {
                visible = false;
                because("visibility_condition", "it does not apply to this record");
            }
            Ok(_) => {}
        }
        let mut enabled = true;
        match &self.enabled {
            Err(_) => {
                enabled = false;
                because("invalid_condition", "its enabled_condition is no condition");
            }
            Ok(_) if !answers.next().unwrap_or(false) => {
                enabled = false;
                because("enabled_condition", told(action));
            }
            Ok(_) => {}
        }
        match &self.disabled {
            Err(_) => {
                enabled = false;
                because("invalid_condition", "its disabled_condition is no condition");
            }
            Ok(_) if answers.next().unwrap_or(true) => {
                enabled = false;
                because("disabled_condition", told(action));
            }
            Ok(_) => {}
        }
        Verdict { visible, enabled, reasons }
    }
}

fn told(action: &EntityAction) -> &str {
    match action.disabled_tooltip.as_deref() {
        Some(text) if !text.is_empty() => text,
        _ => "it is not available for this record now",
    }
}

impl Verdict {
    /// Whether it may run.
    pub(crate) fn runs(&self) -> bool {
        self.visible && self.enabled
    }

    /// The reasons, as a refusal lists them.
    pub(crate) fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        for reason in &self.reasons {
            errors.push(FieldError::new("", reason.code, reason.message.clone()));
        }
        errors
    }
}
