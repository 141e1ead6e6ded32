//! JSON whose every value knows where it stands in the text.
//!
//! `serde_json` names a line only for what is not JSON, and keeps the last of two equal keys. A file that people
//! write by hand deserves better: a wrong id has a line too, and a second key is a mistake to report.
//! So `serde_json` judges the syntax first (and limits the depth to 128), and this file then only walks a text that
//! is known to be well formed. What the values mean is left to the reader of the file.

use std::iter;

/// A value and the byte it starts at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Located {
    pub(crate) start: usize,
    pub(crate) value: Value,
}

/// A JSON value that keeps its members in order, equal keys included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Object(Vec<Member>),
    Array(Vec<Located>),
    Text(String),
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Null,
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) start: usize,
    pub(crate) key: String,
    pub(crate) value: Located,
}

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotJson {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) reason: String,
}

impl Value {
    /// What the value is, with its article, for a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Object(_) => "an object",
            Self::Array(_) => "an array",
            Self::Text(_) => "a string",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Null => "null",
        }
    }
}

impl From<serde_json::Error> for NotJson {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let said = error.to_string();
        let reason =
            said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said).to_owned();
        // `serde_json` puts an unexpected end at column 0 of an empty last line.
        Self { line: line.max(1), column: column.max(1), reason }
    }
}

/// Line and column, both from 1 and the column in characters, of a byte of the text.
pub(crate) fn position(text: &str, start: usize) -> (usize, usize) {
    let before = text.get(..start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// Reads a whole text.
pub(crate) fn parse(text: &str) -> Result<Located, NotJson> {
    serde_json::from_str::<serde_json::Value>(text)?;
    let mut walk = Walk { text, at: 0 };
    walk.value().ok_or_else(|| {
        let (line, column) = position(text, walk.at);
        NotJson { line, column, reason: "expected a value".to_owned() }
    })
}

/// Walks a text that `serde_json` has accepted, so `None` is never met; it is what keeps the walk free of panics.
struct Walk<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Steps over this text when it comes next.
    fn take(&mut self, expected: &str) -> Option<()> {
        self.skip_space();
        self.rest().starts_with(expected).then(|| self.at += expected.len())
    }

    fn value(&mut self) -> Option<Located> {
        self.skip_space();
        let start = self.at;
        let value = match self.rest().chars().next()? {
            '{' => Value::Object(self.list('{', '}', Self::member)?),
            '[' => Value::Array(self.list('[', ']', Self::value)?),
            '"' => Value::Text(self.string()?),
            't' => self.take("true").map(|()| Value::Bool(true))?,
            'f' => self.take("false").map(|()| Value::Bool(false))?,
            'n' => self.take("null").map(|()| Value::Null)?,
            _ => self.number(),
        };
        Some(Located { start, value })
    }

    fn list<T>(&mut self, open: char, close: char, entry: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.take(open.encode_utf8(&mut [0; 4]))?;
        let mut utf8 = [0; 4];
        let close = &*close.encode_utf8(&mut utf8);
        if self.take(close).is_some() {
            return Some(Vec::new());
        }
        let mut list = vec![entry(self)?];
        while self.take(",").is_some() {
            list.push(entry(self)?);
        }
        self.take(close)?;
        Some(list)
    }

    fn member(&mut self) -> Option<Member> {
        self.skip_space();
        let start = self.at;
        let key = self.string()?;
        self.take(":")?;
        Some(Member { start, key, value: self.value()? })
    }

    fn string(&mut self) -> Option<String> {
        let mut bytes = self.rest().bytes().enumerate().skip(1);
        let end = iter::from_fn(|| match bytes.next()? {
            // What follows a backslash cannot end the string.
            (_, b'\\') => bytes.next().map(|_| None),
            (end, b'"') => Some(Some(end)),
            _ => Some(None),
        })
        .flatten()
        .next()?;
        let quoted = self.rest().get(..=end)?;
        self.at += quoted.len();
        serde_json::from_str(quoted).ok()
    }

    fn number(&mut self) -> Value {
        let rest = self.rest();
        let after =
            rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter));
        let number = rest.strip_suffix(after).unwrap_or_default();
        self.at += number.len();
        Value::Number(number.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Located, Value, parse, position};

    /// The same without places, to compare with what `serde_json` reads.
    fn plain(located: &Located) -> serde_json::Value {
        match &located.value {
            Value::Object(members) => {
                members.iter().map(|member| (member.key.clone(), plain(&member.value))).collect()
            }
            Value::Array(entries) => entries.iter().map(plain).collect(),
            Value::Text(text) => json!(text),
            Value::Bool(truth) => json!(truth),
            Value::Number(number) => serde_json::from_str(number).unwrap_or_default(),
            Value::Null => json!(null),
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|truth| json!(truth)),
            any::<i64>().prop_map(|number| json!(number)),
            (-1e300..1e300).prop_map(|number: f64| json!(number)),
            any::<String>().prop_map(|text| json!(text)),
            r#"["\\/{}\[\]:, ]{0,6}"#.prop_map(|text| json!(text)),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_what_serde_json_reads(json in any_json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&json)? } else { json.to_string() };
            let located = parse(&text).map_err(|error| TestCaseError::fail(format!("{error:?}: {text}")))?;
            prop_assert_eq!(plain(&located), json);
        }
    }

    #[test]
    fn every_spelling_of_a_number_is_one_number() {
        for number in ["0", "-1", "1.5", "1e3", "1E+3", "-0.5e-3"] {
            let read = parse(&format!("[{number} , {number}]")).map(|list| list.value);
            let Ok(Value::Array(items)) = read else { panic!("{number}: {read:?}") };
            assert!(items.iter().all(|it| it.value == Value::Number(number.to_owned())), "{number}");
        }
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        assert_eq!(position("{}", 0), (1, 1));
        assert_eq!(position("é\n\"é\": x", 8), (2, 5));
        assert_eq!(position("a", 99), (1, 2));
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for (text, place) in [("", (1, 1)), ("{\n  \"a\": }", (2, 8)), ("{} {}", (1, 4)), ("[1", (1, 2))] {
            assert_eq!(parse(text).map_err(|error| (error.line, error.column)), Err(place), "{text}");
        }
        assert!(parse(&format!("{}{}", "[".repeat(200), "]".repeat(200))).is_err());
        assert!(parse(r#""\ud800""#).is_err());
    }
}
