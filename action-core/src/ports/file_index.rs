//! What is known of the files in a store: whose each is, what it is called, what it holds.

use std::collections::HashSet;

use async_trait::async_trait;
use uuid::Uuid;

use super::{FileName, StoreError, Transaction};
use crate::files::StoredFile;

/// Keeps a row for every file.
#[async_trait]
pub trait FileIndex: Send + Sync {
    /// Adds a file, in the transaction of the call that made it.
    async fn insert(&self, tx: &mut dyn Transaction, file: &StoredFile) -> Result<(), StoreError>;

    /// A tenant's file; none of another tenant's.
    async fn find(&self, tenant: Option<Uuid>, id: Uuid) -> Result<Option<StoredFile>, StoreError>;

    /// Which of these files there are rows for.
    async fn known(&self, names: &[FileName]) -> Result<HashSet<Uuid>, StoreError>;
}
