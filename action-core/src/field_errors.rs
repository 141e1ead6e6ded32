//! What is wrong with which field: the list that every 400 carries.
//!
//! A check never stops at the first mistake; it pushes what it found and goes on, so that a caller mends a form
//! in one round. Paths are spelled as in the caller's JSON (`values.year`, `items[0].label`), codes are stable
//! `snake_case` words, messages are for people. Which HTTP status the list becomes is not decided here.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Longest made-up path that is echoed, in characters.
const LONGEST_ECHO: usize = 200;

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path from the body, or from `params` for an execution: `items[0].label`.
    /// Empty for a mistake that belongs to no single field.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub field: Cow<'static, str>,
    /// A stable word a program can branch on: `required`, `too_long`, `unknown_field`.
    pub code: Cow<'static, str>,
    /// One sentence for a person, in English unless it was translated.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// A mistake at `field`.
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }

    /// `field` was left out, and must not be.
    pub fn required(field: impl Into<Cow<'static, str>>) -> Self {
        let field = field.into();
        let message = format!("{field} is required");
        Self { field, code: Cow::Borrowed("required"), message: message.into() }
    }

    /// `field` is no member of this object.
    pub fn unknown(field: impl Into<Cow<'static, str>>) -> Self {
        // The one path that a caller makes up: echoed, but not at any length.
        let mut field = field.into();
        if field.chars().count() > LONGEST_ECHO {
            field = field.chars().take(LONGEST_ECHO).chain(['…']).collect::<String>().into();
        }
        let message = format!("{field} is not a known field");
        Self { field, code: Cow::Borrowed("unknown_field"), message: message.into() }
    }

    /// The same mistake with `prefix.` before its path.
    pub fn under(mut self, prefix: &str) -> Self {
        self.field = join(prefix, &self.field).into();
        self
    }
}

/// All mistakes of one request, in the order in which the fields are declared.
///
/// ```
/// use action_core::{FieldError, FieldErrors};
///
/// let mut errors = FieldErrors::default();
/// errors.push(FieldError::required("name"));
/// errors.add("year", "out_of_range", "year must lie between 1886 and 2100");
/// assert_eq!(errors.len(), 2);
/// assert_eq!(errors.iter().next().map(|it| it.message.as_ref()), Some("name is required"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// As many mistakes as one list holds.
    pub const MOST: usize = 100;

    /// A list of one.
    pub fn one(error: FieldError) -> Self {
        Self(vec![error])
    }

    /// Adds a mistake at the end. Beyond [`FieldErrors::MOST`] it is left out: nobody mends more at once, and an
    /// answer must not grow with what it answers.
    pub fn push(&mut self, error: FieldError) {
        if self.0.len() < Self::MOST {
            self.0.push(error);
        }
    }

    /// Whether further mistakes would be left out.
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MOST
    }

    /// Adds a mistake at the end, spelled in parts.
    pub fn add(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) {
        self.push(FieldError::new(field, code, message));
    }

    /// Adds every mistake of `others` with `prefix.` before its path.
    pub fn extend_under(&mut self, prefix: &str, others: FieldErrors) {
        for error in others.0 {
            self.push(error.under(prefix));
        }
    }

    /// Whether a mistake at exactly this path is on the list.
    pub fn mentions(&self, field: &str) -> bool {
        self.0.iter().any(|it| it.field == field)
    }

    /// The mistakes, first declared first.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Ok` with `value` where nothing is wrong, else the list.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Puts the mistakes into the order that `rank` gives their paths; equal ranks keep their order.
    pub(crate) fn sort_by_rank<K: Ord>(&mut self, rank: impl Fn(&str) -> K) {
        self.0.sort_by_key(|it| rank(&it.field));
    }
}

impl Extend<FieldError> for FieldErrors {
    fn extend<I: IntoIterator<Item = FieldError>>(&mut self, errors: I) {
        errors.into_iter().for_each(|it| self.push(it));
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self::one(error)
    }
}

impl FromIterator<FieldError> for FieldErrors {
    fn from_iter<I: IntoIterator<Item = FieldError>>(errors: I) -> Self {
        Self(errors.into_iter().take(Self::MOST).collect())
    }
}

impl IntoIterator for FieldErrors {
    type Item = FieldError;
    type IntoIter = std::vec::IntoIter<FieldError>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("no field is invalid"),
            [only] => f.write_str(&only.message),
            many => write!(f, "{} fields are invalid", many.len()),
        }
    }
}

/// `prefix.field`, or the one that is not empty; an index (`[0]`) joins without a dot.
pub(crate) fn join(prefix: &str, field: &str) -> String {
    match (prefix.is_empty(), field.is_empty()) {
        (true, _) => field.to_owned(),
        (_, true) => prefix.to_owned(),
        _ if field.starts_with('[') => format!("{prefix}{field}"),
        _ => format!("{prefix}.{field}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_joins_members_with_a_dot_and_indexes_without() {
        assert_eq!(join("values", "year"), "values.year");
        assert_eq!(join("items", "[0].label"), "items[0].label");
        assert_eq!(join("", "name"), "name");
        assert_eq!(join("values", ""), "values");
    }
}
