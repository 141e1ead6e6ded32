//! Every reason a call is turned away, each a cause with its facts.
//!
//! A refusal says what was wrong in words that may leave the house: nothing in its `Display` is a secret, a path,
//! a piece of SQL or a type name. What went wrong inside travels beside it in [`Refusal::Internal`] and
//! [`Refusal::Unavailable`] and is logged, never sent. Which HTTP status a refusal becomes is one table in the HTTP
//! crate; here each only has its stable code.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use crate::ports::Window;
use crate::{FieldError, FieldErrors};

/// A boxed cause, as `?` produces it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a call is refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request is wrong in the named fields. Nothing ran.
    #[error("{errors}")]
    Invalid {
        /// `validation_failed`, unless a more precise word says it.
        code: Cow<'static, str>,
        /// What is wrong, field by field; never empty.
        errors: FieldErrors,
    },
    /// No valid credential came with the request.
    #[error("a valid credential is required")]
    Unauthenticated,
    /// The caller does not hold what the action needs.
    #[error("you do not have permission for this")]
    PermissionDenied,
    /// The credential names no tenant, and the action works on one.
    #[error("this needs a tenant, and the credential names none")]
    TenantRequired,
    /// The request names another tenant than the credential.
    #[error("the request is for another tenant")]
    TenantMismatch,
    /// The credential was sent by a browser from another site's page.
    #[error("requests from other sites are not accepted with this kind of credential")]
    CrossSite,
    /// No action of that name can be reached here.
    #[error("there is no such action")]
    UnknownAction,
    /// No query of that name is registered.
    #[error("there is no such query")]
    UnknownQuery,
    /// No such entity type or row, or none that this caller may see: the two are one answer.
    #[error("not found")]
    NotFound,
    /// Some of the rows that were named are not there, or are none that this caller may see: the two are one answer.
    #[error("some of these records were not found")]
    SomeNotFound {
        /// Which, by their place in the request; never empty.
        errors: FieldErrors,
    },
    /// The state of the data stands against it.
    #[error("{message}")]
    Conflict {
        /// `conflict`, `dependency`, or a word of the application's own.
        code: Cow<'static, str>,
        /// One sentence for a person.
        message: Cow<'static, str>,
        /// The fields it is about; may be empty.
        errors: FieldErrors,
    },
    /// The row was changed since the caller read it.
    #[error("the record was changed by someone else; its version is now {current}")]
    VersionConflict {
        /// The version that is stored now.
        current: i64,
    },
    /// Another call with the same idempotency key has not ended yet.
    #[error("a call with this idempotency key is still running")]
    InProgress,
    /// The idempotency key was used for another route, action or payload.
    #[error("this idempotency key was used for a different request")]
    KeyReused,
    /// `If-Match` names another state than the stored one.
    #[error("the resource was changed since it was read")]
    PreconditionFailed,
    /// Too many calls in this window of time.
    #[error("too many calls; try again in {} s", .0.reset_seconds())]
    RateLimited(Window),
    /// The action ran past its time limit; everything it wrote was rolled back.
    #[error("the action did not end within {} ms and was rolled back", .limit.as_millis())]
    Timeout {
        /// How long it may take.
        limit: Duration,
    },
    /// Something outside this process is needed and does not answer.
    #[error("the service is temporarily unavailable; try again shortly")]
    Unavailable(#[source] BoxError),
    /// Some rows of a change that is all or nothing failed.
    #[error("some records failed, and nothing was changed")]
    RowsFailed {
        /// What became of each, in the order of the request.
        results: serde_json::Value,
    },
    /// A function of the application answered something that is no result.
    #[error("what the action runs answered something that is no result")]
    InvalidResult,
    /// A fault of ours. The cause is for the log.
    #[error("an internal error occurred")]
    Internal(#[source] BoxError),
}

impl Refusal {
    /// Several fields are wrong: 400 `validation_failed`.
    pub fn validation(errors: FieldErrors) -> Self {
        Self::Invalid { code: Cow::Borrowed("validation_failed"), errors }
    }

    /// One field is wrong: 400 `validation_failed`, with the field's own code beside it.
    pub fn field(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::validation(FieldError::new(field, code, message).into())
    }

    /// The request as a whole is wrong, in no field: 400 with `code`.
    pub fn invalid(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let error = FieldError::new("", code, message);
        Self::Invalid { code: Cow::Borrowed(code), errors: error.into() }
    }

    /// The state of the data stands against it: 409 with a code of the application's own.
    ///
    /// ```
    /// use action_core::Refusal;
    ///
    /// let refusal = Refusal::conflict("already_stolen", "this car was already reported as stolen");
    /// assert_eq!(refusal.code(), "already_stolen");
    /// ```
    pub fn conflict(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict { code: code.into(), message: message.into(), errors: FieldErrors::default() }
    }

    /// A fault of ours, told in words for the log.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::Internal(cause.into())
    }

    /// The stable word for it.
    pub fn code(&self) -> &str {
        match self {
            Self::Invalid { code, .. } | Self::Conflict { code, .. } => code,
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::TenantRequired => "tenant_required",
            Self::TenantMismatch => "tenant_mismatch",
            Self::CrossSite => "cross_site",
            Self::UnknownAction => "action_not_found",
            Self::UnknownQuery => "query_not_found",
            Self::NotFound | Self::SomeNotFound { .. } => "not_found",
            Self::VersionConflict { .. } => "version_conflict",
            Self::InProgress => "in_progress",
            Self::KeyReused => "idempotency_key_reused",
            Self::PreconditionFailed => "precondition_failed",
            Self::RateLimited(_) => "rate_limited",
            Self::Timeout { .. } => "timeout",
            Self::Unavailable(_) => "unavailable",
            Self::RowsFailed { .. } => "action_failed",
            Self::InvalidResult => "invalid_result",
            Self::Internal(_) => "internal",
        }
    }

    /// The fields it is about, where it is about fields.
    pub fn fields(&self) -> Option<&FieldErrors> {
        match self {
            Self::Invalid { errors, .. } | Self::SomeNotFound { errors } | Self::Conflict { errors, .. } => {
                Some(errors)
            }
            _ => None,
        }
    }

    /// Whether the call broke (a fault, a time-out, a missing database) rather than being turned away.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Unavailable(_) | Self::InvalidResult | Self::Internal(_))
    }
}
