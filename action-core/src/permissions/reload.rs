//! The `security.json` of a running host.
//!
//! At start a missing or malformed file is an error: a host must not come up without knowing who may do what.
//! Afterwards the last good rights stay in force whatever happens to the file, so that neither a broken edit nor a
//! deletion opens or closes anything. How a file is polled is `config_file`'s business, what it says
//! `security_file`'s.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

use super::{Rights, SecurityFileError};
use crate::config_file::{self, Refreshed, Unreadable, Watched};

/// The rights of a `security.json`, and whatever it becomes while the host runs.
///
/// ```
/// use action_core::permissions::{Permission, SecurityFile};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("security.json");
/// # std::fs::write(&path, "{}")?;
/// let file = SecurityFile::open(&path)?;
/// file.watch(SecurityFile::PERIOD)?;
///
/// // One snapshot for one request, from start to end.
/// let rights = file.current();
/// let grants = rights.grants_for(Some(&["Viewers"]), &[] as &[&str]);
/// assert!(!grants.allows(&Permission::new("Read/Car")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SecurityFile {
    watched: Arc<Watched<Rights>>,
}

impl SecurityFile {
    /// How often [`SecurityFile::watch`] should look, so that an edit is seen well within two seconds.
    pub const PERIOD: Duration = config_file::PERIOD;

    /// Reads the file. A missing or malformed one is an error that names the path.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, SecurityFileError> {
        let watched = Watched::open(path, Rights::from_json)?;
        Ok(Self { watched: Arc::new(watched) })
    }

    /// The rights now in force. A request takes them once.
    pub fn current(&self) -> Arc<Rights> {
        self.watched.current()
    }

    /// Looks at the file now; see [`Watched::refresh`].
    pub fn refresh(&self) -> Refreshed {
        self.watched.refresh()
    }

    /// Looks at the file every `period` from a thread of its own, until this `SecurityFile` is dropped.
    pub fn watch(&self, period: Duration) -> io::Result<JoinHandle<()>> {
        config_file::watch(&self.watched, period)
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        self.watched.path()
    }
}

impl From<Unreadable> for SecurityFileError {
    fn from(Unreadable { path, source }: Unreadable) -> Self {
        Self::Unreadable { path, source }
    }
}
