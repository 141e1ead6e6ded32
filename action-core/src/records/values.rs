//! The columns a request names, held against the entity: which may be written, and with what.

use serde_json::{Map, Value as Json};

use crate::entity::{Column, ColumnIndex, ColumnRole, Entity};
use crate::error::{ActionError, Stop};
use crate::field_errors::join;
use crate::input::Intake;
use crate::value::Value;
use crate::{FieldError, FieldErrors, Refusal};

/// The member that holds the columns.
const VALUES: &str = "values";

/// The columns that a request names, as they came; `None` where they are no object, which is told elsewhere.
pub(super) fn sent<'i>(intake: &'i Intake<'_>) -> Option<&'i Map<String, Json>> {
    intake.params.get(VALUES)?.as_object()
}

/// The values of a new row, defaults filled in.
pub(super) fn for_insert(
    entity: &Entity,
    sent: &Map<String, Json>,
    errors: &mut FieldErrors,
) -> Vec<(ColumnIndex, Value)> {
    let mut values = Vec::with_capacity(entity.columns().len());
    for (index, column) in entity.columns().iter().enumerate() {
        match sent.get(column.name()) {
            Some(json) => values.extend(read(column, json, Occasion::Insert, errors).map(|it| (index, it))),
            None if column.is_required() => errors.push(FieldError::required(at(column))),
            None => values.extend(column.default.clone().map(|it| (index, it))),
        }
    }
    refuse_unknown(entity, sent, errors);
    values
}

/// The values of a change.
pub(super) fn for_update(
    entity: &Entity,
    sent: &Map<String, Json>,
    errors: &mut FieldErrors,
) -> Vec<(ColumnIndex, Value)> {
    let mut values = Vec::with_capacity(sent.len());
    if sent.is_empty() {
        errors.add(VALUES, "too_few", "values must name at least one column");
    }
    for (index, column) in entity.columns().iter().enumerate() {
        if let Some(json) = sent.get(column.name()) {
            values.extend(read(column, json, Occasion::Update, errors).map(|it| (index, it)));
        }
    }
    refuse_unknown(entity, sent, errors);
    values
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occasion {
    Insert,
    Update,
}

fn read(column: &Column, json: &Json, occasion: Occasion, errors: &mut FieldErrors) -> Option<Value> {
    if !column.is_readable() && !column.is_writable() {
        // Told with the unknown ones: a hidden column and a missing one are one answer.
        return None;
    }
    let name = column.name();
    if column.written_by() != ColumnRole::Data {
        errors.add(at(column), "read_only", format!("{name} is set by the server"));
        return None;
    }
    if !column.is_writable() {
        errors.add(at(column), "read_only", format!("{name} cannot be written"));
        return None;
    }
    if column.initial.is_some() && occasion == Occasion::Update {
        errors.add(at(column), "read_only", format!("{name} changes through its workflow only"));
        return None;
    }
    match column.read(json) {
        Err(error) => {
            errors.push(error.under(VALUES));
            None
        }
        Ok(value) => match &column.initial {
            Some(initial) if *initial != value => {
                let message = format!("{name} of a new record is {}", initial.to_json());
                errors.add(at(column), "read_only", message);
                None
            }
            _ => Some(value),
        },
    }
}

fn refuse_unknown(entity: &Entity, sent: &Map<String, Json>, errors: &mut FieldErrors) {
    for name in sent.keys() {
        let known = entity.column_named(name).is_some_and(|(_, it)| it.is_readable() || it.is_writable());
        if !known {
            errors.push(FieldError::unknown(join(VALUES, name)));
        }
    }
}

fn at(column: &Column) -> String {
    join(VALUES, column.name())
}

/// A refusal from the store names columns; a request has them under `values`.
pub(super) fn under_values(mut error: ActionError) -> ActionError {
    if let Stop::Refused(Refusal::Invalid { errors, .. } | Refusal::Conflict { errors, .. }) = &mut error.0 {
        let mut prefixed = FieldErrors::default();
        prefixed.extend_under(VALUES, std::mem::take(errors));
        *errors = prefixed;
    }
    error
}

/// The key a request names, or what is wrong with it. That there is none is told elsewhere.
pub(super) fn key(entity: &Entity, intake: &Intake<'_>, errors: &mut FieldErrors) -> Option<Value> {
    let json = intake.params.get("id")?;
    match entity.key().kind().read(json) {
        Ok(value) if !value.is_null() => Some(value),
        Ok(_) => {
            errors.push(FieldError::required("id"));
            None
        }
        Err(expected) => {
            errors.add("id", "wrong_type", format!("id must be {expected}"));
            None
        }
    }
}
