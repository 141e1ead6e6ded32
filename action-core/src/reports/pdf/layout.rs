//! How large the page is, how wide each column, and which rows stand on which page.
//!
//! A number in two lines reads as two numbers, so a column of numbers is never narrower than its widest one, nor one of
//! days and times than a day. Words come next, then whole lines, and what is still left goes to the longest texts.

use std::ops::Range;

use super::font::Font;
use super::lines::{lines, paragraphs, pieces};
use crate::reports::table::Table;
use crate::value::Kind;

/// A4, in points.
const SHORT: f32 = 595.28;
const LONG: f32 = 841.89;

pub(super) const MARGIN: f32 = 36.0;
pub(super) const SIZE: f32 = 8.0;
pub(super) const TITLE_SIZE: f32 = 15.0;
pub(super) const LINE: f32 = SIZE * 1.35;
pub(super) const PADDING: f32 = 4.0;

/// What the title takes of the first page, and the page number of each.
pub(super) const TITLE_ROOM: f32 = 30.0;
const FOOT_ROOM: f32 = 20.0;

/// A text that is longer makes no page lie across, one that is narrower makes none wider, and no word claims more.
const WIDEST: f32 = 230.0;
const NARROWEST: f32 = 46.0;
const WIDEST_WORD: f32 = 110.0;

/// Where everything goes.
pub(super) struct Layout {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) columns: Vec<f32>,
    pub(super) head_height: f32,
    /// The rows of each page; one page at least.
    pub(super) pages: Vec<Range<usize>>,
    pub(super) row_heights: Vec<f32>,
}

impl Layout {
    pub(super) fn of(table: &Table, rows: &[Vec<String>], regular: &Font, bold: &Font) -> Self {
        let wishes: Vec<Wish> = (0..)
            .zip(&table.columns)
            .map(|(at, column)| {
                let cells = rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
                Wish::of(
                    column.kind,
                    widths_of(&column.heading, bold),
                    cells.map(|it| widths_of(it, regular)),
                )
            })
            .collect();
        let all: f32 = wishes.iter().map(|it| it.lines).sum();
        let least: f32 = wishes.iter().map(|it| it.least).sum();
        let (width, height) =
            if all <= SHORT - 2.0 * MARGIN { (SHORT, LONG) } else { (LONG.max(least + 2.0 * MARGIN), SHORT) };
        let columns = widths(&wishes, width - 2.0 * MARGIN);
        let head_height = height_of(table.columns.iter().map(|it| it.heading.as_str()), &columns, bold);
        let row_heights: Vec<f32> =
            rows.iter().map(|row| height_of(row.iter().map(String::as_str), &columns, regular)).collect();
        let room = height - 2.0 * MARGIN - FOOT_ROOM - head_height;
        let pages = pages(&row_heights, room);
        Self { width, height, columns, head_height, pages, row_heights }
    }
}

/// The room for text in a column, for letters of size 1.
pub(super) fn text_width(column: f32) -> f32 {
    (column - 2.0 * PADDING) / SIZE
}

/// How wide a column would be, from what it cannot do without to what suits it best; padding included.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Wish {
    /// Numbers and days are whole, words need not be.
    least: f32,
    /// Words are whole, up to a length.
    words: f32,
    /// Lines are whole, up to a length.
    lines: f32,
    /// All lines are whole.
    all: f32,
}

impl Wish {
    /// By the widths of the heading and of the cells: of their widest piece, word and line.
    fn of(kind: Kind, heading: Widths, cells: impl Iterator<Item = Widths>) -> Self {
        let cells = cells.fold(Widths::default(), Widths::or);
        let whole = match kind {
            Kind::Integer | Kind::Decimal { .. } => Some(cells.line),
            Kind::Date | Kind::Timestamp => Some(cells.word),
            Kind::Boolean | Kind::Text | Kind::Uuid | Kind::Json => None,
        };
        let padded = |it: f32| it * SIZE + 2.0 * PADDING + 1.0;
        let all = padded(cells.line.max(heading.line));
        let piece = padded(heading.piece.max(whole.unwrap_or(cells.piece)));
        let whole = whole.map_or(0.0, padded);
        let words = piece.min(WIDEST_WORD).max(whole);
        Self { least: words.min(NARROWEST).max(whole), words, lines: all.min(WIDEST).max(words), all }
    }
}

/// Of a text whose letters have size 1.
#[derive(Debug, Clone, Copy, Default)]
struct Widths {
    /// The widest part that stands in one line where it can.
    piece: f32,
    /// The widest part without white space.
    word: f32,
    line: f32,
}

impl Widths {
    fn or(self, other: Self) -> Self {
        Self {
            piece: self.piece.max(other.piece),
            word: self.word.max(other.word),
            line: self.line.max(other.line),
        }
    }
}

fn widths_of(text: &str, font: &Font) -> Widths {
    let widest = |parts: &mut dyn Iterator<Item = &str>| parts.map(|it| font.width(it)).fold(0.0, f32::max);
    Widths {
        piece: widest(&mut pieces(text)),
        word: widest(&mut text.split_whitespace()),
        line: widest(&mut paragraphs(text)),
    }
}

/// The widths of the columns: the best that fits for all, and a share of what would be better.
fn widths(wishes: &[Wish], room: f32) -> Vec<f32> {
    let all = |wish: fn(&Wish) -> f32| wishes.iter().map(wish).collect::<Vec<_>>();
    let mut widths = all(|it| it.least);
    for better in [all(|it| it.words), all(|it| it.lines), all(|it| it.all)] {
        let left = room - widths.iter().sum::<f32>();
        let more: Vec<f32> = better.iter().zip(&widths).map(|(better, width)| better - width).collect();
        let is_all = more.iter().sum::<f32>() <= left;
        let more = shared(&more, left);
        widths = widths.iter().zip(more).map(|(width, more)| width + more).collect();
        if !is_all {
            break;
        }
    }
    widths
}

/// Columns that want less than an equal share get what they want; the others share what is left.
fn shared(wanted: &[f32], room: f32) -> Vec<f32> {
    if wanted.iter().sum::<f32>() <= room {
        return wanted.to_vec();
    }
    let mut order: Vec<f32> = wanted.to_vec();
    order.sort_by(f32::total_cmp);
    let mut left = room;
    let mut many = order.len();
    let mut share = room;
    for least in order {
        #[expect(clippy::cast_precision_loss, reason = "there are at most some hundred columns")]
        let equal = left / many as f32;
        share = equal;
        if least > equal {
            break;
        }
        left -= least;
        many -= 1;
    }
    wanted.iter().map(|it| it.min(share)).collect()
}

fn height_of<'t>(cells: impl Iterator<Item = &'t str>, columns: &[f32], font: &Font) -> f32 {
    let most = cells.zip(columns).map(|(text, column)| lines(text, font, text_width(*column)).len()).max();
    #[expect(clippy::cast_precision_loss, reason = "a cell has a few lines")]
    let most = most.unwrap_or(1).max(1) as f32;
    most * LINE + PADDING
}

fn pages(heights: &[f32], room: f32) -> Vec<Range<usize>> {
    let mut pages = Vec::new();
    let mut from = 0;
    let mut left = room - TITLE_ROOM;
    for (at, height) in heights.iter().enumerate() {
        if *height > left && at > from {
            pages.push(from..at);
            from = at;
            left = room;
        }
        left -= height;
    }
    pages.push(from..heights.len());
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_the_room_and_small_ones_keep_what_they_want() {
        assert_eq!(shared(&[10.0, 20.0], 100.0), [10.0, 20.0]);
        assert_eq!(shared(&[10.0, 200.0, 90.0], 100.0), [10.0, 45.0, 45.0]);
    }

    fn line(width: f32) -> Widths {
        Widths { piece: width, word: width, line: width }
    }

    #[test]
    fn numbers_and_days_are_whole_before_words_are_and_these_before_lines() {
        let heading = line(1.0);
        let wish = |kind, widths: Widths| Wish::of(kind, heading, [widths].into_iter());
        let number = wish(Kind::Integer, Widths { piece: 5.0, word: 10.0, line: 20.0 });
        assert_eq!((number.least, number.all), (169.0, 169.0));
        let time = wish(Kind::Timestamp, Widths { piece: 2.0, word: 8.0, line: 15.0 });
        assert_eq!((time.least, time.all), (73.0, 129.0));
        let text = wish(Kind::Text, Widths { piece: 10.0, word: 12.0, line: 100.0 });
        assert_eq!(text, Wish { least: NARROWEST, words: 89.0, lines: WIDEST, all: 809.0 });

        let wishes = [number, time, text];
        let sum = |room: f32| widths(&wishes, room).iter().sum::<f32>();
        assert_eq!(widths(&wishes, 288.0), [169.0, 73.0, NARROWEST]);
        assert_eq!(widths(&wishes, 331.0), [169.0, 73.0, 89.0]);
        assert_eq!(widths(&wishes, 351.0), [169.0, 83.0, 99.0]);
        // What is left goes to the text, and a page is not stretched for nothing.
        assert_eq!(widths(&wishes, 700.0), [169.0, 129.0, 402.0]);
        assert!((sum(9_999.0) - 1_107.0).abs() < 0.1);
    }

    #[test]
    fn rows_go_on_on_the_next_page_and_none_is_left_out() {
        assert_eq!(pages(&[], 100.0), vec![0..0; 1]);
        assert_eq!(pages(&[40.0, 40.0, 60.0, 50.0], 100.0), [0..1, 1..3, 3..4]);
    }
}
