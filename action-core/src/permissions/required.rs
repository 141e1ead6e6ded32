//! What an action needs before it may run.
//!
//! All-of and any-of are different variants, so that no call site can mistake the one for the other. An empty list
//! opens nothing: "all of none" would be true for everybody, and a list that lost its entries must not mean that.
//! An action that wants no permission at all says so with [`Required::Authenticated`].

use std::sync::Arc;

use super::Permission;

/// What an action needs; [`Grants::satisfies`](super::Grants::satisfies) answers whether a caller has it.
///
/// ```
/// use action_core::permissions::{Grants, Permission, Required};
///
/// let required = Required::all([Permission::new("diag.a")?, Permission::new("diag.b")?]);
/// let listed: Vec<_> = required.permissions().map(Permission::as_str).collect();
/// assert_eq!(listed, ["diag.a", "diag.b"]);
/// assert!(!Grants::nothing().satisfies(&required));
/// # Ok::<(), action_core::permissions::PermissionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// Every one of these. None listed: nobody.
    All(Arc<[Permission]>),
    /// At least one of these. None listed: nobody.
    Any(Arc<[Permission]>),
    /// Any caller who is signed in, whatever their rights.
    Authenticated,
}

impl Required {
    /// Every one of these permissions.
    pub fn all(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self::All(permissions.into_iter().collect())
    }

    /// At least one of these permissions.
    pub fn any(permissions: impl IntoIterator<Item = Permission>) -> Self {
        Self::Any(permissions.into_iter().collect())
    }

    /// Any caller who is signed in.
    pub const fn authenticated() -> Self {
        Self::Authenticated
    }

    /// The listed permissions in the order they were listed; none for [`Required::Authenticated`].
    pub fn permissions(&self) -> std::slice::Iter<'_, Permission> {
        match self {
            Self::All(listed) | Self::Any(listed) => listed.iter(),
            Self::Authenticated => [].iter(),
        }
    }
}
