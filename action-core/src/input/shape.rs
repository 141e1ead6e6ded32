//! What an action's arguments add up to, known before anyone calls it.

use std::any::TypeId;

use serde_json::Value;

/// How many selected rows an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rows {
    /// None.
    #[default]
    None,
    /// Exactly one.
    One,
    /// Any number.
    Many,
}

impl Rows {
    /// The larger of the two.
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Many, _) | (_, Self::Many) => Self::Many,
            (Self::One, _) | (_, Self::One) => Self::One,
            _ => Self::None,
        }
    }
}

/// As what an argument takes rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowType {
    /// As the type of this entity.
    Of(&'static str),
    /// As records of whichever entity.
    Record,
}

impl RowType {
    /// The entity, where there is one.
    pub(crate) fn entity(self) -> Option<&'static str> {
        match self {
            Self::Of(entity) => Some(entity),
            Self::Record => None,
        }
    }
}

/// The description that all arguments of an action write together.
#[derive(Debug, Clone, Default)]
pub struct InputShape {
    pub(crate) params: Option<ParamsShape>,
    pub(crate) services: Vec<(TypeId, &'static str)>,
    /// As what it takes selected rows, where it takes any.
    pub(crate) selected: Option<RowType>,
    pub(crate) parents: Vec<&'static str>,
    pub(crate) rows: Rows,
    pub(crate) allow_unknown: bool,
    /// It may run a registered query, whose permission is then the query's own.
    pub(crate) queries: bool,
    /// It takes files.
    pub(crate) uploads: bool,
    pub(crate) problems: Vec<String>,
}

/// What is known of the parameters.
#[derive(Debug, Clone)]
pub(crate) struct ParamsShape {
    /// JSON Schema 2020-12, without `$schema`.
    pub(crate) schema: Value,
}

impl InputShape {
    /// The parameters' JSON Schema, where the action takes any.
    pub fn params_schema(&self) -> Option<&Value> {
        self.params.as_ref().map(|it| &it.schema)
    }

    /// Whether the action takes files, which come as `multipart/form-data`.
    pub fn takes_uploads(&self) -> bool {
        self.uploads
    }

    /// Something that cannot work; the engine refuses to build with it.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }
}
