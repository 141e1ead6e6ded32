//! Runs an action on many rows, each in a savepoint: all of them, or those that can be.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::run::{self, Asked, Row};
use super::table::key_text;
use super::{EntityReply, MOST_ROWS, params};
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult, Stop, causes};
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::members::Reader;
use crate::ports::{SavepointStep, StoreError};
use crate::refusal::Refusal;
use crate::{FieldErrors, Value};

pub(super) struct RunMany;

/// What became of the rows.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the members are named by the contract")]
pub(super) struct Results {
    success: bool,
    succeeded: usize,
    failed: usize,
    results: Vec<RowResult>,
}

/// What became of one.
#[derive(Serialize)]
struct RowResult {
    entity_id: Json,
    success: bool,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

struct Many {
    asked: Asked,
    ids: Vec<Json>,
    is_atomic: bool,
}

fn read(sent: &Map<String, Json>) -> Result<Many, FieldErrors> {
    let mut reader = Reader::whole(sent.clone());
    let asked = Asked::take(&mut reader);
    let ids = match reader.take("entity_ids") {
        None => {
            reader.missing("entity_ids");
            None
        }
        Some(Json::Array(ids)) if ids.is_empty() || ids.len() > MOST_ROWS => {
            let code = if ids.is_empty() { "too_few" } else { "too_many" };
            reader.errors.add("entity_ids", code, format!("entity_ids must have 1 to {MOST_ROWS} entries"));
            None
        }
        Some(Json::Array(ids)) => Some(ids),
        Some(_) => {
            reader.errors.add("entity_ids", "wrong_type", "entity_ids must be a list");
            None
        }
    };
    let is_atomic = match reader.take("mode") {
        None | Some(Json::Null) => Some(true),
        Some(Json::String(mode)) if mode == "atomic" => Some(true),
        Some(Json::String(mode)) if mode == "independent" => Some(false),
        Some(_) => {
            reader.errors.add("mode", "not_allowed", "mode must be one of atomic, independent");
            None
        }
    };
    let many = asked.zip(ids).zip(is_atomic);
    reader.end(many.map(|((asked, ids), is_atomic)| Many { asked, ids, is_atomic }))
}

impl ActionHandler for RunMany {
    type Input = (AnyParams,);
    type Output = Results;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<Results> {
        let Many { asked, ids, is_atomic } = read(&sent.0).map_err(Refusal::validation)?;
        let action = run::find(ctx, &asked).await?;
        if !action.show_on_list {
            let told = "this action is not one of lists";
            return Err(Refusal::conflict("not_available", told).into());
        }
        let table = run::table(ctx, &action).await?;
        let keys = keys(&table, &ids)?;
        let given = params::check(ctx, &action.parameters, &asked.params).await?;
        // All at once and in one order, so that two calls do not wait for each other crosswise.
        let (store, tenant) = (run::store(ctx), ctx.tenant_id());
        store.hold(ctx.unit.transaction().await?, &table, tenant, &keys).await?;
        let mut results = Vec::with_capacity(keys.len());
        for key in keys {
            let entity_id = key.to_json();
            let row = Row { action: &action, table: &table, key, params: &given };
            results.push(one(ctx, &row, entity_id).await?);
        }
        let failed = results.iter().filter(|it| !it.success).count();
        let succeeded = results.len() - failed;
        let all = Results { success: failed == 0, succeeded, failed, results };
        if is_atomic && failed > 0 {
            return Err(Refusal::RowsFailed { results: json!(all.results) }.into());
        }
        ctx.set_affected(succeeded as u64);
        Ok(all)
    }
}

/// The keys in the order of the request; repeated ones count once.
fn keys(table: &super::HostTable, ids: &[Json]) -> Result<Vec<Value>, Refusal> {
    let mut seen = HashSet::new();
    let mut keys = Vec::with_capacity(ids.len());
    let mut errors = FieldErrors::default();
    for (at, id) in ids.iter().enumerate() {
        match table.read_key(id) {
            Ok(key) if seen.insert(key_text(&key)) => keys.push(key),
            Ok(_) => {}
            Err(expected) => {
                let field = format!("entity_ids[{at}]");
                errors.add(field.clone(), "wrong_type", format!("{field} must be {expected}"));
            }
        }
    }
    errors.into_result(keys).map_err(Refusal::validation)
}

/// Runs one, and undoes it where it fails. Only what the next row would meet too ends the whole.
async fn one(ctx: &mut ActionContext<'_>, row: &Row<'_>, entity_id: Json) -> Result<RowResult, ActionError> {
    let store = run::store(ctx);
    store.savepoint(ctx.unit.transaction().await?, SavepointStep::Set).await?;
    let mark = ctx.mark();
    let (step, result) = match row.run(ctx).await {
        Ok(EntityReply { message, .. }) => {
            ctx.keep(mark);
            (SavepointStep::Release, RowResult { entity_id, success: true, message, code: None })
        }
        Err(error) => {
            let refusal = of_row(ctx, error)?;
            if let Refusal::Internal(cause) = &refusal {
                let (action, cause) = (&row.action.action_name, causes(cause.as_ref()));
                tracing::error!(%action, %entity_id, %cause, "an action broke on one of many rows");
            }
            ctx.back_to(mark);
            let (code, message) = (Some(refusal.code().to_owned()), refusal.to_string());
            (SavepointStep::Undo, RowResult { entity_id, success: false, message, code })
        }
    };
    store.savepoint(ctx.unit.transaction().await?, step).await?;
    Ok(result)
}

/// What a row's error is for the row alone.
fn of_row(ctx: &ActionContext<'_>, error: ActionError) -> Result<Refusal, ActionError> {
    let fault = match error.0 {
        Stop::Refused(Refusal::Timeout { .. } | Refusal::Unavailable(_)) | Stop::Asked(_) => {
            return Err(error);
        }
        Stop::Refused(refusal) => return Ok(refusal),
        Stop::Fault(fault) => fault,
    };
    let known = match fault.downcast::<StoreError>() {
        Ok(error) => Ok(*error),
        Err(fault) => ctx.engine().unit_of_work.classify(fault),
    };
    match known {
        Ok(error @ (StoreError::Unavailable(_) | StoreError::TimedOut(_) | StoreError::Contention(_))) => {
            Err(error.into())
        }
        Ok(error) => Ok(error.into()),
        Err(fault) => Ok(Refusal::Internal(fault)),
    }
}
