//! How large the page is, how wide each column, and which rows stand on which page.

use std::ops::Range;

use super::font::Font;
use super::lines::{lines, paragraphs};
use crate::reports::table::Table;

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

/// No column is wider because of its content, nor narrower because of others.
const WIDEST: f32 = 230.0;
const NARROWEST: f32 = 46.0;

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
        let wanted: Vec<f32> = table
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let cells = rows.iter().filter_map(|row| row.get(at));
                let widest = cells
                    .map(|it| widest_line(it, regular))
                    .fold(widest_line(&column.heading, bold), f32::max);
                (widest * SIZE + 2.0 * PADDING + 1.0).min(WIDEST)
            })
            .collect();
        let all: f32 = wanted.iter().sum();
        let least: f32 = wanted.iter().map(|it| it.min(NARROWEST)).sum();
        let (width, height) =
            if all <= SHORT - 2.0 * MARGIN { (SHORT, LONG) } else { (LONG.max(least + 2.0 * MARGIN), SHORT) };
        let columns = shared(&wanted, width - 2.0 * MARGIN);
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

fn widest_line(text: &str, font: &Font) -> f32 {
    paragraphs(text).map(|it| font.width(it)).fold(0.0, f32::max)
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

    #[test]
    fn rows_go_on_on_the_next_page_and_none_is_left_out() {
        assert_eq!(pages(&[], 100.0), vec![0..0; 1]);
        assert_eq!(pages(&[40.0, 40.0, 60.0, 50.0], 100.0), [0..1, 1..3, 3..4]);
    }
}
