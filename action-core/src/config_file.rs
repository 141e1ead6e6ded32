//! A configuration file that may change while the host runs.
//!
//! The file is polled and compared byte by byte. File system events are not asked for: they differ between systems,
//! are lost on network mounts and in containers, and miss what editors do with renames; modification times miss an
//! edit within their resolution. A configuration file is small, so reading it once a second costs nothing.
//!
//! What is good comes into force at once, as one atomic swap. What is broken never does: the last good value stays,
//! and the log says so once for each breakage. What a file means is the business of the parser it is opened with;
//! whether it may be missing is decided by how it is opened.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use arc_swap::ArcSwap;

/// How often to look, unless a host decides otherwise: an edit is to be seen within two seconds.
pub const PERIOD: Duration = Duration::from_secs(1);

/// A shorter period would only keep a core busy.
const SHORTEST_PERIOD: Duration = Duration::from_millis(10);

/// Reads the bytes of a file that was found at a path. The error is ready for the log.
type Parse<T> = Box<dyn Fn(&[u8], &Path) -> Result<T, String> + Send + Sync>;

/// The value of a file, and whatever it becomes.
///
/// ```
/// use action_core::config_file::{Refreshed, Unreadable, Watched};
///
/// #[derive(Debug, thiserror::Error)]
/// enum LimitError {
///     #[error(transparent)]
///     Unreadable(#[from] Unreadable),
///     #[error("`{0}`: {1}")]
///     NoNumber(String, std::num::ParseIntError),
/// }
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("limit.txt");
/// # std::fs::write(&path, "5")?;
/// let limit = Watched::open(&path, |text, file_name| {
///     text.trim().parse::<u32>().map_err(|error| LimitError::NoNumber(file_name.to_owned(), error))
/// })?;
/// assert_eq!(*limit.current(), 5);
///
/// std::fs::write(&path, "7")?;
/// assert_eq!(limit.refresh(), Refreshed::Loaded);
/// std::fs::write(&path, "seven")?;
/// assert_eq!(limit.refresh(), Refreshed::KeptLastGood);
/// assert_eq!(*limit.current(), 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Watched<T> {
    path: PathBuf,
    parse: Parse<T>,
    /// The value of a file that is not there, where that is allowed.
    absent: Option<Box<dyn Fn() -> T + Send + Sync>>,
    current: ArcSwap<T>,
    /// Held for a whole refresh, so that an older content cannot overtake a newer one.
    state: Mutex<State>,
}

/// What the last look found.
struct State {
    seen: Seen,
    is_broken: bool,
}

#[derive(PartialEq, Eq)]
enum Seen {
    Content(Vec<u8>),
    /// Not readable, and why. Any other reason is another breakage.
    Failed(io::ErrorKind),
}

/// What a look at the file led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refreshed {
    /// The file is as it was at the last look, good or broken.
    Unchanged,
    /// The file changed and is in force.
    Loaded,
    /// The file changed and is broken or gone; the last good value stays in force.
    KeptLastGood,
}

/// A file could not be read, is not UTF-8, or is not there although it has to be.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be read: {source}", path.display())]
pub struct Unreadable {
    /// The path as it was given.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

impl<T> Watched<T> {
    /// Opens a file that has to be there. When it is deleted later, its last good value stays in force.
    ///
    /// `parse` is given the text without a byte order mark, and the path for its messages.
    pub fn open<E: fmt::Display + From<Unreadable>>(
        path: impl Into<PathBuf>,
        parse: impl Fn(&str, &str) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        Self::start(path.into(), None, parse)
    }

    /// Opens a file that may be missing, now or later; `absent` then gives its value, and the log a warning.
    pub fn open_optional<E: fmt::Display + From<Unreadable>>(
        path: impl Into<PathBuf>,
        absent: impl Fn() -> T + Send + Sync + 'static,
        parse: impl Fn(&str, &str) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        Self::start(path.into(), Some(Box::new(absent)), parse)
    }

    fn start<E: fmt::Display + From<Unreadable>>(
        path: PathBuf,
        absent: Option<Box<dyn Fn() -> T + Send + Sync>>,
        parse: impl Fn(&str, &str) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        let (seen, value) = match (std::fs::read(&path), &absent) {
            (Ok(bytes), _) => {
                let value = decode(&bytes, &path, &parse)?;
                (Seen::Content(bytes), value)
            }
            (Err(error), Some(absent)) if error.kind() == io::ErrorKind::NotFound => {
                warn_of_absence(&path);
                (Seen::Failed(error.kind()), absent())
            }
            (Err(source), _) => return Err(Unreadable { path, source }.into()),
        };
        Ok(Self {
            path,
            parse: Box::new(move |bytes, path| {
                decode(bytes, path, &parse).map_err(|error| error.to_string())
            }),
            absent,
            current: ArcSwap::from_pointee(value),
            state: Mutex::new(State { seen, is_broken: false }),
        })
    }

    /// The value now in force. Whoever needs one value throughout takes it once.
    pub fn current(&self) -> Arc<T> {
        self.current.load_full()
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks at the file now, and takes it when its bytes changed and it is good.
    ///
    /// Logs an error once when it breaks, and again only when it breaks differently; and that it is good again.
    pub fn refresh(&self) -> Refreshed {
        // A parser that panicked left the state as it was meant to be: what was seen is noted before parsing.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let found = std::fs::read(&self.path);
        let seen = match &found {
            Ok(bytes) => Seen::Content(bytes.clone()),
            Err(error) => Seen::Failed(error.kind()),
        };
        if seen == state.seen {
            return Refreshed::Unchanged;
        }
        state.seen = seen;
        let value = match (found, &self.absent) {
            (Ok(bytes), _) => (self.parse)(&bytes, &self.path),
            (Err(error), Some(absent)) if error.kind() == io::ErrorKind::NotFound => {
                warn_of_absence(&self.path);
                Ok(absent())
            }
            (Err(error), _) => Err(error.to_string()),
        };
        let was_broken = state.is_broken;
        state.is_broken = value.is_err();
        let file = self.path.display();
        match value {
            Ok(value) => {
                self.current.store(Arc::new(value));
                if was_broken {
                    tracing::info!(%file, "configuration file is good again and in force");
                } else {
                    tracing::info!(%file, "configuration file changed and is in force");
                }
                Refreshed::Loaded
            }
            Err(reason) => {
                tracing::error!(%file, reason, "configuration file is broken; the last good one stays in force");
                Refreshed::KeptLastGood
            }
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Watched<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Watched")
            .field("path", &self.path)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// Refreshes the file every `period` from a thread of its own, until nobody else holds it.
///
/// The thread ends at the first look after the last holder is gone, so within one period. It is a thread and not a
/// task because reading a file blocks, and because rights must follow their file while the runtime is busy.
pub fn watch<T: Send + Sync + 'static>(
    file: &Arc<Watched<T>>,
    period: Duration,
) -> io::Result<JoinHandle<()>> {
    let file = Arc::downgrade(file);
    let period = period.max(SHORTEST_PERIOD);
    thread::Builder::new().name("config-file".to_owned()).spawn(move || {
        loop {
            thread::sleep(period);
            let Some(file) = file.upgrade() else { return };
            file.refresh();
        }
    })
}

fn decode<T, E: From<Unreadable>>(
    bytes: &[u8],
    path: &Path,
    parse: impl Fn(&str, &str) -> Result<T, E>,
) -> Result<T, E> {
    let text = std::str::from_utf8(bytes).map_err(|error| Unreadable {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8: {error}")),
    })?;
    // Some editors start a file with a byte order mark, which no parser of JSON accepts.
    parse(text.strip_prefix('\u{feff}').unwrap_or(text), &path.display().to_string())
}

fn warn_of_absence(path: &Path) {
    tracing::warn!(file = %path.display(), "configuration file is missing; its defaults are in force");
}
