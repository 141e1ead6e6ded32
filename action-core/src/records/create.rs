//! `createRecord`: a new row of an entity.

use schemars::JsonSchema;
use serde_json::{Map, Value as Json};

use super::together::together;
use super::values;
use crate::context::ActionContext;
use crate::entity::ColumnIndex;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::value::Value;
use crate::{FieldErrors, Refusal};

pub(super) struct CreateRecord;

/// The parameters of `createRecord`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct CreateParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// Columns and their values.
    #[serde(rename = "values")]
    _values: Map<String, Json>,
}

/// The values of the new row, checked against its entity.
pub(super) struct NewRow(Vec<(ColumnIndex, Value)>);

impl Input for NewRow {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<CreateParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (_, values) = together::<CreateParams, _>(intake, |entity, intake, errors| {
            values::sent(intake).map(|it| values::for_insert(entity, it, errors)).unwrap_or_default()
        })?;
        Ok(Self(values))
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

impl ActionHandler for CreateRecord {
    type Input = (NewRow,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (row,): Self::Input) -> ActionResult<Json> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let made = ctx.records_of(entity).insert_last(&row.0).await.map_err(values::under_values)?;
        Ok(made.to_json())
    }
}
