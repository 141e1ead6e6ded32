//! HTML: one document that needs nothing else, with everything escaped, and nothing in it that runs.
//!
//! The document's own policy forbids scripts and anything from elsewhere, so a gap in the escaping would still be none.

use std::fmt::Write as _;
use std::io::{Cursor, Read};
use std::sync::Arc;

use super::table::Table;
use super::writer::ReportWriter;
use crate::entity::Record;
use crate::refusal::BoxError;

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#1a1a1a;background:#fff}\
h1{font-size:1.4em}table{border-collapse:collapse}th,td{border:1px solid #ccc;padding:.3em .6em;text-align:start;\
vertical-align:top;white-space:pre-line;overflow-wrap:anywhere;min-width:3em;max-width:40em}\
th{background:#eee;white-space:nowrap}.n{text-align:end;white-space:nowrap;font-variant-numeric:tabular-nums}\
@media print{thead{display:table-header-group}tr{break-inside:avoid}body{margin:0}}";

pub(super) struct Html(Arc<Table>);

impl Html {
    pub(super) fn new(table: Arc<Table>) -> Self {
        Self(table)
    }
}

impl ReportWriter for Html {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), BoxError> {
        let title = escaped(&self.0.title);
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{title}</h1>\n<table>\n\
             <thead>\n<tr>",
            language = self.0.conventions.language(),
        );
        for column in &self.0.columns {
            let class = if column.is_numeric() { " class=\"n\"" } else { "" };
            write!(text, "<th scope=\"col\"{class}>{}</th>", escaped(&column.heading))?;
        }
        text.push_str("</tr>\n</thead>\n<tbody>\n");
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn rows(&mut self, rows: &[Record], out: &mut Vec<u8>) -> Result<(), BoxError> {
        let mut text = String::new();
        for row in rows {
            text.push_str("<tr>");
            for column in &self.0.columns {
                let shown = self.0.conventions.show(column.of(row), column.kind);
                let attribute = if column.is_numeric() { "class=\"n\"" } else { "dir=\"auto\"" };
                write!(text, "<td {attribute}>{}</td>", escaped(&shown))?;
            }
            text.push_str("</tr>\n");
        }
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        Ok(Box::new(Cursor::new("</tbody>\n</table>\n</body>\n</html>\n")))
    }
}

/// The text as HTML, in an element or between quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(letter),
            // A line break may come as CR LF; no other control character may stand in HTML.
            '\r' => {}
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
