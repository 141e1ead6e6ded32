//! CSV by RFC 4180, to be read back by programs: UTF-8 without a byte order mark, lines ended by CR LF, the names of
//! answers in the first line.
//!
//! Numbers are plain, times RFC 3339, days ISO 8601, documents JSON; no value is an empty cell, as is an empty text.
//! There is no byte order mark because RFC 4180 knows none and most readers would take it for a part of the first name;
//! for a spreadsheet, `xlsx` is the format.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::sync::Arc;

use chrono::SecondsFormat;
use csv::{Terminator, Writer, WriterBuilder};

use super::defuse::defused_throughout;
use super::table::Table;
use super::writer::ReportWriter;
use crate::entity::Record;
use crate::refusal::BoxError;
use crate::value::Value;

pub(super) struct Csv(Arc<Table>);

impl Csv {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self(table)
    }
}

impl ReportWriter for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BoxError> {
        let mut lines = lines(out);
        lines.write_record(self.0.columns.iter().map(|it| &it.name))?;
        Ok(lines.flush()?)
    }

    fn rows(&mut self, rows: &[Record], out: &mut Vec<u8>) -> Result<(), BoxError> {
        let mut lines = lines(out);
        for row in rows {
            for column in &self.0.columns {
                lines.write_field(cell(column.of(row)).as_bytes())?;
            }
            lines.write_record(None::<&[u8]>)?;
        }
        Ok(lines.flush()?)
    }

    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        Ok(Box::new(Cursor::new([])))
    }
}

fn lines(out: &mut Vec<u8>) -> Writer<&mut Vec<u8>> {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out)
}

fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Boolean(true) => Cow::Borrowed("true"),
        Value::Boolean(false) => Cow::Borrowed("false"),
        Value::Integer(it) => Cow::Owned(it.to_string()),
        Value::Decimal(it) => Cow::Owned(it.normalize().to_string()),
        Value::Text(it) => defused_throughout(it.as_str().into()),
        Value::Uuid(it) => Cow::Owned(it.to_string()),
        Value::Timestamp(it) => Cow::Owned(it.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
        Value::Date(it) => Cow::Owned(it.to_string()),
        // The strings in it are texts, too; an apostrophe in one of them leaves it a document.
        Value::Json(it) => defused_in_document(it),
    }
}

fn defused_in_document(document: &serde_json::Value) -> Cow<'static, str> {
    match document {
        serde_json::Value::Number(it) => Cow::Owned(it.to_string()),
        it => defused_throughout(Cow::Owned(it.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_stays_one_and_holds_no_formula() {
        for (document, text) in [
            (json!(-5), "-5"),
            (json!([-5, "-5"]), r#"[-5,"-5"]"#),
            (json!({ "a": "x;=1" }), r#"{"a":"x;'=1"}"#),
        ] {
            assert_eq!(cell(&Value::Json(document)), text);
        }
    }
}
