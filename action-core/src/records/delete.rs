//! `deleteRecord`: a row is removed. The second time there is none to remove.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::together::together;
use super::update::refuse_version;
use super::values;
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::value::Value;
use crate::{FieldError, FieldErrors, Refusal};

pub(super) struct DeleteRecord;

/// The parameters of `deleteRecord`.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct DeleteParams {
    /// Name, alias or type id of the entity.
    #[serde(rename = "entity")]
    _entity: String,
    /// The record's key.
    #[serde(rename = "id")]
    _id: Json,
    /// The version the record must still have.
    #[garde(range(min = 1))]
    version: Option<i64>,
}

/// A removal, checked against its entity.
pub(super) struct Removal {
    key: Value,
    version: Option<i64>,
}

impl Input for Removal {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<DeleteParams>::describe(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, key) = together::<DeleteParams, _>(intake, |entity, intake, errors| {
            let key = values::key(entity, intake, errors);
            refuse_version(entity, intake, errors);
            key
        })?;
        let key = key.ok_or_else(|| FieldError::required("id"))?;
        Ok(Self { key, version: params.version })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// What is left to say of a removed record.
#[derive(Serialize)]
pub(super) struct Removed {
    id: Json,
}

impl ActionHandler for DeleteRecord {
    type Input = (Removal,);
    type Output = Removed;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (removal,): Self::Input) -> ActionResult<Removed> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let gone = ctx.records_of(entity).delete(&removal.key, removal.version).await?;
        Ok(Removed { id: gone.key().to_json() })
    }
}
