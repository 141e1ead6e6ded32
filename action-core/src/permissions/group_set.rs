//! A set of groups as bits: one word for up to 64 groups, as many words as it takes beyond.
//!
//! Every set of one snapshot has the size of that snapshot's groups, so two of them overlap when any pair of words
//! does. Which bit is which group is decided in `groups`.

/// A set of groups of one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum GroupSet {
    /// Up to 64 groups, which is nearly every file: no allocation.
    Word(u64),
    /// More than 64 groups.
    Words(Box<[u64]>),
}

impl GroupSet {
    /// The empty set of a snapshot with this many groups.
    pub(super) fn empty(groups: usize) -> Self {
        if groups <= 64 { Self::Word(0) } else { Self::Words(vec![0; groups.div_ceil(64)].into()) }
    }

    /// Adds a group by its number. A number beyond the set's size is no group of this snapshot and is left out.
    pub(super) fn insert(&mut self, group: usize) {
        let word = match self {
            Self::Word(word) if group < 64 => Some(word),
            Self::Word(_) => None,
            Self::Words(words) => words.get_mut(group / 64),
        };
        if let Some(word) = word {
            *word |= 1 << (group % 64);
        }
    }

    /// True when the two sets have a group in common.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.words().iter().zip(other.words()).any(|(one, other)| one & other != 0)
    }

    fn words(&self) -> &[u64] {
        match self {
            Self::Word(word) => std::slice::from_ref(word),
            Self::Words(words) => words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::GroupSet;

    #[test]
    fn sets_overlap_exactly_in_what_both_have() {
        for groups in [1, 64, 65, 200] {
            for group in 0..groups {
                let mut one = GroupSet::empty(groups);
                assert!(!one.overlaps(&one.clone()));
                one.insert(group);
                for other_group in 0..groups {
                    let mut other = GroupSet::empty(groups);
                    other.insert(other_group);
                    assert_eq!(
                        one.overlaps(&other),
                        group == other_group,
                        "{group} {other_group} of {groups}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_number_that_is_no_group_adds_nothing() {
        for groups in [64, 65] {
            let mut set = GroupSet::empty(groups);
            set.insert(128);
            assert_eq!(set, GroupSet::empty(groups));
        }
    }
}
