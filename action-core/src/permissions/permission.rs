//! One permission: what a caller must hold to do something.
//!
//! `Edit/Car` names an action and its target; a free name such as `user.edit` is an action without a target, which
//! rights reach as `user.edit/*` or `*/*`. Everything a check needs (the lower-case text and where it splits) is
//! made here once, so that asking for a permission never allocates.
//!
//! A permission is a question, so what could only be an answer is refused: wildcards and combined names belong in
//! rights. Whether anybody holds a permission is decided in `rights`.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{
    combined::combined_parts,
    grammar::{Fault, MAX_CHARS, fault},
    lower_case::is_lower_case,
};

/// One permission, compared ignoring case and printed as it was written. Cloning it is one counter.
///
/// ```
/// use action_core::permissions::Permission;
///
/// let permission = Permission::new("CarCopy/Car")?;
/// assert_eq!(permission, Permission::on("carcopy", "CAR")?);
/// assert_eq!(permission.to_string(), "CarCopy/Car");
/// assert_eq!((permission.action(), permission.target()), ("CarCopy", Some("Car")));
///
/// let free = Permission::new("user.edit")?;
/// assert_eq!((free.action(), free.target()), ("user.edit", None));
/// # Ok::<(), action_core::permissions::PermissionError>(())
/// ```
#[derive(Clone)]
pub struct Permission(Arc<Text>);

struct Text {
    original: Box<str>,
    /// `None` when the original is in lower case already.
    lower: Option<Box<str>>,
    /// Where the lower-case text has its `/`. The original may have it elsewhere: some letters change their length.
    slash: Option<usize>,
}

/// Why a text is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionError {
    /// There is no text at all.
    #[error("the text is empty; write `action/target`, such as `Edit/Car`")]
    Empty,
    /// More than 200 characters.
    #[error("`{start}…` has {chars} characters; at most {MAX_CHARS} are allowed")]
    TooLong {
        /// The first characters of the text.
        start: String,
        /// How many characters it has.
        chars: usize,
    },
    /// More than one `/`.
    #[error("`{0}` has more than one `/`; write one action and one target, such as `Edit/Car`")]
    ManySlashes(String),
    /// Nothing before or after the `/`.
    #[error("`{0}` has nothing on one side of its `/`; write both the action and the target")]
    EmptyHalf(String),
    /// White space at an end of the text or of a half.
    #[error("`{0}` has white space at the edge of a name; remove it")]
    Padded(String),
    /// A control character; the text is shown escaped.
    #[error("`{0}` has a control character; remove it")]
    Control(String),
    /// A `*`.
    #[error("`{0}` has a `*`; a wildcard belongs in a right, a permission names one action")]
    Wildcard(String),
    /// A combined name, which stands for several permissions.
    #[error("`{name}` stands for {}; it belongs in a right, list these permissions instead", parts.join(", "))]
    Combined {
        /// The combined name as it was written.
        name: String,
        /// The verbs it stands for, in lower case.
        parts: &'static [&'static str],
    },
}

impl Permission {
    /// Reads `action/target`, or a free name without `/`.
    ///
    /// Refused: an empty text or half, more than one `/`, more than 200 characters, control characters, white space
    /// at the edge of a name, a `*`, and the combined names.
    pub fn new(text: &str) -> Result<Self, PermissionError> {
        check_text(text)?;
        let action = text.split_once('/').map_or(text, |(action, _)| action);
        if text.contains('*') {
            return Err(PermissionError::Wildcard(text.to_owned()));
        }
        if let Some(parts) = combined_parts(action) {
            return Err(PermissionError::Combined { name: action.to_owned(), parts });
        }
        let lower = (!is_lower_case(text)).then(|| text.to_lowercase().into_boxed_str());
        let slash = lower.as_deref().unwrap_or(text).find('/');
        Ok(Self(Arc::new(Text { original: text.into(), lower, slash })))
    }

    /// The permission for an action on a target, such as `Read` on `Car`.
    ///
    /// Refuses what [`Permission::new`] refuses, so neither half can smuggle in a `/`.
    pub fn on(action: &str, target: &str) -> Result<Self, PermissionError> {
        Self::new(&format!("{action}/{target}"))
    }

    /// The permission as it was written.
    pub fn as_str(&self) -> &str {
        &self.0.original
    }

    /// The action as it was written: all of a free name.
    pub fn action(&self) -> &str {
        self.as_str().split_once('/').map_or(self.as_str(), |(action, _)| action)
    }

    /// The target as it was written; `None` for a free name.
    pub fn target(&self) -> Option<&str> {
        self.as_str().split_once('/').map(|(_, target)| target)
    }

    /// The whole text in lower case.
    pub(super) fn key(&self) -> &str {
        self.0.lower.as_deref().unwrap_or(&self.0.original)
    }

    /// The action in lower case.
    pub(super) fn action_key(&self) -> &str {
        self.halves().map_or(self.key(), |(action, _)| action)
    }

    /// The target in lower case; `None` for a free name.
    pub(super) fn target_key(&self) -> Option<&str> {
        self.halves().map(|(_, target)| target)
    }

    fn halves(&self) -> Option<(&str, &str)> {
        let (action, target) = self.key().split_at_checked(self.0.slash?)?;
        Some((action, target.strip_prefix('/')?))
    }
}

/// What permissions and the resources of rights refuse alike, whatever stands in their halves.
pub(super) fn check_text(text: &str) -> Result<(), PermissionError> {
    let Some(fault) = fault(text) else { return Ok(()) };
    let whole = || text.to_owned();
    Err(match fault {
        Fault::Empty => PermissionError::Empty,
        Fault::TooLong => {
            PermissionError::TooLong { start: text.chars().take(20).collect(), chars: text.chars().count() }
        }
        Fault::Control => PermissionError::Control(text.escape_debug().to_string()),
        Fault::ManySlashes => PermissionError::ManySlashes(whole()),
        Fault::EmptyHalf => PermissionError::EmptyHalf(whole()),
        Fault::Padded => PermissionError::Padded(whole()),
    })
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl fmt::Debug for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Permission({})", self.as_str())
    }
}

impl PartialEq for Permission {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Permission {}

impl PartialOrd for Permission {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Permission {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

impl Hash for Permission {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl serde::Serialize for Permission {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Permission, PermissionError};

    type Tested = Result<(), Box<dyn std::error::Error>>;

    fn refusal(text: &str) -> String {
        Permission::new(text).map_or_else(|error| error.to_string(), |it| format!("{it:?} was accepted"))
    }

    #[test]
    fn each_malformed_permission_is_refused_with_its_cause() {
        let long = "x".repeat(201);
        for (text, cause) in [
            ("", "the text is empty; write `action/target`, such as `Edit/Car`"),
            (&long, "`xxxxxxxxxxxxxxxxxxxx…` has 201 characters; at most 200 are allowed"),
            ("a/b/c", "`a/b/c` has more than one `/`; write one action and one target, such as `Edit/Car`"),
            ("/Car", "`/Car` has nothing on one side of its `/`; write both the action and the target"),
            ("Edit/", "`Edit/` has nothing on one side of its `/`; write both the action and the target"),
            ("/", "`/` has nothing on one side of its `/`; write both the action and the target"),
            (" Edit/Car", "` Edit/Car` has white space at the edge of a name; remove it"),
            ("Edit /Car", "`Edit /Car` has white space at the edge of a name; remove it"),
            ("user.edit\u{a0}", "`user.edit\u{a0}` has white space at the edge of a name; remove it"),
            ("Edit/C\0ar", r"`Edit/C\0ar` has a control character; remove it"),
            ("Edit/Car\n", r"`Edit/Car\n` has a control character; remove it"),
            ("*", "`*` has a `*`; a wildcard belongs in a right, a permission names one action"),
            ("Edit/*", "`Edit/*` has a `*`; a wildcard belongs in a right, a permission names one action"),
            (
                "Ed*t/Car",
                "`Ed*t/Car` has a `*`; a wildcard belongs in a right, a permission names one action",
            ),
            (
                "queryRead/Car",
                "`queryRead` stands for query, read; it belongs in a right, list these permissions instead",
            ),
            (
                "ReadEdit",
                "`ReadEdit` stands for read, edit; it belongs in a right, list these permissions instead",
            ),
        ] {
            assert_eq!(refusal(text), cause);
        }
    }

    #[test]
    fn two_hundred_characters_are_accepted_however_many_bytes_they_take() -> Tested {
        assert_eq!(Permission::new(&"é".repeat(200))?.as_str().len(), 400);
        Ok(())
    }

    #[test]
    fn case_counts_neither_for_equality_nor_for_a_set() -> Tested {
        let both = HashSet::from([Permission::new("Édit/ΟΔΟΣ")?, Permission::new("éDIT/οδος")?]);
        assert_eq!(both.len(), 1);
        Ok(())
    }

    #[test]
    fn a_letter_that_grows_in_lower_case_does_not_move_the_halves() -> Tested {
        let permission = Permission::new("İİ/Car")?;
        assert_eq!((permission.action_key(), permission.target_key()), ("i\u{307}i\u{307}", Some("car")));
        assert_eq!((permission.action(), permission.target()), ("İİ", Some("Car")));
        Ok(())
    }

    #[test]
    fn it_is_serialised_as_its_text() -> Tested {
        assert_eq!(serde_json::to_string(&Permission::new("Edit/Car")?)?, r#""Edit/Car""#);
        Ok(())
    }

    #[test]
    fn a_half_cannot_bring_a_slash_of_its_own() {
        assert_eq!(
            Permission::on("Read", "Car/x"),
            Err(PermissionError::ManySlashes("Read/Car/x".to_owned()))
        );
    }
}
