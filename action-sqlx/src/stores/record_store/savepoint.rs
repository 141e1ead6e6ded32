//! The savepoint that a change of many rows is undone to.

use action_core::ports::StoreError;

use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// A savepoint that parts of a change are undone to. Undoing does not remove it.
#[derive(Default)]
pub(super) struct Savepoint {
    is_set: bool,
}

impl Savepoint {
    pub(super) async fn set(&mut self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if !self.is_set {
            tx.execute(&Statement::new("SAVEPOINT action_bulk")).await?;
            self.is_set = true;
        }
        Ok(())
    }

    pub(super) async fn undo(&self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if self.is_set {
            tx.execute(&Statement::new("ROLLBACK TO SAVEPOINT action_bulk")).await?;
        }
        Ok(())
    }

    pub(super) async fn release(&mut self, tx: &mut SqlTransaction) -> Result<(), StoreError> {
        if std::mem::take(&mut self.is_set) {
            tx.execute(&Statement::new("RELEASE SAVEPOINT action_bulk")).await?;
        }
        Ok(())
    }
}
