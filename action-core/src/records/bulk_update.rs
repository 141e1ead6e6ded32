//! `bulkUpdate`: the same change of many rows, all of them or as many as can be.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::bulk::Mode;
use super::bulk_params::{self, Chosen, RowsTold};
use super::together::together;
use super::values;
use crate::context::ActionContext;
use crate::entity::ColumnIndex;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::ports::BulkChange;
use crate::value::Value;
use crate::{FieldErrors, Refusal};

pub(super) struct BulkUpdate;

/// The parameters of `bulkUpdate`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct BulkUpdateParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// At least one column and its new value.
    #[serde(rename = "values")]
    _values: Map<String, Json>,
    /// The records' keys; one that is named twice counts once.
    #[garde(length(min = 1, max = 10_000))]
    ids: Option<Vec<Json>>,
    /// What must hold of the records, instead of `ids`: `{"field","operator","value"}`, `{"and":[…]}`, `{"or":[…]}`,
    /// `{"not":…}`.
    #[serde(rename = "filter")]
    _filter: Option<Json>,
    /// `atomic`: all records or none. `independent`: those that can be.
    mode: Option<Mode>,
    /// With `filter`: if more records match, none is changed.
    #[serde(rename = "maxAffected")]
    #[garde(range(min = 1, max = 100_000))]
    max_affected: Option<u32>,
}

/// A change of many rows, checked against its entity.
pub(super) struct RowsChange {
    chosen: Chosen,
    values: Vec<(ColumnIndex, Value)>,
}

impl Input for RowsChange {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<BulkUpdateParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, (target, values)) =
            together::<BulkUpdateParams, _>(intake, |entity, intake, errors| {
                let values = values::sent(intake).map(|it| values::for_update(entity, it, errors));
                (bulk_params::target(entity, intake, errors), values.unwrap_or_default())
            })?;
        Ok(Self { chosen: Chosen::of(target, params.mode)?, values })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// What `bulkUpdate` answers.
#[derive(Debug, Serialize)]
pub(super) struct RowsChanged {
    updated: u64,
    #[serde(flatten)]
    rows: RowsTold,
}

impl ActionHandler for BulkUpdate {
    type Input = (RowsChange,);
    type Output = RowsChanged;

    async fn execute(
        &self,
        ctx: &mut ActionContext<'_>,
        (change,): Self::Input,
    ) -> ActionResult<RowsChanged> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let RowsChange { chosen: Chosen { target, mode }, values } = change;
        let done = ctx.records_of(entity).change_all(&target, BulkChange::Update(&values), mode).await;
        let done = done.map_err(values::under_values)?;
        Ok(RowsChanged { updated: done.changed, rows: bulk_params::told(&done) })
    }
}
