//! Pages and their actions in memory. They are a part of the tables, and so come and go with their transaction.

use async_trait::async_trait;
use uuid::Uuid;

use super::InMemory;
use super::unit_of_work::Open;
use crate::page_actions::{PageAction, PageActionKind};
use crate::ports::{
    PageActionChange, PageActionOrder, PageActionQuery, PageActionStore, PageConfig, StoreError, Transaction,
};

/// What is kept, each with its tenant.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages {
    configs: Vec<(Uuid, PageConfig)>,
    actions: Vec<(Uuid, PageAction)>,
    history: Vec<(Uuid, PageActionChange)>,
}

impl Pages {
    fn of_page(&self, tenant: Uuid, page: Uuid) -> Vec<PageAction> {
        let own = self.actions.iter().filter(|(of, it)| *of == tenant && it.page_id == page);
        let mut actions: Vec<_> = own.map(|(_, it)| it.clone()).collect();
        actions.sort_by_key(|it| (it.order, it.id));
        actions
    }

    fn find(&self, tenant: Uuid, id: Uuid) -> Option<PageAction> {
        self.actions.iter().find(|(of, it)| *of == tenant && it.id == id).map(|(_, it)| it.clone())
    }

    fn list(&self, tenant: Uuid, query: &PageActionQuery) -> (Vec<PageAction>, u64) {
        let label = query.label.as_ref().map(|it| it.to_ascii_lowercase());
        let matches = |it: &PageAction| {
            query.id.is_none_or(|id| id == it.id)
                && query.page_id.is_none_or(|id| id == it.page_id)
                && query.action_type.is_none_or(|kind| kind == it.action_type())
                && query.is_active.is_none_or(|active| active == it.is_active)
                && label.as_ref().is_none_or(|part| label_of(it).to_ascii_lowercase().contains(part))
        };
        let own = self.actions.iter().filter(|(of, it)| *of == tenant && matches(it));
        let mut found: Vec<_> = own.map(|(_, it)| it.clone()).collect();
        let turned = |it: std::cmp::Ordering| if query.descending { it.reverse() } else { it };
        found.sort_by(|a, b| match query.order_by {
            PageActionOrder::Place => {
                a.page_id.cmp(&b.page_id).then(turned(a.order.cmp(&b.order))).then(a.id.cmp(&b.id))
            }
            PageActionOrder::Page => turned(a.page_id.cmp(&b.page_id)).then(a.id.cmp(&b.id)),
            PageActionOrder::Id => turned(a.id.cmp(&b.id)),
            PageActionOrder::Type => {
                turned(a.action_type().name().cmp(b.action_type().name())).then(a.id.cmp(&b.id))
            }
        });
        let total = found.len() as u64;
        let from = usize::try_from(query.offset).unwrap_or(usize::MAX);
        (found.into_iter().skip(from).take(query.limit as usize).collect(), total)
    }

    fn past(&self, tenant: Uuid, id: Uuid) -> Vec<PageActionChange> {
        let own = self.history.iter().filter(|(of, it)| *of == tenant && it.action_id == id);
        own.rev().map(|(_, it)| it.clone()).collect()
    }

    fn write(&mut self, tenant: Uuid, changes: &[PageActionChange]) {
        for change in changes {
            self.actions.retain(|(_, it)| it.id != change.action_id);
            self.actions.extend(change.after.clone().map(|it| (tenant, it)));
            self.history.push((tenant, change.clone()));
        }
    }
}

fn label_of(action: &PageAction) -> &str {
    match &action.kind {
        PageActionKind::Button(button) => &button.label,
        PageActionKind::Dropdown(dropdown) => &dropdown.label,
        PageActionKind::Separator => "",
    }
}

#[async_trait]
impl PageActionStore for InMemory {
    async fn of_page(&self, tenant: Uuid, page: Uuid) -> Result<Vec<PageAction>, StoreError> {
        Ok(self.0.tables.lock().await.pages.of_page(tenant, page))
    }

    async fn find(&self, tenant: Uuid, id: Uuid) -> Result<Option<PageAction>, StoreError> {
        Ok(self.0.tables.lock().await.pages.find(tenant, id))
    }

    async fn list(
        &self,
        tenant: Uuid,
        query: &PageActionQuery,
    ) -> Result<(Vec<PageAction>, u64), StoreError> {
        Ok(self.0.tables.lock().await.pages.list(tenant, query))
    }

    async fn pages(&self, tenant: Uuid, name: Option<&str>) -> Result<Vec<PageConfig>, StoreError> {
        let tables = self.0.tables.lock().await;
        let own = tables
            .pages
            .configs
            .iter()
            .filter(|(of, it)| *of == tenant && name.is_none_or(|name| name == it.name));
        let mut pages: Vec<_> = own.map(|(_, it)| it.clone()).collect();
        pages.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        Ok(pages)
    }

    async fn history(&self, tenant: Uuid, id: Uuid) -> Result<Vec<PageActionChange>, StoreError> {
        Ok(self.0.tables.lock().await.pages.past(tenant, id))
    }

    async fn hold_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: Uuid,
    ) -> Result<Option<(PageConfig, Vec<PageAction>)>, StoreError> {
        let pages = &open(tx)?.tables.pages;
        let there = pages.configs.iter().find(|(of, it)| *of == tenant && it.id == page);
        Ok(there.map(|(_, it)| (it.clone(), pages.of_page(tenant, page))))
    }

    async fn past(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Vec<PageActionChange>, StoreError> {
        Ok(open(tx)?.tables.pages.past(tenant, id))
    }

    async fn look_up(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Option<PageAction>, StoreError> {
        Ok(open(tx)?.tables.pages.find(tenant, id))
    }

    async fn write(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        changes: &[PageActionChange],
    ) -> Result<(), StoreError> {
        open(tx)?.tables.pages.write(tenant, changes);
        Ok(())
    }

    async fn add_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: &PageConfig,
    ) -> Result<(), StoreError> {
        let pages = &mut open(tx)?.tables.pages.configs;
        if pages.iter().any(|(of, it)| *of == tenant && it.id == page.id) {
            return Err(StoreError::Taken { columns: vec!["tenant_id".to_owned(), "id".to_owned()] });
        }
        pages.push((tenant, page.clone()));
        Ok(())
    }

    async fn remove_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: Uuid,
    ) -> Result<(), StoreError> {
        open(tx)?.tables.pages.configs.retain(|(of, it)| *of != tenant || it.id != page);
        Ok(())
    }
}

fn open(tx: &mut dyn Transaction) -> Result<&mut Open, StoreError> {
    let open = tx.as_any().downcast_mut();
    open.ok_or_else(|| StoreError::fault("the transaction is another storage's than the pages"))
}
