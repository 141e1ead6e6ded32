//! An entity's names, quoted, and the lists of columns that its statements share.

use action_core::entity::{ColumnIndex, Entity};
use action_core::ports::StoreError;

use crate::dialect::Dialect;
use crate::identifier::Identifier;
use crate::statement::Statement;

/// What every statement calls the row it is about.
pub(super) const ROW: &str = "r";

/// The part of a statement that found the row and locked it.
pub(super) const FOUND: &str = "f";

/// The part of a statement that made the row what it is now. No table of a host is named so.
pub(super) const MADE: &str = "action_made_row";

/// The quoted names of an entity.
#[derive(Debug)]
pub(super) struct Names {
    /// The table, with its schema where it has one.
    pub(super) table: Identifier,
    /// Its columns, in the order of the definition.
    columns: Vec<Identifier>,
    key: ColumnIndex,
    /// The tenant column.
    pub(super) tenant: Option<Identifier>,
    /// What RETURNING calls the row.
    returned: Identifier,
}

impl Names {
    pub(super) fn of(entity: &Entity) -> Result<Self, StoreError> {
        let table = entity.table();
        Ok(Self {
            table: Identifier::table(table)?,
            columns: entity
                .columns()
                .iter()
                .map(|it| Identifier::column(it.column()))
                .collect::<Result<_, _>>()?,
            key: entity.key_index(),
            tenant: entity.tenant_column().map(Identifier::column).transpose()?,
            returned: Identifier::column(table.split_once('.').map_or(table, |(_, table)| table))?,
        })
    }

    /// A column's name.
    pub(super) fn column(&self, index: ColumnIndex) -> Result<&Identifier, StoreError> {
        self.columns.get(index).ok_or_else(|| StoreError::fault(format!("there is no column {index}")))
    }

    /// The key's name.
    pub(super) fn key(&self) -> Result<&Identifier, StoreError> {
        self.column(self.key)
    }

    /// Appends the table under its name in the statement.
    pub(super) fn push_table(&self, statement: &mut Statement) {
        statement.push_identifier(&self.table).push_str(" AS ").push_str(ROW);
    }

    /// Appends a column of the row.
    pub(super) fn push_column(
        &self,
        statement: &mut Statement,
        index: ColumnIndex,
    ) -> Result<(), StoreError> {
        statement.push_str(ROW).push_str(".").push_identifier(self.column(index)?);
        Ok(())
    }

    /// Appends all columns of the row, to be read by [`InScope::record`](super::scope::InScope::record).
    pub(super) fn push_columns(&self, statement: &mut Statement) {
        for (index, column) in self.columns.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            statement.push_str(comma).push_str(ROW).push_str(".").push_identifier(column);
        }
    }

    /// The same with a short name each, `c0`, `c1`, …: a part of a statement that others refer to.
    pub(super) fn push_named_columns(&self, statement: &mut Statement) {
        self.push_those_named(statement, |_| true);
    }

    /// Only those that are wanted.
    pub(super) fn push_those_named(&self, statement: &mut Statement, wanted: impl Fn(ColumnIndex) -> bool) {
        let mut separator = "";
        for (index, column) in self.columns.iter().enumerate().filter(|(index, _)| wanted(*index)) {
            statement
                .push_str(std::mem::replace(&mut separator, ", "))
                .push_str(ROW)
                .push_str(".")
                .push_identifier(column);
            statement.push_str(" AS c").push_number(index as u64);
        }
    }

    /// Appends the columns that [`Names::push_named_columns`] named in that part.
    pub(super) fn push_columns_of(&self, statement: &mut Statement, part: &'static str) {
        for index in 0..self.columns.len() {
            statement.push_str(if index > 0 { ", " } else { "" });
            push_column_of(statement, part, index);
        }
    }

    /// Appends RETURNING with all columns. SQLite does not know the row's own name there.
    pub(super) fn push_returning(&self, statement: &mut Statement, dialect: Dialect) {
        statement.push_str(" RETURNING ");
        if dialect == Dialect::Postgres {
            return self.push_columns(statement);
        }
        for (index, column) in self.columns.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            statement.push_str(comma).push_identifier(&self.returned).push_str(".").push_identifier(column);
        }
    }
}

/// Appends a column that [`Names::push_named_columns`] named in that part.
pub(super) fn push_column_of(statement: &mut Statement, part: &'static str, index: ColumnIndex) {
    statement.push_str(part).push_str(".c").push_number(index as u64);
}
