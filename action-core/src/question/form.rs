//! The form of a question: fields like the columns of an entity, and held against the same bounds.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::{Map, Value as Json};

use crate::entity::Column;
use crate::refusal::Refusal;
use crate::value::{Kind, Value};
use crate::{FieldError, FieldErrors};

/// A field to fill in. It may be left empty unless it is [`required`](Self::required).
///
/// ```
/// use action_core::{FormField, Kind};
///
/// let reason = FormField::new("reason", Kind::Text).label("Why?").required().length(1, 500);
/// let days = FormField::new("days", Kind::Integer).range(1, 30).value(7);
/// # let _ = (reason, days);
/// ```
#[derive(Debug, Clone)]
pub struct FormField {
    column: Column,
    label: Option<Cow<'static, str>>,
    value: Option<Value>,
}

impl FormField {
    /// An optional field.
    pub fn new(name: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self { column: Column::new(name, kind), label: None, value: None }
    }

    /// What people read; the name where it is not given.
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What it holds before anybody fills it in.
    pub fn value(mut self, value: impl Into<Value>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// It must be filled in.
    pub fn required(mut self) -> Self {
        self.column = self.column.required();
        self
    }

    /// A text's length in characters, both ends included.
    pub fn length(mut self, least: u32, most: u32) -> Self {
        self.column = self.column.length(least, most);
        self
    }

    /// A number's bounds, both ends included.
    pub fn range(mut self, least: i64, most: i64) -> Self {
        self.column = self.column.range(least, most);
        self
    }

    /// The texts it may hold.
    pub fn one_of<T: Into<Cow<'static, str>>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        self.column = self.column.one_of(values);
        self
    }

    fn shown_label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.column.name())
    }
}

impl PartialEq for FormField {
    fn eq(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.column.name.clone(), it.column.kind, it.label.clone(), it.value.clone());
        said(self) == said(other)
    }
}

impl Serialize for FormField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", self.column.name())?;
        map.serialize_entry("dataType", self.column.kind().name())?;
        map.serialize_entry("isRequired", &self.column.is_required())?;
        map.serialize_entry("label", self.shown_label())?;
        map.serialize_entry("value", &self.value.as_ref().map_or(Json::Null, Value::to_json))?;
        if let Some(options) = &self.column.one_of {
            map.serialize_entry("options", options)?;
        }
        map.end()
    }
}

/// As the `persistentObject` of a question: `null` where nothing is to be filled in.
pub(super) fn serialize<S: Serializer>(form: &[FormField], serializer: S) -> Result<S::Ok, S::Error> {
    struct Attributes<'a>(&'a [FormField]);
    impl Serialize for Attributes<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut list = serializer.serialize_seq(Some(self.0.len()))?;
            self.0.iter().try_for_each(|it| list.serialize_element(it))?;
            list.end()
        }
    }
    if form.is_empty() {
        return serializer.serialize_none();
    }
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry("attributes", &Attributes(form))?;
    map.end()
}

/// Two fields of one name could not be told apart.
pub(super) fn check(form: &[FormField]) -> Result<(), String> {
    for (place, field) in form.iter().enumerate() {
        let name = field.column.name();
        if form.iter().take(place).any(|it| it.column.name() == name) {
            return Err(format!("the form of a question has two fields called `{name}`"));
        }
    }
    Ok(())
}

/// The values of a filled-in form; every mistake is reported at once.
pub(super) fn read(
    form: &[FormField],
    sent: Option<&Map<String, Json>>,
    place: usize,
) -> Result<Vec<(Cow<'static, str>, Value)>, Refusal> {
    if form.is_empty() {
        // A client may send back what it was given.
        return Ok(Vec::new());
    }
    let mut errors = FieldErrors::default();
    let mut values = Vec::with_capacity(form.len());
    for FormField { column, .. } in form {
        match sent.and_then(|it| it.get(column.name())) {
            Some(json) => match column.read(json) {
                Ok(value) => values.push((column.name.clone(), value)),
                Err(error) => errors.push(error),
            },
            None if column.is_required() => errors.push(FieldError::required(column.name.clone())),
            None => {}
        }
    }
    let known = |name: &String| form.iter().any(|it| it.column.name() == name);
    for name in sent.into_iter().flat_map(Map::keys).filter(|it| !known(it)) {
        errors.push(FieldError::unknown(name.clone()));
    }
    if errors.is_empty() {
        return Ok(values);
    }
    let mut placed = FieldErrors::default();
    placed.extend_under(&format!("retryResults[{place}].persistentObject"), errors);
    Err(Refusal::validation(placed))
}
