//! The four tiers, each judged over all the caller's groups before the next.
//!
//! Important denial, important grant, denial, grant: the first that reaches the caller decides. This file knows
//! which groups a tier names; which resources a permission falls under is decided in `rights`.

use super::{group_set::GroupSet, rights_builder::Effect};

/// Per tier, the groups that rights on one resource name.
#[derive(Debug, Clone)]
pub(super) struct Tiers {
    important_denial: GroupSet,
    important_grant: GroupSet,
    denial: GroupSet,
    grant: GroupSet,
}

/// What the rights say to one caller about one permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A grant reaches the caller, and nothing above it denies.
    Granted,
    /// A denial reaches the caller first.
    Denied,
    /// No right reaches the caller: refused, unless a claim says otherwise.
    Silent,
}

impl Tiers {
    pub(super) fn empty(groups: usize) -> Self {
        let none = GroupSet::empty(groups);
        Self {
            important_denial: none.clone(),
            important_grant: none.clone(),
            denial: none.clone(),
            grant: none,
        }
    }

    pub(super) fn insert(&mut self, effect: Effect, group: usize) {
        match effect {
            Effect::ImportantDenial => &mut self.important_denial,
            Effect::ImportantGrant => &mut self.important_grant,
            Effect::Denial => &mut self.denial,
            Effect::Grant => &mut self.grant,
        }
        .insert(group);
    }
}

/// Judges the tiers of every resource the permission falls under, tier by tier.
pub(super) fn judge(resources: [Option<&Tiers>; 4], caller: &GroupSet) -> Verdict {
    let reaches = |tier: fn(&Tiers) -> &GroupSet| {
        resources.iter().flatten().any(|resource| tier(resource).overlaps(caller))
    };
    if reaches(|it| &it.important_denial) {
        Verdict::Denied
    } else if reaches(|it| &it.important_grant) {
        Verdict::Granted
    } else if reaches(|it| &it.denial) {
        Verdict::Denied
    } else if reaches(|it| &it.grant) {
        Verdict::Granted
    } else {
        Verdict::Silent
    }
}
