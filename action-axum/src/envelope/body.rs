//! An object whose members are known by name: each is taken once, and the others are told.

use std::fmt;

use action_core::{FieldError, FieldErrors};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::json_text;
use crate::problem::Problem;

/// The members of a body, in the order in which they were asked for.
pub(super) struct Body<const N: usize> {
    pub(super) members: [Option<Value>; N],
    pub(super) unknown: Vec<String>,
}

impl<const N: usize> Body<N> {
    /// Reads a body, with the members of these names.
    pub(super) fn parse(bytes: &[u8], names: [&'static str; N]) -> Result<Self, Problem> {
        let (body, repeated) =
            json_text::parse_seed(Members(&names), bytes, "the body must be a JSON object")?;
        match repeated {
            Some(name) => Err(Problem::malformed(format!("`{name}` is given twice"))),
            None => Ok(body),
        }
    }
}

struct Members<'n, const N: usize>(&'n [&'static str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Members<'_, N> {
    type Value = (Body<N>, Option<&'static str>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Members<'_, N> {
    type Value = (Body<N>, Option<&'static str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut body = Body { members: [const { None }; N], unknown: Vec::new() };
        let mut repeated = None;
        while let Some(key) = map.next_key_seed(Key(self.0))? {
            match key {
                Ok((at, name)) => {
                    let value = map.next_value()?;
                    if body.members.get_mut(at).and_then(|it| it.replace(value)).is_some() {
                        repeated = Some(name);
                    }
                }
                Err(name) => {
                    map.next_value::<IgnoredAny>()?;
                    body.unknown.push(name);
                }
            }
        }
        Ok((body, repeated))
    }
}

/// A member's place among the names, without keeping its own.
struct Key<'n>(&'n [&'static str]);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Result<(usize, &'static str), String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Result<(usize, &'static str), String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let known = self.0.iter().enumerate().find(|(_, it)| **it == name);
        Ok(known.map(|(at, name)| (at, *name)).ok_or_else(|| name.to_owned()))
    }
}

/// The parameters: an object, or none.
pub(super) fn params(value: Option<Value>, errors: &mut FieldErrors) -> Map<String, Value> {
    match value {
        Some(Value::Object(params)) => return params,
        Some(_) => wrong_type("params", "an object", errors),
        None => {}
    }
    Map::new()
}

pub(super) fn wrong_type(field: impl Into<String>, expected: &str, errors: &mut FieldErrors) {
    let field = field.into();
    let message = format!("{field} must be {expected}");
    errors.add(field, "wrong_type", message);
}

/// Whatever is left of an object is not known.
pub(super) fn refuse_rest(at: &str, members: Map<String, Value>, errors: &mut FieldErrors) {
    for (name, _) in members {
        errors.push(FieldError::unknown(format!("{at}.{name}")));
    }
}
