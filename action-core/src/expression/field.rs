//! What a name in a filter stands for.
//!
//! A [`Field`] is a resolved column: its spelling towards the caller, its column, its kind, and the foreign keys to
//! follow until the table that has it. Resolving is the caller's: an implementation of [`Fields`] answers only for
//! the columns that the asker may read, so a hidden column and a missing one cannot be told apart. Nothing here
//! knows SQL; [`Step`] carries what a statement needs to follow a foreign key.

use std::sync::Arc;

use crate::Kind;

/// The fields that may be named.
///
/// A `Vec<Field>` and an array are the plain ones; each field keeps its own slot, or gets its position.
pub trait Fields {
    /// The field that `path` names: a column (`status`), or a column of a related row through foreign keys
    /// (`status_id.status_key`). A foreign key by itself is a field of its key's kind. `None`: there is no such
    /// field, or not for this asker. `path` comes from a request and is at most 500 bytes long; how many foreign
    /// keys may be followed is decided here.
    fn field(&self, path: &str) -> Option<Field>;
}

/// Longer names are nobody's.
const LONGEST_PATH: usize = 500;

/// Asks for a field, but not for a name without end.
pub(super) fn look_up(path: &str, fields: &dyn Fields) -> Option<Field> {
    (path.len() <= LONGEST_PATH).then(|| fields.field(path)).flatten()
}

fn find(fields: &[Field], path: &str) -> Option<Field> {
    let (position, found) = fields.iter().enumerate().find(|(_, it)| it.path() == path)?;
    Some(Field { slot: found.slot.or(Some(position)), ..found.clone() })
}

impl Fields for Vec<Field> {
    fn field(&self, path: &str) -> Option<Field> {
        find(self, path)
    }
}

impl<const N: usize> Fields for [Field; N] {
    fn field(&self, path: &str) -> Option<Field> {
        find(self, path)
    }
}

/// A resolved column. Cloning one copies no text.
///
/// ```
/// use action_core::Kind;
/// use action_core::expression::{Field, Step};
///
/// let owner = Field::new("ownerId", Kind::Uuid).with_column("owner_id").with_slot(4);
/// assert_eq!((owner.path(), owner.column(), owner.slot()), ("ownerId", "owner_id", Some(4)));
///
/// let key = Field::new("status_id.status_key", Kind::Text).through([Step::new("status_id", "statuses", "id")]);
/// assert_eq!(key.column(), "status_key");
/// assert!(key.is_nullable());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    path: Arc<str>,
    column: Arc<str>,
    steps: Arc<[Step]>,
    kind: Kind,
    nullable: bool,
    slot: Option<usize>,
}

impl Field {
    /// A nullable field whose column is named as the last part of `path`, in the row's own table.
    pub fn new(path: impl Into<Arc<str>>, kind: Kind) -> Self {
        let path = path.into();
        let column = match path.rsplit_once('.') {
            Some((_, last)) => last.into(),
            None => Arc::clone(&path),
        };
        Self { path, column, steps: Arc::default(), kind, nullable: true, slot: None }
    }

    /// The column's name in its table, where that differs from the path.
    pub fn with_column(mut self, column: impl Into<Arc<str>>) -> Self {
        self.column = column.into();
        self
    }

    /// The foreign keys to follow, the row's own first. The column is one of the last step's table.
    pub fn through(mut self, steps: impl IntoIterator<Item = Step>) -> Self {
        self.steps = steps.into_iter().collect();
        self
    }

    /// The field has a value in every row. A field reached through a nullable foreign key has not.
    pub fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Where a row that is a list of values keeps this field.
    pub fn with_slot(mut self, slot: usize) -> Self {
        self.slot = Some(slot);
        self
    }

    /// The name as the asker spells it: `status_id.status_key`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The column's name in the table that the last of [`steps`](Self::steps) leads to.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The foreign keys to follow from the row's own table; none for its own columns. A missing row on the way
    /// makes the field null.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The declared type, which decides how values compare.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether a row may have no value here.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// The position in a row that is a list of values.
    pub fn slot(&self) -> Option<usize> {
        self.slot
    }
}

/// One foreign key on the way to a related row's column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    column: Arc<str>,
    table: Arc<str>,
    key: Arc<str>,
}

impl Step {
    /// The foreign key in `column` refers to the column `key` of `table`.
    pub fn new(column: impl Into<Arc<str>>, table: impl Into<Arc<str>>, key: impl Into<Arc<str>>) -> Self {
        Self { column: column.into(), table: table.into(), key: key.into() }
    }

    /// The column that holds the foreign key.
    pub fn column(&self) -> &str {
        &self.column
    }

    /// The table it refers to, spelled as whoever resolved the field spells tables.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The column of that table whose value it holds.
    pub fn key(&self) -> &str {
        &self.key
    }
}
