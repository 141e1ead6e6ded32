//! Workflows as JSON, read strictly.
//!
//! ```json
//! { "car_status": {
//!     "entity": "Car", "field": "status", "initial": "available",
//!     "states": { "available": {}, "retired": { "label": { "en": "Retired" } } },
//!     "transitions": {
//!       "retire": { "from": ["available"], "to": "retired", "role": "admin", "commentRequired": true } } } }
//! ```
//!
//! `from` is a list of states, or `"*"` for all but the one entered. A transition may have a `label`, a `role`, a
//! `permission` and a `condition`. Members that start with `_` are remarks. What is unknown, repeated or of the wrong
//! type is refused with its place. Whether the names fit each other and their entity is found when the engine is built.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;

use super::definition::{From, State, Transition, Workflow};
use crate::Translations;
use crate::located_json::{self, Located, Value, position};

/// Why a text is no list of workflows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}`: {problem}")]
pub struct WorkflowFileError {
    file: String,
    problem: String,
}

impl Workflow {
    /// Reads the workflows of a JSON text; `file_name` is for messages.
    ///
    /// ```
    /// use action_core::workflows::Workflow;
    ///
    /// let text = r#"{ "door": { "entity": "Door", "field": "state", "states": { "open": {}, "shut": {} },
    ///     "transitions": { "close": { "from": ["open"], "to": "shut" } } } }"#;
    /// assert_eq!(Workflow::read_all(text, "workflows.json")?.len(), 1);
    ///
    /// let error = Workflow::read_all(&text.replace("\"from\"", "\"form\""), "workflows.json").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`workflows.json`: door.transitions.close: missing field `from` at line 2 column 64"
    /// );
    /// # Ok::<(), action_core::workflows::WorkflowFileError>(())
    /// ```
    pub fn read_all(text: &str, file_name: &str) -> Result<Vec<Self>, WorkflowFileError> {
        let refused = |problem: String| WorkflowFileError { file: file_name.to_owned(), problem };
        let mut unknown = Vec::new();
        let mut json = serde_json::Deserializer::from_str(text);
        let mut track = serde_path_to_error::Track::new();
        let read = serde_ignored::deserialize(
            serde_path_to_error::Deserializer::new(&mut json, &mut track),
            |path| unknown.push(names(&path)),
        );
        let entries: InOrder<WorkflowEntry> = read.map_err(|error| {
            let path = track.path().to_string();
            refused(if matches!(path.as_str(), "." | "?") {
                error.to_string()
            } else {
                format!("{path}: {error}")
            })
        })?;
        json.end().map_err(|error| refused(error.to_string()))?;
        let located = located_json::parse(text).ok();
        let at = |path: &[&str]| Some(position(text, start_of(located.as_ref()?, path)?));
        unknown.retain(|path| !path.last().is_some_and(|it| it.starts_with('_')));
        if !unknown.is_empty() {
            let each = unknown.iter().map(|path| {
                let path: Vec<_> = path.iter().map(String::as_str).collect();
                let place = at(&path).map(|(line, column)| format!(" at line {line} column {column}"));
                format!("{} is no member of a workflow{}", path.join("."), place.unwrap_or_default())
            });
            return Err(refused(each.collect::<Vec<_>>().join("; ")));
        }
        let place = |path: &[&str]| {
            at(path).map_or_else(|| file_name.to_owned(), |(line, _)| format!("{file_name}:{line}"))
        };
        Ok(entries.0.into_iter().map(|(name, it)| it.workflow(name, &place)).collect())
    }
}

/// The names on a path, from the outermost.
fn names(path: &serde_ignored::Path<'_>) -> Vec<String> {
    use serde_ignored::Path;
    match path {
        Path::Root => Vec::new(),
        Path::Seq { parent, index } => [names(parent), vec![index.to_string()]].concat(),
        Path::Map { parent, key } => [names(parent), vec![key.clone()]].concat(),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            names(parent)
        }
    }
}

/// Where the member at the end of a path of names starts.
fn start_of(root: &Located, path: &[&str]) -> Option<usize> {
    let (mut at, mut start) = (root, root.start);
    for name in path {
        let Value::Object(members) = &at.value else { return None };
        let member = members.iter().find(|it| it.key == *name)?;
        (at, start) = (&member.value, member.start);
    }
    Some(start)
}

#[derive(Deserialize)]
struct WorkflowEntry {
    entity: String,
    field: String,
    initial: Option<String>,
    states: InOrder<StateEntry>,
    transitions: InOrder<TransitionEntry>,
}

#[derive(Deserialize)]
struct StateEntry {
    #[serde(default)]
    label: Translations,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransitionEntry {
    #[serde(default)]
    label: Translations,
    from: FromEntry,
    to: String,
    role: Option<String>,
    permission: Option<String>,
    condition: Option<Json>,
    #[serde(default)]
    comment_required: bool,
}

struct FromEntry(From);

impl WorkflowEntry {
    fn workflow(self, name: String, place: &dyn Fn(&[&str]) -> String) -> Workflow {
        let transitions = self.transitions.0.into_iter().map(|(transition, it)| Transition {
            place: Some(place(&[&name, "transitions", &transition])),
            name: transition,
            label: it.label,
            from: it.from.0,
            to: it.to,
            role: it.role,
            permission: it.permission,
            condition: it.condition,
            comment_required: it.comment_required,
        });
        Workflow {
            place: place(&[&name]),
            transitions: transitions.collect(),
            entity: self.entity,
            field: self.field,
            initial: self.initial,
            states: self.states.0.into_iter().map(|(name, it)| State { name, label: it.label }).collect(),
            name,
        }
    }
}

impl<'de> Deserialize<'de> for FromEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "`from` is a list of states, or \"*\"";
        match Json::deserialize(deserializer)? {
            Json::String(any) if any == "*" => Ok(Self(From::Any)),
            Json::Array(states) => {
                let names = states.iter().map(|it| it.as_str().map(str::to_owned));
                let names: Option<Vec<String>> = names.collect();
                Ok(Self(From::These(names.ok_or_else(|| D::Error::custom(EXPECTED))?)))
            }
            _ => Err(D::Error::custom(EXPECTED)),
        }
    }
}

/// The members of an object in their order, each name once, remarks left out.
struct InOrder<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = InOrder<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder<T>, A::Error> {
                let mut members: Vec<(String, T)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name.starts_with('_') {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    if members.iter().any(|(it, _)| *it == name) {
                        return Err(A::Error::custom(format!("`{name}` is given twice")));
                    }
                    members.push((name, map.next_value()?));
                }
                Ok(InOrder(members))
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}
