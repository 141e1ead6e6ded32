//! The body of a click on a stored action: what was clicked, from where, and answers given so far. Which action it is,
//! and with what, is stored; a member that says otherwise is not known.

use action_core::{FieldError, FieldErrors, Origin, SentAnswer};
use serde_json::Value;
use uuid::Uuid;

use super::answers::answers;
use super::body::{Body, wrong_type};
use super::origin;
use crate::problem::Problem;
use crate::query::uuid;

/// A click, well formed.
#[derive(Debug, Default)]
pub(crate) struct RunEnvelope {
    /// The item of a dropdown.
    pub(crate) item: Option<Uuid>,
    pub(crate) origin: Origin,
    pub(crate) answers: Vec<SentAnswer>,
}

impl RunEnvelope {
    /// Reads a body; nothing at all is as good as an empty object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let Body { members, unknown } = Body::parse(bytes, ["itemId", "context", "retryResults"])?;
        let [item_id, context, retry_results] = members.map(|it| it.filter(|it| !it.is_null()));
        let mut errors = FieldErrors::default();
        let item = item_id.and_then(|it| match it {
            Value::String(text) if uuid(&text).is_some() => uuid(&text),
            _ => {
                wrong_type("itemId", "a UUID", &mut errors);
                None
            }
        });
        let origin = context.map(|it| origin(it, &mut errors)).unwrap_or_default();
        let answers = retry_results.map(|it| answers(it, &mut errors)).unwrap_or_default();
        errors.extend(unknown.into_iter().map(FieldError::unknown));
        errors.into_result(Self { item, origin, answers }).map_err(Problem::invalid_fields)
    }
}
