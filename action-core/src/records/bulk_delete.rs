//! `bulkDelete`: many rows are removed, all of them or as many as can be.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::bulk::Mode;
use super::bulk_params::{self, Chosen, RowsTold};
use super::together::together;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::ports::BulkChange;
use crate::{FieldErrors, Refusal};

pub(super) struct BulkDelete;

/// The parameters of `bulkDelete`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct BulkDeleteParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The records' keys; one that is named twice counts once.
    #[garde(length(min = 1, max = 10_000))]
    ids: Option<Vec<Json>>,
    /// What must hold of the records, instead of `ids`: `{"field","operator","value"}`, `{"and":[…]}`, `{"or":[…]}`,
    /// `{"not":…}`.
    #[serde(rename = "filter")]
    _filter: Option<Json>,
    /// `atomic`: all records or none. `independent`: those that can be.
    mode: Option<Mode>,
    /// With `filter`: if more records match, none is removed.
    #[serde(rename = "maxAffected")]
    #[garde(range(min = 1, max = 100_000))]
    max_affected: Option<u32>,
}

/// A removal of many rows, checked against its entity.
pub(super) struct RowsRemoval(Chosen);

impl Input for RowsRemoval {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<BulkDeleteParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, target) = together::<BulkDeleteParams, _>(intake, bulk_params::target)?;
        Ok(Self(Chosen::of(target, params.mode)?))
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// What `bulkDelete` answers.
#[derive(Debug, Serialize)]
pub(super) struct RowsRemoved {
    deleted: u64,
    #[serde(flatten)]
    rows: RowsTold,
}

impl ActionHandler for BulkDelete {
    type Input = (RowsRemoval,);
    type Output = RowsRemoved;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (RowsRemoval(Chosen { target, mode }),): Self::Input,
    ) -> ActionResult<RowsRemoved> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let done = ctx.records_of(entity).change_all(&target, BulkChange::Delete, mode).await?;
        Ok(RowsRemoved { deleted: done.changed, rows: bulk_params::told(&done) })
    }
}
