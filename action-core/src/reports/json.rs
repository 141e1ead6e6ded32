//! JSON: one array, an object a row, a row a line, values as `executeQuery` answers them.

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::table::Table;
use super::writer::ReportWriter;
use crate::entity::Record;
use crate::refusal::BoxError;

pub(super) struct Json {
    table: Arc<Table>,
    is_first: bool,
}

impl Json {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self { table, is_first: true }
    }
}

impl ReportWriter for Json {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BoxError> {
        out.push(b'[');
        Ok(())
    }

    fn rows(&mut self, rows: &[Record], out: &mut Vec<u8>) -> Result<(), BoxError> {
        for row in rows {
            out.extend_from_slice(if std::mem::take(&mut self.is_first) { b"\n" } else { b",\n" });
            // By hand, so that the columns stand in the order asked for.
            let mut before = b'{';
            for column in &self.table.columns {
                out.push(before);
                serde_json::to_writer(&mut *out, &column.name)?;
                out.push(b':');
                serde_json::to_writer(&mut *out, &column.of(row).to_json())?;
                before = b',';
            }
            out.push(b'}');
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        Ok(Box::new(Cursor::new("\n]\n")))
    }
}
