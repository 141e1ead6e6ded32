//! JSON that may be taken in: not nested beyond measure, and without NUL, which PostgreSQL cannot store in a text.
//!
//! One look over the bytes, before they are parsed. Whether they are JSON at all is for the parser to say; for bytes
//! that are none, what this finds does not matter, since they are refused either way.

use serde::de::DeserializeSeed;
use serde_json::error::Category;

use crate::problem::Problem;

/// Deepest nesting of a body: objects and arrays within each other, the outermost counted.
const DEEPEST: usize = 64;

/// Reads one JSON document with `seed`. `expected` says what it must be when it is something else.
pub(crate) fn parse_seed<'de, S: DeserializeSeed<'de>>(
    seed: S,
    bytes: &'de [u8],
    expected: &'static str,
) -> Result<S::Value, Problem> {
    check(bytes).map_err(Problem::malformed)?;
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = seed.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    read.map_err(|error| match error.classify() {
        Category::Data => Problem::malformed(expected),
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::malformed(format!("the body is not valid JSON: {error}"))
        }
    })
}

fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' if in_text => {
                // Unescaped, it is no JSON, which the parser finds.
                if rest.as_slice().starts_with(b"u0000") {
                    return Err("a text in the body holds NUL (U+0000)");
                }
                rest.next();
            }
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => {
                depth += 1;
                if depth > DEEPEST {
                    return Err("the body is nested deeper than 64 levels");
                }
            }
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::marker::PhantomData;

    use serde_json::Value;

    use super::*;

    fn is_taken(text: &[u8]) -> bool {
        parse_seed(PhantomData::<Value>, text, "anything").is_ok()
    }

    #[test]
    fn sixty_four_levels_are_the_deepest() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(is_taken(nested(64).as_bytes()));
        assert!(!is_taken(nested(65).as_bytes()));
        assert!(!is_taken("[".repeat(1_000_000).as_bytes()));
        let in_text = format!("\"{}\"", "[".repeat(100));
        assert!(is_taken(in_text.as_bytes()), "brackets in a text do not nest");
        assert!(is_taken(br#"["\"[[[[\\", "[", {"{": 1}]"#));
    }

    #[test]
    fn nul_is_found_raw_and_escaped_and_a_backslash_before_u0000_is_not_one() {
        assert!(!is_taken(b"\"a\0b\""));
        assert!(!is_taken(br#""a\u0000b""#));
        assert!(!is_taken(br#"{"\u0000": 1}"#));
        assert!(!is_taken(br#""\\\u0000""#));
        assert!(is_taken(br#""\\u0000""#), "this is a backslash and the letters u0000");
        assert!(is_taken(br#""\u0001""#));
    }

    #[test]
    fn what_is_not_json_in_utf8_is_refused() {
        for text in [
            &b"\"\xff\""[..],
            b"",
            b"{",
            b"1 2",
            b"{\"a\":1}x",
            b"\xef\xbb\xbf{}",
            b"nul",
            b"\"\\ud800\"",
            b"1e999",
        ] {
            assert!(!is_taken(text), "{}", String::from_utf8_lossy(text));
        }
    }
}
