//! What makes two requests the same request: a digest over where they go and what they carry.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::call::{Call, RowReference, Target};

/// SHA-256 over target, parameters, named rows, files (name and bytes) and origin. Answers to questions are left out: they continue a
/// request, and do not make it another one. The parameters are given beside the call, which may be without them by
/// then.
pub(crate) fn digest(call: &Call, params: &Map<String, Value>) -> [u8; 32] {
    let mut hash = Sha256::new();
    match &call.target {
        Target::Execute { action_id } => texts(&mut hash, &["execute", action_id]),
        Target::Internal { id } => texts(&mut hash, &["internal", id]),
        // What was clicked are its parameters.
        Target::Stored { .. } => texts(&mut hash, &["stored"]),
        Target::Custom { entity, action } => {
            texts(&mut hash, &["custom", &entity.to_lowercase(), &action.to_lowercase()]);
        }
    }
    object(&mut hash, params);
    let rows = |hash: &mut Sha256, rows: &[RowReference]| {
        hash.update(rows.len().to_le_bytes());
        for row in rows {
            value(hash, row.id.as_ref().unwrap_or(&Value::Null));
            texts(hash, &[row.entity.as_deref().unwrap_or_default()]);
            object(hash, &row.submitted);
        }
    };
    rows(&mut hash, call.selection.parent.as_slice());
    rows(&mut hash, &call.selection.items);
    hash.update(call.subject.unwrap_or_default());
    hash.update(call.uploads.len().to_le_bytes());
    for upload in &call.uploads {
        texts(&mut hash, &[&upload.part, &upload.name]);
        hash.update(upload.sha256);
    }
    for part in [&call.origin.page_id, &call.origin.widget_id] {
        texts(&mut hash, &[part.as_deref().unwrap_or_default()]);
    }
    hash.finalize().into()
}

/// Each text with its length, so that no two lists run together.
pub(crate) fn texts(hash: &mut Sha256, texts: &[&str]) {
    for text in texts {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
}

fn value(hash: &mut Sha256, json: &Value) {
    match json {
        Value::Null => hash.update(b"n"),
        Value::Bool(true) => hash.update(b"t"),
        Value::Bool(false) => hash.update(b"f"),
        Value::Number(number) => {
            hash.update(b"#");
            texts(hash, &[&number.to_string()]);
        }
        Value::String(text) => {
            hash.update(b"\"");
            texts(hash, &[text]);
        }
        Value::Array(items) => {
            hash.update(b"[");
            hash.update(items.len().to_le_bytes());
            for item in items {
                value(hash, item);
            }
        }
        Value::Object(members) => object(hash, members),
    }
}

/// Members by name: their order in the request says nothing.
pub(crate) fn object(hash: &mut Sha256, members: &Map<String, Value>) {
    hash.update(b"{");
    hash.update(members.len().to_le_bytes());
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by_key(|(name, _)| name.as_str());
    for (name, json) in sorted {
        texts(hash, &[name]);
        value(hash, json);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(action: &str, params: &Value) -> [u8; 32] {
        let params = params.as_object().cloned().unwrap_or_default();
        digest(&Call::execute(action, Map::new()), &params)
    }

    #[test]
    fn the_order_of_members_says_nothing() {
        let one = json!({ "a": 1, "b": { "c": [1, 2], "d": "x" } });
        let other = json!({ "b": { "d": "x", "c": [1, 2] }, "a": 1 });
        assert_eq!(of("x", &one), of("x", &other));
    }

    #[test]
    fn anything_else_makes_it_another_request() {
        let all = [
            of("x", &json!({ "a": "1" })),
            of("y", &json!({ "a": "1" })),
            of("x", &json!({ "a": 1 })),
            of("x", &json!({ "a": ["1"] })),
            of("x", &json!({ "a": [["1"]] })),
            of("x", &json!({ "a": null })),
            of("x", &json!({ "a": "1", "b": "" })),
            of("x", &json!({ "a1": "" })),
            of("x", &json!({})),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all.iter().skip(index + 1).all(|other| other != one), "{index}");
        }
    }
}
