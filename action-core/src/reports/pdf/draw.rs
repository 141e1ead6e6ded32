//! Drawing: the pages of a layout, with their headings, lines and numbers.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::font::Font;
use super::layout::{LINE, Layout, MARGIN, PADDING, SIZE, TITLE_ROOM, TITLE_SIZE, text_width};
use super::lines::lines;
use crate::refusal::BoxError;
use crate::reports::table::Table;

const INK: (u8, u8, u8) = (26, 26, 26);
const GREY: (u8, u8, u8) = (110, 110, 110);
const SHADE: (u8, u8, u8) = (232, 232, 232);
const RULE: (u8, u8, u8) = (200, 200, 200);

/// From the top of a line to where its letters stand.
const ASCENT: f32 = 1.02;

/// The whole document.
pub(super) fn document(table: &Table, rows: &[Vec<String>]) -> Result<Vec<u8>, BoxError> {
    let letters = Letters { regular: Font::regular()?, bold: Font::bold()? };
    let layout = Layout::of(table, rows, &letters.regular, &letters.bold);
    let mut document = Document::new_with(SerializeSettings::default());
    document.set_metadata(
        Metadata::new().title(table.title.clone()).language(table.conventions.language().to_owned()),
    );
    for (at, range) in layout.pages.iter().enumerate() {
        let settings = PageSettings::from_wh(layout.width, layout.height).ok_or("a page has no size")?;
        let mut page = document.start_page_with(settings);
        {
            let mut sheet = Sheet { surface: page.surface(), letters: &letters };
            let mut top = MARGIN;
            if at == 0 {
                let width = (layout.width - 2.0 * MARGIN) / TITLE_SIZE;
                let title = lines(&table.title, &letters.bold, width);
                let is_cut = title.len() > 1;
                let title = title.into_iter().next().unwrap_or_default();
                let title = if is_cut { ended(&title, &letters.bold, width) } else { title };
                sheet.line(
                    &title,
                    &letters.bold,
                    TITLE_SIZE,
                    (MARGIN, top, layout.width - 2.0 * MARGIN),
                    Side::Start,
                );
                top += TITLE_ROOM;
            }
            sheet.head(table, &layout, top)?;
            top += layout.head_height;
            for (row, height) in rows.iter().zip(&layout.row_heights).skip(range.start).take(range.len()) {
                sheet.row(table, &layout, row, top);
                top += height;
                sheet.fill(RULE, (MARGIN, top - 0.25, layout.columns.iter().sum(), 0.5))?;
            }
            sheet.foot(&layout, at + 1);
        }
        page.finish();
    }
    document.finish().map_err(|it| format!("the pages cannot be written: {it:?}").into())
}

/// A title that is too long for its line.
fn ended(title: &str, font: &Font, width: f32) -> String {
    let mut title = title.to_owned();
    while font.width(&title) + font.width_of('…') > width && title.pop().is_some() {}
    title.push('…');
    title
}

struct Letters {
    regular: Font,
    bold: Font,
}

/// Where a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Left; right where the line reads from right to left.
    Start,
    Right,
}

struct Sheet<'s, 'l> {
    surface: Surface<'s>,
    letters: &'l Letters,
}

impl Sheet<'_, '_> {
    fn head(&mut self, table: &Table, layout: &Layout, top: f32) -> Result<(), BoxError> {
        self.fill(SHADE, (MARGIN, top, layout.columns.iter().sum(), layout.head_height))?;
        let headings = table.columns.iter().map(|it| it.heading.as_str());
        let letters = self.letters;
        self.cells(table, layout, headings, &letters.bold, top);
        Ok(())
    }

    fn row(&mut self, table: &Table, layout: &Layout, row: &[String], top: f32) {
        let letters = self.letters;
        self.cells(table, layout, row.iter().map(String::as_str), &letters.regular, top);
    }

    fn cells<'t>(
        &mut self,
        table: &Table,
        layout: &Layout,
        cells: impl Iterator<Item = &'t str>,
        font: &Font,
        top: f32,
    ) {
        let mut left = MARGIN;
        for ((text, column), width) in cells.zip(&table.columns).zip(&layout.columns) {
            let side = if column.is_numeric() { Side::Right } else { Side::Start };
            let mut line_top = top + PADDING / 2.0;
            for line in lines(text, font, text_width(*width)) {
                self.line(&line, font, SIZE, (left + PADDING, line_top, width - 2.0 * PADDING), side);
                line_top += LINE;
            }
            left += width;
        }
    }

    fn foot(&mut self, layout: &Layout, number: usize) {
        let text = format!("{number} / {}", layout.pages.len());
        self.ink(GREY);
        let place = (MARGIN, layout.height - MARGIN - LINE, layout.width - 2.0 * MARGIN);
        self.drawn(&text, &self.letters.regular, SIZE, place, Side::Right);
    }

    /// Draws one line into a place: left, top, width.
    fn line(&mut self, text: &str, font: &Font, size: f32, place: (f32, f32, f32), at: Side) {
        self.ink(INK);
        self.drawn(text, font, size, place, at);
    }

    fn drawn(&mut self, text: &str, font: &Font, size: f32, (left, top, room): (f32, f32, f32), at: Side) {
        let (runs, from_right) = font.runs(text);
        let width: f32 = runs.iter().map(|it| it.width * size).sum();
        let at_right = at == Side::Right || from_right;
        let mut x = if at_right { left + room - width } else { left };
        for run in runs {
            let start = Point::from_xy(x, top + size * ASCENT);
            self.surface.draw_glyphs(start, &run.glyphs, font.embedded.clone(), run.text, size, false);
            x += run.width * size;
        }
    }

    fn ink(&mut self, (red, green, blue): (u8, u8, u8)) {
        self.surface.set_fill(Some(Fill {
            paint: rgb::Color::new(red, green, blue).into(),
            opacity: NormalizedF32::ONE,
            rule: krilla::paint::FillRule::default(),
        }));
    }

    /// Fills a rectangle: left, top, width, height.
    fn fill(
        &mut self,
        colour: (u8, u8, u8),
        (left, top, width, height): (f32, f32, f32, f32),
    ) -> Result<(), BoxError> {
        let rect = Rect::from_xywh(left, top, width, height).ok_or("a rectangle has no size")?;
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        self.ink(colour);
        self.surface.draw_path(&path.finish().ok_or("a rectangle has no outline")?);
        Ok(())
    }
}
