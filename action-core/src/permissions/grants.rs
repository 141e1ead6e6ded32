//! One caller's view of one snapshot of rights.
//!
//! A call makes its grants once, at the start, and keeps them to its end: they hold the snapshot they were made from,
//! so a reload in between changes the next call and not this one. Making them costs no allocation for a caller with
//! lower-case role keys and no claims, and asking them never costs one.
//!
//! What the rights say comes first, since any denial beats a claim; the claims are asked only when the rights are
//! silent. Who the caller is, and which texts are their role keys and claims, was settled by the authenticator.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::{Permission, Required, Rights, group_set::GroupSet, lower_case::LowerCase, tiers::Verdict};

/// What one caller may do; made by [`Rights::grants_for`].
///
/// Two grants are equal when they answer every question alike because they were made from the same snapshot, the
/// same groups and the same claims, so they can be the key of a cache.
#[derive(Clone)]
pub struct Grants {
    rights: Arc<Rights>,
    groups: GroupSet,
    /// In lower case, sorted, each once.
    claims: Box<[Box<str>]>,
    signed_in: bool,
}

impl Grants {
    /// The grants of a caller who holds nothing and is not signed in.
    ///
    /// ```
    /// use action_core::permissions::{Grants, Permission, Required};
    ///
    /// assert!(!Grants::nothing().allows(&Permission::new("Read/Car")?));
    /// assert!(!Grants::nothing().satisfies(&Required::authenticated()));
    /// # Ok::<(), action_core::permissions::PermissionError>(())
    /// ```
    pub fn nothing() -> Self {
        Arc::new(Rights::empty()).grants_for_anonymous()
    }

    pub(super) fn anonymous(rights: Arc<Rights>, groups: GroupSet) -> Self {
        Self { rights, groups, claims: Box::default(), signed_in: false }
    }

    pub(super) fn signed_in(rights: Arc<Rights>, groups: GroupSet, claims: &[impl AsRef<str>]) -> Self {
        let mut lower = LowerCase::default();
        let mut claims: Vec<Box<str>> = claims.iter().map(|claim| lower.of(claim.as_ref()).into()).collect();
        claims.sort_unstable();
        claims.dedup();
        Self { rights, groups, claims: claims.into(), signed_in: true }
    }

    /// True when the caller holds the permission. Does not allocate.
    pub fn allows(&self, permission: &Permission) -> bool {
        match self.rights.judge(permission, &self.groups) {
            Verdict::Granted => true,
            Verdict::Denied => false,
            Verdict::Silent => {
                self.claims.binary_search_by(|claim| claim.as_ref().cmp(permission.key())).is_ok()
            }
        }
    }

    /// True when the caller has what an action needs. Does not allocate. An empty list is not satisfied by anybody.
    pub fn satisfies(&self, required: &Required) -> bool {
        match required {
            Required::All(listed) => {
                !listed.is_empty() && listed.iter().all(|permission| self.allows(permission))
            }
            Required::Any(listed) => listed.iter().any(|permission| self.allows(permission)),
            Required::Authenticated => self.signed_in,
        }
    }

    /// True when the caller is signed in.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in
    }
}

impl fmt::Debug for Grants {
    /// Without the snapshot, which is the whole file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Grants")
            .field("groups", &self.groups)
            .field("claims", &self.claims)
            .field("signed_in", &self.signed_in)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Grants {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.rights, &other.rights)
            && self.groups == other.groups
            && self.claims == other.claims
            && self.signed_in == other.signed_in
    }
}

impl Eq for Grants {}

impl Hash for Grants {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.rights).hash(state);
        self.groups.hash(state);
        self.claims.hash(state);
        self.signed_in.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Grants;
    use crate::permissions::{Effect, Permission, PermissionError, Required, Resource, Rights};

    fn named(texts: &[&str]) -> Result<Vec<Permission>, PermissionError> {
        texts.iter().map(|text| Permission::new(text)).collect()
    }

    #[test]
    fn all_needs_every_one_and_any_needs_one() -> Result<(), PermissionError> {
        let grants = Arc::new(Rights::empty()).grants_for(Some(&[] as &[&str]), &["diag.a", "diag.b"]);
        for (listed, all, any) in [
            (&["diag.a", "diag.b"][..], true, true),
            (&["diag.a", "diag.c"], false, true),
            (&["diag.c"], false, false),
            (&[], false, false),
        ] {
            assert_eq!(grants.satisfies(&Required::all(named(listed)?)), all, "all of {listed:?}");
            assert_eq!(grants.satisfies(&Required::any(named(listed)?)), any, "any of {listed:?}");
        }
        Ok(())
    }

    #[test]
    fn any_signed_in_caller_will_do_where_an_action_says_so() {
        let rights = Arc::new(Rights::empty());
        assert!(
            rights.grants_for(Some(&[] as &[&str]), &[] as &[&str]).satisfies(&Required::authenticated())
        );
        assert!(!rights.grants_for_anonymous().satisfies(&Required::authenticated()));
        assert!(!Grants::nothing().satisfies(&Required::authenticated()));
    }

    #[test]
    fn a_claim_is_one_permission_and_any_denial_beats_it() -> Result<(), Box<dyn std::error::Error>> {
        let viewers = uuid::Uuid::from_u128(3);
        let rights = Arc::new(
            Rights::builder()
                .group(viewers, ["Viewers"])
                .right(viewers, Resource::new("Edit/Car")?, Effect::Denial)
                .build(),
        );
        let claims = ["EDIT/Car", "read/car", "*/*", "QueryRead/Van", "Delete/*"];
        let outsider = rights.grants_for(Some(&["nobody"]), &claims);
        let viewer = rights.grants_for(Some(&["Viewers"]), &claims);
        for (text, to_outsider, to_viewer) in [
            ("Edit/Car", true, false),
            ("Read/Car", true, true),
            ("Read/Van", false, false),
            ("Delete/Car", false, false),
            ("read", false, false),
        ] {
            let permission = Permission::new(text)?;
            assert_eq!(
                (outsider.allows(&permission), viewer.allows(&permission)),
                (to_outsider, to_viewer),
                "{text}"
            );
        }
        assert!(!rights.grants_for(None::<&[&str]>, &claims).allows(&Permission::new("Read/Car")?));
        Ok(())
    }

    #[test]
    fn grants_are_equal_when_made_alike_from_one_snapshot() {
        let rights = Arc::new(Rights::empty());
        let made = |claims: &[&str]| rights.grants_for(Some(&["a"]), claims);
        assert_eq!(made(&["x", "Y"]), made(&["y", "X", "x"]));
        assert_ne!(made(&["x"]), made(&["y"]));
        assert_ne!(made(&[]), rights.grants_for_anonymous());
        assert_ne!(made(&[]), Arc::new(Rights::empty()).grants_for(Some(&["a"]), &[] as &[&str]));
    }
}
