//! The application's own sentences in several languages: what an action says to people, by key.
//!
//! They come from `translations.json` and from the builder; where both have a key, the file's counts. A key without a
//! text is shown as it is, which a person can still read and a developer can find.
//!
//! ```json
//! { "AreYouSure": { "en": "Are you sure?", "nl": "Weet u het zeker?" } }
//! ```

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::config_reader::Reader;
use crate::live::Live;
use crate::{Languages, Translations};

/// One snapshot of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts(HashMap<String, Translations>);

impl Texts {
    /// One more, in the place of an earlier one of the same key.
    pub(crate) fn add(&mut self, key: String, texts: Translations) {
        self.0.insert(key, texts);
    }

    /// Reads a JSON text on top of these.
    pub(crate) fn with_json(mut self, text: &str, file_name: &str) -> Result<Self, Vec<String>> {
        let read = Reader::read(text, file_name, |reader, root| {
            let members = reader.members(root, "");
            let texts = members
                .into_iter()
                .filter_map(|it| Some((it.key.clone(), reader.translations(&it.value, &it.key)?)));
            texts.collect::<Vec<_>>()
        })?;
        self.0.extend(read);
        Ok(self)
    }

    /// All of a key's texts.
    pub(crate) fn get(&self, key: &str) -> Option<&Translations> {
        self.0.get(key)
    }

    /// The text of a key in the best language there is, with values in the places of their names in braces.
    pub(crate) fn text(&self, key: &str, languages: &Languages, values: &[(&str, &str)]) -> String {
        let mut rest = self.get(key).and_then(|it| it.pick(languages)).unwrap_or(key);
        let mut text = String::with_capacity(rest.len());
        // In one pass: a value that holds braces is no template itself.
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let named = after.split_once('}').and_then(|(name, behind)| {
                values.iter().find(|(it, _)| *it == name).map(|(_, value)| (*value, behind))
            });
            rest = match named {
                Some((value, behind)) => {
                    text.push_str(value);
                    behind
                }
                None => {
                    text.push('{');
                    after
                }
            };
        }
        text.push_str(rest);
        text
    }

    /// These, and from then on those of the file too, looked at every `period`. A missing file adds nothing.
    #[cfg_attr(
        not(feature = "config-files"),
        expect(clippy::unnecessary_wraps, reason = "a file may be unreadable, where files are read")
    )]
    pub(crate) fn follow(self, file: Option<PathBuf>, period: Duration) -> Result<Live<Self>, Vec<String>> {
        #[cfg(feature = "config-files")]
        if let Some(path) = file {
            return watched::follow(self, path, period);
        }
        let _ = (file, period);
        Ok(Live::fixed(self))
    }
}

#[cfg(feature = "config-files")]
mod watched {
    use std::fmt;
    use std::sync::Arc;

    use super::{Duration, Live, PathBuf, Texts};
    use crate::config_file::{self, Unreadable, Watched};

    struct Problems(Vec<String>);

    impl fmt::Display for Problems {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0.join("; "))
        }
    }

    impl From<Unreadable> for Problems {
        fn from(error: Unreadable) -> Self {
            Self(vec![error.to_string()])
        }
    }

    pub(super) fn follow(texts: Texts, path: PathBuf, period: Duration) -> Result<Live<Texts>, Vec<String>> {
        let absent = texts.clone();
        let parse = move |text: &str, name: &str| texts.clone().with_json(text, name).map_err(Problems);
        let file = Watched::open_optional(path, move || absent.clone(), parse)
            .map_err(|Problems(problems)| problems)?;
        let file = Arc::new(file);
        config_file::watch(&file, period)
            .map_err(|error| vec![format!("the file of translations cannot be watched: {error}")])?;
        Ok(Live::File(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Texts {
        let file =
            r#"{ "_about": 1, "Copied": { "en": "Copied to {plate}", "nl": "Gekopieerd naar {plate}" } }"#;
        let mut texts = Texts::default();
        texts.add("Sure".to_owned(), Translations::from([("en", "Sure?")]));
        texts.with_json(file, "translations.json").unwrap()
    }

    #[test]
    fn a_text_is_in_the_callers_language_with_its_values() {
        let say = |header, value| texts().text("Copied", &Languages::parse(header), &[("plate", value)]);
        assert_eq!(say("nl-BE", "A-1"), "Gekopieerd naar A-1");
        assert_eq!(say("fr", "{plate} {"), "Copied to {plate} {");
        assert_eq!(texts().text("Sure", &Languages::default(), &[]), "Sure?");
    }

    #[test]
    fn what_is_not_there_is_shown_as_it_is() {
        assert_eq!(texts().text("Missing {x}", &Languages::default(), &[("y", "")]), "Missing {x}");
        assert_eq!(texts().text("Copied", &Languages::default(), &[]), "Copied to {plate}");
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let wrong = "{\n \"A\": \"text\",\n \"B\": {},\n \"C\": { \"e\": \"x\", \"en\": \" \" },\n \"C\": { \"en\": \"x\" } }";
        let problems = Texts::default().with_json(wrong, "t.json").unwrap_err();
        let lines: Vec<_> =
            problems.iter().map(|it| it.split(": ").take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(lines, ["t.json:2 A", "t.json:3 B", "t.json:4 C.e", "t.json:4 C.en", "t.json:5 C"]);
    }
}
