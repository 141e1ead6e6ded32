//! `Idempotency-Key`: quoted as its draft has it, or bare as most clients send it.

use http::HeaderMap;

use crate::problem::Problem;

const NAME: &str = "Idempotency-Key";

/// Longest key, in characters.
const LONGEST: usize = 255;

/// The key of a request, where it has one; the quotes are not part of it.
pub(crate) fn of(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all("idempotency-key").iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = match values.next() {
        None => value.to_str().ok().and_then(|it| read(it.trim())),
        Some(_) => None,
    };
    key.map(Some).ok_or_else(|| {
        Problem::invalid_parameter(
            NAME,
            "Idempotency-Key is given once, with 1 to 255 visible ASCII characters",
        )
    })
}

/// A string of RFC 8941, or the characters as they are.
fn read(text: &str) -> Option<String> {
    let key = match text.strip_prefix('"') {
        None => text.to_owned(),
        Some(rest) => unquoted(rest.strip_suffix('"')?)?,
    };
    let fits = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|it| it.is_ascii_graphic());
    fits.then_some(key)
}

/// Only a quote and a backslash are escaped, and must be.
fn unquoted(text: &str) -> Option<String> {
    let mut key = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => key.push(letters.next().filter(|it| matches!(it, '"' | '\\'))?),
            '"' => return None,
            other => key.push(other),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_quoted_and_bare() {
        for (text, key) in
            [("abc-1", "abc-1"), ("\"abc-1\"", "abc-1"), (r#""a\"b\\""#, r#"a"b\"#), ("a\"b", "a\"b")]
        {
            assert_eq!(read(text).as_deref(), Some(key), "{text}");
        }
        assert!(read(&"k".repeat(255)).is_some() && read(&format!("\"{}\"", "k".repeat(255))).is_some());
    }

    #[test]
    fn empty_long_spaced_and_half_quoted_keys_are_refused() {
        for text in ["", "\"\"", "\"", "\"abc", "a b", "\"a b\"", "\"a\"b\"", r#""a\x""#, &"k".repeat(256)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
