//! Spreadsheets: one sheet with typed cells, the headings held in view.
//!
//! Numbers, days and times are cells of their kind, shown by formats; a program shows a number's separators as its
//! user writes them. A whole number of more than 15 digits would lose some, and a day before 1900 is none to a
//! spreadsheet: both are texts. So is what would be a formula (see [`super::defuse`]). Rows go to a temporary file as
//! they come.

use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};
use rust_decimal::prelude::ToPrimitive as _;
use rust_xlsxwriter::{DocProperties, Format, Workbook, Worksheet};

use super::defuse::defused;
use super::table::{ReportColumn, Table};
use super::writer::ReportWriter;
use crate::entity::Record;
use crate::refusal::BoxError;
use crate::value::{Kind, Value};

/// A sheet has 1,048,576 rows, one of them for the headings.
pub(super) const MOST_ROWS: u64 = 1_048_575;

/// What a cell holds, in UTF-16 units as below; a longer text ends with `…`.
const MOST_UNITS: usize = 32_767;

/// What a sheet's name holds.
const MOST_NAME_UNITS: usize = 31;

/// 15 digits are exact in binary.
const EXACT: std::ops::RangeInclusive<i64> = -999_999_999_999_999..=999_999_999_999_999;

pub(super) struct Xlsx {
    table: Arc<Table>,
    workbook: Workbook,
    formats: Vec<Format>,
    next_row: u32,
}

impl Xlsx {
    pub(super) fn new(table: Arc<Table>) -> Result<Self, BoxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_title(&table.title));
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(sheet_name(&table.title))?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, column) in (0..).zip(&table.columns) {
            sheet.set_column_width(at, width(column))?;
        }
        let formats = table.columns.iter().map(|it| format(it.kind)).collect();
        Ok(Self { table, workbook, formats, next_row: 0 })
    }
}

impl ReportWriter for Xlsx {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), BoxError> {
        let bold = Format::new().set_bold();
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, column) in (0..).zip(&self.table.columns) {
            sheet.write_string_with_format(0, at, column.heading.as_str(), &bold)?;
        }
        self.next_row = 1;
        Ok(())
    }

    fn rows(&mut self, rows: &[Record], _: &mut Vec<u8>) -> Result<(), BoxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for row in rows {
            for (at, (column, format)) in (0..).zip(self.table.columns.iter().zip(&self.formats)) {
                write(sheet, (self.next_row, at), column.of(row), format)?;
            }
            self.next_row += 1;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        // Compressed, a million rows are still tens of megabytes.
        let mut file = temporary()?;
        self.workbook.save_to_writer(&mut file)?;
        file.flush()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Box::new(file))
    }
}

fn temporary() -> Result<File, BoxError> {
    Ok(tempfile::tempfile()?)
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Value,
    format: &Format,
) -> Result<(), BoxError> {
    match value {
        Value::Null => {}
        Value::Boolean(it) => drop(sheet.write_boolean(row, column, *it)?),
        Value::Integer(it) if EXACT.contains(it) => {
            #[expect(clippy::cast_precision_loss, reason = "15 digits are exact")]
            sheet.write_number_with_format(row, column, *it as f64, format)?;
        }
        Value::Decimal(it) => {
            // At most 15 digits, see `Kind::Decimal`.
            sheet.write_number_with_format(row, column, it.to_f64().unwrap_or_default(), format)?;
        }
        Value::Date(it) if it.year() >= 1900 => {
            let serial = serial(it.and_time(chrono::NaiveTime::MIN));
            sheet.write_number_with_format(row, column, serial, format)?;
        }
        Value::Timestamp(it) if it.year() >= 1900 => {
            sheet.write_number_with_format(row, column, serial(it.naive_utc()), format)?;
        }
        Value::Integer(it) => text(sheet, row, column, &it.to_string())?,
        Value::Date(it) => text(sheet, row, column, &it.to_string())?,
        Value::Timestamp(it) => text(sheet, row, column, &it.format("%Y-%m-%d %H:%M:%S").to_string())?,
        Value::Text(it) => text(sheet, row, column, &defused(it))?,
        Value::Uuid(it) => text(sheet, row, column, &it.to_string())?,
        Value::Json(it) => text(sheet, row, column, &it.to_string())?,
    }
    Ok(())
}

fn text(sheet: &mut Worksheet, row: u32, column: u16, text: &str) -> Result<(), BoxError> {
    if text.is_empty() {
        return Ok(());
    }
    // Bytes bound units from above, and are free.
    if text.len() > MOST_UNITS && beginning(text, MOST_UNITS).len() < text.len() {
        sheet.write_string(row, column, format!("{}…", beginning(text, MOST_UNITS - 1)))?;
    } else {
        sheet.write_string(row, column, text)?;
    }
    Ok(())
}

/// As much of a text as so many UTF-16 units hold, in which a spreadsheet counts: an emoji is two.
fn beginning(text: &str, most: usize) -> &str {
    let mut units = 0;
    let beyond = text.char_indices().find(|(_, letter)| {
        units += letter.len_utf16();
        units > most
    });
    beyond.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Days since the spreadsheet's own beginning, which counts a 29 February 1900 that never was.
fn serial(at: NaiveDateTime) -> f64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 31).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
    let passed = at - epoch;
    let days = passed.num_days();
    let days = if days >= 60 { days + 1 } else { days };
    let millis = (passed - chrono::TimeDelta::days(passed.num_days())).num_milliseconds();
    #[expect(clippy::cast_precision_loss, reason = "a day's milliseconds, and some thousand years of days")]
    let serial = days as f64 + millis as f64 / 86_400_000.0;
    serial
}

fn format(kind: Kind) -> Format {
    let format = Format::new();
    match kind {
        Kind::Integer => format.set_num_format("0"),
        Kind::Decimal { scale: 0, .. } => format.set_num_format("#,##0"),
        Kind::Decimal { scale, .. } => {
            format.set_num_format(format!("#,##0.{}", "0".repeat(usize::from(scale))))
        }
        Kind::Date => format.set_num_format("yyyy-mm-dd"),
        Kind::Timestamp => format.set_num_format("yyyy-mm-dd hh:mm:ss"),
        Kind::Boolean | Kind::Text | Kind::Uuid | Kind::Json => format,
    }
}

/// In characters.
fn width(column: &ReportColumn) -> f64 {
    let content: u32 = match column.kind {
        Kind::Boolean => 8,
        Kind::Integer => 10,
        Kind::Decimal { precision, .. } => u32::from(precision) + 4,
        Kind::Date => 12,
        Kind::Timestamp => 20,
        Kind::Uuid => 38,
        Kind::Text | Kind::Json => 24,
    };
    let heading = u32::try_from(column.heading.chars().count()).unwrap_or(u32::MAX).saturating_add(2);
    content.max(heading.min(60)).into()
}

/// The title without what a sheet's name may not hold.
fn sheet_name(title: &str) -> String {
    // The last two are no letters of XML, and in a name nothing escapes them.
    let refused = |it: char| {
        it.is_control() || matches!(it, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{fffe}' | '\u{ffff}')
    };
    let kept: String = title.chars().map(|it| if refused(it) { ' ' } else { it }).collect();
    let name = beginning(kept.trim_matches(['\'', ' ']), MOST_NAME_UNITS).trim_matches(['\'', ' ']);
    // One name is the program's own.
    if name.is_empty() || name.eq_ignore_ascii_case("history") {
        "Report".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_as_a_spreadsheet_does() {
        let at = |text: &str| {
            serial(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap_or_default().naive_utc())
        };
        assert!((at("1900-01-01T00:00:00Z") - 1.0).abs() < f64::EPSILON);
        assert!((at("1900-02-28T00:00:00Z") - 59.0).abs() < f64::EPSILON);
        assert!((at("1900-03-01T00:00:00Z") - 61.0).abs() < f64::EPSILON);
        assert!((at("2026-03-01T12:00:00Z") - 46_082.5).abs() < 1e-9);
    }

    #[test]
    fn a_sheets_name_is_one_that_a_spreadsheet_takes() {
        for (title, name) in [
            ("Cars", "Cars"),
            ("a/b:c", "a b c"),
            ("'", "Report"),
            ("History", "Report"),
            ("?*", "Report"),
            // XML has no such letters.
            ("a\u{fffe}b\u{ffff}", "a b"),
            ("0123456789012345678901234567890123", "0123456789012345678901234567890"),
        ] {
            assert_eq!(sheet_name(title), name);
        }
    }
}
