//! Spreadsheets: one sheet with typed cells, the headings held in view.
//!
//! A column of texts is as wide as its longest one, within bounds, and a longer one goes on in further lines. How high
//! its row is must be said, because not every program finds out by itself, and then the lines of one row cover the next.
//! On paper the headings stand on each page, under the title, and the columns beside each other where that can be read.
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
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};

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

/// What a page's head holds.
const MOST_HEAD_UNITS: usize = 255;

/// A column of texts is at least and at most as wide, in characters.
const NARROWEST: u32 = 10;
const WIDEST: u32 = 60;

/// A text that is longer is taken to go on in another line after as many characters, fewer than the column holds:
/// lines end between words.
const IN_A_LINE: usize = 50;

/// As many lines of a text are seen at once, and each so high, in points.
const MOST_LINES: usize = 20;
const LINE: f64 = 15.0;

/// As many rows may be higher than others: each is remembered until the end. In later ones texts stay in one line.
const MOST_HIGH_ROWS: u32 = 100_000;

/// As many characters stand beside each other on an upright page. More than the second would be too small to read on
/// one across, and go on on another beside it.
const UPRIGHT: f64 = 95.0;
const ACROSS: f64 = 240.0;
const MOST_BESIDE: u16 = 100;

/// The number of A4 in the standard's list of papers.
const A4: u8 = 9;

/// 15 digits are exact in binary.
const EXACT: std::ops::RangeInclusive<i64> = -999_999_999_999_999..=999_999_999_999_999;

pub(super) struct Xlsx {
    table: Arc<Table>,
    workbook: Workbook,
    formats: Vec<Format>,
    /// Of a text that goes on in further lines.
    wrapped: Format,
    /// Of each column the longest line, in characters.
    longest: Vec<u32>,
    next_row: u32,
    high_rows: u32,
}

impl Xlsx {
    pub(super) fn new(table: Arc<Table>) -> Result<Self, BoxError> {
        let mut workbook = Workbook::new();
        workbook.set_properties(&DocProperties::new().set_title(&table.title));
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(plain)?;
        sheet.set_name(sheet_name(&table.title))?;
        sheet.set_freeze_panes(1, 0)?;
        let formats = table.columns.iter().map(|it| format(it.kind)).collect();
        let longest = vec![0; table.columns.len()];
        let wrapped = format(Kind::Text).set_text_wrap();
        Ok(Self { table, workbook, formats, wrapped, longest, next_row: 0, high_rows: 0 })
    }

    /// What is known only once all rows came.
    fn lay_out(&mut self) -> Result<(), BoxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        let mut all = 0.0;
        for (at, (column, longest)) in (0..).zip(self.table.columns.iter().zip(&self.longest)) {
            let width = width(column, *longest);
            sheet.set_column_width(at, width)?;
            all += width;
        }
        sheet.set_paper_size(A4).set_repeat_rows(0, 0)?;
        sheet.set_header(head(&self.table.title)).set_footer("&R&P / &N");
        if all > UPRIGHT {
            sheet.set_landscape();
        }
        // As many pages below each other as it takes.
        let beside = f64::from(MOST_BESIDE).min((all / ACROSS).ceil()).to_u16().unwrap_or(1).max(1);
        sheet.set_print_fit_to_pages(beside, 0);
        if beside > 1 {
            // The rows of the further pages have their first cell, too.
            sheet.set_repeat_columns(0, 0)?;
        }
        Ok(())
    }
}

impl ReportWriter for Xlsx {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), BoxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, column) in (0..).zip(&self.table.columns) {
            let bold = Format::new().set_bold().set_align(FormatAlign::Top);
            // Above its cells.
            let bold = if column.is_numeric() {
                bold.set_align(FormatAlign::Right)
            } else {
                bold.set_align(FormatAlign::Left).set_indent(1)
            };
            sheet.write_string_with_format(0, at, column.heading.as_str(), &bold)?;
        }
        self.next_row = 1;
        Ok(())
    }

    fn rows(&mut self, rows: &[Record], _: &mut Vec<u8>) -> Result<(), BoxError> {
        told_of_a_full_disk(|| self.write_rows(rows))
    }

    fn end(self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        told_of_a_full_disk(|| self.save())
    }
}

impl Xlsx {
    fn write_rows(&mut self, rows: &[Record]) -> Result<(), BoxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for row in rows {
            let mut lines = 1;
            let columns = self.table.columns.iter().zip(&self.formats).zip(&mut self.longest);
            for (at, ((column, format), longest)) in (0..).zip(columns) {
                let value = column.of(row);
                let extent = Extent::of(value);
                let is_high = extent.lines > 1 && self.high_rows < MOST_HIGH_ROWS;
                let format = if is_high { &self.wrapped } else { format };
                write(sheet, (self.next_row, at), value, format)?;
                *longest = (*longest).max(extent.width);
                lines = if is_high { lines.max(extent.lines) } else { lines };
            }
            if lines > 1 {
                sheet.set_row_height(self.next_row, f64::from(lines) * LINE)?;
                self.high_rows += 1;
            }
            self.next_row += 1;
        }
        Ok(())
    }

    fn save(mut self: Box<Self>) -> Result<Box<dyn Read + Send>, BoxError> {
        self.lay_out()?;
        // Compressed, a million rows are still tens of megabytes.
        let mut file = temporary()?;
        self.workbook.save_to_writer(&mut file).map_err(plain)?;
        file.flush()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Box::new(file))
    }
}

/// An error of the disk as what it is: the library's own does not show it as its source.
fn plain(error: XlsxError) -> BoxError {
    match error {
        XlsxError::IoError(error) => error.into(),
        error => error.into(),
    }
}

/// The library panics where it cannot write to the temporary file of its rows. That is an error of the disk, and no
/// mistake of anybody's.
fn told_of_a_full_disk<T>(work: impl FnOnce() -> Result<T, BoxError>) -> Result<T, BoxError> {
    const CANNOT_WRITE: &str = "Couldn't write to xml file";
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().map(String::as_str);
        match told.or_else(|| panic.downcast_ref::<&str>().copied()) {
            Some(told) if told.starts_with(CANNOT_WRITE) => {
                Err(std::io::Error::other(told.to_owned()).into())
            }
            _ => std::panic::resume_unwind(panic),
        }
    })
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
        Value::Boolean(it) => drop(sheet.write_boolean_with_format(row, column, *it, format)?),
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
        Value::Integer(it) => text(sheet, (row, column), &it.to_string(), format)?,
        Value::Date(it) => text(sheet, (row, column), &it.to_string(), format)?,
        Value::Timestamp(it) => {
            text(sheet, (row, column), &it.format("%Y-%m-%d %H:%M:%S").to_string(), format)?;
        }
        Value::Text(it) => text(sheet, (row, column), &defused(it), format)?,
        Value::Uuid(it) => text(sheet, (row, column), &it.to_string(), format)?,
        Value::Json(it) => text(sheet, (row, column), &it.to_string(), format)?,
    }
    Ok(())
}

fn text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), BoxError> {
    if text.is_empty() {
        return Ok(());
    }
    // Bytes bound units from above, and are free.
    if text.len() > MOST_UNITS && beginning(text, MOST_UNITS).len() < text.len() {
        let cut = format!("{}…", beginning(text, MOST_UNITS - 1));
        sheet.write_string_with_format(row, column, cut, format)?;
    } else {
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

/// How much room a text takes.
struct Extent {
    /// Its longest line in characters, as far as it decides how wide a column is.
    width: u32,
    /// As many as are shown.
    lines: u8,
}

impl Extent {
    fn of(value: &Value) -> Self {
        match value {
            Value::Text(it) => Self::of_text(it),
            Value::Json(it) => Self::of_text(&it.to_string()),
            // Their columns are as wide as they ever are.
            _ => Self { width: 0, lines: 1 },
        }
    }

    fn of_text(text: &str) -> Self {
        let (mut width, mut lines) = (0, 0);
        for line in text.lines().take(MOST_LINES) {
            let length = line.chars().take(MOST_LINES * IN_A_LINE).count();
            width = width.max(length);
            lines += if length > IN_A_LINE { length.div_ceil(IN_A_LINE) } else { 1 };
        }
        let width = u32::try_from(width).unwrap_or(WIDEST).min(WIDEST);
        Self { width, lines: u8::try_from(lines.clamp(1, MOST_LINES)).unwrap_or(u8::MAX) }
    }
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

/// At the top, because a row is as high as its longest text. Numbers stand at the right, everything else at the left and
/// with some room to the number beside it.
fn format(kind: Kind) -> Format {
    let format = Format::new().set_align(FormatAlign::Top);
    let left = || Format::new().set_align(FormatAlign::Top).set_align(FormatAlign::Left).set_indent(1);
    match kind {
        Kind::Integer => format.set_num_format("0"),
        Kind::Decimal { scale: 0, .. } => format.set_num_format("#,##0"),
        Kind::Decimal { scale, .. } => {
            format.set_num_format(format!("#,##0.{}", "0".repeat(usize::from(scale))))
        }
        Kind::Date => left().set_num_format("yyyy-mm-dd"),
        Kind::Timestamp => left().set_num_format("yyyy-mm-dd hh:mm:ss"),
        Kind::Boolean | Kind::Text | Kind::Uuid | Kind::Json => left(),
    }
}

/// In characters, for a column whose longest text has so many.
fn width(column: &ReportColumn, longest: u32) -> f64 {
    let content = match column.kind {
        Kind::Boolean => 8,
        Kind::Integer => 10,
        Kind::Decimal { precision, .. } => u32::from(precision) + 4,
        Kind::Date => 13,
        Kind::Timestamp => 22,
        Kind::Uuid => 40,
        // Some letters are wider than a digit, by which a spreadsheet measures.
        Kind::Text | Kind::Json => (longest + longest / 10 + 3).clamp(NARROWEST, WIDEST),
    };
    let heading = u32::try_from(column.heading.chars().count()).unwrap_or(u32::MAX).saturating_add(4);
    content.max(heading.min(WIDEST)).into()
}

/// The title above a printed page. There `&` begins a command, unless it is doubled.
fn head(title: &str) -> String {
    const BOLD: &str = "&L&B";
    let mut doubled = String::new();
    let mut units = BOLD.len();
    for letter in title.chars() {
        let room = if letter == '&' { 2 } else { letter.len_utf16() };
        units += room;
        // One for the space, and one for what tells that there is more.
        if units > MOST_HEAD_UNITS - 2 {
            doubled.push('…');
            break;
        }
        doubled.extend(std::iter::repeat_n(letter, if letter == '&' { 2 } else { 1 }));
    }
    // A digit at the start would be read as a size.
    format!("{BOLD} {doubled}")
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
    fn a_disk_that_is_full_while_rows_are_written_is_an_error_and_no_panic() {
        let failing =
            || -> Result<(), BoxError> { panic!("Couldn't write to xml file: {}", "no space left") };
        let error = told_of_a_full_disk(failing).unwrap_err();
        assert!(error.is::<std::io::Error>(), "{error}");
        let other = std::panic::catch_unwind(|| {
            told_of_a_full_disk(|| -> Result<(), BoxError> { panic!("{}", "a mistake") })
        });
        assert!(other.is_err());
    }

    #[test]
    fn a_long_text_takes_more_lines_and_a_short_one_its_own_width() {
        let extent = |text: &str| {
            let Extent { width, lines } = Extent::of_text(text);
            (width, lines)
        };
        assert_eq!(extent(""), (0, 1));
        assert_eq!(extent("a\nbcd\r\n"), (3, 2));
        assert_eq!(extent(&"é".repeat(50)), (50, 1));
        assert_eq!(extent(&"x".repeat(120)), (60, 3));
        assert_eq!(extent(&"x\n".repeat(9_999)), (1, 20));
    }

    #[test]
    fn a_title_is_no_command_to_the_printer_and_fits_above_the_page() {
        assert_eq!(head("12 Cars & more"), "&L&B 12 Cars && more");
        for title in ["&".repeat(200), "😀".repeat(200), "x".repeat(200)] {
            let head = head(&title);
            assert!(head.encode_utf16().count() <= MOST_HEAD_UNITS, "{head}");
            assert_eq!(head.ends_with('…'), !title.starts_with('x'), "{head}");
        }
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
