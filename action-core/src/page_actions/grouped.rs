//! What stands on a page, by kind, and what is kept of it in memory.
//!
//! Every view of an application asks for it and hardly anybody changes it, so it is kept as it is sent.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::{PageAction, PageActionType};
use crate::cache::{Cache, Freshness, Topic};
use crate::ports::PageActionStore;
use crate::refusal::Refusal;

/// Most that is kept, in bytes, unless the host says otherwise.
const MOST_KEPT: u64 = 32 * 1024 * 1024;

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

/// The pages that were read, each as JSON.
pub(crate) struct GroupedPages(Cache<(Uuid, Uuid, Option<bool>)>);

impl GroupedPages {
    pub(crate) fn new(most_bytes: Option<u64>, freshness: Arc<Freshness>) -> Self {
        Self(Cache::new(most_bytes.unwrap_or(MOST_KEPT), freshness))
    }

    /// What stands on a page, or what is shown of it, or what is not.
    pub(crate) async fn read(
        &self,
        store: &dyn PageActionStore,
        tenant: Uuid,
        page: Uuid,
        is_active: Option<bool>,
    ) -> Result<Arc<[u8]>, Refusal> {
        let load = async {
            let there = store.of_page(tenant, page).await?;
            let shown = there.into_iter().filter(|it| is_active.is_none_or(|active| active == it.is_active));
            serde_json::to_vec(&Grouped::of(shown)).map_err(Refusal::internal)
        };
        self.0.get((tenant, page, is_active), Topic::PageActions { tenant, page }, load).await
    }
}
