//! Pages to print: the table with its headings on each page, a title, page numbers.
//!
//! A4, upright where the columns fit, else across; where there are so many columns that none could be read, the page
//! is wider. How wide a column is follows from what stands in it (`layout`); a text that does not fit in its column
//! goes on in further lines, and after the last one ends with `…` (`lines`). The letters are those of `DejaVu Sans`, which
//! is shipped (`font`): Latin, Greek, Cyrillic, Hebrew, Arabic and many signs; what it does not have is an empty box.
//!
//! A page says how many there are, so nothing is drawn before the last row came; that is why rows are bounded.

mod draw;
mod font;
mod layout;
mod lines;

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::table::Table;
use super::writer::ReportWriter;
use crate::entity::Record;
use crate::refusal::BoxError;

/// As many rows as anybody prints: some hundred pages.
pub(super) const MOST_ROWS: u64 = 10_000;

/// More of a cell never fits.
const MOST_CHARS: usize = 400;

pub(super) struct Pdf {
    table: Arc<Table>,
    rows: Vec<Vec<String>>,
}

impl Pdf {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self { table, rows: Vec::new() }
    }
}

impl ReportWriter for Pdf {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), BoxError> {
        Ok(())
    }

    fn rows(&mut self, rows: &[Record], _: &mut Vec<u8>) -> Result<(), BoxError> {
        for row in rows {
            let cells = self.table.columns.iter().map(|column| {
                let shown = self.table.conventions.show(column.of(row), column.kind);
                // One letter more than fits, so that the end is seen to be missing.
                shown.chars().take(MOST_CHARS + 1).collect()
            });
            self.rows.push(cells.collect());
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        Ok(Box::new(Cursor::new(draw::document(&self.table, &self.rows)?)))
    }
}
