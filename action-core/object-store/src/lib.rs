//! An object store as a file store of actions: whatever the crate `object_store` reaches by a URL.
//!
//! `file:///folder` and `memory:///` work as they are. For a cloud's store the host turns on that feature of
//! `object_store` in its own manifest (`aws`, `azure`, `gcp`); the URL and the environment say the rest. It is a crate
//! of its own, because what it stands on knows HTTP, which `action-core` does not.
//!
//! What a process that died in the middle of a large file left is no object yet, so the engine's sweep does not see it:
//! a cloud's store removes such parts by a rule of its bucket; for a local folder take `FolderStore`, which lists them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr as _;
use std::sync::Arc;

use action_core::BoxError;
use action_core::ports::{CHUNK, FileName, FileReader, FileStore, FileStoreError, FileWriter};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};
use tokio::io::AsyncWriteExt as _;

/// As much of a file waits in memory before it is sent: the least that a part of a larger one may have on S3.
const PART: usize = 5 * 1024 * 1024;

/// Files in an object store.
///
/// ```
/// use action_object_store::ObjectFiles;
///
/// let files = ObjectFiles::open("memory:///uploads")?;
/// let builder = action_core::Engine::builder().files(files);
/// # let _ = builder;
/// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl ObjectFiles {
    /// The store that a URL names, with the environment's settings for it. Nothing is sent yet.
    pub fn open(url: &str) -> Result<Self, BoxError> {
        let url = url::Url::parse(url)?;
        if url.scheme() == "file"
            && let Ok(folder) = url.to_file_path()
        {
            std::fs::create_dir_all(folder)?;
        }
        // What is no text is no setting, and reading it as text would panic.
        let options = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.to_str()?.to_ascii_lowercase(), value.into_string().ok()?))
        });
        let (store, prefix) = object_store::parse_url_opts(&url, options)?;
        Ok(Self { store: Arc::from(store), prefix })
    }

    fn path(&self, name: FileName) -> Path {
        self.prefix.parts().chain(Path::from(name.to_string()).parts()).collect()
    }
}

struct Writing(Option<BufWriter>);

struct Reading(BoxStream<'static, object_store::Result<Vec<u8>>>);

#[async_trait]
impl FileStore for ObjectFiles {
    async fn create(&self, name: FileName) -> Result<Box<dyn FileWriter>, FileStoreError> {
        Ok(Box::new(Writing(Some(BufWriter::with_capacity(Arc::clone(&self.store), self.path(name), PART)))))
    }

    async fn open(
        &self,
        name: FileName,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, FileStoreError> {
        if range.as_ref().is_some_and(Range::is_empty) {
            return Ok(Box::new(Reading(futures_util::stream::empty().boxed())));
        }
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(name), options).await.map_err(sorted)?;
        // A store gives what it likes at once; a reader of ours gives so much and no more.
        let pieces = found.into_stream().map_ok(|it| {
            let pieces: Vec<_> = it.chunks(CHUNK).map(|it| Ok(it.to_vec())).collect();
            futures_util::stream::iter(pieces)
        });
        Ok(Box::new(Reading(pieces.try_flatten().boxed())))
    }

    async fn delete(&self, name: FileName) -> Result<(), FileStoreError> {
        match self.store.delete(&self.path(name)).await.map_err(sorted) {
            Err(FileStoreError::Missing) => Ok(()),
            end => end,
        }
    }

    async fn older_than(
        &self,
        before: DateTime<Utc>,
        after: Option<FileName>,
        limit: usize,
    ) -> Result<Vec<FileName>, FileStoreError> {
        // Stores list in any order: the first of the names are kept, and never more of them than were asked for.
        let mut names = BTreeSet::new();
        let mut found = match after {
            Some(after) => self.store.list_with_offset(Some(&self.prefix), &self.path(after)),
            None => self.store.list(Some(&self.prefix)),
        };
        while let Some(object) = found.try_next().await.map_err(sorted)? {
            let location: Vec<_> = object.location.parts().map(|it| it.as_ref().to_owned()).collect();
            let own = location.len().checked_sub(2).and_then(|at| location.get(at..));
            let Some(Ok(name)) = own.map(|it| FileName::from_str(&it.join("/"))) else { continue };
            if object.last_modified < before && after.is_none_or(|after| name > after) {
                names.insert(name);
                if names.len() > limit {
                    names.pop_last();
                }
            }
        }
        Ok(names.into_iter().collect())
    }
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileStoreError> {
        let writer = self.0.as_mut().ok_or(FileStoreError::Missing)?;
        writer.write_all(bytes).await.map_err(|error| FileStoreError::Unavailable(error.into()))
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileStoreError> {
        let mut writer = self.0.take().ok_or(FileStoreError::Missing)?;
        writer.shutdown().await.map_err(|error| FileStoreError::Unavailable(error.into()))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // What was sent in parts already takes room in a cloud's store until it is taken back.
        if let Some(mut writer) = self.0.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { writer.abort().await });
        }
    }
}

#[async_trait]
impl FileReader for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        loop {
            match self.0.try_next().await.map_err(sorted)? {
                Some(bytes) if bytes.is_empty() => {}
                bytes => return Ok(bytes),
            }
        }
    }
}

fn sorted(error: object_store::Error) -> FileStoreError {
    match error {
        object_store::Error::NotFound { .. } => FileStoreError::Missing,
        error => FileStoreError::Unavailable(error.into()),
    }
}
