//! What a change touches, in the few words that nodes tell each other.

use std::fmt;

use uuid::Uuid;

/// Something that is kept in memory and may change.
///
/// Nodes tell each other of it in its spelling, which every version understands: of a word it does not know, a node
/// believes that everything has changed.
///
/// ```
/// use action_core::cache::Topic;
/// use uuid::Uuid;
///
/// let topic = Topic::PageActions { tenant: Uuid::from_u128(1), page: Uuid::from_u128(2) };
/// assert_eq!(Topic::read(&topic.to_string()), topic);
/// assert_eq!(Topic::read("something of a later version"), Topic::Everything);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Topic {
    /// Whatever is kept.
    Everything,
    /// What stands on a page.
    PageActions {
        /// Whose page it is.
        tenant: Uuid,
        /// The page.
        page: Uuid,
    },
}

impl Topic {
    /// What a node was told.
    pub fn read(told: &str) -> Self {
        let mut words = told.split(' ');
        let id = |words: &mut std::str::Split<'_, char>| words.next().and_then(|it| it.parse().ok());
        match words.next() {
            Some("page_actions") => match (id(&mut words), id(&mut words)) {
                (Some(tenant), Some(page)) => Self::PageActions { tenant, page },
                _ => Self::Everything,
            },
            _ => Self::Everything,
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("everything"),
            Self::PageActions { tenant, page } => write!(f, "page_actions {tenant} {page}"),
        }
    }
}
