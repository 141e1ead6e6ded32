//! The offers of a running engine, which follow their file.
//!
//! A missing file offers nothing, at the start and later; a malformed one stops the start, and later keeps the last
//! good one. An edit is in force for the calls that begin after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Offers;
use super::file::CustomActionEntry;
use crate::entity::Entities;
use crate::live::Live;
use crate::registry::Registry;

/// Where the offers come from.
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) entries: Vec<CustomActionEntry>,
    pub(crate) file: Option<PathBuf>,
    /// A handler without an entry is offered as its attribute says.
    pub(crate) from_code: bool,
}

impl Source {
    /// Holds them against the handlers, and from then on follows the file, looking at it every `period`.
    pub(crate) fn follow(
        self,
        registry: &Arc<Registry>,
        entities: &Entities,
        period: Duration,
    ) -> Result<Live<Offers>, Vec<String>> {
        let Self { entries, file, from_code } = self;
        #[cfg(feature = "config-files")]
        if let Some(path) = file {
            if !entries.is_empty() {
                return Err(vec![
                    "custom actions come from a file or from a text: keep one of them".to_owned(),
                ]);
            }
            return watched::follow(path, Arc::clone(registry), entities.clone(), from_code, period);
        }
        let _ = (file, period);
        Offers::new(entries, registry, entities, from_code).map(Live::fixed)
    }
}

#[cfg(feature = "config-files")]
mod watched {
    use super::super::file::CustomActionsError;
    use super::{Arc, CustomActionEntry, Duration, Entities, Live, Offers, PathBuf, Registry};
    use crate::config_file::{self, Unreadable, Watched};

    impl From<Unreadable> for CustomActionsError {
        fn from(error: Unreadable) -> Self {
            Self::of(vec![error.to_string()])
        }
    }

    pub(super) fn follow(
        path: PathBuf,
        registry: Arc<Registry>,
        entities: Entities,
        from_code: bool,
        period: Duration,
    ) -> Result<Live<Offers>, Vec<String>> {
        if !path.exists() {
            // At the start, what cannot be offered without a file is a mistake.
            Offers::new(Vec::new(), &registry, &entities, from_code)?;
        }
        let absent = {
            let registry = Arc::clone(&registry);
            move || Offers::without_entries(&registry, from_code)
        };
        let parse = move |text: &str, name: &str| {
            let entries = CustomActionEntry::read_all(text, name)?;
            Offers::new(entries, &registry, &entities, from_code).map_err(CustomActionsError::of)
        };
        let file = Watched::open_optional(path, absent, parse).map_err(|error| error.problems().to_vec())?;
        let file = Arc::new(file);
        config_file::watch(&file, period)
            .map_err(|error| vec![format!("the file of custom actions cannot be watched: {error}")])?;
        Ok(Live::File(file))
    }
}
