//! What can go wrong in a store, in words that no database has of its own.

use crate::FieldErrors;
use crate::refusal::{BoxError, Refusal};

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, or no connection came free within 5 s.
    #[error("the database is unavailable")]
    Unavailable(#[source] BoxError),
    /// A value that must be unique is taken.
    #[error("a unique value is already taken")]
    Taken {
        /// The columns that must be unique together, where the database names them.
        columns: Vec<String>,
    },
    /// The row is still referred to by others.
    #[error("the row is still referred to")]
    StillReferenced,
    /// The row refers to one that does not exist.
    #[error("the row refers to one that does not exist")]
    MissingReference {
        /// The referring columns, where the database names them.
        columns: Vec<String>,
    },
    /// A check of the table refused the row.
    #[error("a check of the table refuses the row")]
    Check {
        /// The name of the check, where the database names it.
        constraint: Option<String>,
    },
    /// Two transactions stood in each other's way and this one lost.
    #[error("the transaction collided with another one")]
    Contention(#[source] BoxError),
    /// The statement was stopped at the time limit.
    #[error("the statement ran past the time limit")]
    TimedOut(#[source] BoxError),
    /// Anything else: a fault of ours.
    #[error("the database refused the statement")]
    Fault(#[source] BoxError),
}

impl StoreError {
    /// A fault told in words.
    pub fn fault(cause: impl Into<BoxError>) -> Self {
        Self::Fault(cause.into())
    }

    /// Whether the database looked at it and said no, so that nothing of it is kept.
    pub(crate) fn is_refusal(&self) -> bool {
        !matches!(self, Self::Unavailable(_) | Self::TimedOut(_) | Self::Fault(_))
    }
}

/// The refusal a store's error means where nothing more is known about the row.
impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Taken { .. } => Self::conflict("conflict", "this value is already taken"),
            StoreError::StillReferenced => Self::conflict("dependency", "it is still in use"),
            StoreError::MissingReference { .. } => Self::Invalid {
                code: "validation_failed".into(),
                errors: FieldErrors::one(crate::FieldError::new(
                    "",
                    "unknown_reference",
                    "it refers to a record that does not exist",
                )),
            },
            StoreError::Check { .. } => {
                Self::conflict("constraint", "the values do not satisfy a rule of the data")
            }
            StoreError::Contention(_) => {
                Self::conflict("conflict", "the data was changed at the same moment; try again")
            }
            // The statement's own limit is the action's: whoever knows the action says so in its words.
            StoreError::TimedOut(cause) | StoreError::Fault(cause) => Self::Internal(cause),
        }
    }
}
