//! The workflows of a running engine: those of its code, and those of a file, which may change.
//!
//! At the start a missing or malformed file is an error. Afterwards an edit is in force within two seconds, for the
//! calls that begin after it; a broken edit changes nothing, and the log says why. How a file is polled is
//! `config_file`'s business, what it says `file`'s.
//!
//! An edit may change states, transitions, guards and labels. Which columns are under a workflow, and with what they
//! start, is part of their entities, which are frozen when the engine is built; an edit of that waits for a restart.

use std::path::PathBuf;
use std::time::Duration;

use super::Workflows;
use super::definition::Workflow;
use crate::entity::Entities;
use crate::live::Live;

/// Where the workflows come from, and what was found there at the start.
pub(crate) struct Source {
    code: Vec<Workflow>,
    file: Option<PathBuf>,
    found: Vec<Workflow>,
}

impl Source {
    /// Looks into the file, if there is one.
    pub(crate) fn read(code: Vec<Workflow>, file: Option<PathBuf>, problems: &mut Vec<String>) -> Self {
        #[cfg(feature = "config-files")]
        if let Some(path) = file {
            return match watched::read(&path) {
                Ok(read) => Self { found: [code.clone(), read].concat(), code, file: Some(path) },
                Err(watched::Problems(found)) => {
                    problems.extend(found);
                    Self { found: code.clone(), code, file: None }
                }
            };
        }
        let _ = problems;
        Self { found: code.clone(), code, file }
    }

    /// All that were found.
    pub(crate) fn found(&self) -> &[Workflow] {
        &self.found
    }

    /// Holds them against their entities, and from then on follows the file, looking at it every `period`.
    pub(crate) fn follow(
        self,
        entities: &Entities,
        period: Duration,
    ) -> Result<Live<Workflows>, Vec<String>> {
        let Self { code, file, found } = self;
        #[cfg(feature = "config-files")]
        if let Some(path) = file {
            return watched::follow(path, code, &found, entities.clone(), period);
        }
        let _ = (code, file, period);
        Workflows::new(found, entities).map(Live::fixed)
    }
}

#[cfg(feature = "config-files")]
mod watched {
    use std::collections::BTreeSet;
    use std::fmt;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::file::WorkflowFileError;
    use super::{Live, Workflow, Workflows};
    use crate::config_file::{self, Unreadable, Watched};
    use crate::entity::Entities;

    /// What is wrong, a line each.
    pub(super) struct Problems(pub(super) Vec<String>);

    impl fmt::Display for Problems {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0.join("; "))
        }
    }

    impl From<Unreadable> for Problems {
        fn from(error: Unreadable) -> Self {
            Self(vec![error.to_string()])
        }
    }

    impl From<WorkflowFileError> for Problems {
        fn from(error: WorkflowFileError) -> Self {
            Self(vec![error.to_string()])
        }
    }

    /// The file as it is now.
    pub(super) fn read(path: &Path) -> Result<Vec<Workflow>, Problems> {
        let parse = |text: &str, name: &str| Workflow::read_all(text, name).map_err(Problems::from);
        let file = Watched::open(path, parse)?;
        Ok(file.current().to_vec())
    }

    /// The file, looked at again and again; each content of it is held against the entities and against what they were
    /// frozen with.
    pub(super) fn follow(
        path: PathBuf,
        code: Vec<Workflow>,
        frozen: &[Workflow],
        entities: Entities,
        period: Duration,
    ) -> Result<Live<Workflows>, Vec<String>> {
        let frozen = columns(frozen);
        let parse = move |text: &str, name: &str| {
            let all = [code.clone(), Workflow::read_all(text, name)?].concat();
            let compiled = Workflows::new(all.clone(), &entities).map_err(Problems)?;
            let now = columns(&all);
            if now == frozen {
                return Ok(compiled);
            }
            Err(Problems(vec![format!(
                "`{name}`: its columns are {}, and were {} at the start; that waits for a restart",
                listed(&now),
                listed(&frozen)
            )]))
        };
        let file = Arc::new(Watched::open(path, parse).map_err(|Problems(found)| found)?);
        config_file::watch(&file, period)
            .map_err(|error| vec![format!("the file of workflows cannot be watched: {error}")])?;
        Ok(Live::File(file))
    }

    /// Entity, field and initial state of each.
    type Columns = BTreeSet<[String; 3]>;

    fn columns(workflows: &[Workflow]) -> Columns {
        let initial = |it: &Workflow| it.initial_state().unwrap_or_default().to_owned();
        workflows.iter().map(|it| [it.entity.clone(), it.field.clone(), initial(it)]).collect()
    }

    fn listed(columns: &Columns) -> String {
        let each =
            columns.iter().map(|[entity, field, initial]| format!("`{entity}.{field}` from `{initial}`"));
        let all: Vec<_> = each.collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    }
}
