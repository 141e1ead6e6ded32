//! What a right is about: `action/target`, where either half may be the wildcard `*`.
//!
//! A half is a whole name or a whole wildcard; `Read*` is refused rather than read as a pattern. A combined name is
//! kept as it stands and expanded by the builder, because it is one right that reaches several permissions.

use super::permission::{PermissionError, check_text};

/// The `action/target` of a right, compared ignoring case.
///
/// ```
/// use action_core::permissions::Resource;
///
/// for text in ["Edit/Car", "QueryRead/Car", "Read/*", "*/Car", "*/*", "user.edit/*"] {
///     assert!(Resource::new(text).is_ok());
/// }
/// let refused = Resource::new("user.edit").unwrap_err();
/// assert_eq!(refused.to_string(), "`user.edit` is not `action/target`; for a free name write `user.edit/*`");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub(super) action: Half,
    pub(super) target: Half,
}

/// One side of the `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Half {
    /// `*`.
    Every,
    /// A name in lower case.
    Named(Box<str>),
}

/// Why a text is no resource of a right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// No `/`.
    #[error("`{0}` is not `action/target`; for a free name write `{0}/*`")]
    NoTarget(String),
    /// A `*` beside other characters.
    #[error("`{0}` has a `*` inside a name; it stands for a whole half, as in `Read/*`, `*/Car` or `*/*`")]
    PartialWildcard(String),
    /// What a permission may not be either.
    #[error(transparent)]
    Malformed(#[from] PermissionError),
}

impl Resource {
    /// Reads `action/target`; either half may be `*`, and the action may be a combined name.
    pub fn new(text: &str) -> Result<Self, ResourceError> {
        check_text(text)?;
        let (action, target) =
            text.split_once('/').ok_or_else(|| ResourceError::NoTarget(text.to_owned()))?;
        let half = |name: &str| match name {
            "*" => Ok(Half::Every),
            _ if name.contains('*') => Err(ResourceError::PartialWildcard(text.to_owned())),
            _ => Ok(Half::Named(name.to_lowercase().into_boxed_str())),
        };
        Ok(Self { action: half(action)?, target: half(target)? })
    }
}
