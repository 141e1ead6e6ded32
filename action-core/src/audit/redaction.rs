//! What the audit must never show: members named like a secret, and those an action marks.
//!
//! The text is written straight from the parameters, replacing values on the way, so no second tree is built.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Longest name of a member that is looked at, in bytes.
const LONGEST_NAME: usize = 256;

/// Longest text that is kept whole, in bytes.
const LONGEST: usize = 16 * 1024;

/// Whether a member's name says that its value is a secret.
///
/// Case, `_` and `-` are passed over: `apiKey`, `API_KEY`, `newPassword` and `access_token` are, `tokenCount` is not.
///
/// ```
/// assert!(action_core::audit::is_secret_name("X-Api-Key"));
/// assert!(!action_core::audit::is_secret_name("secretary"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    const ENDINGS: [&[u8]; 8] = [
        b"token",
        b"secret",
        b"apikey",
        b"authorization",
        b"passwd",
        b"privatekey",
        b"credential",
        b"credentials",
    ];
    // Every secret word is at least five letters long, which settles most names at once. A name longer than any
    // that a person chose is not looked through: it costs time, and hiding it loses nothing.
    if name.len() < 5 || name.len() > LONGEST_NAME {
        return name.len() > LONGEST_NAME;
    }
    let mut plain = [0; LONGEST_NAME];
    let mut length = 0;
    let letters = name.bytes().filter(|it| !matches!(it, b'_' | b'-'));
    for (place, letter) in plain.iter_mut().zip(letters) {
        *place = letter.to_ascii_lowercase();
        length += 1;
    }
    let plain = plain.get(..length).unwrap_or_default();
    ENDINGS.iter().any(|it| plain.ends_with(it)) || plain.windows(8).any(|it| it == b"password")
}

/// Replaces what must not be shown in a value, at any depth.
pub(super) fn redact_value(value: &mut Value, redact: &[Cow<'static, str>]) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret_name(name) || redact.iter().any(|it| it == name) {
                    if !member.is_null() {
                        *member = Value::from(REDACTED);
                    }
                } else {
                    redact_value(member, redact);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| redact_value(it, redact)),
        _ => {}
    }
}

/// The parameters as the audit keeps them.
pub(crate) fn params_text(params: &Map<String, Value>, redact: &[Cow<'static, str>]) -> String {
    let mut text = Vec::with_capacity(256);
    if let Err(error) = serde_json::to_writer(&mut text, &Object { members: params, redact }) {
        // Text keys and plain values cannot fail to serialise; an audit record must exist all the same.
        tracing::error!(%error, "parameters could not be written for the audit");
        return String::from("{}");
    }
    if text.len() > LONGEST {
        return marker(&text);
    }
    String::from_utf8(text).unwrap_or_default()
}

/// Whether such a text surely holds the parameters as they came: nothing hidden, nothing cut.
pub(crate) fn shows_all(text: &str) -> bool {
    !text.starts_with(MARKER) && !text.contains(REDACTED)
}

const MARKER: &str = "{\"truncated\":true,";

fn marker(text: &[u8]) -> String {
    let mut marker = format!("{MARKER}\"size\":{},\"sha256\":\"", text.len());
    for byte in Sha256::digest(text) {
        let _ = write!(marker, "{byte:02x}");
    }
    marker.push_str("\"}");
    marker
}

struct Object<'a> {
    members: &'a Map<String, Value>,
    redact: &'a [Cow<'static, str>],
}

struct Node<'a> {
    value: &'a Value,
    redact: &'a [Cow<'static, str>],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.members.len()))?;
        for (name, value) in self.members {
            if is_secret_name(name) || self.redact.iter().any(|it| it == name) {
                map.serialize_entry(name, REDACTED)?;
            } else {
                map.serialize_entry(name, &Node { value, redact: self.redact })?;
            }
        }
        map.end()
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Object(members) => Object { members, redact: self.redact }.serialize(serializer),
            Value::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for value in items {
                    seq.serialize_element(&Node { value, redact: self.redact })?;
                }
                seq.end()
            }
            plain => plain.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(params: &Value, redact: &[&'static str]) -> String {
        let redact: Vec<Cow<'static, str>> = redact.iter().map(|it| Cow::Borrowed(*it)).collect();
        params_text(params.as_object().unwrap_or(&Map::new()), &redact)
    }

    #[test]
    fn a_secret_is_hidden_at_any_depth_and_in_any_case() {
        let params = json!({
            "PASSWORD": "a", "user": { "apiKey": "b", "list": [{ "Access_Token": { "deep": "c" } }] },
            "X-Authorization": ["d"], "clientSecret": 5, "name": "Ada",
        });
        let text = text(&params, &[]);
        for leaked in ["\"a\"", "\"b\"", "\"c\"", "\"d\"", "5"] {
            assert!(!text.contains(leaked), "{leaked} in {text}");
        }
        assert!(text.contains("\"name\":\"Ada\""), "{text}");
    }

    #[test]
    fn a_name_that_only_resembles_a_secret_is_shown() {
        for name in ["tokenCount", "secretary", "keys", "pass", "author", "", "_____"] {
            assert!(!is_secret_name(name), "{name}");
        }
        assert!(is_secret_name("old_Pass-Word_hash"));
    }

    #[test]
    fn a_marked_field_is_hidden() {
        assert_eq!(text(&json!({ "iban": "X" }), &["iban"]), r#"{"iban":"[redacted]"}"#);
    }

    #[test]
    fn parameters_over_16_kib_become_a_marker_with_size_and_digest() {
        let text = text(&json!({ "note": "x".repeat(20_000) }), &[]);
        assert!(text.starts_with("{\"truncated\":true,\"size\":20011,\"sha256\":\""), "{text}");
        assert_eq!(text.len(), "{\"truncated\":true,\"size\":20011,\"sha256\":\"\"}".len() + 64);
    }
}
