//! The rows that a call lists: `entity` with a filter of the caller's, or a registered query; their order and columns.
//!
//! A caller never sends a statement. A filter names readable columns of the entity and is checked against their
//! types; a registered query is written in Rust and takes arguments. What becomes of the rows, a page or a report, is
//! the action's.

use serde_json::{Map, Value as Json};

use crate::entity::{ColumnIndex, Entity};
use crate::expression::{Expression, Sort};
use crate::input::{Input, InputShape, Intake, Params};
use crate::queries::NamedQuery;
use crate::refusal::Refusal;
use crate::registry::{Aim, Aimed};
use crate::{FieldError, FieldErrors};

/// Most columns that a call names one by one.
pub(crate) const MOST_FIELDS: usize = 200;

/// Which rows a call lists, in which order, and which columns of them.
pub(crate) struct Listed {
    pub(crate) filter: Option<Expression>,
    pub(crate) sort: Sort,
    /// As they were named; none where all are wanted.
    pub(crate) fields: Option<Vec<ColumnIndex>>,
}

/// Describes the parameters of an action that lists rows; registered queries are part of them.
pub(crate) fn describe_listed<P>(shape: &mut InputShape)
where
    Params<P>: Input,
{
    Params::<P>::describe(shape);
    shape.queries = true;
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
