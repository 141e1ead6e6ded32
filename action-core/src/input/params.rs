//! The call's parameters as a type of the application's.
//!
//! The type says it all once: its fields (serde), its rules (garde), and from both its JSON Schema (schemars). The
//! good case costs one deserialisation and one validation. Only when something is wrong is the schema walked, so
//! that every mistake is found and not just the first one that deserialisation stumbles over.

use std::ops::{Deref, DerefMut};

use garde::Validate;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::schema_errors;
use super::shape::ParamsShape;
use super::{Input, InputShape, Intake};
use crate::context::ActionContext;
use crate::error::ActionError;
use crate::{FieldError, FieldErrors};

/// The parameters as `T`: deserialised, and valid by `T`'s own rules.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

/// The parameters as they came: an object with any members.
#[derive(Debug, Clone)]
pub struct AnyParams(pub Map<String, Value>);

impl<T> Deref for Params<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Params<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl Deref for AnyParams {
    type Target = Map<String, Value>;
    fn deref(&self) -> &Map<String, Value> {
        &self.0
    }
}

pub(crate) fn describe_params(shape: &mut InputShape, params: ParamsShape) {
    if shape.params.replace(params).is_some() {
        shape.problem("it takes parameters twice; put all of them into one type");
    }
}

impl Input for AnyParams {
    type Checked = Map<String, Value>;

    fn describe(shape: &mut InputShape) {
        describe_params(shape, ParamsShape { schema: serde_json::json!({ "type": "object" }) });
    }

    fn check(intake: &mut Intake<'_>) -> Result<Self::Checked, FieldErrors> {
        Ok(intake.take_params())
    }

    fn assemble(checked: Self::Checked, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(Self(checked))
    }
}

impl<T> Input for Params<T>
where
    T: DeserializeOwned + JsonSchema + Validate + Send + 'static,
    T::Context: Default,
{
    type Checked = T;

    fn describe(shape: &mut InputShape) {
        describe_params(shape, ParamsShape { schema: schema_of::<T>() });
    }

    fn check(intake: &mut Intake<'_>) -> Result<T, FieldErrors> {
        let params = Value::Object(intake.take_params());
        let shape = intake.shape;
        let mut unknown = Vec::new();
        let read: Result<T, _> = serde_ignored::deserialize(&params, |path| unknown.push(json_path(&path)));
        let invalid = match read {
            Ok(value) => match value.validate() {
                Ok(()) if unknown.is_empty() || shape.allow_unknown => return Ok(value),
                Ok(()) => None,
                Err(report) => Some(report),
            },
            Err(_) => None,
        };
        Err(every_mistake::<T>(&params, shape, unknown, invalid.as_ref()))
    }

    fn assemble(checked: T, _: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        Ok(Self(checked))
    }
}

/// The JSON Schema of a type, to be embedded.
pub(crate) fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
    }
    schema
}

/// Walks the schema for everything that is wrong, and adds what only the type's own code knows.
fn every_mistake<T: DeserializeOwned>(
    params: &Value,
    shape: &InputShape,
    unknown: Vec<String>,
    invalid: Option<&garde::Report>,
) -> FieldErrors {
    let empty = Value::Null;
    let schema = shape.params_schema().unwrap_or(&empty);
    let mut errors = schema_errors::collect(schema, params, shape.allow_unknown);
    for (path, error) in invalid.into_iter().flat_map(garde::Report::iter) {
        let field = schema_errors::in_json_spelling(schema, &path.to_string());
        if !errors.mentions(&field) {
            let message = if field.is_empty() {
                error.message().to_owned()
            } else {
                format!("{field}: {}", error.message())
            };
            errors.add(field, "invalid", message);
        }
    }
    errors.sort_by_rank(|field| schema_errors::rank(schema, field));
    if !shape.allow_unknown {
        for field in unknown {
            if errors.is_full() {
                break;
            }
            if !errors.mentions(&field) {
                errors.push(FieldError::unknown(field));
            }
        }
    }
    if errors.is_empty() {
        // A rule that only the type's own deserialisation has.
        let error = serde_path_to_error::deserialize::<_, T>(params).err();
        let field = error.as_ref().map(|it| dotted(&it.path().to_string())).unwrap_or_default();
        let told = error.map(|it| it.into_inner().to_string());
        // Such a message may quote the value.
        let secret = crate::audit::is_secret_name(field.rsplit('.').next().unwrap_or_default());
        let message = told.filter(|_| !secret).unwrap_or_else(|| "is not valid".to_owned());
        let message = if field.is_empty() { message } else { format!("{field}: {message}") };
        errors.add(field, "invalid", message);
    }
    errors
}

/// `items.0.label` as `items[0].label`.
fn json_path(path: &serde_ignored::Path<'_>) -> String {
    dotted(&path.to_string())
}

fn dotted(path: &str) -> String {
    if path == "." {
        return String::new();
    }
    let mut text = String::with_capacity(path.len());
    for part in path.split('.').filter(|it| *it != "?") {
        if !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit()) {
            text.push('[');
            text.push_str(part);
            text.push(']');
        } else {
            if !text.is_empty() && !part.starts_with('[') {
                text.push('.');
            }
            text.push_str(part);
        }
    }
    text
}

/// For an action that takes none: any member is refused.
pub(crate) fn refuse_all(params: &Map<String, Value>) -> Result<(), FieldErrors> {
    params.keys().map(|it| FieldError::unknown(it.clone())).collect::<FieldErrors>().into_result(())
}
