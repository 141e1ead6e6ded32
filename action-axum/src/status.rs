//! The status table: what every refusal is over HTTP, and what is said of it. There is no other.
//!
//! A row that its caller may not see arrives here as the same [`Refusal::NotFound`] as a missing one, so the two
//! cannot be told apart. Application codes (`already_stolen`) keep the status of their kind.

use action_core::Refusal;
use http::StatusCode;

use crate::messages::{self as say, Message};
use crate::problem::Problem;

/// The status of a problem, and its words.
pub(crate) fn of(problem: &Problem) -> (StatusCode, &'static Message) {
    match problem {
        Problem::MalformedJson(_) => (StatusCode::BAD_REQUEST, &say::MALFORMED_JSON),
        Problem::NoRoute => (StatusCode::NOT_FOUND, &say::NO_ROUTE),
        Problem::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, &say::METHOD_NOT_ALLOWED),
        Problem::SlowBody => (StatusCode::REQUEST_TIMEOUT, &say::SLOW_BODY),
        Problem::PayloadTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, &say::PAYLOAD_TOO_LARGE),
        Problem::RangeOutside(_) => (StatusCode::RANGE_NOT_SATISFIABLE, &say::RANGE_NOT_SATISFIABLE),
        Problem::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, &say::UNSUPPORTED_MEDIA_TYPE),
        Problem::Refused(refusal) => match refusal {
            Refusal::Invalid { code, .. } => (StatusCode::BAD_REQUEST, of_invalid(code)),
            Refusal::Unauthenticated => (StatusCode::UNAUTHORIZED, &say::UNAUTHENTICATED),
            Refusal::PermissionDenied => (StatusCode::FORBIDDEN, &say::PERMISSION_DENIED),
            Refusal::TenantRequired => (StatusCode::FORBIDDEN, &say::TENANT_REQUIRED),
            Refusal::TenantMismatch => (StatusCode::FORBIDDEN, &say::TENANT_MISMATCH),
            Refusal::CrossSite => (StatusCode::FORBIDDEN, &say::CROSS_SITE),
            Refusal::UnknownAction => (StatusCode::NOT_FOUND, &say::UNKNOWN_ACTION),
            Refusal::UnknownQuery => (StatusCode::NOT_FOUND, &say::UNKNOWN_QUERY),
            Refusal::NotFound => (StatusCode::NOT_FOUND, &say::NOT_FOUND),
            Refusal::SomeNotFound { .. } => (StatusCode::NOT_FOUND, &say::SOME_NOT_FOUND),
            Refusal::Conflict { .. } => (StatusCode::CONFLICT, &say::CONFLICT),
            Refusal::VersionConflict { .. } => (StatusCode::CONFLICT, &say::VERSION_CONFLICT),
            Refusal::RowsFailed { .. } => (StatusCode::CONFLICT, &say::ROWS_FAILED),
            Refusal::InProgress => (StatusCode::CONFLICT, &say::IN_PROGRESS),
            Refusal::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, &say::PRECONDITION_FAILED),
            Refusal::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, &say::KEY_REUSED),
            Refusal::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, &say::RATE_LIMITED),
            Refusal::InvalidResult => (StatusCode::INTERNAL_SERVER_ERROR, &say::INVALID_RESULT),
            Refusal::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, &say::INTERNAL),
            Refusal::Unavailable(_) => (StatusCode::SERVICE_UNAVAILABLE, &say::UNAVAILABLE),
            Refusal::Timeout { .. } => (StatusCode::GATEWAY_TIMEOUT, &say::TIMEOUT),
        },
    }
}

/// A question to be answered first: the status of ASP.NET's "retry with", which no registry has.
pub(crate) fn asked() -> StatusCode {
    StatusCode::from_u16(449).unwrap_or(StatusCode::CONFLICT)
}

fn of_invalid(code: &str) -> &'static Message {
    match code {
        "validation_failed" => &say::VALIDATION_FAILED,
        "unknown_field" => &say::UNKNOWN_FIELD,
        "invalid_parameter" => &say::INVALID_PARAMETER,
        _ => &say::BAD_REQUEST,
    }
}

/// The number that a problem's sentence names.
pub(crate) fn number(problem: &Problem) -> Option<u128> {
    match problem {
        Problem::PayloadTooLarge(limit) => Some(*limit as u128),
        Problem::RangeOutside(size) => Some((*size).into()),
        Problem::Refused(Refusal::VersionConflict { current }) => u128::try_from(*current).ok(),
        Problem::Refused(Refusal::RateLimited(window)) => Some(window.reset_seconds().into()),
        Problem::Refused(Refusal::Timeout { limit }) => Some(limit.as_millis()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use action_core::ports::Window;
    use action_core::{FieldError, Rate};

    use super::*;
    use crate::messages::Language;
    use crate::reply::detail;

    fn every_refusal() -> Vec<Refusal> {
        let rate = Rate::parse("5/min").unwrap();
        let window = Window { rate, remaining: 0, resets_in_ms: 41_001, allowed: false };
        vec![
            Refusal::field("name", "required", "name is required"),
            Refusal::Unauthenticated,
            Refusal::PermissionDenied,
            Refusal::TenantRequired,
            Refusal::TenantMismatch,
            Refusal::CrossSite,
            Refusal::UnknownAction,
            Refusal::UnknownQuery,
            Refusal::NotFound,
            Refusal::SomeNotFound {
                errors: FieldError::new("ids[3]", "not_found", "7 was not found").into(),
            },
            Refusal::conflict("already_stolen", "this car was already reported as stolen"),
            Refusal::VersionConflict { current: 7 },
            Refusal::InProgress,
            Refusal::KeyReused,
            Refusal::PreconditionFailed,
            Refusal::RateLimited(window),
            Refusal::Timeout { limit: Duration::from_millis(500) },
            Refusal::RowsFailed { results: serde_json::json!([]) },
            Refusal::InvalidResult,
            Refusal::Unavailable("pool exhausted".into()),
            Refusal::internal("secret-detail"),
        ]
    }

    #[test]
    fn every_refusal_has_the_status_of_the_contract() {
        let table: Vec<(String, u16)> =
            every_refusal().into_iter().map(|it| (it.code().to_owned(), of(&it.into()).0.as_u16())).collect();
        let expected = [
            ("validation_failed", 400),
            ("unauthenticated", 401),
            ("permission_denied", 403),
            ("tenant_required", 403),
            ("tenant_mismatch", 403),
            ("cross_site", 403),
            ("action_not_found", 404),
            ("query_not_found", 404),
            ("not_found", 404),
            ("not_found", 404),
            ("already_stolen", 409),
            ("version_conflict", 409),
            ("in_progress", 409),
            ("idempotency_key_reused", 422),
            ("precondition_failed", 412),
            ("rate_limited", 429),
            ("timeout", 504),
            ("action_failed", 409),
            ("invalid_result", 500),
            ("unavailable", 503),
            ("internal", 500),
        ];
        assert_eq!(table, expected.map(|(code, status)| (code.to_owned(), status)));
        assert_eq!(asked().as_u16(), 449);
    }

    #[test]
    fn the_english_sentences_are_those_of_the_core() {
        for refusal in every_refusal() {
            let said = refusal.to_string();
            assert_eq!(detail(&refusal.into(), Language::English), said);
        }
        let two = [FieldError::required("a"), FieldError::required("b")].into_iter().collect();
        let refusal = Refusal::validation(two);
        let said = refusal.to_string();
        assert_eq!(detail(&refusal.into(), Language::English), said);
    }

    #[test]
    fn no_translation_keeps_a_placeholder_or_the_english_sentence() {
        for refusal in every_refusal() {
            let problem = Problem::from(refusal);
            let has_words = of(&problem).1.detail.is_some();
            for language in [Language::French, Language::Dutch, Language::German, Language::Portuguese] {
                let said = detail(&problem, language);
                assert!(!said.contains("{n}"), "{said}");
                assert_eq!(said != detail(&problem, Language::English), has_words, "{language:?}: {said}");
            }
        }
    }
}
