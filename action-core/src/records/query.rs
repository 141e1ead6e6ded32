//! `executeQuery`: a page of an entity's rows, by a filter of the caller's or by a registered query.
//!
//! A caller never sends a statement. A filter names readable columns of the entity and is checked against their
//! types; a registered query is written in Rust and takes arguments.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::together::together;
use crate::context::ActionContext;
use crate::entity::{ColumnIndex, Entity};
use crate::error::{ActionError, ActionResult};
use crate::expression::{Expression, Sort};
use crate::handler::ActionHandler;
use crate::input::{Input, InputShape, Intake, Params};
use crate::queries::NamedQuery;
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed};
use crate::{FieldError, FieldErrors};

/// As many rows as a page has, unless the call says otherwise.
const DEFAULT_LIMIT: u32 = 100;

/// Most columns that a call names one by one.
pub(crate) const MOST_FIELDS: usize = 200;

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

/// Which rows a call lists, in which order, and which columns of them.
pub(crate) struct Listed {
    pub(crate) filter: Option<Expression>,
    pub(crate) sort: Sort,
    /// As they were named; none where all are wanted.
    pub(crate) fields: Option<Vec<ColumnIndex>>,
}

impl Input for Checked {
    type Checked = Self;

    fn describe(shape: &mut InputShape) {
        Params::<QueryParams>::describe(shape);
        shape.queries = true;
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self, FieldErrors> {
        let (params, listed) = together::<QueryParams, _>(intake, listed)?;
        Ok(Self { listed, limit: params.limit.unwrap_or(DEFAULT_LIMIT), offset: params.offset.unwrap_or(0) })
    }

    fn assemble(checked: Self, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(checked)
    }
}

/// Reads `filter`, or `query` with `arguments`, and `sort` and `fields`.
pub(crate) fn listed(entity: &Entity, intake: &Intake<'_>, errors: &mut FieldErrors) -> Listed {
    let filter = match &intake.aimed.query {
        Some(query) => registered(query, entity, intake, errors),
        None => sent(entity, intake, errors),
    };
    let sort = given(intake, "sort")
        .map_or_else(|| Ok(Sort::default()), |it| Sort::read(it, &entity.readable_fields()))
        .map_err(|its| errors.extend_under("", its))
        .unwrap_or_default();
    let fields = given(intake, "fields").and_then(Json::as_array);
    // A list that is far too long is one mistake, told with the other parameters.
    let fields = fields.filter(|it| it.len() <= MOST_FIELDS);
    Listed { filter, sort, fields: fields.map(|names| read_fields(entity, names, errors)) }
}

/// What a call aims at that lists rows: the registered query it names, or else the entity.
pub(crate) fn by_entity_or_query(params: &Map<String, Json>, aim: &Aim<'_>) -> Result<Aimed, Refusal> {
    if params.contains_key("query") {
        return aim.by_query(params);
    }
    if !params.contains_key("entity") {
        let error = FieldError::new("entity", "required", "entity or query is required");
        return Err(Refusal::validation(error.into()));
    }
    aim.by_entity(params)
}

/// A member of the parameters that is there and not null.
fn given<'i>(intake: &'i Intake<'_>, name: &str) -> Option<&'i Json> {
    intake.params.get(name).filter(|it| !it.is_null())
}

/// The condition of a registered query, with the arguments that were sent.
fn registered(
    query: &NamedQuery,
    entity: &Entity,
    intake: &Intake<'_>,
    errors: &mut FieldErrors,
) -> Option<Expression> {
    for name in ["entity", "filter"] {
        if given(intake, name).is_some() {
            errors.add(name, "not_allowed", format!("{name} cannot be combined with query"));
        }
    }
    let arguments = match given(intake, "arguments") {
        None => Map::new(),
        Some(Json::Object(arguments)) => arguments.clone(),
        Some(_) => return None,
    };
    match query.condition(arguments, intake) {
        Err(its) => {
            errors.extend_under("arguments", its);
            None
        }
        // A draft that does not fit the entity is a mistake of the application's; it is told by name.
        Ok(draft) => draft.check(entity.all_fields()).map_err(|its| errors.extend_under("query", its)).ok(),
    }
}

/// The caller's own filter.
fn sent(entity: &Entity, intake: &Intake<'_>, errors: &mut FieldErrors) -> Option<Expression> {
    if given(intake, "arguments").is_some() {
        errors.add("arguments", "not_allowed", "arguments belong to a query");
    }
    let filter = Expression::filter(given(intake, "filter")?, &entity.readable_fields());
    filter.map_err(|its| errors.extend_under("", its)).ok()
}

fn read_fields(entity: &Entity, names: &[Json], errors: &mut FieldErrors) -> Vec<ColumnIndex> {
    let mut fields = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        // What is no text is told with the other parameters.
        let Some(name) = name.as_str() else { continue };
        match entity.column_named(name).filter(|(_, it)| it.is_readable()) {
            Some((index, _)) => fields.push(index),
            None => {
                let field = format!("fields[{at}]");
                errors.add(field, "unknown_field", format!("{} has no field `{name}`", entity.name()));
            }
        }
    }
    fields
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
