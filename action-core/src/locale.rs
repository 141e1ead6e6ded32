//! Which language a message or a display name is shown in.
//!
//! One rule everywhere: for each language the client prefers, the exact tag, then its base language (`nl` for
//! `nl-BE`); then English; then the first translation there is.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The languages a client prefers, best first.
///
/// ```
/// use action_core::{Languages, Translations};
///
/// let names = Translations::from([("en", "Copy"), ("nl", "Kopiëren")]);
/// assert_eq!(names.pick(&Languages::parse("nl-BE, fr;q=0.5")), Some("Kopiëren"));
/// assert_eq!(names.pick(&Languages::parse("fr")), Some("Copy"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(Option<Arc<[Box<str>]>>);

/// As many tags of a header as are looked at.
const MOST_TAGS: usize = 16;

impl Languages {
    /// Reads an `Accept-Language` header (RFC 9110, section 12.5.4). What cannot be read is passed over.
    pub fn parse(header: &str) -> Self {
        let mut weighed: Vec<(u16, Box<str>)> = header
            .split(',')
            .take(MOST_TAGS)
            .filter_map(|part| {
                let (tag, weight) =
                    part.split_once(';').map_or((part, None), |(tag, rest)| (tag, Some(rest)));
                let tag = tag.trim();
                let readable = (2..=35).contains(&tag.len())
                    && tag.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
                let weight = weight.map_or(Some(1_000), weight_of)?;
                (readable && weight > 0).then(|| (weight, tag.to_ascii_lowercase().into_boxed_str()))
            })
            .collect();
        // Stable, so that equal weights keep the client's order.
        weighed.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        if weighed.is_empty() {
            return Self(None);
        }
        Self(Some(weighed.into_iter().map(|(_, tag)| tag).collect()))
    }

    /// The preferred tags in lower case, best first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|it| it.iter()).map(AsRef::as_ref)
    }
}

/// `q=0.5` as thousandths.
fn weight_of(text: &str) -> Option<u16> {
    let value: f32 =
        text.trim().strip_prefix("q=").or_else(|| text.trim().strip_prefix("Q="))?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0.0–1.0 was checked")]
    (0.0..=1.0).contains(&value).then_some((value * 1_000.0) as u16)
}

/// One text in several languages: `{ "en": "Copy", "nl": "Kopiëren" }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Translations(BTreeMap<String, String>);

impl Translations {
    /// The text in the best language there is.
    pub fn pick(&self, languages: &Languages) -> Option<&str> {
        languages
            .iter()
            .find_map(|tag| self.get(tag).or_else(|| self.get(tag.split('-').next()?)))
            .or_else(|| self.get("en"))
            .or_else(|| self.0.values().next().map(String::as_str))
    }

    /// The text in exactly this language, ignoring the tag's case.
    pub fn get(&self, tag: &str) -> Option<&str> {
        self.0
            .get(tag)
            .or_else(|| self.0.iter().find(|(it, _)| it.eq_ignore_ascii_case(tag)).map(|(_, text)| text))
            .map(String::as_str)
    }

    /// Language tags and texts, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tag, text)| (tag.as_str(), text.as_str()))
    }
}

impl FromIterator<(String, String)> for Translations {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        Self(texts.into_iter().collect())
    }
}

impl<T: Into<String>, U: Into<String>, const N: usize> From<[(T, U); N]> for Translations {
    fn from(texts: [(T, U); N]) -> Self {
        Self(texts.into_iter().map(|(tag, text)| (tag.into(), text.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_tag_wins_then_its_base_then_english_then_the_first() {
        let texts = Translations::from([("de", "D"), ("en", "E"), ("pt", "P"), ("pt-BR", "B")]);
        for (header, expected) in [
            ("pt-BR", "B"),
            ("pt-br", "B"),
            ("pt-PT", "P"),
            ("ja", "E"),
            ("", "E"),
            ("*", "E"),
            ("ja, de;q=0.1", "D"),
            ("en;q=0.1, de;q=0.9", "D"),
            ("de;q=0, pt", "P"),
            (";;,,q=1", "E"),
        ] {
            assert_eq!(texts.pick(&Languages::parse(header)), Some(expected), "{header}");
        }
        assert_eq!(Translations::from([("nl", "N")]).pick(&Languages::parse("fr")), Some("N"));
        assert_eq!(Translations::default().pick(&Languages::default()), None);
    }
}
