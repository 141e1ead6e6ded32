//! Reads the text of a `customActions.json`, strictly.
//!
//! ```json
//! { "CarCopy": {
//!     "displayName": { "en": "Copy", "nl": "Kopiëren" }, "icon": "Copy", "showedOn": "both", "selectionRule": "=1",
//!     "refreshOnCompleted": true, "confirmationMessageKey": "AreYouSure", "offset": 0 } }
//! ```
//!
//! `displayName` and `showedOn` are required, everything else may be left out. Members that start with `_` are
//! remarks. What is unknown, repeated or of the wrong type is refused with its line, and everything that is wrong is
//! told at once. Whether there are handlers for the entries, and rows of these entities, is settled in `offers`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::offer::Unspoken;
use super::{ButtonStyle, SelectionRule};
use crate::Translations;
use crate::action::ShownOn;
use crate::action_name::check_name;
use crate::config_reader::Reader;
use crate::located_json::{Located, Member, Value};

/// The members an entry may have.
const MEMBERS: [&str; 11] = [
    "displayName",
    "icon",
    "description",
    "showedOn",
    "selectionRule",
    "refreshOnCompleted",
    "confirmationMessageKey",
    "offset",
    "group",
    "style",
    "entityTypes",
];

/// Why a text is no configuration of custom actions: everything that is wrong, each with file, line and action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.join("\n"))]
pub struct CustomActionsError {
    problems: Vec<String>,
}

impl CustomActionsError {
    /// What is wrong.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    pub(super) fn of(problems: Vec<String>) -> Self {
        Self { problems }
    }
}

/// An entry of the configuration: an action's key, and how it is offered.
#[derive(Debug, Clone)]
pub struct CustomActionEntry {
    /// As it is spelled.
    pub(super) key: String,
    /// `customActions.json:12`
    pub(super) place: String,
    pub(super) display_names: Translations,
    pub(super) offer: Unspoken,
    /// Names, aliases or type ids; `None` for those of the handler.
    pub(super) entity_types: Option<Vec<String>>,
}

impl CustomActionEntry {
    /// Reads the entries of a JSON text, in its order; `file_name` is for messages.
    ///
    /// ```
    /// use action_core::custom_actions::CustomActionEntry;
    ///
    /// let text = r#"{ "CarCopy": { "displayName": { "en": "Copy" }, "showedOn": "both", "selectionRule": "1" } }"#;
    /// let error = CustomActionEntry::read_all(text, "customActions.json").unwrap_err();
    /// assert!(error.to_string().starts_with("customActions.json:1: CarCopy.selectionRule: "));
    /// ```
    pub fn read_all(text: &str, file_name: &str) -> Result<Vec<Self>, CustomActionsError> {
        Reader::read(text, file_name, entries).map_err(CustomActionsError::of)
    }
}

fn entries(reader: &mut Reader<'_>, root: &Located) -> Vec<CustomActionEntry> {
    let mut first_by_name: HashMap<String, (String, usize)> = HashMap::new();
    let mut entries = Vec::new();
    for member in reader.members(root, "") {
        let key = &member.key;
        // Case does not count in the configuration, so neither does that of a trailing `Action`.
        let lower = key.to_lowercase();
        let short = lower.strip_suffix("action").filter(|it| !it.is_empty()).unwrap_or(&lower);
        if let Err(unfit) = check_name(key).and_then(|()| check_name(short)) {
            reader.refuse(member.start, key, unfit.of(key));
            continue;
        }
        let line = reader.line(member.start);
        if let Some((other, at)) = first_by_name.insert(short.to_owned(), (key.clone(), line)) {
            let told = format!("it is the same action as `{other}` in line {at}: leave one of them out");
            reader.refuse(member.start, key, told);
        }
        entries.extend(entry(reader, member));
    }
    entries
}

fn entry(reader: &mut Reader<'_>, entry: &Member) -> Option<CustomActionEntry> {
    let key = &entry.key;
    if !matches!(entry.value.value, Value::Object(_)) {
        reader.wrong_type(&entry.value, key, "an object");
        return None;
    }
    let members = reader.members(&entry.value, key);
    for unknown in members.iter().filter(|it| !MEMBERS.contains(&it.key.as_str())) {
        let told = format!("no member of an action: write one of {}", MEMBERS.join(", "));
        reader.refuse(unknown.start, &format!("{key}.{}", unknown.key), told);
    }
    // `null` is as good as nothing.
    let given = |name: &str| members.iter().find(|it| it.key == name).map(|it| &it.value);
    let at = |name: &str| given(name).filter(|it| it.value != Value::Null);
    let path = |name: &str| format!("{key}.{name}");
    for required in ["displayName", "showedOn"] {
        if at(required).is_none() {
            reader.refuse(entry.start, key, format!("`{required}` is missing"));
        }
    }
    let display_names = at("displayName").and_then(|it| reader.translations(it, &path("displayName")));
    let mut text =
        |name: &str| at(name).and_then(|it| reader.text(it, &path(name))).map(|it| Cow::Owned(it.to_owned()));
    let (icon, description) = (text("icon"), text("description"));
    let (confirm, group) = (text("confirmationMessageKey"), text("group"));
    let shown_on = at("showedOn").and_then(|it| shown_on(reader, it, &path("showedOn")));
    let selection = at("selectionRule").and_then(|it| selection(reader, it, &path("selectionRule")));
    let refresh = at("refreshOnCompleted").and_then(|it| reader.flag(it, &path("refreshOnCompleted")));
    let offset = at("offset").and_then(|it| offset(reader, it, &path("offset")));
    let style = at("style").and_then(|it| style(reader, it, &path("style")));
    let entity_types = at("entityTypes").map(|it| reader.texts(it, &path("entityTypes")));
    Some(CustomActionEntry {
        key: key.clone(),
        place: reader.place(entry.start),
        display_names: display_names?,
        offer: Unspoken {
            icon,
            description,
            shown_on: Some(shown_on?),
            selection,
            refresh,
            confirm,
            offset,
            group,
            style,
        },
        entity_types,
    })
}

fn shown_on(reader: &mut Reader<'_>, node: &Located, path: &str) -> Option<ShownOn> {
    match reader.text(node, path)? {
        "detail" => Some(ShownOn::Detail),
        "query" => Some(ShownOn::Query),
        "both" => Some(ShownOn::Both),
        other => {
            let told = format!("`{other}` is none of `detail`, `query` and `both`");
            reader.refuse(node.start, path, told);
            None
        }
    }
}

fn selection(reader: &mut Reader<'_>, node: &Located, path: &str) -> Option<SelectionRule> {
    // A blank rule says that any number may be selected, so this is not `text`.
    let Value::Text(text) = &node.value else {
        reader.wrong_type(node, path, "a string");
        return None;
    };
    SelectionRule::parse(text).map_err(|problem| reader.refuse(node.start, path, problem)).ok()
}

fn style(reader: &mut Reader<'_>, node: &Located, path: &str) -> Option<ButtonStyle> {
    let style = reader.text(node, path)?.parse::<ButtonStyle>();
    style.map_err(|error| reader.refuse(node.start, path, error.to_string())).ok()
}

fn offset(reader: &mut Reader<'_>, node: &Located, path: &str) -> Option<i32> {
    let Value::Number(number) = &node.value else {
        reader.wrong_type(node, path, "a number");
        return None;
    };
    let offset = number.parse().ok();
    if offset.is_none() {
        let told = format!("`{number}` is no whole number between {} and {}", i32::MIN, i32::MAX);
        reader.refuse(node.start, path, told);
    }
    offset
}
