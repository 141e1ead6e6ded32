//! The body of a custom action on an entity: the rows it names, as a client shows them.
//!
//! A client sends whole objects, of which only type and id say which row is meant. Their attributes are what somebody
//! saw or typed; they go to the handler as what was submitted, and are never taken for what is stored.

use action_core::{FieldError, FieldErrors, RowReference, Selection, SentAnswer};
use serde_json::{Map, Value};

use super::answers::answers;
use super::body::{Body, params, wrong_type};
use crate::problem::Problem;

/// A request to run a custom action, well formed.
#[derive(Debug, Default)]
pub(crate) struct CustomEnvelope {
    pub(crate) params: Map<String, Value>,
    pub(crate) selection: Selection,
    pub(crate) answers: Vec<SentAnswer>,
}

impl CustomEnvelope {
    /// Reads a body; nothing at all is as good as an empty object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let Body { members, unknown } =
            Body::parse(bytes, ["parent", "selectedItems", "params", "retryResults"])?;
        let [sent_parent, selected_items, sent_params, retry_results] = members;
        let mut errors = FieldErrors::default();
        let parent = sent_parent.and_then(|it| parent(it, &mut errors));
        let items = selected_items.map(|it| items(it, &mut errors)).unwrap_or_default();
        let params = params(sent_params.filter(|it| !it.is_null()), &mut errors);
        let answers =
            retry_results.filter(|it| !it.is_null()).map(|it| answers(it, &mut errors)).unwrap_or_default();
        errors.extend(unknown.into_iter().map(FieldError::unknown));
        let selection = Selection { parent, items };
        errors.into_result(Self { params, selection, answers }).map_err(Problem::invalid_fields)
    }
}

/// The record in view; `null` for none.
fn parent(value: Value, errors: &mut FieldErrors) -> Option<RowReference> {
    if value.is_null() {
        return None;
    }
    let (mut row, mut members) = object("parent", value, errors)?;
    // Its type, where that is not the route's: the id says it best, a name is what people call it.
    let mut named = |name: &str| match members.remove(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            wrong_type(format!("parent.{name}"), "text", errors);
            None
        }
    };
    let (type_id, name) = (named("objectTypeId"), named("name"));
    row.entity = type_id.or(name);
    Some(row)
}

fn items(value: Value, errors: &mut FieldErrors) -> Vec<RowReference> {
    let items = match value {
        Value::Null => return Vec::new(),
        Value::Array(items) => items,
        _ => {
            wrong_type("selectedItems", "a list", errors);
            return Vec::new();
        }
    };
    let each = items.into_iter().enumerate();
    each.filter_map(|(index, item)| {
        let at = format!("selectedItems[{index}]");
        let (row, _) = object(&at, item, errors)?;
        if row.id.is_none() {
            errors.push(FieldError::required(format!("{at}.id")));
        }
        Some(row)
    })
    .collect()
}

/// A row as a client shows it, and what else stands in it.
fn object(at: &str, value: Value, errors: &mut FieldErrors) -> Option<(RowReference, Map<String, Value>)> {
    let Value::Object(mut members) = value else {
        wrong_type(at, "an object", errors);
        return None;
    };
    // What cannot be a key names no row, and is looked for like one that is not there.
    let id = members.remove("id").filter(|it| !it.is_null());
    let submitted = members.remove("attributes");
    let submitted = submitted.map(|it| attributes(&format!("{at}.attributes"), it, errors));
    Some((RowReference { id, entity: None, submitted: submitted.unwrap_or_default() }, members))
}

/// `[{"name", "value"}]` by name. What else a client keeps of an attribute is its own.
pub(super) fn attributes(at: &str, value: Value, errors: &mut FieldErrors) -> Map<String, Value> {
    let items = match value {
        Value::Null => return Map::new(),
        Value::Array(items) => items,
        _ => {
            wrong_type(at, "a list", errors);
            return Map::new();
        }
    };
    let mut attributes = Map::new();
    for (index, item) in items.into_iter().enumerate() {
        let at = format!("{at}[{index}]");
        let Value::Object(mut members) = item else {
            wrong_type(at, "an object", errors);
            continue;
        };
        match members.remove("name") {
            Some(Value::String(name)) => {
                let value = members.remove("value").unwrap_or_default();
                if attributes.contains_key(&name) {
                    errors.add(format!("{at}.name"), "duplicate", format!("`{name}` is given twice"));
                }
                attributes.insert(name, value);
            }
            Some(_) => wrong_type(format!("{at}.name"), "text", errors),
            None => errors.push(FieldError::required(format!("{at}.name"))),
        }
    }
    attributes
}
