//! The shipped letters: how wide a text is, and its glyphs in the order in which they are seen.

use std::cell::RefCell;
use std::collections::HashMap;

use krilla::text::{Font as Embedded, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::BidiInfo;

use crate::refusal::BoxError;

const REGULAR: &[u8] = include_bytes!("../../../fonts/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/DejaVuSans-Bold.ttf");

/// One cut of the letters.
pub(super) struct Font {
    face: Face<'static>,
    pub(super) embedded: Embedded,
    units: f32,
    widths: RefCell<HashMap<char, f32>>,
}

/// A part of a line that runs in one direction.
pub(super) struct Run<'t> {
    pub(super) text: &'t str,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// For letters of size 1.
    pub(super) width: f32,
}

impl Font {
    pub(super) fn regular() -> Result<Self, BoxError> {
        Self::of(REGULAR)
    }

    pub(super) fn bold() -> Result<Self, BoxError> {
        Self::of(BOLD)
    }

    fn of(data: &'static [u8]) -> Result<Self, BoxError> {
        let embedded = Embedded::new(data.into(), 0).ok_or("the shipped font cannot be embedded")?;
        let face = Face::from_slice(data, 0).ok_or("the shipped font cannot be read")?;
        let units = embedded.units_per_em();
        Ok(Self { face, embedded, units, widths: RefCell::default() })
    }

    /// How wide a letter of size 1 is on its own.
    pub(super) fn width_of(&self, letter: char) -> f32 {
        *self.widths.borrow_mut().entry(letter).or_insert_with(|| {
            let glyph = self.face.glyph_index(letter).unwrap_or_default();
            f32::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) / self.units
        })
    }

    /// How wide a text of size 1 is: at least as wide as its drawn line, where letters move together.
    pub(super) fn width(&self, text: &str) -> f32 {
        text.chars().map(|it| self.width_of(it)).sum()
    }

    /// The runs of a line from left to right, and whether the line as a whole reads from right to left.
    pub(super) fn runs<'t>(&self, line: &'t str) -> (Vec<Run<'t>>, bool) {
        let bidi = BidiInfo::new(line, None);
        let Some(paragraph) = bidi.paragraphs.first() else { return (Vec::new(), false) };
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        let runs = runs.into_iter().filter_map(|range| {
            let from_right = levels.get(range.start).is_some_and(unicode_bidi::Level::is_rtl);
            Some(self.shaped(line.get(range)?, from_right))
        });
        (runs.collect(), paragraph.level.is_rtl())
    }

    fn shaped<'t>(&self, text: &'t str, from_right: bool) -> Run<'t> {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(if from_right { Direction::RightToLeft } else { Direction::LeftToRight });
        let shaped = rustybuzz::shape(&self.face, &[], buffer);
        let infos = shaped.glyph_infos();
        // Where the next cluster begins in the text, whichever way the glyphs run.
        let mut starts: Vec<usize> = infos.iter().map(|it| it.cluster as usize).collect();
        starts.push(text.len());
        starts.sort_unstable();
        starts.dedup();
        let mut width = 0.0;
        let glyphs = infos.iter().zip(shaped.glyph_positions()).map(|(info, position)| {
            let start = info.cluster as usize;
            let end = starts.iter().find(|it| **it > start).copied().unwrap_or(text.len());
            let [advance, x, y, down] =
                [position.x_advance, position.x_offset, position.y_offset, position.y_advance]
                    .map(|it| self.in_ems(it));
            width += advance;
            KrillaGlyph::new(GlyphId::new(info.glyph_id), advance, x, y, down, start..end, None)
        });
        let glyphs = glyphs.collect();
        Run { text, glyphs, width }
    }

    #[expect(clippy::cast_precision_loss, reason = "a font's units are some thousands")]
    fn in_ems(&self, units: i32) -> f32 {
        units as f32 / self.units
    }
}
