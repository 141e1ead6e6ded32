//! Texts that a spreadsheet would run.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, or their wide forms as East Asian keyboards write
//! them, for a formula, which may fetch from elsewhere or start a program; some look behind a tab or a line break at the
//! beginning. An apostrophe ahead of it makes it a text for all of them, also after it was saved in another format. Only
//! texts are looked at: a negative number stays a number.
//!
//! In a text file the reader decides where a cell begins. A spreadsheet whose user's country writes `1,5` splits at `;`,
//! and takes the quotes of RFC 4180 for letters where they are not at the beginning of what it holds for a cell. So there
//! a formula may begin behind every `;`, tab and line break of a text, and behind quotes that follow them.

use std::borrow::Cow;

const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text of a cell, harmless.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(SIGNS) || text.starts_with(['\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for a cell of a text file, wherever its reader splits it.
pub(super) fn defused_throughout(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(is_separator) {
        return match text {
            Cow::Borrowed(it) => defused(it),
            Cow::Owned(it) => Cow::Owned(defused(&it).into_owned()),
        };
    }
    let mut harmless = String::with_capacity(text.len() + 8);
    let mut begins = false;
    for letter in defused(&text).chars() {
        if begins && SIGNS.contains(&letter) {
            harmless.push('\'');
        }
        begins = is_separator(letter) || (begins && letter == '"');
        harmless.push(letter);
    }
    Cow::Owned(harmless)
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ';' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_gets_an_apostrophe_and_nothing_else_does() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "\nx", "＝1", "＋1", "－1", "＠x"]
        {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["", "a=1", " =1", "'=1", "1-1", "−1", "a;=1"] {
            assert_eq!(defused(text), text);
        }
    }

    #[test]
    fn in_a_text_file_no_formula_begins_where_a_reader_may_split() {
        let told = |text: &'static str| defused_throughout(text.into()).into_owned();
        for (text, harmless) in [
            ("=1", "'=1"),
            ("a;=1", "a;'=1"),
            (";+1;-2", ";'+1;'-2"),
            ("a\t@x", "a\t'@x"),
            ("a\r\n=1\n－2", "a\r\n'=1\n'－2"),
            ("a;\"=1", "a;\"'=1"),
            ("a;\"\"=1", "a;\"\"'=1"),
            ("\t=1", "'\t'=1"),
        ] {
            assert_eq!(told(text), harmless);
        }
        for text in ["", "a", "a; =1", "a;b=1", "a,=1", "1;2", "a\nb", "a;'=1", "\"=1"] {
            assert_eq!(told(text), text);
        }
    }
}
