//! The answers to questions that earlier runs of a call asked.

use action_core::{FieldError, FieldErrors, SentAnswer};
use serde_json::{Map, Value};

use super::body::{refuse_rest, wrong_type};
use super::custom::attributes;

/// Most answers of one conversation.
const MOST_ANSWERS: usize = 100;

pub(super) fn answers(value: Value, errors: &mut FieldErrors) -> Vec<SentAnswer> {
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

fn answer(index: usize, value: Value, errors: &mut FieldErrors) -> Option<SentAnswer> {
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
    // Whatever it is, if it is not what came with the question the question is asked again.
    let state = match members.remove("state") {
        Some(Value::String(state)) => Some(state),
        _ => None,
    };
    let values = form(&at, members.remove("persistentObject"), errors);
    refuse_rest(&at, members, errors);
    Some(SentAnswer { step: step?, option: option?, state, values })
}

/// The form that came with the question, filled in.
fn form(at: &str, value: Option<Value>, errors: &mut FieldErrors) -> Option<Map<String, Value>> {
    let at = format!("{at}.persistentObject");
    match value {
        None | Some(Value::Null) => None,
        Some(Value::Object(mut members)) => {
            members.remove("attributes").map(|it| attributes(&format!("{at}.attributes"), it, errors))
        }
        Some(_) => {
            wrong_type(at, "an object", errors);
            None
        }
    }
}
