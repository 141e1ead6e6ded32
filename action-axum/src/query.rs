//! Query parameters: each known, each given once, each well formed; what is wrong is told for all of them at once.

use std::borrow::Cow;

use action_core::{FieldError, FieldErrors};
use axum::extract::Query;
use http::Uri;
use uuid::Uuid;

use crate::problem::Problem;

/// Longest made-up name that is echoed, in characters.
const LONGEST_ECHO: usize = 100;

/// The parameters of a request, taken out one by one; [`end`](Self::end) refuses what is left.
pub(crate) struct Parameters {
    given: Vec<(String, String)>,
    errors: FieldErrors,
}

impl Parameters {
    pub(crate) fn of(uri: &Uri) -> Result<Self, Problem> {
        let Query(given) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| Problem::invalid_parameter("query", "the query string cannot be read"))?;
        Ok(Self { given, errors: FieldErrors::default() })
    }

    /// The value of a parameter, as `read` understands it; `expected` says what that is.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let mut values = self.given.extract_if(.., |(it, _)| it == name).map(|(_, value)| value);
        let first = values.next()?;
        let repeated = values.count() > 0;
        let value = read(&first);
        if repeated {
            self.refuse(name, format!("{name} is given more than once"));
        } else if value.is_none() {
            self.refuse(name, format!("{name} must be {expected}"));
        }
        value
    }

    /// Refuses unknown parameters, and whatever was found wrong before.
    pub(crate) fn end(mut self) -> Result<(), Problem> {
        let mut unknown: Vec<String> = self.given.drain(..).map(|(name, _)| name).collect();
        let mut seen = std::collections::HashSet::new();
        unknown.retain(|it| seen.insert(it.clone()));
        for name in unknown {
            let name: String = name.chars().take(LONGEST_ECHO).collect();
            let message = format!("{name} is not a known parameter");
            self.refuse(name, message);
        }
        self.errors.into_result(()).map_err(Problem::invalid_parameters)
    }

    fn refuse(&mut self, name: impl Into<Cow<'static, str>>, message: String) {
        self.errors.push(FieldError::new(name, "invalid_parameter", message));
    }
}

/// For routes that take none.
pub(crate) fn none(uri: &Uri) -> Result<(), Problem> {
    if uri.query().is_none_or(str::is_empty) { Ok(()) } else { Parameters::of(uri)?.end() }
}

/// A UUID with hyphens; other spellings of one are none of ours.
pub(crate) fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|_| text.len() == 36)
}

/// A whole number within bounds, in digits alone.
pub(crate) fn number(text: &str, least: u32, most: u32) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (least..=most).contains(&number).then_some(number)
}
