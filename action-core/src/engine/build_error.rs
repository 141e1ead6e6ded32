//! Everything that keeps an engine from being built, told at once.

use std::fmt;

/// Why an engine cannot be built: everything that is wrong, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildError {
    problems: Vec<String>,
}

impl BuildError {
    pub(super) fn new(problems: Vec<String>) -> Self {
        Self { problems }
    }

    /// What is wrong.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [only] => write!(f, "the engine cannot be built: {only}"),
            many => {
                write!(f, "the engine cannot be built, for {} reasons:", many.len())?;
                many.iter().try_for_each(|it| write!(f, "\n  - {}", it.replace('\n', "\n    ")))
            }
        }
    }
}

impl std::error::Error for BuildError {}
