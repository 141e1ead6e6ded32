//! The compiled, immutable snapshot of all rights.
//!
//! It is built once and asked often, so everything that depends only on the rights is done at the build: names are
//! in lower case, combined names are expanded, and each resource has a bitset of groups per tier. A permission falls
//! under at most four resources (itself, its action on everything, everything on its target, and everything), so a
//! check is three hash look-ups and a few word operations whether there are ten rights or ten thousand.
//!
//! The order of the tiers is decided in `tiers`, who is in which group in `groups`.

use std::{collections::HashMap, sync::Arc};

use super::{
    Grants, Permission, SecurityFileError,
    group_set::GroupSet,
    groups::Groups,
    rights_builder::RightsBuilder,
    security_file,
    tiers::{self, Tiers, Verdict},
};

/// An immutable snapshot of all rights; see [the module](super) for an example.
#[derive(Debug)]
pub struct Rights {
    pub(super) groups: Groups,
    /// `action/target`.
    pub(super) exact: HashMap<Box<str>, Tiers>,
    /// `action/*`, by action: the only place where a free name is found by its name.
    pub(super) by_action: HashMap<Box<str>, Tiers>,
    /// `*/target`, by target.
    pub(super) by_target: HashMap<Box<str>, Tiers>,
    /// `*/*`.
    pub(super) everything: Option<Tiers>,
}

impl Rights {
    /// No groups and no rights: every permission is refused, but for what a token claims.
    pub fn empty() -> Self {
        Self::builder().build()
    }

    /// Rights from another source than a file, such as a table.
    pub fn builder() -> RightsBuilder {
        RightsBuilder::default()
    }

    /// Reads the text of a `security.json`. `file_name` is only for the error.
    ///
    /// The reading is strict, and all problems of the file are reported at once:
    ///
    /// ```
    /// use action_core::permissions::Rights;
    ///
    /// let text = r#"{ "groups": { "1": { "en": "Viewers" } },
    ///                 "right": [] }"#;
    /// assert_eq!(Rights::from_json(text, "security.json").unwrap_err().to_string(), "\
    /// `security.json` has 2 problems; nothing of it was taken
    ///   security.json:1:15: groups: `1` is not a UUID such as `a0000000-0000-4000-8000-000000000001`
    ///   security.json:2:17: `right` is not known here; write `wellKnown`, `groups` or `rights`, or start a remark with `_`");
    /// ```
    pub fn from_json(text: &str, file_name: &str) -> Result<Self, SecurityFileError> {
        security_file::read(text, file_name)
    }

    /// What a caller may do under these rights.
    ///
    /// `role_keys` are the roles and groups of the caller's token, in any case; `None` means not signed in, which is
    /// not the same as signed in without roles. `claims` are the permissions the token lists: each is an ordinary
    /// grant of exactly that permission, so any denial beats it, and wildcards or combined names in it reach nothing.
    /// Who is not signed in has no token, so their claims are not looked at.
    pub fn grants_for(
        self: &Arc<Self>,
        role_keys: Option<&[impl AsRef<str>]>,
        claims: &[impl AsRef<str>],
    ) -> Grants {
        let groups = self.groups.of(role_keys);
        if role_keys.is_some() {
            Grants::signed_in(Arc::clone(self), groups, claims)
        } else {
            Grants::anonymous(Arc::clone(self), groups)
        }
    }

    /// What a caller may do who is not signed in.
    pub fn grants_for_anonymous(self: &Arc<Self>) -> Grants {
        self.grants_for(None::<&[&str]>, &[] as &[&str])
    }

    /// What the rights alone say about a permission to a caller in these groups.
    pub(super) fn judge(&self, permission: &Permission, caller: &GroupSet) -> Verdict {
        let target = permission.target_key();
        let resources = [
            // A free name has no exact resource: rights reach it only through a wildcard target.
            target.and_then(|_| self.exact.get(permission.key())),
            self.by_action.get(permission.action_key()),
            target.and_then(|target| self.by_target.get(target)),
            self.everything.as_ref(),
        ];
        tiers::judge(resources, caller)
    }
}
