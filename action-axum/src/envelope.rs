//! The body of `POST /ui/actions/execute`: which action, with what, from where, and answers given so far.
//!
//! Every mistake in it is reported at once, in the order in which the members are declared; unknown members follow.
//! A member given twice is refused; within `params` the last of two counts, as everywhere in `serde_json`. What the
//! parameters mean is between the action and its caller, and comes later.

use std::fmt;

use action_core::{Answer, FieldError, FieldErrors, Origin};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::json_text;
use crate::problem::Problem;

/// Longest id of an action, page or widget, in characters.
const LONGEST_ID: usize = 100;

/// Most answers of one conversation.
const MOST_ANSWERS: usize = 100;

/// A request to run an action, well formed.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) action_id: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) origin: Origin,
    pub(crate) answers: Vec<Answer>,
}

impl Envelope {
    /// Reads a body.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let sent: Sent = json_text::parse(bytes, "the body must be a JSON object")?;
        if let Some(name) = sent.repeated {
            return Err(Problem::malformed(format!("`{name}` is given twice")));
        }
        let mut errors = FieldErrors::default();
        let action_id = action_id(sent.action_id, &mut errors);
        let params = params(sent.params, &mut errors);
        let origin = sent.context.map(|it| origin(it, &mut errors)).unwrap_or_default();
        let answers = sent.retry_results.map(|it| answers(it, &mut errors)).unwrap_or_default();
        for name in sent.unknown {
            errors.push(FieldError::unknown(name));
        }
        errors.into_result(Self { action_id, params, origin, answers }).map_err(Problem::invalid_fields)
    }
}

/// The members as they came.
#[derive(Default)]
struct Sent {
    action_id: Option<Value>,
    params: Option<Value>,
    context: Option<Value>,
    retry_results: Option<Value>,
    unknown: Vec<String>,
    repeated: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Member {
    ActionId,
    Params,
    Context,
    RetryResults,
    Unknown(String),
}

impl<'de> Deserialize<'de> for Sent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SentVisitor)
    }
}

struct SentVisitor;

impl<'de> Visitor<'de> for SentVisitor {
    type Value = Sent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sent, A::Error> {
        let mut sent = Sent::default();
        while let Some(member) = map.next_key()? {
            let (slot, name) = match member {
                Member::ActionId => (&mut sent.action_id, "actionId"),
                Member::Params => (&mut sent.params, "params"),
                Member::Context => (&mut sent.context, "context"),
                Member::RetryResults => (&mut sent.retry_results, "retryResults"),
                Member::Unknown(name) => {
                    map.next_value::<IgnoredAny>()?;
                    sent.unknown.push(name);
                    continue;
                }
            };
            if slot.replace(map.next_value()?).is_some() {
                sent.repeated = Some(name);
            }
        }
        Ok(sent)
    }
}

fn wrong_type(field: impl Into<String>, expected: &str, errors: &mut FieldErrors) {
    let field = field.into();
    let message = format!("{field} must be {expected}");
    errors.add(field, "wrong_type", message);
}

/// 1–100 characters `[A-Za-z][A-Za-z0-9._-]*`.
fn action_id(value: Option<Value>, errors: &mut FieldErrors) -> String {
    match value {
        Some(Value::String(id)) => {
            let well_formed = id.len() <= LONGEST_ID
                && id.starts_with(|it: char| it.is_ascii_alphabetic())
                && id.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'));
            if well_formed {
                return id;
            }
            errors.add(
                "actionId",
                "wrong_format",
                "actionId has 1 to 100 letters, digits, `.`, `_` or `-`, and starts with a letter",
            );
        }
        Some(_) => wrong_type("actionId", "text", errors),
        None => errors.push(FieldError::required("actionId")),
    }
    String::new()
}

fn params(value: Option<Value>, errors: &mut FieldErrors) -> Map<String, Value> {
    match value {
        Some(Value::Object(params)) => return params,
        Some(_) => wrong_type("params", "an object", errors),
        None => {}
    }
    Map::new()
}

fn origin(value: Value, errors: &mut FieldErrors) -> Origin {
    let Value::Object(mut members) = value else {
        wrong_type("context", "an object", errors);
        return Origin::default();
    };
    let origin = Origin {
        page_id: members.remove("pageId").and_then(|it| place("context.pageId", it, errors)),
        widget_id: members.remove("widgetId").and_then(|it| place("context.widgetId", it, errors)),
    };
    refuse_rest("context", members, errors);
    origin
}

/// The id of a page or widget.
fn place(field: &'static str, value: Value, errors: &mut FieldErrors) -> Option<String> {
    match value {
        Value::String(text) if text.len() <= LONGEST_ID || text.chars().count() <= LONGEST_ID => {
            return Some(text);
        }
        Value::String(_) => {
            errors.add(field, "too_long", format!("{field} may have at most {LONGEST_ID} characters"));
        }
        _ => wrong_type(field, "text", errors),
    }
    None
}

fn answers(value: Value, errors: &mut FieldErrors) -> Vec<Answer> {
    let Value::Array(items) = value else {
        wrong_type("retryResults", "a list", errors);
        return Vec::new();
    };
    if items.len() > MOST_ANSWERS {
        let message = format!("retryResults may have at most {MOST_ANSWERS} entries");
        errors.add("retryResults", "too_many", message);
        return Vec::new();
    }
    items.into_iter().enumerate().filter_map(|(index, it)| answer(index, it, errors)).collect()
}

fn answer(index: usize, value: Value, errors: &mut FieldErrors) -> Option<Answer> {
    let at = format!("retryResults[{index}]");
    let Value::Object(mut members) = value else {
        wrong_type(at, "an object", errors);
        return None;
    };
    let step = match members.remove("step") {
        Some(value) => {
            let step = value.as_u64().and_then(|it| u32::try_from(it).ok());
            if step.is_none() {
                wrong_type(format!("{at}.step"), "a whole number from 0", errors);
            }
            step
        }
        None => {
            errors.push(FieldError::required(format!("{at}.step")));
            None
        }
    };
    let option = match members.remove("option") {
        Some(Value::String(option)) => Some(option),
        Some(_) => {
            wrong_type(format!("{at}.option"), "text", errors);
            None
        }
        None => {
            errors.push(FieldError::required(format!("{at}.option")));
            None
        }
    };
    // What a client is given with a question, it sends back with the answer.
    for echoed in ["state", "persistentObject"] {
        members.remove(echoed);
    }
    refuse_rest(&at, members, errors);
    Some(Answer { step: step?, option: option? })
}

fn refuse_rest(at: &str, members: Map<String, Value>, errors: &mut FieldErrors) {
    for (name, _) in members {
        errors.push(FieldError::unknown(format!("{at}.{name}")));
    }
}
