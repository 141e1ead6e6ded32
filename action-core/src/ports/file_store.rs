//! Where the bytes of files are: under names of ours, written whole or not at all.
//!
//! What a file is called, whose it is and what it holds is the [`FileIndex`](super::FileIndex)'s to know; a store
//! only keeps bytes. A name that nobody knows any more is removed by the engine's sweep.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::refusal::{BoxError, Refusal};

/// Most bytes that a reader gives at once.
pub const CHUNK: usize = 64 * 1024;

/// Keeps the bytes of files.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Begins a file. Nobody can open it before [`FileWriter::finish`].
    async fn create(&self, name: FileName) -> Result<Box<dyn FileWriter>, FileStoreError>;

    /// Opens a file, or a part of it: the bytes from the range's start to before its end.
    async fn open(
        &self,
        name: FileName,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, FileStoreError>;

    /// Removes a file. One that is not there is fine.
    async fn delete(&self, name: FileName) -> Result<(), FileStoreError>;

    /// At most `limit` files that were finished before an instant, by name, after `after`.
    async fn older_than(
        &self,
        before: DateTime<Utc>,
        after: Option<FileName>,
        limit: usize,
    ) -> Result<Vec<FileName>, FileStoreError>;
}

/// A file that is being written. Dropping it discards what was written.
#[async_trait]
pub trait FileWriter: Send {
    /// Appends bytes.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileStoreError>;

    /// Makes it a file that can be opened, and durable.
    async fn finish(self: Box<Self>) -> Result<(), FileStoreError>;
}

/// A file that is being read.
#[async_trait]
pub trait FileReader: Send {
    /// The next bytes, at most [`CHUNK`] of them; `None` at the end.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError>;
}

/// The name of a file in a store: its tenant and its id, and nothing that came from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    /// The tenant; all zeroes where there is none.
    pub tenant: Uuid,
    /// The file's own id.
    pub id: Uuid,
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.tenant.as_hyphenated(), self.id.as_hyphenated())
    }
}

/// From `tenant/id`; anything else in a store's folder is not ours.
impl FromStr for FileName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (tenant, id) = text.split_once('/').ok_or(())?;
        let uuid = |it: &str| Uuid::parse_str(it).map_err(|_| ());
        let name = Self { tenant: uuid(tenant)?, id: uuid(id)? };
        if name.to_string() == text { Ok(name) } else { Err(()) }
    }
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum FileStoreError {
    /// There is no such file.
    #[error("the file is not in the store")]
    Missing,
    /// The store does not answer, is full, or may not be written.
    #[error("the file store is unavailable")]
    Unavailable(#[source] BoxError),
}

impl FileStoreError {
    /// What an error means to a call that writes: a file that vanishes under its writer is the store's failure, and
    /// nothing that the caller named and that is not there.
    pub(crate) fn while_writing(self) -> Refusal {
        match self {
            Self::Missing => Refusal::Unavailable(self.into()),
            Self::Unavailable(_) => self.into(),
        }
    }
}

impl From<std::io::Error> for FileStoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Unavailable(error.into()),
        }
    }
}

impl From<FileStoreError> for Refusal {
    fn from(error: FileStoreError) -> Self {
        match error {
            FileStoreError::Missing => Self::NotFound,
            FileStoreError::Unavailable(cause) => Self::Unavailable(cause),
        }
    }
}
