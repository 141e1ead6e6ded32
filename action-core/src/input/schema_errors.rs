//! Everything that is wrong with some parameters, read off their JSON Schema.
//!
//! Deserialisation stops at the first mistake; a form wants them all. Whether parameters are right is decided by
//! their type alone. This walk runs only after the type has said no, and lists what the schema can tell: wrong types,
//! missing members, bounds, formats. What it cannot judge it passes over, because the type's own error is added then.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::field_errors::join;
use crate::{FieldError, FieldErrors};

/// Schemas may refer to themselves; parameters are at most 64 levels deep, and so is the walk.
const DEEPEST: usize = 64;

/// As many values as one walk looks at. What lies beyond is told in the next round.
const MOST_VISITS: usize = 20_000;

/// All mistakes, in the order in which the schema declares the members. Members that the schema does not declare are
/// mistakes too, unless they are allowed.
pub(crate) fn collect(schema: &Value, value: &Value, allow_unknown: bool) -> FieldErrors {
    let mut walk = Walk { root: schema, allow_unknown, budget: MOST_VISITS, errors: FieldErrors::default() };
    walk.visit(schema, value, "", 0);
    walk.errors
}

struct Walk<'a> {
    root: &'a Value,
    allow_unknown: bool,
    /// How many more values are looked at: alternatives inside of alternatives multiply.
    budget: usize,
    errors: FieldErrors,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, schema: &'a Value, value: &Value, at: &str, depth: usize) {
        let Some(schema) = resolved(self.root, schema).and_then(Value::as_object) else { return };
        self.budget = self.budget.saturating_sub(1);
        if depth > DEEPEST || self.budget == 0 || self.errors.is_full() {
            return;
        }
        if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
            for part in all {
                self.visit(part, value, at, depth + 1);
            }
        }
        if let Some(any) = schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Value::as_array) {
            return self.visit_any(any, value, at, depth);
        }
        if let Some(expected) = schema.get("const")
            && expected != value
        {
            return self.wrong(at, "not_allowed", &format!("must be {expected}"));
        }
        if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let allowed: Vec<String> =
                allowed.iter().map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
            return self.wrong(at, "not_allowed", &format!("must be one of {}", allowed.join(", ")));
        }
        if let Err(expected) = check_type(schema, value) {
            return self.wrong(at, "wrong_type", &format!("must be {expected}"));
        }
        match value {
            Value::String(text) => self.visit_text(schema, text, at),
            Value::Number(number) => self.visit_number(schema, number.as_f64().unwrap_or(f64::NAN), at),
            Value::Array(items) => self.visit_items(schema, items, at, depth),
            Value::Object(members) => self.visit_members(schema, members, at, depth),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Alternatives: right if one of them finds nothing wrong. The mistakes told are those of the only one that is
    /// not `null`, which is how an optional member looks; of several none is told in particular.
    fn visit_any(&mut self, alternatives: &'a [Value], value: &Value, at: &str, depth: usize) {
        let mut found = Vec::new();
        for alternative in alternatives {
            let mut walk = Walk { root: self.root, errors: FieldErrors::default(), ..*self };
            walk.visit(alternative, value, at, depth + 1);
            self.budget = walk.budget;
            if walk.errors.is_empty() {
                return;
            }
            if alternative.get("type").is_none_or(|it| it != "null") {
                found.push(walk.errors);
            }
        }
        match <[FieldErrors; 1]>::try_from(found) {
            Ok([only]) => self.errors.extend_under("", only),
            Err(_) => self.wrong(at, "invalid", "has none of the accepted forms"),
        }
    }

    fn visit_text(&mut self, schema: &Map<String, Value>, text: &str, at: &str) {
        let length = text.chars().count() as u64;
        if let Some(least) = schema.get("minLength").and_then(Value::as_u64)
            && length < least
        {
            let message = if least == 1 {
                "must not be empty".to_owned()
            } else {
                format!("must have at least {least} characters")
            };
            return self.wrong(at, "too_short", &message);
        }
        if let Some(most) = schema.get("maxLength").and_then(Value::as_u64)
            && length > most
        {
            return self.wrong(at, "too_long", &format!("may have at most {most} characters"));
        }
        let expected = match schema.get("format").and_then(Value::as_str) {
            Some("uuid") if Uuid::try_parse(text).is_err() => "must be a UUID",
            Some("date-time") if DateTime::parse_from_rfc3339(text).is_err() => {
                "must be a time as in 2026-03-01T10:00:00Z"
            }
            Some("date") if text.parse::<NaiveDate>().is_err() => "must be a date as in 2026-03-01",
            Some("email") if garde::rules::email::parse_email(text).is_err() => "must be an email address",
            _ => return,
        };
        self.wrong(at, "wrong_format", expected);
    }

    fn visit_number(&mut self, schema: &Map<String, Value>, number: f64, at: &str) {
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let below = bound("minimum").is_some_and(|it| number < it)
            || bound("exclusiveMinimum").is_some_and(|it| number <= it);
        let above = bound("maximum").is_some_and(|it| number > it)
            || bound("exclusiveMaximum").is_some_and(|it| number >= it);
        if !below && !above {
            return;
        }
        let message = match (bound("minimum"), bound("maximum")) {
            (Some(least), Some(most)) => format!("must lie between {least} and {most}"),
            (Some(least), None) => format!("must be at least {least}"),
            (None, Some(most)) => format!("must be at most {most}"),
            (None, None) => "is out of range".to_owned(),
        };
        self.wrong(at, "out_of_range", &message);
    }

    fn visit_items(&mut self, schema: &'a Map<String, Value>, items: &[Value], at: &str, depth: usize) {
        let length = items.len() as u64;
        if let Some(least) = schema.get("minItems").and_then(Value::as_u64)
            && length < least
        {
            self.wrong(at, "too_few", &format!("must have at least {least} entries"));
        }
        if let Some(most) = schema.get("maxItems").and_then(Value::as_u64)
            && length > most
        {
            // The entries of a list that is far too long are not worth a mistake each.
            return self.wrong(at, "too_many", &format!("may have at most {most} entries"));
        }
        if let Some(item) = schema.get("items") {
            for (index, value) in items.iter().enumerate() {
                self.visit(item, value, &format!("{at}[{index}]"), depth + 1);
            }
        }
    }

    fn visit_members(
        &mut self,
        schema: &'a Map<String, Value>,
        members: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|it| it.iter().any(|it| it == name));
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        for (name, property) in properties {
            match members.get(name) {
                Some(value) => self.visit(property, value, &join(at, name), depth + 1),
                None if is_required(name) => self.errors.push(FieldError::required(join(at, name))),
                None => {}
            }
        }
        let open = schema.get("additionalProperties").is_some_and(|it| it != &Value::Bool(false));
        if !open && !self.allow_unknown {
            for name in members.keys().filter(|it| !properties.contains_key(*it)) {
                self.errors.push(FieldError::unknown(join(at, name)));
            }
        }
    }

    fn wrong(&mut self, at: &str, code: &'static str, what: &str) {
        let name = if at.is_empty() { "params" } else { at };
        self.errors.add(at.to_owned(), code, format!("{name} {what}"));
    }
}

/// What a `$ref` stands for. Only references into the document itself are followed.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> Option<&'a Value> {
    let mut schema = schema;
    for _ in 0..DEEPEST {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => schema = root.pointer(reference.strip_prefix('#')?)?,
            None => return Some(schema),
        }
    }
    None
}

fn check_type(schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    if names.iter().any(|it| is(it)) {
        return Ok(());
    }
    let phrases: Vec<&str> = names
        .iter()
        .filter(|it| **it != "null" || names.len() == 1)
        .map(|it| match *it {
            "null" => "null",
            "boolean" => "true or false",
            "integer" => "a whole number",
            "number" => "a number",
            "string" => "text",
            "array" => "a list",
            "object" => "an object",
            other => other,
        })
        .collect();
    Err(phrases.join(" or "))
}

/// Where a path's member stands among those the schema declares: fields are reported in that order.
pub(crate) fn rank(schema: &Value, field: &str) -> usize {
    let first = field.split(['.', '[']).next().unwrap_or(field);
    schema
        .get("properties")
        .and_then(Value::as_object)
        .and_then(|it| it.keys().position(|name| name == first))
        .unwrap_or(usize::MAX)
}

/// A path of Rust field names, such as validation reports, in the spelling of the JSON.
pub(crate) fn in_json_spelling(schema: &Value, path: &str) -> String {
    let mut spelled = String::with_capacity(path.len());
    let mut at = resolved(schema, schema);
    for part in path.split('.') {
        let (name, index) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        let property = at
            .and_then(|it| it.get("properties"))
            .and_then(Value::as_object)
            .and_then(|it| it.iter().find(|(candidate, _)| same_name(candidate, name)));
        let next = property.map_or(name, |(candidate, _)| candidate.as_str());
        spelled = join(&spelled, next);
        spelled.push_str(index);
        at = property.and_then(|(_, it)| resolved(schema, it)).and_then(|it| {
            if index.is_empty() { Some(it) } else { it.get("items").and_then(|it| resolved(schema, it)) }
        });
    }
    spelled
}

fn same_name(json: &str, rust: &str) -> bool {
    let plain = |text: &str| {
        text.chars().filter(|it| *it != '_').map(|it| it.to_ascii_lowercase()).collect::<String>()
    };
    json == rust || plain(json) == plain(rust)
}
