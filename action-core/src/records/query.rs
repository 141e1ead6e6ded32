//! `executeQuery`: a page of an entity's rows, by a filter of the caller's or by a registered query.
//!
//! What is listed is read in `listed`; here it is cut into pages.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::listed::{Listed, MOST_FIELDS, by_entity_or_query, describe_listed, listed};
use super::together::together;
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::entity::ColumnIndex;
use crate::error::{ActionError, ActionResult};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake};
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed};

/// As many rows as a page has, unless the call says otherwise.
const DEFAULT_LIMIT: u32 = 100;

pub(super) struct ExecuteQuery;

/// The parameters of `executeQuery`: `entity` or `query`, and what narrows it down.
#[derive(serde::Deserialize, JsonSchema, garde::Validate)]
#[garde(allow_unvalidated)]
struct QueryParams {
    /// Name, alias or type id of the entity to list.
    #[serde(rename = "entity")]
    _entity: Option<String>,
    /// What must hold: `{"field","operator","value"}`, `{"and":[…]}`, `{"or":[…]}`, `{"not":…}`.
    #[serde(rename = "filter")]
    _filter: Option<Json>,
    /// The order: `[{"field","direction":"asc|desc"}]`, always ended by the key; nulls last.
    #[serde(rename = "sort")]
    _sort: Option<Json>,
    /// How many records at most; 100 unless given.
    #[garde(range(min = 1, max = 1000))]
    limit: Option<u32>,
    /// How many records to pass over first.
    #[garde(range(max = 1_000_000_000_000_u64))]
    offset: Option<u64>,
    /// The columns to return; all readable ones unless given. The key is always returned.
    #[garde(length(min = 1, max = MOST_FIELDS))]
    fields: Option<Vec<String>>,
    /// A registered query, instead of `entity` and `filter`.
    #[serde(rename = "query")]
    _query: Option<String>,
    /// The registered query's arguments.
    #[serde(rename = "arguments")]
    _arguments: Option<Map<String, Json>>,
}

/// A query, checked against its entity.
pub(super) struct Checked {
    listed: Listed,
    limit: u32,
    offset: u64,
}

impl Input for Checked {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        describe_listed::<QueryParams>(shape);
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, listed) = together::<QueryParams, _>(intake, listed)?;
        Ok(Self { listed, limit: params.limit.unwrap_or(DEFAULT_LIMIT), offset: params.offset.unwrap_or(0) })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// A page of records, as `executeQuery` answers it.
#[derive(Debug, Serialize)]
pub struct QueryReply {
    /// The records, in the order asked for.
    pub records: Vec<Json>,
    /// How many match in all.
    pub total: u64,
    /// How many records at most were asked for.
    pub limit: u32,
    /// How many were passed over.
    pub offset: u64,
}

impl ActionHandler for ExecuteQuery {
    type Input = (Checked,);
    type Output = QueryReply;

    fn aim(&self, params: &Map<String, Json>, aim: &Aim<'_>) -> Result<Aimed, Refusal> {
        by_entity_or_query(params, aim)
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (query,): Self::Input) -> ActionResult<QueryReply> {
        let entity = ctx.entity().ok_or(Refusal::NotFound)?;
        let Checked { listed: Listed { filter, sort, fields }, limit, offset } = query;
        let page = ctx.records_of(entity).query_checked(filter.as_ref(), &sort, limit, offset).await?;
        let wanted = |index: ColumnIndex| fields.as_ref().is_none_or(|it| it.contains(&index));
        let records = page.records.iter().map(|it| it.to_json_of(wanted)).collect();
        Ok(QueryReply { records, total: page.total, limit, offset })
    }
}
