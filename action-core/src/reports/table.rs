//! What every format is told before the first row: title, columns, and how the reader writes numbers and dates.

use crate::entity::{Column, ColumnIndex, Entity, Record};
use crate::registry::humanised;
use crate::value::{Kind, Value};

use super::conventions::Conventions;

/// The head of a report.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) title: String,
    pub(super) columns: Vec<ReportColumn>,
    pub(super) conventions: Conventions,
}

/// One of its columns.
#[derive(Debug, Clone)]
pub(super) struct ReportColumn {
    index: ColumnIndex,
    /// As in answers: `licensePlate`.
    pub(super) name: String,
    /// For people: `License plate`; `Created at (UTC)` for a time.
    pub(super) heading: String,
    pub(super) kind: Kind,
}

impl Table {
    /// The columns named, in their order; every readable one where none are named.
    pub(super) fn columns(entity: &Entity, named: Option<&[ColumnIndex]>) -> Vec<ReportColumn> {
        let readable = || (0..entity.columns().len()).collect::<Vec<_>>();
        let indices = named.map_or_else(readable, <[ColumnIndex]>::to_vec);
        let columns = indices.into_iter().filter_map(|index| Some((index, entity.column(index)?)));
        columns.filter(|(_, it)| it.is_readable()).map(|(index, it)| ReportColumn::new(index, it)).collect()
    }
}

impl ReportColumn {
    fn new(index: ColumnIndex, column: &Column) -> Self {
        let name = column.name().to_owned();
        let kind = column.kind();
        let zone = if kind == Kind::Timestamp { " (UTC)" } else { "" };
        Self { index, heading: format!("{}{zone}", humanised(&name)), name, kind }
    }

    /// Its cell of a row.
    pub(super) fn of<'r>(&self, row: &'r Record) -> &'r Value {
        row.get(self.index)
    }

    /// Whether its cells are lined up at their last digit.
    pub(super) fn is_numeric(&self) -> bool {
        matches!(self.kind, Kind::Integer | Kind::Decimal { .. })
    }
}
