//! Bodies that run an action: `POST /ui/actions/execute` here, custom actions on entities in `custom`, stored
//! ones in `run`. And bodies that change the library's own resources, in `members`.
//!
//! Every mistake in one is reported at once, in the order in which the members are declared; unknown members follow.
//! A member given twice is refused; within `params` the last of two counts, as everywhere in `serde_json`. What the
//! parameters mean is between the action and its caller, and comes later.

mod answers;
mod body;
mod custom;
mod members;
mod run;

use action_core::{FieldError, FieldErrors, Origin, SentAnswer};
use serde_json::{Map, Value};

use self::answers::answers;
use self::body::{Body, params, refuse_rest, wrong_type};
pub(crate) use self::custom::CustomEnvelope;
pub(crate) use self::members::members;
pub(crate) use self::run::RunEnvelope;
use crate::problem::Problem;

/// Longest id of an action, page or widget, in characters.
const LONGEST_ID: usize = 100;

/// A request to run an action, well formed.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) action_id: String,
    pub(crate) params: Map<String, Value>,
    pub(crate) origin: Origin,
    pub(crate) answers: Vec<SentAnswer>,
}

impl Envelope {
    /// Reads a body.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let Body { members, unknown } =
            Body::parse(bytes, ["actionId", "params", "context", "retryResults"])?;
        let [sent_id, sent_params, context, retry_results] = members;
        let mut errors = FieldErrors::default();
        let action_id = action_id(sent_id, &mut errors);
        let params = params(sent_params, &mut errors);
        let origin = context.map(|it| origin(it, &mut errors)).unwrap_or_default();
        let answers =
            retry_results.filter(|it| !it.is_null()).map(|it| answers(it, &mut errors)).unwrap_or_default();
        errors.extend(unknown.into_iter().map(FieldError::unknown));
        errors.into_result(Self { action_id, params, origin, answers }).map_err(Problem::invalid_fields)
    }
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
