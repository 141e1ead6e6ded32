//! Everything a `security.json` can be refused for, in words that say what to do.
//!
//! A problem is a cause with its facts and its place. All problems of a file are one error, in the order of the file,
//! so that one edit can mend them all. What counts as a problem is decided in `security_file`.

use std::{fmt, io, path::PathBuf};

use super::ResourceError;

/// Why a `security.json` was not taken. Nothing of a refused file comes into force.
#[derive(Debug, thiserror::Error)]
pub enum SecurityFileError {
    /// The file could not be read at all.
    #[error(
        "`{}` cannot be read: {source}; without it nobody's rights are known. \
         Put the file there, or write `{{}}` into it to grant nothing",
        path.display()
    )]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file was read, and something in it is wrong.
    #[error("{}", listing(file, problems))]
    Refused {
        /// The name the caller gave the file.
        file: String,
        /// What is wrong, in the order of the file; never empty.
        problems: Vec<SecurityProblem>,
    },
}

/// One thing that is wrong in a `security.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityProblem {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The member it is about, such as `rights[3].resource`; empty for the whole file.
    pub path: String,
    /// What is wrong.
    pub cause: SecurityCause,
}

/// What can be wrong in a `security.json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecurityCause {
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// A value is of the wrong type.
    #[error("{found} stands where {expected} belongs")]
    WrongType {
        /// What belongs there, with its article.
        expected: &'static str,
        /// What stands there, with its article.
        found: &'static str,
    },
    /// A required member is not there.
    #[error("`{0}` is missing; add it")]
    Missing(&'static str),
    /// A member nobody reads, so that its author would wait for an effect in vain.
    #[error("`{member}` is not known here; write {}, or start a remark with `_`", choice(known))]
    UnknownMember {
        /// The member.
        member: String,
        /// The members that are read here.
        known: &'static [&'static str],
    },
    /// A member, or a group, that stands there twice.
    #[error(
        "`{key}` stands here a second time, the first is at {first_line}:{first_column}; keep one of them"
    )]
    Repeated {
        /// The member's key.
        key: String,
        /// The line of the first.
        first_line: usize,
        /// The column of the first.
        first_column: usize,
    },
    /// An id that is not a UUID with hyphens.
    #[error("`{0}` is not a UUID such as `a0000000-0000-4000-8000-000000000001`")]
    NotUuid(String),
    /// A group's name without a visible character, which an empty role key would match.
    #[error("a group's name is blank; write the role it stands for, or remove it")]
    BlankName,
    /// Two rights with one id.
    #[error(
        "the right `{id}` stands here a second time, the first is `{first_path}` at {first_line}:{first_column}; \
         give one of them a new id"
    )]
    DuplicateRight {
        /// The id.
        id: uuid::Uuid,
        /// The first right with it, such as `rights[0]`.
        first_path: String,
        /// The line of the first right's id.
        first_line: usize,
        /// The column of the first right's id.
        first_column: usize,
    },
    /// A resource that is not `action/target`.
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// A right for a group that is declared nowhere.
    #[error(
        "the group `{0}` is declared neither in `groups` nor in `wellKnown`; declare it, or correct the id"
    )]
    UndeclaredGroup(uuid::Uuid),
    /// A key of `wellKnown` that is no well-known group.
    #[error("`{0}` is no well-known group; write `anonymous` or `authenticated`")]
    UnknownWellKnown(String),
    /// One group for callers who are signed in and callers who are not.
    #[error("`anonymous` and `authenticated` are one group, `{0}`; being signed in would make no difference")]
    OneGroupForBoth(uuid::Uuid),
}

impl SecurityFileError {
    /// What is wrong in the file, in its order; empty when the file could not be read.
    pub fn problems(&self) -> &[SecurityProblem] {
        match self {
            Self::Unreadable { .. } => &[],
            Self::Refused { problems, .. } => problems,
        }
    }
}

impl fmt::Display for SecurityProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path)?;
        }
        self.cause.fmt(out)
    }
}

fn listing(file: &str, problems: &[SecurityProblem]) -> String {
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    let lines: Vec<_> = problems.iter().map(|problem| format!("\n  {file}:{problem}")).collect();
    format!("`{file}` has {count}; nothing of it was taken{}", lines.concat())
}

/// "`a`, `b` or `c`".
fn choice(known: &[&str]) -> String {
    let quoted: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}
