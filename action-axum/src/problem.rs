//! Why a request is not answered with what it asked for: a refusal of the core, or something about the request itself
//! that the core never sees. Which status each of them becomes is decided in `status`.

use std::borrow::Cow;

use action_core::{FieldError, FieldErrors, Refusal};

/// Everything that ends in a problem document.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The core refused, or one of its codes says what is wrong with the request.
    Refused(Refusal),
    /// Nothing is mounted at this path.
    NoRoute,
    /// Something is, but not for this method.
    MethodNotAllowed,
    /// The body has more bytes than this.
    PayloadTooLarge(usize),
    /// No byte of a file of this size is in the range that was asked for.
    RangeOutside(u64),
    /// The body is not declared to be JSON, or is compressed.
    UnsupportedMediaType,
    /// The body is no JSON that can be taken.
    MalformedJson(Cow<'static, str>),
    /// The body did not arrive in time.
    SlowBody,
}

impl Problem {
    /// Query parameters or headers are wrong.
    pub(crate) fn invalid_parameters(errors: FieldErrors) -> Self {
        Self::Refused(Refusal::Invalid { code: Cow::Borrowed("invalid_parameter"), errors })
    }

    /// One query parameter or header is wrong.
    pub(crate) fn invalid_parameter(name: &'static str, message: &'static str) -> Self {
        Self::invalid_parameters(FieldError::new(name, "invalid_parameter", message).into())
    }

    /// Members of a body are wrong: `unknown_field` where that is all there is to say, else `validation_failed`.
    pub(crate) fn invalid_fields(errors: FieldErrors) -> Self {
        let only_unknown = errors.iter().all(|it| it.code == "unknown_field");
        let code = if only_unknown { "unknown_field" } else { "validation_failed" };
        Self::Refused(Refusal::Invalid { code: Cow::Borrowed(code), errors })
    }

    /// The body is no JSON that can be taken, for this reason.
    pub(crate) fn malformed(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::MalformedJson(reason.into())
    }

    /// The stable word for it.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NoRoute => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::PayloadTooLarge(_) => "payload_too_large",
            Self::RangeOutside(_) => "range_not_satisfiable",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MalformedJson(_) => "malformed_json",
            Self::SlowBody => "request_timeout",
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
