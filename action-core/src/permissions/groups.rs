//! Which groups a caller is in.
//!
//! A role key puts its caller in every group whose id or any of whose names it equals, ignoring case. The two
//! well-known groups are had by being signed in or not, and by nothing else: they have no keys here, so no token can
//! name its way into one.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::{group_set::GroupSet, lower_case::LowerCase};

/// The groups of one snapshot, numbered in the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Groups {
    numbers: BTreeMap<Uuid, usize>,
    /// Ids and names in lower case. Two groups may share a name; the caller is in both.
    by_key: HashMap<Box<str>, Vec<usize>>,
    anonymous: Option<usize>,
    authenticated: Option<usize>,
}

impl Groups {
    /// Numbers the groups and indexes their keys.
    pub(super) fn new(
        names: &BTreeMap<Uuid, Vec<String>>,
        anonymous: Option<Uuid>,
        authenticated: Option<Uuid>,
    ) -> Self {
        let numbers: BTreeMap<Uuid, usize> =
            names.keys().enumerate().map(|(number, id)| (*id, number)).collect();
        let mut by_key: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (number, (id, names)) in names.iter().enumerate() {
            if Some(*id) == anonymous || Some(*id) == authenticated {
                continue;
            }
            // `Uuid` prints in lower case with hyphens, which is how a role key spells an id once lower-cased.
            for key in names.iter().map(|name| name.to_lowercase()).chain([id.to_string()]) {
                let numbers = by_key.entry(key.into_boxed_str()).or_default();
                if !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
        }
        let number_of = |id: Option<Uuid>| id.and_then(|id| numbers.get(&id).copied());
        let (anonymous, authenticated) = (number_of(anonymous), number_of(authenticated));
        Self { numbers, by_key, anonymous, authenticated }
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The number of a group.
    pub(super) fn number(&self, id: Uuid) -> Option<usize> {
        self.numbers.get(&id).copied()
    }

    /// The groups of a caller with these role keys; `None` is a caller who is not signed in.
    pub(super) fn of(&self, role_keys: Option<&[impl AsRef<str>]>) -> GroupSet {
        let mut groups = GroupSet::empty(self.len());
        let well_known = if role_keys.is_some() { self.authenticated } else { self.anonymous };
        let mut lower = LowerCase::default();
        let by_role =
            role_keys.unwrap_or_default().iter().filter_map(|key| self.by_key.get(lower.of(key.as_ref())));
        for number in by_role.flatten().copied().chain(well_known) {
            groups.insert(number);
        }
        groups
    }
}
