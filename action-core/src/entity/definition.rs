//! An entity's definition, checked as a whole before the engine starts.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Column, ColumnRole, RowRule};
use crate::expression::{Field, Fields};
use crate::permissions::Permission;
use crate::value::{Kind, Value};

/// A column's place in its entity's list.
pub type ColumnIndex = usize;

/// One table that actions may work on. Made by [`Entity::builder`] or `#[derive(Entity)]`.
#[derive(Debug, Clone)]
pub struct Entity {
    name: Cow<'static, str>,
    alias: Cow<'static, str>,
    type_id: Uuid,
    table: Cow<'static, str>,
    tenant_column: Option<Cow<'static, str>>,
    columns: Vec<Column>,
    fields: Vec<Field>,
    key: ColumnIndex,
    version: Option<ColumnIndex>,
    row_rule: Option<RowRule>,
    permissions: [Permission; 5],
}

/// The five things that can be done with every entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// List rows.
    Query,
    /// Look at one.
    Read,
    /// Change one.
    Edit,
    /// Make one.
    New,
    /// Take one away.
    Delete,
}

impl Verb {
    /// The five, in the order of their declaration.
    pub const ALL: [Self; 5] = [Self::Query, Self::Read, Self::Edit, Self::New, Self::Delete];

    /// As rights spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Read => "Read",
            Self::Edit => "Edit",
            Self::New => "New",
            Self::Delete => "Delete",
        }
    }
}

impl Entity {
    /// Starts a definition: the entity's name, as rights spell it, and its table.
    ///
    /// ```
    /// use action_core::entity::{Column, Entity};
    /// use action_core::Kind;
    ///
    /// let car = Entity::builder("Car", "cars")
    ///     .column(Column::new("id", Kind::Uuid))
    ///     .column(Column::new("brand", Kind::Text).required())
    ///     .build()
    ///     .unwrap();
    /// assert_eq!(car.alias(), "car");
    /// ```
    pub fn builder(name: impl Into<Cow<'static, str>>, table: impl Into<Cow<'static, str>>) -> EntityBuilder {
        EntityBuilder {
            name: name.into(),
            alias: None,
            type_id: None,
            table: table.into(),
            tenant_column: Some(Cow::Borrowed("tenant_id")),
            columns: Vec::new(),
            row_rule: None,
        }
    }

    /// Its name, as rights spell it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its other name; the name in lower case unless it was set.
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// Its type id.
    pub fn type_id(&self) -> Uuid {
        self.type_id
    }

    /// Its table, perhaps with a schema before a dot.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The column that holds the tenant; `None` for an entity that all tenants share.
    pub fn tenant_column(&self) -> Option<&str> {
        self.tenant_column.as_deref()
    }

    /// Makes a column start with this value in every new row, unless it does already. Returns what it starts with where
    /// that is something else.
    pub(crate) fn start_with(&mut self, name: &str, initial: &str) -> Option<String> {
        let column = self.columns.iter_mut().find(|it| it.name == name)?;
        match &column.initial {
            None => *column = column.clone().initially(initial),
            Some(Value::Text(same)) if same == initial => {}
            Some(other) => return Some(other.to_json().to_string()),
        }
        None
    }

    /// All columns, in the order of declaration.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column at a place.
    pub fn column(&self, index: ColumnIndex) -> Option<&Column> {
        self.columns.get(index)
    }

    /// A column and its place, by its JSON name.
    pub fn column_named(&self, name: &str) -> Option<(ColumnIndex, &Column)> {
        self.columns.iter().enumerate().find(|(_, it)| it.name == name)
    }

    /// The key's place.
    pub fn key_index(&self) -> ColumnIndex {
        self.key
    }

    /// The key column.
    pub fn key(&self) -> &Column {
        #[expect(clippy::indexing_slicing, reason = "`build` found the key at this place")]
        &self.columns[self.key]
    }

    /// The version's place, where there is one.
    pub fn version_index(&self) -> Option<ColumnIndex> {
        self.version
    }

    /// The place of the column with this role.
    pub fn index_of_role(&self, role: ColumnRole) -> Option<ColumnIndex> {
        self.columns.iter().position(|it| it.role == role)
    }

    /// Which rows a caller may see and touch, where that is a question.
    pub fn row_rule(&self) -> Option<&RowRule> {
        self.row_rule.as_ref()
    }

    /// The key as a field of expressions and orders.
    pub fn key_field(&self) -> &Field {
        #[expect(clippy::indexing_slicing, reason = "`build` made one field for each column")]
        &self.fields[self.key]
    }

    /// The columns that a caller may name in a filter or an order: the readable ones.
    pub fn readable_fields(&self) -> impl Fields {
        ReadableFields(self)
    }

    /// All columns, for the application's own expressions.
    pub fn all_fields(&self) -> &Vec<Field> {
        &self.fields
    }

    /// The permission that a verb on this entity needs: `Edit/Car`.
    pub fn permission(&self, verb: Verb) -> &Permission {
        let [query, read, edit, new, delete] = &self.permissions;
        match verb {
            Verb::Query => query,
            Verb::Read => read,
            Verb::Edit => edit,
            Verb::New => new,
            Verb::Delete => delete,
        }
    }
}

struct ReadableFields<'a>(&'a Entity);

impl Fields for ReadableFields<'_> {
    fn field(&self, path: &str) -> Option<Field> {
        let (index, column) = self.0.column_named(path)?;
        if !column.is_readable() {
            return None;
        }
        self.0.fields.get(index).cloned()
    }
}

/// A definition that is being written.
#[derive(Debug, Clone)]
pub struct EntityBuilder {
    name: Cow<'static, str>,
    alias: Option<Cow<'static, str>>,
    type_id: Option<Uuid>,
    table: Cow<'static, str>,
    tenant_column: Option<Cow<'static, str>>,
    columns: Vec<Column>,
    row_rule: Option<RowRule>,
}

/// A definition that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entity `{entity}`: {problem}")]
pub struct EntityError {
    entity: String,
    problem: String,
}

impl EntityBuilder {
    /// Its other name in routes and requests.
    pub fn alias(mut self, alias: impl Into<Cow<'static, str>>) -> Self {
        self.alias = Some(alias.into());
        self
    }

    /// Its type id; made from the name (UUID v5-like, stable) where none is given.
    pub fn type_id(mut self, id: Uuid) -> Self {
        self.type_id = Some(id);
        self
    }

    /// The SQL name of its tenant column, where that is not `tenant_id`.
    pub fn tenant_column(mut self, column: impl Into<Cow<'static, str>>) -> Self {
        self.tenant_column = Some(column.into());
        self
    }

    /// All tenants share its rows.
    pub fn without_tenant(mut self) -> Self {
        self.tenant_column = None;
        self
    }

    /// Adds a column. One named `id` is the key; `version`, `createdAt`, `createdBy`, `updatedAt` and `updatedBy`
    /// are kept by the server. A column that was given a role keeps it.
    pub fn column(mut self, column: Column) -> Self {
        let role = match (column.role, column.name.as_ref()) {
            (ColumnRole::Data, "id") => ColumnRole::Key,
            (ColumnRole::Data, "version") => ColumnRole::Version,
            (ColumnRole::Data, "createdAt") => ColumnRole::CreatedAt,
            (ColumnRole::Data, "createdBy") => ColumnRole::CreatedBy,
            (ColumnRole::Data, "updatedAt") => ColumnRole::UpdatedAt,
            (ColumnRole::Data, "updatedBy") => ColumnRole::UpdatedBy,
            (given, _) => given,
        };
        self.columns.push(column.role(role));
        self
    }

    /// Which rows a caller may see and touch.
    pub fn row_rule(mut self, rule: RowRule) -> Self {
        self.row_rule = Some(rule);
        self
    }

    /// Checks the definition as a whole.
    pub fn build(self) -> Result<Entity, EntityError> {
        let wrong = |problem: String| EntityError { entity: self.name.to_string(), problem };
        let keys: Vec<_> =
            self.columns.iter().enumerate().filter(|(_, it)| it.role == ColumnRole::Key).collect();
        let [(key, key_column)] = keys.as_slice() else {
            return Err(wrong(format!(
                "it needs exactly one key column (name it `id`), and has {}",
                keys.len()
            )));
        };
        if !matches!(key_column.kind, Kind::Uuid | Kind::Integer | Kind::Text) {
            return Err(wrong(format!(
                "a key is a uuid, an integer or text, not {}",
                key_column.kind.name()
            )));
        }
        let key = *key;
        for (index, column) in self.columns.iter().enumerate() {
            let others = self.columns.iter().take(index);
            if others
                .clone()
                .any(|it| it.name.eq_ignore_ascii_case(&column.name) || it.column == column.column)
            {
                return Err(wrong(format!("two columns are named `{}`", column.name)));
            }
            if others.clone().any(|it| column.role != ColumnRole::Data && it.role == column.role) {
                return Err(wrong(format!("two columns have the role {:?}", column.role)));
            }
            check_column(column).map_err(&wrong)?;
        }
        for identifier in std::iter::once(self.table.as_ref())
            .chain(self.tenant_column.as_deref())
            .chain(self.columns.iter().map(Column::column))
        {
            if identifier.is_empty() || identifier.len() > 127 || identifier.chars().any(char::is_control) {
                return Err(wrong(format!("`{}` is no SQL name", identifier.escape_debug())));
            }
        }
        if let Some(tenant) = &self.tenant_column
            && self.columns.iter().any(|it| it.column == *tenant)
        {
            return Err(wrong(format!(
                "the tenant column `{tenant}` is kept by the server and must not be listed among the columns"
            )));
        }
        let permission =
            |verb: Verb| Permission::on(verb.name(), &self.name).map_err(|it| wrong(it.to_string()));
        let [query, read, edit, new, delete] = Verb::ALL.map(permission);
        let permissions = [query?, read?, edit?, new?, delete?];
        let field = |(index, column): (ColumnIndex, &Column)| {
            let field =
                Field::new(column.name(), column.kind()).with_column(column.column()).with_slot(index);
            if column.is_nullable() && index != key { field } else { field.not_null() }
        };
        Ok(Entity {
            fields: self.columns.iter().enumerate().map(field).collect(),
            alias: self.alias.unwrap_or_else(|| self.name.to_lowercase().into()),
            type_id: self.type_id.unwrap_or_else(|| id_from_name(&self.name)),
            version: self.columns.iter().position(|it| it.role == ColumnRole::Version),
            name: self.name,
            table: self.table,
            tenant_column: self.tenant_column,
            columns: self.columns,
            key,
            row_rule: self.row_rule,
            permissions,
        })
    }
}

fn check_column(column: &Column) -> Result<(), String> {
    let expected = match column.role {
        ColumnRole::Data | ColumnRole::Key => None,
        ColumnRole::Version => Some(Kind::Integer),
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt => Some(Kind::Timestamp),
        ColumnRole::CreatedBy | ColumnRole::UpdatedBy => Some(Kind::Uuid),
    };
    if let Some(expected) = expected
        && expected != column.kind
    {
        return Err(format!(
            "`{}` must be of kind {}, not {}",
            column.name,
            expected.name(),
            column.kind.name()
        ));
    }
    if let Kind::Decimal { precision, scale } = column.kind
        && (!(1..=15).contains(&precision) || scale > precision)
    {
        return Err(format!("`{}`: a decimal has 1 to 15 digits, of which its scale is a part", column.name));
    }
    if (column.length.is_some() || column.one_of.is_some()) && column.kind != Kind::Text {
        return Err(format!("`{}`: only text has a length or a list of values", column.name));
    }
    if column.range.is_some() && !matches!(column.kind, Kind::Integer | Kind::Decimal { .. }) {
        return Err(format!("`{}`: only numbers have a range", column.name));
    }
    for value in column.default.iter().chain(&column.initial) {
        column
            .read(&value.to_json())
            .map_err(|error| format!("its own default is refused: {}", error.message))?;
    }
    Ok(())
}

/// A stable id for an entity that names none.
fn id_from_name(name: &str) -> Uuid {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(name.to_lowercase().as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    // Version 8: made by a rule of our own (RFC 9562, section 5.8).
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
