//! Opens transactions.

use std::sync::Arc;

use action_core::BoxError;
use action_core::ports::{Scope, StoreError, Transaction, UnitOfWork};
use async_trait::async_trait;

use crate::backend::Backend;
use crate::cause;
use crate::statement::Statement;

/// The port on either database.
pub(crate) struct SqlUnitOfWork {
    pub(crate) backend: Arc<Backend>,
}

#[async_trait]
impl UnitOfWork for SqlUnitOfWork {
    async fn begin(&self, scope: &Scope) -> Result<Box<dyn Transaction>, StoreError> {
        Ok(Box::new(self.backend.begin(scope).await?))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.backend.read_once(&Statement::new("SELECT 1")).await.map(drop)
    }

    fn classify(&self, fault: BoxError) -> Result<StoreError, BoxError> {
        cause::classify(fault)
    }
}
