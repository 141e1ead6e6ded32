//! `processWorkflow`: a transition of one record.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::together::together;
use super::transition::LONGEST_COMMENT;
use super::update::refuse_version;
use super::values;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::registry::{Aim, Aimed};
use crate::value::Value;
use crate::{FieldError, FieldErrors, Refusal};

pub(super) struct ProcessWorkflow;

/// The parameters of `processWorkflow`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct TransitionParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The record's key.
    #[serde(rename = "id")]
    _id: Json,
    /// Which transition; those of a record are listed by `listTransitions`.
    #[garde(length(chars, min = 1, max = 100))]
    transition: String,
    /// Why; some transitions ask for it.
    #[garde(length(chars, max = LONGEST_COMMENT))]
    comment: Option<String>,
    /// The version the record must still have.
    #[garde(range(min = 1))]
    version: Option<i64>,
}

/// A transition of one record, checked as far as that goes without the record.
pub(super) struct Wanted {
    key: Value,
    params: TransitionParams,
}

impl Input for Wanted {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<TransitionParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, key) = together::<TransitionParams, _>(intake, |entity, intake, errors| {
            let key = values::key(entity, intake, errors);
            let asks = intake.aimed.transition.as_ref().is_some_and(|it| it.comment_required());
            let comment = intake.params.get("comment").filter(|it| !it.is_null());
            if asks && comment.is_none_or(|it| it.as_str().is_some_and(|it| it.trim().is_empty())) {
                errors.push(FieldError::required("comment"));
            }
            refuse_version(entity, intake, errors);
            key
        })?;
        Ok(Self { key: key.ok_or_else(|| FieldError::required("id"))?, params })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// What `processWorkflow` answers.
#[derive(Debug, Serialize)]
pub(super) struct TransitionReply {
    from: String,
    to: String,
    record: Json,
}

impl ActionHandler for ProcessWorkflow {
    type Input = (Wanted,);
    type Output = TransitionReply;

    fn aim(&self, params: &Map<String, Json>, aim: &Aim<'_>) -> Result<Aimed, Refusal> {
        aim.by_transition(params)
    }

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (Wanted { key, params },): Self::Input,
    ) -> ActionResult<TransitionReply> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let mut records = ctx.records_of(entity);
        let comment = params.comment.as_deref();
        let made = records.transition(&key, &params.transition, comment, params.version).await?;
        Ok(TransitionReply { from: made.from, to: made.to, record: made.record.to_json() })
    }
}
