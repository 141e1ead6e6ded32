//! Claims idempotency keys.
//!
//! A claim is a lock that lasts as long as its transaction: on PostgreSQL an advisory lock on a number made from the
//! key, which a second claimant tries for and does not wait for; on SQLite, where one process owns the file, a set in
//! memory. The answer itself is a row that the transaction's end writes (`ending`); its primary key is the last guard.

use std::sync::Arc;

use action_core::ports::{Access, Claim, IdempotencyKey, IdempotencyStore, Scope, StoreError, Transaction};
use async_trait::async_trait;
use sha2::{Digest, Sha256};

use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::Dialect;
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database.
pub(crate) struct SqlIdempotencyStore {
    pub(crate) backend: Arc<Backend>,
}

/// What is kept under a key.
struct KeptAnswer {
    digest: Vec<u8>,
    answer: String,
}

#[async_trait]
impl IdempotencyStore for SqlIdempotencyStore {
    async fn claim(&self, scope: &Scope, key: &IdempotencyKey) -> Result<Claim, StoreError> {
        #[cfg(feature = "sqlite")]
        let running = match self.backend.as_ref() {
            Backend::Sqlite(sqlite) => match sqlite.running_keys.take(key) {
                None => return Ok(Claim::InProgress),
                running => running,
            },
            #[cfg(feature = "postgres")]
            Backend::Postgres(_) => None,
        };
        let dialect = self.backend.dialect();
        // PostgreSQL keeps the answer in the transaction that holds the lock, so it is one that may write, and is kept
        // from writing while the call runs. SQLite's lock is no part of the transaction: reading leaves the writer alone.
        let access = dialect.choose(Access::ReadWrite, scope.access);
        let mut transaction = self.backend.begin(&Scope { access, ..*scope }).await?;
        #[cfg(feature = "sqlite")]
        if let Some(running) = running {
            transaction.hold(Box::new(running));
        }
        let found = match dialect {
            Dialect::Postgres => look_on_postgres(&mut transaction, key).await,
            Dialect::Sqlite => look_on_sqlite(&mut transaction, key).await.map(Some),
        };
        let found = match found {
            Ok(Some(None)) => {
                if access != scope.access {
                    transaction.only_read().await?;
                }
                return Ok(Claim::Fresh(Box::new(transaction)));
            }
            Ok(Some(Some(kept))) if kept.digest == key.digest => Ok(Claim::Replay(kept.answer)),
            Ok(Some(Some(_))) => Ok(Claim::OtherRequest),
            Ok(None) => Ok(Claim::InProgress),
            Err(error) => Err(error),
        };
        Box::new(transaction).rollback().await;
        found
    }
}

/// `None` where another transaction holds the key. The function removes an expired answer; on SQLite the end does.
async fn look_on_postgres(
    transaction: &mut SqlTransaction,
    key: &IdempotencyKey,
) -> Result<Option<Option<KeptAnswer>>, StoreError> {
    let mut statement =
        Statement::new("SELECT claimed, digest, answer FROM actions.claim_idempotency_key($1, $2, $3, $4)");
    statement.bind(Bind::integer(lock_number(key)));
    bind_owner(&mut statement, key);
    let rows = transaction.rows(&statement).await?;
    let row = rows.first().ok_or_else(|| StoreError::fault("a claim gave no answer"))?;
    if row.boolean(0)? { Ok(Some(kept(row, 1)?)) } else { Ok(None) }
}

async fn look_on_sqlite(
    transaction: &mut SqlTransaction,
    key: &IdempotencyKey,
) -> Result<Option<KeptAnswer>, StoreError> {
    let mut statement = Statement::new(
        "SELECT digest, answer FROM idempotency_keys \
         WHERE tenant_id = $1 AND user_id = $2 AND key = $3 AND expires_at > ",
    );
    bind_owner(&mut statement, key);
    statement.push_str(Dialect::Sqlite.now());
    let rows = transaction.rows(&statement).await?;
    rows.first().map_or(Ok(None), |row| kept(row, 0))
}

fn kept(row: &Row, first: usize) -> Result<Option<KeptAnswer>, StoreError> {
    match row.bytes(first)? {
        Some(digest) => Ok(Some(KeptAnswer { digest, answer: row.text(first + 1)? })),
        None => Ok(None),
    }
}

fn bind_owner(statement: &mut Statement, key: &IdempotencyKey) {
    statement.bind(Bind::uuid(key.tenant.unwrap_or_default()));
    statement.bind(Bind::uuid(key.user));
    statement.bind(Bind::text(key.key.as_str()));
}

/// The number that stands for a key among PostgreSQL's advisory locks. Two keys that share one would at worst be told
/// that the other is running.
fn lock_number(key: &IdempotencyKey) -> i64 {
    let mut digest = Sha256::new();
    digest.update(b"action-sqlx idempotency key\0");
    digest.update(key.tenant.unwrap_or_default().as_bytes());
    digest.update(key.user.as_bytes());
    digest.update(key.key.as_bytes());
    let mut number = [0; 8];
    number.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    i64::from_be_bytes(number)
}
