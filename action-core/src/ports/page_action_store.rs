//! Pages and their actions, and what became of each.
//!
//! Reads stand on their own. Whoever changes a page holds it first ([`PageActionStore::hold_page`]), so that changes of
//! one page come one after the other and judge what the one before left.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::{StoreError, Transaction};
use crate::page_actions::{PageAction, PageActionType};

/// Keeps pages and their actions.
#[async_trait]
pub trait PageActionStore: Send + Sync {
    /// The actions of a page, by order, then id; none where there is no such page.
    async fn of_page(&self, tenant: Uuid, page: Uuid) -> Result<Vec<PageAction>, StoreError>;

    /// One action.
    async fn find(&self, tenant: Uuid, id: Uuid) -> Result<Option<PageAction>, StoreError>;

    /// A page of the list of all actions, and how many match in all.
    async fn list(&self, tenant: Uuid, query: &PageActionQuery)
    -> Result<(Vec<PageAction>, u64), StoreError>;

    /// The tenant's pages, by name, then id; of one name alone where that is given.
    async fn pages(&self, tenant: Uuid, name: Option<&str>) -> Result<Vec<PageConfig>, StoreError>;

    /// What became of an action, newest first.
    async fn history(&self, tenant: Uuid, id: Uuid) -> Result<Vec<PageActionChange>, StoreError>;

    /// Holds a page until the end of the transaction: it, and its actions by order, then id; `None` where there is no such
    /// page.
    async fn hold_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: Uuid,
    ) -> Result<Option<(PageConfig, Vec<PageAction>)>, StoreError>;

    /// What became of an action, newest first, as this transaction sees it.
    async fn past(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Vec<PageActionChange>, StoreError>;

    /// One action, as this transaction sees it.
    async fn look_up(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Option<PageAction>, StoreError>;

    /// Writes changes of actions whose pages are held, and remembers each.
    async fn write(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        changes: &[PageActionChange],
    ) -> Result<(), StoreError>;

    /// Adds a page.
    async fn add_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: &PageConfig,
    ) -> Result<(), StoreError>;

    /// Removes a page that is held and has no actions.
    async fn remove_page(&self, tx: &mut dyn Transaction, tenant: Uuid, page: Uuid)
    -> Result<(), StoreError>;
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "a page has an id and a name")]
pub struct PageConfig {
    pub id: Uuid,
    pub name: String,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageActionChange {
    /// Made by the server.
    #[serde(rename = "historyId")]
    pub id: Uuid,
    /// Which action.
    #[serde(skip)]
    pub action_id: Uuid,
    /// What was done.
    pub operation: PageActionOperation,
    /// By whom.
    pub user_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// As it was; none for one that was made.
    pub before: Option<PageAction>,
    /// As it is; none for one that was removed.
    pub after: Option<PageAction>,
}

/// What was done to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words say it")]
pub enum PageActionOperation {
    Created,
    Updated,
    Deleted,
    Reverted,
}

impl PageActionOperation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Created, Self::Updated, Self::Deleted, Self::Reverted];

    /// As JSON and the table spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Reverted => "reverted",
        }
    }
}

/// Which actions to list, in which order.
#[derive(Debug, Clone, Default)]
pub struct PageActionQuery {
    /// Only this one.
    pub id: Option<Uuid>,
    /// Only those of this page.
    pub page_id: Option<Uuid>,
    /// Only those of this kind.
    pub action_type: Option<PageActionType>,
    /// Only those that are shown, or only the others.
    pub is_active: Option<bool>,
    /// Only those whose label has this part, ignoring the case of ASCII letters.
    pub label: Option<String>,
    /// By what they are ordered; the id decides among equals.
    pub order_by: PageActionOrder,
    /// The other way round, in what `order_by` names.
    pub descending: bool,
    /// How many to pass over.
    pub offset: u64,
    /// How many to return, at most.
    pub limit: u32,
}

/// By what actions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageActionOrder {
    /// By page, then place.
    #[default]
    Place,
    /// By page.
    Page,
    /// By id.
    Id,
    /// By the name of their kind.
    Type,
}
