//! The body of a change of one of the library's own resources: an object of whatever members, each given once. Which
//! of them there are is for the action to say.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::json_text;
use crate::problem::Problem;

/// Reads the members of a body.
pub(crate) fn members(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let (members, repeated) = json_text::parse_seed(Members, bytes, "the body must be a JSON object")?;
    match repeated {
        Some(name) => Err(Problem::malformed(format!("`{name}` is given twice"))),
        None => Ok(members),
    }
}

struct Members;

/// What is given twice is kept aside, so that bytes that are no JSON further on are told as such.
type Read = (Map<String, Value>, Option<String>);

impl<'de> DeserializeSeed<'de> for Members {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        let mut members = Map::new();
        let mut repeated = None;
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.contains_key(&name) {
                repeated.get_or_insert(name);
            } else {
                members.insert(name, value);
            }
        }
        Ok((members, repeated))
    }
}
