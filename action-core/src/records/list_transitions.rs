//! `listWorkflows`, `listTransitions` and `workflowHistory`: what ways there are, where a record may go from here, and
//! how it came here.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::together::together;
use super::transition::ListedTransition;
use super::values;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::ports::HistoryEntry;
use crate::value::Value;
use crate::workflows::WorkflowDescription;
use crate::{FieldError, FieldErrors, Refusal};

/// As many entries as a page of the history has, unless the call says otherwise.
const DEFAULT_LIMIT: u32 = 50;

pub(super) struct ListWorkflows;
pub(super) struct ListTransitions;
pub(super) struct WorkflowHistory;

/// The parameters of `listWorkflows`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
pub(super) struct EntityParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
}

/// The parameters of `listTransitions`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct RecordParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The record's key.
    #[serde(rename = "id")]
    _id: Json,
}

/// The parameters of `workflowHistory`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct HistoryParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The record's key.
    #[serde(rename = "id")]
    _id: Json,
    /// How many entries at most; 50 unless given.
    #[garde(range(min = 1, max = 200))]
    limit: Option<u32>,
    /// How many entries to pass over first.
    #[garde(range(max = 1_000_000_000_000_u64))]
    offset: Option<u64>,
}

/// Which record.
pub(super) struct OfRecord(Value);

/// Which record, and which part of its history.
pub(super) struct OfHistory {
    key: Value,
    limit: u32,
    offset: u64,
}

impl Input for OfRecord {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<RecordParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (_, key) = together::<RecordParams, _>(intake, values::key)?;
        Ok(Self(key.ok_or_else(|| FieldError::required("id"))?))
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

impl Input for OfHistory {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<HistoryParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, key) = together::<HistoryParams, _>(intake, values::key)?;
        let key = key.ok_or_else(|| FieldError::required("id"))?;
        Ok(Self { key, limit: params.limit.unwrap_or(DEFAULT_LIMIT), offset: params.offset.unwrap_or(0) })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

#[derive(Debug, Serialize)]
pub(super) struct WorkflowsReply {
    workflows: Vec<WorkflowDescription>,
}

#[derive(Debug, Serialize)]
pub(super) struct TransitionsReply {
    transitions: Vec<ListedTransition>,
}

#[derive(Debug, Serialize)]
pub(super) struct HistoryReply {
    items: Vec<HistoryEntry>,
    total: u64,
    limit: u32,
    offset: u64,
}

impl ActionHandler for ListWorkflows {
    type Input = (Params<EntityParams>,);
    type Output = WorkflowsReply;

    async fn execute(&self, ctx: &mut ActionContext<'_>, _: Self::Input) -> ActionResult<WorkflowsReply> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let languages = &ctx.request().languages;
        let workflows = ctx.workflows().of(entity).iter().map(|it| it.describe(languages)).collect();
        Ok(WorkflowsReply { workflows })
    }
}

impl ActionHandler for ListTransitions {
    type Input = (OfRecord,);
    type Output = TransitionsReply;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (OfRecord(key),): Self::Input,
    ) -> ActionResult<TransitionsReply> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        Ok(TransitionsReply { transitions: ctx.records_of(entity).transitions(&key).await? })
    }
}

impl ActionHandler for WorkflowHistory {
    type Input = (OfHistory,);
    type Output = HistoryReply;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (OfHistory { key, limit, offset },): Self::Input,
    ) -> ActionResult<HistoryReply> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let page = ctx.records_of(entity).workflow_history(&key, limit, offset).await?;
        Ok(HistoryReply { items: page.items, total: page.total, limit, offset })
    }
}
