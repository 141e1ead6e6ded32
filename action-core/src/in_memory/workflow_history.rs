//! What happened to rows under a workflow, in memory. An entry of a transaction counts for others once that commits.

use async_trait::async_trait;

use super::unit_of_work::Open;
use super::{InMemory, locked};
use crate::ports::{HistoryEntry, HistoryPage, HistoryQuery, StoreError, Transaction, WorkflowHistory};

#[async_trait]
impl WorkflowHistory for InMemory {
    async fn append(&self, tx: &mut dyn Transaction, entry: &HistoryEntry) -> Result<(), StoreError> {
        open(tx)?.history.push(entry.clone());
        Ok(())
    }

    async fn list(&self, tx: &mut dyn Transaction, query: &HistoryQuery) -> Result<HistoryPage, StoreError> {
        let own = open(tx)?.history.clone();
        let kept = locked(&self.0.history);
        let of_row = |it: &&HistoryEntry| {
            (it.tenant_id, &it.entity, &it.record_id) == (query.tenant_id, &query.entity, &query.record_id)
        };
        let mut items: Vec<HistoryEntry> = kept.iter().chain(&own).filter(of_row).cloned().collect();
        items.sort_by_key(|it| std::cmp::Reverse((it.created_at, it.id)));
        let total = items.len() as u64;
        let from = usize::try_from(query.offset).unwrap_or(usize::MAX);
        Ok(HistoryPage { items: items.into_iter().skip(from).take(query.limit as usize).collect(), total })
    }
}

fn open(tx: &mut dyn Transaction) -> Result<&mut Open, StoreError> {
    let open = tx.as_any().downcast_mut();
    open.ok_or_else(|| StoreError::fault("the transaction is another storage's than the history"))
}
