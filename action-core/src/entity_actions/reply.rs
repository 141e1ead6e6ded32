//! What a function answered -> what the caller is told.
//!
//! What the function says counts before what its definition says, and that before the general. Empty is as good as absent.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::EntityAction;
use crate::refusal::Refusal;

const SUCCESS: &str = "Action completed successfully";
const FAILURE: &str = "The action failed";

/// A success.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityReply {
    /// True: a failure is a refusal.
    pub success: bool,
    /// What to tell the person.
    pub message: String,
    /// Where to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub navigate_to: Option<String>,
    /// Whether to load again what is shown.
    pub refresh: bool,
    /// Whatever else the function has to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
}

/// Reads a function's answer. What says of itself that it failed is refused, so that what it wrote is undone.
pub(crate) fn read(action: &EntityAction, answer: Json) -> Result<EntityReply, Refusal> {
    let mut answer = match answer {
        Json::Object(members) => members,
        Json::Null => Map::new(),
        // As a function that returns a boolean means it.
        Json::Bool(success) => Map::from_iter([("success".to_owned(), success.into())]),
        other => Map::from_iter([("data".to_owned(), other)]),
    };
    match answer.get("success") {
        None | Some(Json::Bool(true)) => {}
        Some(Json::Bool(false)) => {
            let said = said(&answer, "message").or_else(|| said(&answer, "error"));
            return Err(Refusal::conflict("action_failed", said.unwrap_or(FAILURE).to_owned()));
        }
        Some(_) => return Err(Refusal::InvalidResult),
    }
    let default = |text: &Option<String>| text.clone().filter(|it| !it.is_empty());
    let message = said(&answer, "message").map(str::to_owned);
    let navigate_to = said(&answer, "navigate_to").map(str::to_owned);
    Ok(EntityReply {
        success: true,
        message: message
            .or_else(|| default(&action.default_success_message))
            .unwrap_or_else(|| SUCCESS.to_owned()),
        navigate_to: navigate_to.or_else(|| default(&action.default_navigate_to)),
        refresh: answer.get("refresh").and_then(Json::as_bool).unwrap_or(action.refresh_after_action),
        data: answer.remove("data").filter(|it| !it.is_null()),
    })
}

fn said<'a>(answer: &'a Map<String, Json>, name: &str) -> Option<&'a str> {
    answer.get(name).and_then(Json::as_str).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(answer: Json) -> Result<Json, String> {
        let action = EntityAction {
            default_success_message: Some("By default".to_owned()),
            default_navigate_to: Some(String::new()),
            refresh_after_action: false,
            ..EntityAction::empty()
        };
        let read = read(&action, answer).map_err(|it| format!("{}: {it}", it.code()))?;
        Ok(serde_json::to_value(read).unwrap())
    }

    #[test]
    fn what_the_function_says_counts_before_its_definition() {
        let default = json!({ "success": true, "message": "By default", "refresh": false });
        for answer in [json!(null), json!(true), json!({}), json!({ "message": "", "refresh": null })] {
            assert_eq!(told(answer.clone()), Ok(default.clone()), "{answer}");
        }
        let own =
            json!({ "success": true, "message": "Own", "navigate_to": "/a", "refresh": true, "data": [1] });
        assert_eq!(told(own.clone()), Ok(own));
        let data = json!({ "success": true, "message": "By default", "refresh": false, "data": 7 });
        assert_eq!(told(json!(7)), Ok(data));
    }

    #[test]
    fn a_failure_says_why_and_what_is_neither_is_no_result() {
        for (answer, expected) in [
            (json!({ "success": false, "message": "No" }), "action_failed: No"),
            (json!({ "success": false, "error": "No" }), "action_failed: No"),
            (json!({ "success": false, "message": "" }), "action_failed: The action failed"),
            (json!(false), "action_failed: The action failed"),
        ] {
            assert_eq!(told(answer), Err(expected.to_owned()));
        }
        for answer in [json!({ "success": "yes" }), json!({ "success": 1 }), json!({ "success": null })] {
            assert!(told(answer.clone()).is_err_and(|it| it.starts_with("invalid_result")), "{answer}");
        }
    }
}
