//! A folder as a file store: one folder a tenant, one file an id.
//!
//! A file is written under a name that is not one of ours, made durable, and then renamed: nobody sees a half of it,
//! and what a dead process left is found by its name and removed with the orphans.

use std::collections::BTreeSet;
use std::io::{ErrorKind, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};
use uuid::Uuid;

use crate::ports::{CHUNK, FileName, FileReader, FileStore, FileStoreError, FileWriter};

/// The ending of a file that is not finished.
const UNFINISHED: &str = "part";

/// Files in a folder of the local disk, which is made where it is missing.
///
/// ```
/// use action_core::files::FolderStore;
///
/// let builder = action_core::Engine::builder().files(FolderStore::new("fleet-files"));
/// # let _ = builder;
/// ```
#[derive(Debug, Clone)]
pub struct FolderStore {
    folder: PathBuf,
}

impl FolderStore {
    /// The folder; nothing is done with it before the first file.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, name: FileName) -> PathBuf {
        // Both are UUIDs in their own spelling, so nothing leads out of the folder.
        self.folder.join(name.to_string())
    }
}

struct Writing {
    file: Option<File>,
    unfinished: PathBuf,
    path: PathBuf,
}

#[async_trait]
impl FileStore for FolderStore {
    async fn create(&self, name: FileName) -> Result<Box<dyn FileWriter>, FileStoreError> {
        let path = self.path(name);
        let unfinished = path.with_extension(UNFINISHED);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).await.map_err(unavailable)?;
        }
        let file = File::create_new(&unfinished).await.map_err(unavailable)?;
        Ok(Box::new(Writing { file: Some(file), unfinished, path }))
    }

    async fn open(
        &self,
        name: FileName,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, FileStoreError> {
        let mut file = File::open(self.path(name)).await?;
        let left = match range {
            Some(range) => {
                file.seek(SeekFrom::Start(range.start)).await.map_err(unavailable)?;
                range.end.saturating_sub(range.start)
            }
            None => u64::MAX,
        };
        Ok(Box::new(Reading { file, left }))
    }

    async fn delete(&self, name: FileName) -> Result<(), FileStoreError> {
        remove(&self.path(name)).await?;
        remove(&self.path(name).with_extension(UNFINISHED)).await
    }

    async fn older_than(
        &self,
        before: DateTime<Utc>,
        after: Option<FileName>,
        limit: usize,
    ) -> Result<Vec<FileName>, FileStoreError> {
        let folder = self.folder.clone();
        let names = tokio::task::spawn_blocking(move || names(&folder, before, after, limit)).await;
        names.map_err(|error| FileStoreError::Unavailable(error.into()))?
    }
}

#[async_trait]
impl FileWriter for Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileStoreError> {
        match &mut self.file {
            Some(file) => file.write_all(bytes).await.map_err(unavailable),
            None => Err(FileStoreError::Missing),
        }
    }

    async fn finish(mut self: Box<Self>) -> Result<(), FileStoreError> {
        let Some(file) = &mut self.file else { return Err(FileStoreError::Missing) };
        file.flush().await.map_err(unavailable)?;
        file.sync_all().await.map_err(unavailable)?;
        fs::rename(&self.unfinished, &self.path).await.map_err(unavailable)?;
        self.file = None;
        if let Some(folder) = self.path.parent() {
            sync(folder).await.map_err(unavailable)?;
        }
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // One system call; what fails here is found by the sweep.
            let _ = std::fs::remove_file(&self.unfinished);
        }
    }
}

struct Reading {
    file: File,
    left: u64,
}

#[async_trait]
impl FileReader for Reading {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileStoreError> {
        let most = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        if most == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; most];
        let read = self.file.read(&mut bytes).await.map_err(unavailable)?;
        bytes.truncate(read);
        self.left -= read as u64;
        Ok((read > 0).then_some(bytes))
    }
}

/// One tenant after another, so that a page reads the folders that it is about and no others.
fn names(
    folder: &Path,
    before: DateTime<Utc>,
    after: Option<FileName>,
    limit: usize,
) -> Result<Vec<FileName>, FileStoreError> {
    let mut tenants: Vec<Uuid> = entries(folder)?.iter().filter_map(|it| own(it)).collect();
    tenants.retain(|it| after.is_none_or(|after| *it >= after.tenant));
    tenants.sort_unstable();
    let mut names = Vec::new();
    for tenant in tenants {
        if names.len() >= limit {
            break;
        }
        names.extend(names_of(folder, tenant, before, after, limit - names.len())?);
    }
    Ok(names)
}

/// A folder gives its entries in any order: the first of them are kept, and never more than are asked for.
fn names_of(
    folder: &Path,
    tenant: Uuid,
    before: DateTime<Utc>,
    after: Option<FileName>,
    limit: usize,
) -> Result<BTreeSet<FileName>, FileStoreError> {
    let mut names = BTreeSet::new();
    for path in entries(&folder.join(tenant.to_string()))? {
        let is_unfinished = path.extension().is_some_and(|it| it == UNFINISHED);
        let stem = if is_unfinished { path.with_extension("") } else { path.clone() };
        let Some(id) = own(&stem) else { continue };
        let name = FileName { tenant, id };
        // How old it is costs a look at the file itself: only those are asked that the page still has room for.
        let has_room = names.len() < limit || names.last().is_some_and(|last| name < *last);
        if !has_room || after.is_some_and(|after| name <= after) {
            continue;
        }
        // One that was removed meanwhile is no file any more.
        let Ok(changed) = path.metadata().and_then(|it| it.modified()) else { continue };
        if DateTime::<Utc>::from(changed) < before {
            names.insert(name);
            if names.len() > limit {
                names.pop_last();
            }
        }
    }
    Ok(names)
}

/// What lies in a folder; nothing where it is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, FileStoreError> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|it| it.map(|it| it.path()).map_err(unavailable)).collect(),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(unavailable(error)),
    }
}

/// The id that a path ends with, in our own spelling of it.
fn own(path: &Path) -> Option<Uuid> {
    let text = path.file_name()?.to_str()?;
    Uuid::parse_str(text).ok().filter(|it| it.to_string() == text)
}

/// A new name in a folder lasts once the folder itself is written; a system that cannot do that does so by itself.
#[cfg(unix)]
async fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder).await?.sync_all().await
}

#[cfg(not(unix))]
async fn sync(_: &Path) -> std::io::Result<()> {
    Ok(())
}

async fn remove(path: &Path) -> Result<(), FileStoreError> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable(error)),
        _ => Ok(()),
    }
}

fn unavailable(error: std::io::Error) -> FileStoreError {
    FileStoreError::Unavailable(error.into())
}
