//! A text in lines that are no wider than its column, and no more than there is room for.

use super::MOST_CHARS;
use super::font::Font;

/// As many lines as a cell has.
pub(super) const MOST_LINES: usize = 6;

const MORE: char = '…';

/// The lines of a cell whose letters have size 1 and whose column is `width` wide.
///
/// Lines break at white space and behind `-`, `/`, `,` and `;`; a word that is wider than a line breaks anywhere.
pub(super) fn lines(text: &str, font: &Font, width: f32) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_cut = text.chars().count() > MOST_CHARS;
    'text: for paragraph in paragraphs(text) {
        let mut rest = paragraph.trim_end();
        loop {
            if lines.len() == MOST_LINES {
                is_cut = true;
                break 'text;
            }
            let end = line_end(rest, font, width);
            let (line, after) = rest.split_at(end);
            lines.push(cleaned(line.trim_end()));
            rest = after.trim_start();
            if rest.is_empty() {
                break;
            }
        }
    }
    if is_cut && let Some(last) = lines.last_mut() {
        while !last.is_empty() && font.width(last) + font.width_of(MORE) > width {
            last.pop();
        }
        last.push(MORE);
    }
    lines
}

/// What a text is broken into by itself (UAX 14, classes BK, CR, LF and NL). Behind U+2029 the bidirectional algorithm
/// begins anew, so a line with one in it would be drawn only up to there.
pub(super) fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let breaks = ['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    text.lines().flat_map(move |line| line.split(breaks))
}

/// The parts of a text that stand in one line where they can.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(breaks_behind).map(str::trim_end)
}

/// Whether a line may end behind a letter.
fn breaks_behind(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '/' | ',' | ';')
}

/// Where the first line of a text ends, in bytes; behind its first letter at least.
fn line_end(text: &str, font: &Font, width: f32) -> usize {
    let mut used = 0.0;
    let mut breakable = None;
    for (at, letter) in text.char_indices() {
        used += font.width_of(visible(letter));
        if used > width && at > 0 {
            return if letter.is_whitespace() { at } else { breakable.unwrap_or(at) };
        }
        if breaks_behind(letter) {
            breakable = Some(at + letter.len_utf8());
        }
    }
    text.len()
}

fn cleaned(line: &str) -> String {
    line.chars().map(visible).collect()
}

/// A control character has no picture.
fn visible(letter: char) -> char {
    if letter.is_control() { ' ' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, width: f32) -> Vec<String> {
        Font::regular().map(|font| lines(text, &font, width)).unwrap_or_default()
    }

    #[test]
    fn a_line_breaks_between_words_and_a_long_word_anywhere() {
        assert_eq!(broken("one two three", 4.5), ["one two", "three"]);
        assert_eq!(broken("a-b\nc", 20.0), ["a-b", "c"]);
        assert!(broken(&"x".repeat(20), 3.0).len() > 3);
        assert_eq!(broken("", 3.0), Vec::<String>::new());
        for separator in ["\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            assert_eq!(broken(&format!("one{separator}two"), 20.0), ["one", "two"], "{separator:?}");
        }
    }

    #[test]
    fn what_does_not_fit_ends_with_an_ellipsis_inside_of_its_column() {
        let font = Font::regular();
        assert!(font.is_ok(), "the font is shipped");
        let Ok(font) = font else { return };
        for text in ["x".repeat(1_000), "two words ".repeat(100), "\n".repeat(50), "W".repeat(9)] {
            let lines = lines(&text, &font, 1.2);
            assert_eq!(lines.len(), MOST_LINES);
            assert!(lines.iter().all(|it| font.width(it) <= 1.2), "{lines:?}");
            assert!(lines.last().is_some_and(|it| it.ends_with(MORE)));
        }
    }
}
