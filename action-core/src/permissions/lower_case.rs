//! Lower-casing that only allocates when there is something to change.
//!
//! Permissions, rights, role keys and claims are all compared ignoring case. They must agree on what that means, so
//! they all come here: full Unicode lower-casing, the whole text at once.
//! Whether two texts are then equal is left to the maps that hold them.

/// Lower-cases texts one after the other in one buffer: role keys usually come a few at a time.
#[derive(Debug, Default)]
pub(super) struct LowerCase {
    buffer: String,
}

impl LowerCase {
    /// The text in lower case: itself when it already is.
    pub(super) fn of<'s>(&'s mut self, text: &'s str) -> &'s str {
        if is_lower_case(text) {
            return text;
        }
        if text.is_ascii() {
            self.buffer.clear();
            self.buffer.push_str(text);
            self.buffer.make_ascii_lowercase();
        } else {
            // Only `str::to_lowercase` knows the final sigma; letter by letter would miss it.
            self.buffer = text.to_lowercase();
        }
        &self.buffer
    }
}

/// True when lower-casing would give the text back unchanged.
pub(super) fn is_lower_case(text: &str) -> bool {
    text.chars().all(|letter| {
        if letter.is_ascii() { !letter.is_ascii_uppercase() } else { letter.to_lowercase().eq([letter]) }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LowerCase, is_lower_case};

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(texts in prop::collection::vec("[a-zA-ZÀ-ÿΑ-ωİẞK./ ]{0,8}", 1..4)) {
            let mut lower = LowerCase::default();
            for text in texts {
                prop_assert_eq!(lower.of(&text), text.to_lowercase());
                prop_assert_eq!(is_lower_case(&text), text == text.to_lowercase());
            }
        }
    }

    #[test]
    fn a_final_sigma_is_lower_cased_as_a_word_ends() {
        assert_eq!(LowerCase::default().of("ΟΔΟΣ/Car"), "οδος/car");
    }
}
