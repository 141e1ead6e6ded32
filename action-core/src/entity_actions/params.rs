//! The parameters of a run, held against their definitions: what is known, required, of its type, and among the options.
//!
//! What passes is handed to the function by name, in a spelling that its argument's type reads. An optional one that is
//! empty is left out, so that the argument's own default holds.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::run;
use super::{EntityCall, Parameter, ParameterType};
use crate::context::ActionContext;
use crate::error::ActionError;
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors, Kind, Value};

const LONGEST: usize = 10_000;
const LONGEST_SHORT: usize = 255;

/// The parameters to call the function with.
pub(super) async fn check(
    ctx: &mut ActionContext<'_>,
    parameters: &[Parameter],
    sent: &Map<String, Json>,
) -> Result<Map<String, Json>, ActionError> {
    check_under(ctx, parameters, sent, "params.").await
}

/// As [`check`], of arguments that stand beside the row's key.
pub(super) async fn check_rpc(
    ctx: &mut ActionContext<'_>,
    parameters: &[Parameter],
    sent: &Map<String, Json>,
) -> Result<Map<String, Json>, ActionError> {
    check_under(ctx, parameters, sent, "").await
}

async fn check_under(
    ctx: &mut ActionContext<'_>,
    parameters: &[Parameter],
    sent: &Map<String, Json>,
    under: &str,
) -> Result<Map<String, Json>, ActionError> {
    let mut errors = FieldErrors::default();
    for name in sent.keys().filter(|name| !parameters.iter().any(|it| it.param_name == **name)) {
        errors.push(FieldError::unknown(format!("{under}{name}")));
    }
    let mut given = Map::new();
    for parameter in parameters {
        let name = &parameter.param_name;
        let field = format!("{under}{name}");
        let value = sent.get(name).unwrap_or(&Json::Null);
        if value.is_null() || value.as_str().is_some_and(|it| it.trim().is_empty()) {
            if parameter.required {
                errors.push(FieldError::required(field));
            }
            continue;
        }
        match read(parameter.param_type, value) {
            Ok(value) => {
                if options(ctx, parameter, &value).await? && offered(ctx, parameter, &value, &given).await? {
                    given.insert(name.clone(), value);
                } else {
                    let told = format!("{field} names nothing that may be chosen");
                    errors.push(FieldError::new(field, "unknown_reference", told));
                }
            }
            Err(expected) => {
                let told = format!("{field} must be {expected}");
                errors.push(FieldError::new(field, "wrong_type", told));
            }
        }
    }
    Ok(errors.into_result(given).map_err(Refusal::validation)?)
}

/// A value of its type, or the phrase that completes “must be …”.
fn read(kind: ParameterType, value: &Json) -> Result<Json, &'static str> {
    let text = value.as_str();
    let fits = |fits: bool, expected| if fits { Ok(value.clone()) } else { Err(expected) };
    match kind {
        ParameterType::Text => fits(
            text.is_some_and(|it| is_plain(it) && it.chars().count() <= LONGEST),
            "text of at most 10000 characters",
        ),
        ParameterType::TextShort => fits(
            text.is_some_and(|it| is_plain(it) && it.chars().count() <= LONGEST_SHORT),
            "text of at most 255 characters",
        ),
        ParameterType::Number => fits(value.is_number(), "a number"),
        ParameterType::Boolean => fits(value.is_boolean(), "true or false"),
        ParameterType::Money => {
            let text = text.map_or_else(|| value.to_string(), str::to_owned);
            let amount = Decimal::from_str_exact(&text).ok().filter(|it| it.normalize().scale() <= 2);
            amount.map(|it| it.to_string().into()).ok_or("an amount with at most two digits behind the point")
        }
        ParameterType::Date => fits(
            text.is_some_and(|it| it.len() == 10 && it.parse::<NaiveDate>().is_ok()),
            "a date as in 2026-03-01",
        ),
        ParameterType::Datetime => fits(
            text.is_some_and(|it| DateTime::parse_from_rfc3339(it).is_ok()),
            "a time as in 2026-03-01T10:00:00Z",
        ),
        ParameterType::DatetimeLocal => {
            let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
            let is_one =
                |it: &str| formats.iter().any(|format| NaiveDateTime::parse_from_str(it, format).is_ok());
            fits(text.is_some_and(is_one), "a local time as in 2026-03-01T10:00")
        }
        ParameterType::Color => fits(text.is_some_and(is_color), "a color as in #1e90ff"),
        ParameterType::Email => fits(text.is_some_and(is_email), "an email address"),
        ParameterType::Telephone => fits(text.is_some_and(is_telephone), "a telephone number"),
        ParameterType::Status => fits(text.is_some_and(is_plain), "the key of a status"),
        ParameterType::ForeignKey => fits(value.is_number() || text.is_some_and(is_plain), "a key"),
        ParameterType::User => fits(is_uuid(text), "the id of a user"),
        ParameterType::File => fits(is_uuid(text), "the id of a file"),
    }
}

fn is_plain(text: &str) -> bool {
    !text.contains('\0')
}

fn is_uuid(text: Option<&str>) -> bool {
    text.is_some_and(|it| it.len() == 36 && Uuid::try_parse(it).is_ok())
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|it| it.len() == 6 && it.bytes().all(|it| it.is_ascii_hexdigit()))
}

fn is_email(text: &str) -> bool {
    text.len() <= 254 && garde::rules::email::parse_email(text).is_ok()
}

/// Digits with what people write between them.
fn is_telephone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=15).contains(&digits)
        && text.len() <= 40
        && text
            .bytes()
            .enumerate()
            .all(|(at, it)| it.is_ascii_digit() || b" -./()".contains(&it) || (at, it) == (0, b'+'))
}

/// Whether a value is one of those that may be chosen, where its definition says which they are.
async fn options(
    ctx: &mut ActionContext<'_>,
    parameter: &Parameter,
    value: &Json,
) -> Result<bool, ActionError> {
    let (store, tenant) = (run::store(ctx), ctx.tenant_id());
    match parameter.param_type {
        ParameterType::Status => {
            let Some(entity_type) = &parameter.status_entity_type else { return Ok(true) };
            let key = value.as_str().unwrap_or_default();
            Ok(store.has_status(ctx.unit.transaction().await?, entity_type, key).await?)
        }
        ParameterType::ForeignKey => {
            let Some(name) = &parameter.join_table else { return Ok(true) };
            let Some(table) = store.table(ctx.unit.transaction().await?, name).await? else {
                return Ok(false);
            };
            let own = table.tables.get(&table.name).into_iter().flatten();
            let column = match &parameter.join_column {
                None => Some(&table.key),
                Some(name) => own.into_iter().find(|it| *it.name == **name),
            };
            let Some((column, value)) = column.and_then(|it| Some((it, read_as(it.kind, value)?))) else {
                return Ok(false);
            };
            let tx = ctx.unit.transaction().await?;
            Ok(store.refers(tx, &table, &column.name, tenant, &value).await?)
        }
        ParameterType::File => {
            let id = value.as_str().and_then(|it| Uuid::try_parse(it).ok());
            let Some(id) = id else { return Ok(false) };
            Ok(ctx.engine().file_index.find(tenant, id).await?.is_some())
        }
        _ => Ok(true),
    }
}

/// Whether the function that lists what may be chosen lists it, where the definition names one: a function of the
/// database, or one of the host's own whose answer is, or has as `data`, a list of plain values or of objects with `id`.
async fn offered(
    ctx: &mut ActionContext<'_>,
    parameter: &Parameter,
    value: &Json,
    given: &Map<String, Json>,
) -> Result<bool, ActionError> {
    let Some(function) = &parameter.options_source_rpc else { return Ok(true) };
    let depends = parameter.depends_on_params.iter().flatten();
    let depends = depends.map(|it| (it.clone(), given.get(it).cloned().unwrap_or_default())).collect();
    let option = plain(value);
    let store = run::store(ctx);
    let tx = ctx.unit.transaction().await?;
    if let Some(offers) = store.offers(tx, function, &depends, &option).await? {
        return Ok(offers);
    }
    let Some(own) = ctx.engine().entity_functions.get(function.as_str()).cloned() else {
        tracing::error!(function, "neither the database nor the host has this function");
        return Ok(false);
    };
    let call = EntityCall { table: String::new(), entity_id: Value::Null, params: depends };
    let answer = own.call(ctx, call).await?;
    let options = answer.get("data").unwrap_or(&answer).as_array().into_iter().flatten();
    Ok(options.map(|it| plain(it.get("id").unwrap_or(it))).any(|it| it == option))
}

/// As a text: itself, or its JSON.
fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn read_as(kind: Kind, value: &Json) -> Option<Value> {
    match (kind, value) {
        (Kind::Integer, Json::String(text)) => text.parse().ok().map(Value::Integer),
        (Kind::Text, Json::Number(number)) => Some(Value::Text(number.to_string())),
        (kind, value) => kind.read(value).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_of_its_type_or_the_phrase_says_what_it_must_be() {
        use ParameterType as Is;
        let fitting = [
            (Is::Text, json!("a")),
            (Is::TextShort, json!("é".repeat(255))),
            (Is::Number, json!(-1.5)),
            (Is::Boolean, json!(false)),
            (Is::Money, json!(12.3)),
            (Is::Money, json!("12.30")),
            (Is::Date, json!("2024-02-29")),
            (Is::Datetime, json!("2026-03-01T10:00:00+01:00")),
            (Is::DatetimeLocal, json!("2026-03-01T10:00")),
            (Is::DatetimeLocal, json!("2026-03-01T10:00:59")),
            (Is::Color, json!("#1e90fF")),
            (Is::Email, json!("ada@example.com")),
            (Is::Telephone, json!("+32 (0)2 555-12.34")),
            (Is::ForeignKey, json!(7)),
            (Is::User, json!("f0000000-0000-4000-8000-000000000001")),
        ];
        for (kind, value) in fitting {
            assert!(read(kind, &value).is_ok(), "{kind:?} {value}");
        }
        let wrong = [
            (Is::Text, json!(1)),
            (Is::Text, json!("a\0")),
            (Is::TextShort, json!("é".repeat(256))),
            (Is::Number, json!("1")),
            (Is::Boolean, json!(1)),
            (Is::Money, json!("1.234")),
            (Is::Money, json!("a")),
            (Is::Date, json!("2026-02-30")),
            (Is::Datetime, json!("2026-03-01T10:00:00")),
            (Is::DatetimeLocal, json!("2026-03-01T10:00:00Z")),
            (Is::Color, json!("red")),
            (Is::Email, json!("ada")),
            (Is::Telephone, json!("call me")),
            (Is::Telephone, json!("12+34")),
            (Is::ForeignKey, json!(true)),
            (Is::User, json!("x")),
            (Is::File, json!(1)),
        ];
        for (kind, value) in wrong {
            assert!(read(kind, &value).is_err(), "{kind:?} {value}");
        }
        assert_eq!(read(Is::Money, &json!(12.3)), Ok(json!("12.3")));
    }
}
