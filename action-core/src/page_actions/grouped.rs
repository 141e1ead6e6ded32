//! What stands on a page, by kind.

use serde::Serialize;

use super::{PageAction, PageActionType};

/// The actions of a page by kind, each in the order they were in.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the kinds are described where they are")]
pub struct Grouped {
    pub buttons: Vec<PageAction>,
    pub dropdowns: Vec<PageAction>,
    pub separators: Vec<PageAction>,
}

impl Grouped {
    /// Sorts actions into their kinds.
    pub fn of(actions: impl IntoIterator<Item = PageAction>) -> Self {
        let mut grouped = Self::default();
        for action in actions {
            match action.action_type() {
                PageActionType::Button => grouped.buttons.push(action),
                PageActionType::Dropdown => grouped.dropdowns.push(action),
                PageActionType::Separator => grouped.separators.push(action),
            }
        }
        grouped
    }
}
