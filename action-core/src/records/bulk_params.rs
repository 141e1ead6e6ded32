//! What the bulk actions have in common beside the work: the rows that a request names (`ids`, or `filter` with
//! `maxAffected`, and never both), and what an answer tells of them.

use serde::Serialize;
use serde_json::Value as Json;

use super::bulk::{BulkDone, Mode, Target};
use crate::entity::Entity;
use crate::expression::Expression;
use crate::input::Intake;
use crate::ports::MOST_BULK_KEYS;
use crate::refusal::Refusal;
use crate::value::Value;
use crate::{FieldError, FieldErrors};

/// The rows of a request that is in order, and what one that cannot be changed means for the others.
pub(super) struct Chosen {
    pub(super) target: Target,
    pub(super) mode: Mode,
}

impl Chosen {
    pub(super) fn of(target: Option<Target>, mode: Option<Mode>) -> Result<Self, FieldErrors> {
        // Without a target its mistakes were told before.
        let target = target.ok_or_else(|| FieldError::required("ids"))?;
        Ok(Self { target, mode: mode.unwrap_or_default() })
    }
}

/// The rows a request names, or what is wrong with them.
pub(super) fn target(entity: &Entity, intake: &Intake<'_>, errors: &mut FieldErrors) -> Option<Target> {
    let given = |name: &str| intake.params.get(name).filter(|it| !it.is_null());
    let at_most = given("maxAffected");
    match (given("ids"), given("filter")) {
        (None, None) => {
            errors.add("ids", "required", "ids or filter is required");
            None
        }
        (Some(_), Some(_)) => {
            errors.add("filter", "not_allowed", "filter cannot be combined with ids");
            None
        }
        (Some(ids), None) => {
            if at_most.is_some() {
                errors.add("maxAffected", "not_allowed", "maxAffected belongs to a filter");
            }
            // What is no list is told with the other parameters.
            Some(Target::Keys(keys(entity, ids.as_array()?, errors)))
        }
        (None, Some(filter)) => {
            if at_most.is_none() {
                errors.push(FieldError::required("maxAffected"));
            }
            let filter = Expression::filter(filter, &entity.readable_fields());
            let filter = filter.map_err(|its| errors.extend_under("", its)).ok()?;
            // So is what is no number.
            let at_most = at_most.and_then(Json::as_u64).and_then(|it| u32::try_from(it).ok())?;
            Some(Target::Matching { filter, at_most })
        }
    }
}

fn keys(entity: &Entity, ids: &[Json], errors: &mut FieldErrors) -> Vec<Value> {
    // A list that is far too long is one mistake, told with the other parameters.
    if ids.len() > MOST_BULK_KEYS {
        return Vec::new();
    }
    let mut keys = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        match entity.key().kind().read(id) {
            Ok(key) if !key.is_null() => keys.push(key),
            _ if errors.is_full() => break,
            Ok(_) => errors.push(FieldError::required(format!("ids[{at}]"))),
            Err(expected) => {
                errors.add(format!("ids[{at}]"), "wrong_type", format!("ids[{at}] must be {expected}"));
            }
        }
    }
    keys
}

/// A row that was left as it is, as an answer tells it.
#[derive(Debug, Serialize)]
struct FailedRow {
    id: Json,
    code: String,
    message: String,
}

/// The rows of an answer: those that were changed, and those that were not.
#[derive(Debug, Serialize)]
pub(super) struct RowsTold {
    #[serde(skip_serializing_if = "Option::is_none")]
    ids: Option<Vec<Json>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<FailedRow>,
}

pub(super) fn told(done: &BulkDone) -> RowsTold {
    let ids = done.keys.as_ref().map(|keys| keys.iter().map(Value::to_json).collect());
    let failed = done.failed.iter().map(|it| {
        let code = match &it.refusal {
            // More precise than `validation_failed`.
            Refusal::Invalid { errors, .. } => errors.iter().next().map(|it| it.code.to_string()),
            _ => None,
        };
        FailedRow {
            id: it.key.to_json(),
            code: code.unwrap_or_else(|| it.refusal.code().to_owned()),
            message: it.refusal.to_string(),
        }
    });
    RowsTold { ids, failed: failed.collect() }
}
