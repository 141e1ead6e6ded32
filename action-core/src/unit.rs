//! A call's transaction, which is opened by the first thing that needs it and by nothing else.

use std::sync::Arc;

use crate::error::ActionError;
use crate::ports::{Ending, Scope, StoreError, Transaction, UnitOfWork};

/// The transaction of one call: not opened yet, or open. Dropping it undoes everything.
pub(crate) struct Unit {
    storage: Arc<dyn UnitOfWork>,
    scope: Scope,
    open: Option<Box<dyn Transaction>>,
    /// A store wrote the success's audit record together with its last change.
    pub(crate) sealed: bool,
}

impl Unit {
    pub(crate) fn new(storage: Arc<dyn UnitOfWork>, scope: Scope) -> Self {
        Self { storage, scope, open: None, sealed: false }
    }

    /// A unit whose transaction is open already, because a claim opened it.
    pub(crate) fn opened(mut self, transaction: Box<dyn Transaction>) -> Self {
        self.open = Some(transaction);
        self
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The open transaction; opens it where it is not.
    pub(crate) async fn transaction(&mut self) -> Result<&mut dyn Transaction, ActionError> {
        if self.sealed {
            return Err(ActionError::fault(
                "the call's last change was written together with its audit record; nothing may follow it",
            ));
        }
        if self.open.is_none() {
            self.open = Some(self.storage.begin(&self.scope).await?);
        }
        match &mut self.open {
            Some(open) => Ok(open.as_mut()),
            None => Err(ActionError::fault("the transaction did not open")),
        }
    }

    pub(crate) async fn commit(self, ending: Ending<'_>) -> Result<(), StoreError> {
        match self.open {
            Some(open) => open.commit(ending).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn rollback(self) {
        if let Some(open) = self.open {
            open.rollback().await;
        }
    }
}
