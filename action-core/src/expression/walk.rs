//! What a walk over a filter, condition or rule carries along: the limits, the place, and the mistakes so far.
//!
//! Both walks use it, the one that reads the shape and the one that checks the meaning. They go on after a mistake
//! and note at most one at each place, so the second does not repeat the first. The list ends after a hundred:
//! nobody mends more in one round, and a hostile filter must not be answered by a bigger list.

use std::fmt;

use super::tree::Expression;
use crate::FieldErrors;

/// How many `and`, `or`, `not` may lie around the innermost node.
const DEEPEST: usize = 16;
const MOST_NODES: usize = 500;
const MOST_MISTAKES: usize = 100;

/// Who wrote it, and so how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A request's filter: strict, with text search.
    Filter,
    /// A row rule in Rust: as strict.
    Rule,
    /// An administrator's condition: lenient in types, strict in shape, without text search.
    Condition,
}

impl Dialect {
    /// What its paths begin with.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Rule => "rule",
            Self::Condition => "condition",
        }
    }

    /// The code of a mistake in its shape.
    pub(super) fn invalid(self) -> &'static str {
        match self {
            Self::Filter => "invalid_filter",
            Self::Rule => "invalid_rule",
            Self::Condition => "invalid_condition",
        }
    }

    /// How long the list of an `in` may be. A rule is the application's own and lists what its caller may see.
    pub(super) fn most_values(self) -> usize {
        match self {
            Self::Filter | Self::Condition => 1_000,
            Self::Rule => 10_000,
        }
    }
}

/// A place in it, spelled only when there is a mistake to tell: `filter.and[0].field`.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Root(Dialect),
    Member(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(dialect) => f.write_str(dialect.name()),
            Self::Member(above, name) => write!(f, "{above}.{}", Shortened(name)),
            Self::Index(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

/// What the request said, cut where it gets too long to say it back.
pub(super) struct Shortened<'a>(pub(super) &'a str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(100) {
            Some((end, _)) => write!(f, "{}…", self.0.get(..end).unwrap_or_default()),
            None => f.write_str(self.0),
        }
    }
}

pub(super) struct Walk {
    pub(super) dialect: Dialect,
    nodes: usize,
    errors: FieldErrors,
}

impl Walk {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, nodes: 0, errors: FieldErrors::default() }
    }

    /// The same list of mistakes, at the beginning again.
    pub(super) fn again(self) -> Self {
        Self { nodes: 0, ..self }
    }

    /// Counts one node; false when there are too many, or too deep ones, to go on.
    pub(super) fn enter(&mut self, at: &Place<'_>, depth: usize) -> bool {
        self.nodes += 1;
        if self.is_full() {
            let root = Place::Root(self.dialect);
            self.invalid(&root, format!("it may have at most {MOST_NODES} nodes"));
            return false;
        }
        if depth > DEEPEST {
            self.invalid(at, format!("`and`, `or` and `not` may be nested {DEEPEST} deep"));
            return false;
        }
        true
    }

    /// Whether the nodes are used up.
    pub(super) fn is_full(&self) -> bool {
        self.nodes > MOST_NODES
    }

    /// Notes a mistake.
    pub(super) fn mistake(&mut self, at: &Place<'_>, code: &'static str, message: String) {
        if self.errors.len() < MOST_MISTAKES {
            let field = at.to_string();
            if !self.errors.mentions(&field) {
                self.errors.add(field, code, message);
            }
        }
    }

    /// Notes a mistake in the shape.
    pub(super) fn invalid(&mut self, at: &Place<'_>, message: String) {
        self.mistake(at, self.dialect.invalid(), message);
    }

    /// The tree, where nothing was wrong. A tree is only left out after a mistake.
    pub(super) fn finish(mut self, tree: Option<Expression>) -> Result<Expression, FieldErrors> {
        if let Some(tree) = tree {
            return self.errors.into_result(tree);
        }
        if self.errors.is_empty() {
            self.invalid(&Place::Root(self.dialect), "it cannot be read".to_owned());
        }
        Err(self.errors)
    }
}
