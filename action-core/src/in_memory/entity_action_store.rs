//! Entity actions in memory: none, because there are no tables of a host's that they could be on.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::InMemory;
use crate::Value;
use crate::entity_actions::{EntityAction, HostTable};
use crate::expression::Expression;
use crate::ports::{
    Asker, EntityActionDraft, EntityActionStore, FunctionCall, FunctionEnd, SavepointStep, StatusTransition,
    StoreError, Transaction, WhichActions,
};

#[async_trait]
impl EntityActionStore for InMemory {
    async fn definitions(
        &self,
        _: &mut dyn Transaction,
        _: &WhichActions,
        _: &Asker<'_>,
    ) -> Result<Vec<EntityAction>, StoreError> {
        Ok(Vec::new())
    }

    async fn table(&self, _: &mut dyn Transaction, _: &str) -> Result<Option<HostTable>, StoreError> {
        Ok(None)
    }

    async fn hold(
        &self,
        _: &mut dyn Transaction,
        _: &HostTable,
        _: Option<Uuid>,
        _: &[Value],
    ) -> Result<Vec<Value>, StoreError> {
        Ok(Vec::new())
    }

    async fn judge(
        &self,
        _: &mut dyn Transaction,
        _: &HostTable,
        _: Option<Uuid>,
        _: &[Value],
        _: &[&Expression],
    ) -> Result<Vec<(Value, Vec<bool>)>, StoreError> {
        Ok(Vec::new())
    }

    async fn call(&self, _: &mut dyn Transaction, _: &FunctionCall<'_>) -> Result<FunctionEnd, StoreError> {
        Ok(FunctionEnd::Absent)
    }

    async fn offers(
        &self,
        _: &mut dyn Transaction,
        _: &str,
        _: &Map<String, Json>,
        _: &str,
    ) -> Result<Option<bool>, StoreError> {
        Ok(None)
    }

    async fn add(&self, _: &mut dyn Transaction, _: &EntityActionDraft) -> Result<Option<i64>, StoreError> {
        Err(no_tables())
    }

    async fn replace(
        &self,
        _: &mut dyn Transaction,
        _: i64,
        _: &EntityActionDraft,
    ) -> Result<Option<i64>, StoreError> {
        Err(no_tables())
    }

    async fn remove(&self, _: &mut dyn Transaction, _: i64) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn granted(
        &self,
        _: &mut dyn Transaction,
        _: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError> {
        Ok(Vec::new())
    }

    async fn savepoint(&self, _: &mut dyn Transaction, _: SavepointStep) -> Result<(), StoreError> {
        Err(no_tables())
    }

    async fn refers(
        &self,
        _: &mut dyn Transaction,
        _: &HostTable,
        _: &str,
        _: Option<Uuid>,
        _: &Value,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn transitions(
        &self,
        _: &mut dyn Transaction,
        _: &str,
    ) -> Result<Vec<StatusTransition>, StoreError> {
        Ok(Vec::new())
    }

    async fn status_key(
        &self,
        _: &mut dyn Transaction,
        _: &str,
        _: i64,
    ) -> Result<Option<String>, StoreError> {
        Ok(None)
    }

    async fn set_status(
        &self,
        _: &mut dyn Transaction,
        _: &HostTable,
        _: Option<Uuid>,
        _: &Value,
        _: &str,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn has_status(&self, _: &mut dyn Transaction, _: &str, _: &str) -> Result<bool, StoreError> {
        Ok(false)
    }
}

fn no_tables() -> StoreError {
    StoreError::fault("entity actions need a database: in memory there are no tables that they could be on")
}
