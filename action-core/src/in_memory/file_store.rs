//! Files in memory.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::unit_of_work::Open;
use super::{InMemory, locked};
use crate::files::StoredFile;
use crate::ports::{
    CHUNK, FileIndex, FileName, FileReader, FileStore, FileStoreError, FileWriter, StoreError, Transaction,
};

/// A file store that keeps everything in memory, for tests. Clones share what they keep.
#[derive(Clone, Default)]
pub struct InMemoryFiles(Arc<Mutex<BTreeMap<FileName, Kept>>>);

/// When a file was finished, and its bytes.
type Kept = (DateTime<Utc>, Arc<[u8]>);

impl InMemoryFiles {
    /// How many files there are.
    pub fn count(&self) -> usize {
        locked(&self.0).len()
    }
}

struct Writing {
    files: InMemoryFiles,
    name: FileName,
    bytes: Vec<u8>,
}

struct Reading {
    bytes: Arc<[u8]>,
    range: Range<usize>,
}

#[async_trait]
impl FileStore for InMemoryFiles {
    async fn create(&self, name: FileName) -> Result<Box<dyn FileWriter>, FileStoreError> {
        Ok(Box::new(Writing { files: self.clone(), name, bytes: Vec::new() }))
    }

    async fn open(
        &self,
        name: FileName,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, FileStoreError> {
        let bytes = locked(&self.0).get(&name).map(|(_, bytes)| Arc::clone(bytes));
        let bytes = bytes.ok_or(FileStoreError::Missing)?;
        let at = |it: u64| usize::try_from(it).unwrap_or(usize::MAX).min(bytes.len());
        let range = range.map_or(0..bytes.len(), |it| at(it.start)..at(it.end));
        Ok(Box::new(Reading { bytes, range }))
    }

    async fn delete(&self, name: FileName) -> Result<(), FileStoreError> {
        locked(&self.0).remove(&name);
        Ok(())
    }

    async fn older_than(
        &self,
        before: DateTime<Utc>,
        after: Option<FileName>,
        limit: usize,
    ) -> Result<Vec<FileName>, FileStoreError> {
        let files = locked(&self.0);
        let old = files.iter().filter(|(name, (at, _))| *at < before && after.is_none_or(|it| **name > it));
        Ok(old.map(|(name, _)| *name).take(limit).collect())
    }
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileStoreError> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), FileStoreError> {
        locked(&self.files.0).insert(self.name, (Utc::now(), self.bytes.into()));
        Ok(())
    }
}

#[async_trait]
impl FileReader for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        let end = self.range.end.min(self.range.start.saturating_add(CHUNK));
        let bytes = self.bytes.get(self.range.start..end).unwrap_or_default().to_vec();
        self.range.start = end;
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}

/// What is known of files; those of a transaction count for others once it commits.
pub(super) type Files = HashMap<Uuid, StoredFile>;

#[async_trait]
impl FileIndex for InMemory {
    async fn insert(&self, tx: &mut dyn Transaction, file: &StoredFile) -> Result<(), StoreError> {
        let open: Option<&mut Open> = tx.as_any().downcast_mut();
        let open =
            open.ok_or_else(|| StoreError::fault("the transaction is another storage's than the index"))?;
        open.files.push(file.clone());
        Ok(())
    }

    async fn find(&self, tenant: Option<Uuid>, id: Uuid) -> Result<Option<StoredFile>, StoreError> {
        Ok(locked(&self.0.files).get(&id).filter(|it| it.tenant_id == tenant).cloned())
    }

    async fn known(&self, names: &[FileName]) -> Result<HashSet<Uuid>, StoreError> {
        let files = locked(&self.0.files);
        Ok(names.iter().map(|it| it.id).filter(|it| files.contains_key(it)).collect())
    }
}
