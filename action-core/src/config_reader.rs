//! Reading a configuration file strictly: what is not understood is told with its line, and everything at once.
//!
//! Files that people write are JSON with places (`located_json`). A reader of one kind of file asks for the members it
//! knows, and whatever is wrong is collected here, so that one edit can mend it all. Members that start with `_` are
//! remarks.

use crate::Translations;
use crate::located_json::{self, Located, Member, Value, position};

/// Longest text of a member, in characters.
const LONGEST_TEXT: usize = 2_000;

/// Collects the problems of one text, each with its line.
pub(crate) struct Reader<'t> {
    text: &'t str,
    file_name: &'t str,
    problems: Vec<(usize, String)>,
}

impl<'t> Reader<'t> {
    /// Reads a text with `read`; the error is everything that is wrong with it, in the order of the text.
    pub(crate) fn read<T>(
        text: &'t str,
        file_name: &'t str,
        read: impl FnOnce(&mut Self, &Located) -> T,
    ) -> Result<T, Vec<String>> {
        let root = located_json::parse(text).map_err(|error| {
            let located_json::NotJson { line, column, reason } = error;
            vec![format!("{file_name}:{line}: not JSON: {reason} (column {column})")]
        })?;
        let mut reader = Self { text, file_name, problems: Vec::new() };
        let value = read(&mut reader, &root);
        if reader.problems.is_empty() {
            return Ok(value);
        }
        reader.problems.sort_by_key(|(line, _)| *line);
        Err(reader.problems.into_iter().map(|(_, problem)| problem).collect())
    }

    /// `customActions.json:12`
    pub(crate) fn place(&self, start: usize) -> String {
        format!("{}:{}", self.file_name, self.line(start))
    }

    /// The members of an object, each name once, remarks left out.
    pub(crate) fn members<'j>(&mut self, node: &'j Located, path: &str) -> Vec<&'j Member> {
        let Value::Object(all) = &node.value else {
            self.wrong_type(node, path, "an object");
            return Vec::new();
        };
        let mut members: Vec<&Member> = Vec::with_capacity(all.len());
        for member in all.iter().filter(|it| !it.key.starts_with('_')) {
            if let Some(first) = members.iter().find(|it| it.key == member.key) {
                let told = format!("given twice; the first is in line {}", self.line(first.start));
                self.refuse(member.start, &below(path, &member.key), told);
            } else {
                members.push(member);
            }
        }
        members
    }

    /// One text in several languages, at least in one.
    pub(crate) fn translations(&mut self, node: &Located, path: &str) -> Option<Translations> {
        let mut texts = Vec::new();
        for member in self.members(node, path) {
            let path = below(path, &member.key);
            if !is_language(&member.key) {
                self.refuse(member.start, &path, "no language tag; write one such as `en` or `nl-BE`");
            }
            texts.push((member.key.clone(), self.text(&member.value, &path)?.to_owned()));
        }
        if texts.is_empty() && matches!(node.value, Value::Object(_)) {
            self.refuse(
                node.start,
                path,
                "a text in one language at least is needed, such as `{ \"en\": \"Copy\" }`",
            );
        }
        (!texts.is_empty()).then(|| texts.into_iter().collect())
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, node: &Located, path: &str) -> Option<bool> {
        let Value::Bool(flag) = node.value else {
            self.wrong_type(node, path, "a boolean");
            return None;
        };
        Some(flag)
    }

    /// Texts, at least one.
    pub(crate) fn texts(&mut self, node: &Located, path: &str) -> Vec<String> {
        let Value::Array(items) = &node.value else {
            self.wrong_type(node, path, "an array");
            return Vec::new();
        };
        if items.is_empty() {
            self.refuse(node.start, path, "names nothing; leave it out instead");
        }
        let each = items.iter().enumerate();
        each.filter_map(|(at, it)| self.text(it, &format!("{path}[{at}]")).map(str::to_owned)).collect()
    }

    /// A text that is not blank.
    pub(crate) fn text<'j>(&mut self, node: &'j Located, path: &str) -> Option<&'j str> {
        let Value::Text(text) = &node.value else {
            self.wrong_type(node, path, "a string");
            return None;
        };
        if text.trim().is_empty() {
            self.refuse(node.start, path, "is blank");
            return None;
        }
        if text.chars().count() > LONGEST_TEXT {
            self.refuse(node.start, path, format!("has more than {LONGEST_TEXT} characters"));
            return None;
        }
        Some(text)
    }

    /// Something else stands where `expected`, said with its article, belongs.
    pub(crate) fn wrong_type(&mut self, node: &Located, path: &str, expected: &str) {
        let found = node.value.kind();
        self.refuse(node.start, path, format!("{found} stands where {expected} belongs"));
    }

    /// Something is wrong at a place, with the member of this path.
    pub(crate) fn refuse(&mut self, start: usize, path: &str, told: impl AsRef<str>) {
        let line = self.line(start);
        let colon = if path.is_empty() { "" } else { ": " };
        self.problems.push((line, format!("{}:{line}: {path}{colon}{}", self.file_name, told.as_ref())));
    }

    /// A line, from 1.
    pub(crate) fn line(&self, start: usize) -> usize {
        position(self.text, start).0
    }
}

pub(crate) fn below(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn is_language(tag: &str) -> bool {
    (2..=35).contains(&tag.len()) && tag.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}
