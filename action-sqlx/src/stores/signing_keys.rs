//! Reads the key that questions are signed with. It is made by the migration that makes its table, so that every node
//! finds the same one and none has to write.

use action_core::SigningKey;
use action_core::ports::{SigningKeys, StoreError, Transaction};
use async_trait::async_trait;

use crate::dialect::Table;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database.
pub(crate) struct SqlSigningKeys;

#[async_trait]
impl SigningKeys for SqlSigningKeys {
    async fn load(&self, tx: &mut dyn Transaction) -> Result<SigningKey, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("SELECT key FROM ");
        statement.push_str(tx.dialect().table(Table::SigningKeys)).push_str(" WHERE purpose = 'questions'");
        let rows = tx.rows(&statement).await?;
        let key = rows.first().map(|it| it.bytes(0)).transpose()?.flatten();
        key.map(SigningKey::new).ok_or_else(|| {
            StoreError::fault(
                "the table `signing_keys` has no key for questions; give the builder one, or put it there",
            )
        })
    }
}
