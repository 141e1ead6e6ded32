//! A value that is fixed, or follows a file. Whoever needs one value throughout a call takes it once.

use std::sync::Arc;

#[cfg(feature = "config-files")]
use crate::config_file::Watched;

/// The value in force.
pub(crate) enum Live<T> {
    Fixed(Arc<T>),
    #[cfg(feature = "config-files")]
    File(Arc<Watched<T>>),
}

impl<T> Live<T> {
    pub(crate) fn fixed(value: T) -> Self {
        Self::Fixed(Arc::new(value))
    }

    /// The one in force now.
    pub(crate) fn current(&self) -> Arc<T> {
        match self {
            Self::Fixed(value) => Arc::clone(value),
            #[cfg(feature = "config-files")]
            Self::File(file) => file.current(),
        }
    }
}
