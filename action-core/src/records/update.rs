//! `updateRecord`: a change of one row. An absent column is unchanged, `null` clears one that may be empty.

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
use crate::{FieldError, FieldErrors, Refusal};

pub(super) struct UpdateRecord;

/// The parameters of `updateRecord`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct UpdateParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The record's key.
    #[serde(rename = "id")]
    _id: Json,
    /// At least one column and its new value.
    #[serde(rename = "values")]
    _values: Map<String, Json>,
    /// The version the record must still have.
    #[garde(range(min = 1))]
    version: Option<i64>,
}

/// A change, checked against its entity.
pub(super) struct RowChange {
    key: Value,
    values: Vec<(ColumnIndex, Value)>,
    version: Option<i64>,
}

impl Input for RowChange {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<UpdateParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, (key, values)) = together::<UpdateParams, _>(intake, |entity, intake, errors| {
            let key = values::key(entity, intake, errors);
            let values = values::sent(intake).map(|it| values::for_update(entity, it, errors));
            refuse_version(entity, intake, errors);
            (key, values.unwrap_or_default())
        })?;
        let key = key.ok_or_else(|| FieldError::required("id"))?;
        Ok(Self { key, values, version: params.version })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// An entity without versions cannot promise that nobody else changed the row.
pub(super) fn refuse_version(entity: &crate::entity::Entity, intake: &Intake<'_>, errors: &mut FieldErrors) {
    if intake.params.get("version").is_some_and(|it| !it.is_null()) && entity.version_index().is_none() {
        errors.add("version", "unknown_field", format!("{} has no versions", entity.name()));
    }
}

impl ActionHandler for UpdateRecord {
    type Input = (RowChange,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (change,): Self::Input) -> ActionResult<Json> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let RowChange { key, values, version } = change;
        let made = ctx.records_of(entity).update_last(&key, &values, version).await;
        let made = made.map_err(values::under_values)?;
        Ok(made.to_json())
    }
}
