//! Texts that a spreadsheet would run.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula, which may
//! fetch from elsewhere or start a program. An apostrophe ahead of it makes it a text for all of them, also after it was
//! saved in another format. Only texts are looked at: a negative number stays a number.

use std::borrow::Cow;

/// The text, harmless.
pub(super) fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_a_formula_gets_an_apostrophe_and_nothing_else_does() {
        for text in ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"] {
            assert_eq!(defused(text), format!("'{text}"));
        }
        for text in ["", "a=1", " =1", "'=1", "1-1", "−1"] {
            assert_eq!(defused(text), text);
        }
    }
}
