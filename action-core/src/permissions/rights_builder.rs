//! Compiles groups and rights, from whatever source, into a snapshot.
//!
//! The source's own rules (ids, duplicates, undeclared groups) are its reader's business: `security_file` refuses
//! them with their place, a table has constraints. What arrives here is meaningful, so building cannot fail.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::{Resource, Rights, combined::combined_parts, groups::Groups, resource::Half, tiers::Tiers};

/// What a right does, strongest first: an effect beats all that follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Refuses, whatever else is granted.
    ImportantDenial,
    /// Grants, whatever is ordinarily denied.
    ImportantGrant,
    /// Refuses what is ordinarily granted, and what a token claims.
    Denial,
    /// Grants what nothing denies.
    Grant,
}

impl Effect {
    /// The effect of a right with these two marks.
    pub const fn of(is_denied: bool, is_important: bool) -> Self {
        match (is_denied, is_important) {
            (true, true) => Self::ImportantDenial,
            (false, true) => Self::ImportantGrant,
            (true, false) => Self::Denial,
            (false, false) => Self::Grant,
        }
    }
}

/// Collects groups and rights and compiles them.
///
/// ```
/// use std::sync::Arc;
/// use action_core::permissions::{Effect, Permission, Resource, Rights};
/// use uuid::Uuid;
///
/// let viewers = Uuid::from_u128(3);
/// let rights = Arc::new(
///     Rights::builder()
///         .group(viewers, ["Viewers", "Kijkers"])
///         .right(viewers, Resource::new("Read/*")?, Effect::Grant)
///         .build(),
/// );
/// assert!(rights.grants_for(Some(&["VIEWERS"]), &[] as &[&str]).allows(&Permission::new("Read/Car")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RightsBuilder {
    names: BTreeMap<Uuid, Vec<String>>,
    anonymous: Option<Uuid>,
    authenticated: Option<Uuid>,
    rights: Vec<(Uuid, Resource, Effect)>,
}

impl RightsBuilder {
    /// A group and its names in whatever languages; a role key is one of them or the id. Naming it again adds names.
    pub fn group(mut self, id: Uuid, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names.entry(id).or_default().extend(names.into_iter().map(Into::into));
        self
    }

    /// The group of everybody who is not signed in.
    pub fn anonymous(mut self, id: Uuid) -> Self {
        self.names.entry(id).or_default();
        self.anonymous = Some(id);
        self
    }

    /// The group of everybody who is signed in.
    pub fn authenticated(mut self, id: Uuid) -> Self {
        self.names.entry(id).or_default();
        self.authenticated = Some(id);
        self
    }

    /// One right. A group that was not named can still be had by its id.
    pub fn right(mut self, group: Uuid, resource: Resource, effect: Effect) -> Self {
        self.names.entry(group).or_default();
        self.rights.push((group, resource, effect));
        self
    }

    /// The compiled snapshot.
    pub fn build(self) -> Rights {
        let groups = Groups::new(&self.names, self.anonymous, self.authenticated);
        let mut rights = Rights {
            exact: HashMap::new(),
            by_action: HashMap::new(),
            by_target: HashMap::new(),
            everything: None,
            groups,
        };
        for (group, resource, effect) in self.rights {
            // Every group of a right was entered in `names` with the right itself.
            let Some(group) = rights.groups.number(group) else { continue };
            match &resource.action {
                Half::Named(action) => match combined_parts(action) {
                    Some(parts) => {
                        for part in parts {
                            rights.add(Some(part), &resource.target, effect, group);
                        }
                    }
                    None => rights.add(Some(action), &resource.target, effect, group),
                },
                Half::Every => rights.add(None, &resource.target, effect, group),
            }
        }
        rights
    }
}

impl Rights {
    fn add(&mut self, action: Option<&str>, target: &Half, effect: Effect, group: usize) {
        let none = || Tiers::empty(self.groups.len());
        let tiers = match (action, target) {
            (Some(action), Half::Named(target)) => {
                self.exact.entry(format!("{action}/{target}").into()).or_insert_with(none)
            }
            (Some(action), Half::Every) => self.by_action.entry(action.into()).or_insert_with(none),
            (None, Half::Named(target)) => self.by_target.entry(target.clone()).or_insert_with(none),
            (None, Half::Every) => self.everything.get_or_insert_with(none),
        };
        tiers.insert(effect, group);
    }
}
