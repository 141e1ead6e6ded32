//! What each registered action adds to the document: the schema of its parameters, and of a request that runs it.
//!
//! The schemas come from `schemars` and are embedded as they are. Only their references are rewritten: `#/$defs/X`
//! means the schema's own root, and its root is now a place inside the document.

use action_core::{ActionDescription, CustomActionDescription};
use serde_json::{Map, Value, json};

const SCHEMAS: &str = "#/components/schemas/";

/// Adds `action.<id>.params` and `action.<id>.request` for every action, and `ExecuteRequest` over all of them.
pub(crate) fn describe(actions: &[ActionDescription], schemas: &mut Map<String, Value>) {
    let mut requests = Vec::new();
    let mut by_id = Map::new();
    for action in actions {
        let id = &action.action_id;
        let params_name = format!("action.{id}.params");
        let request_name = format!("action.{id}.request");
        let mut params = action.params.clone();
        rebase(&mut params, &format!("{SCHEMAS}{params_name}"));
        let request = request(action, &params, &params_name);
        schemas.insert(params_name, params);
        schemas.insert(request_name.clone(), request);
        let reference = format!("{SCHEMAS}{request_name}");
        requests.push(json!({ "$ref": reference }));
        by_id.insert(id.clone(), Value::String(reference));
    }
    let execute = if requests.is_empty() {
        envelope(&json!({ "type": "string" }), &json!({ "type": "object" }), false)
    } else {
        json!({
            "description": "One action and its parameters.",
            "oneOf": requests,
            "discriminator": { "propertyName": "actionId", "mapping": by_id },
        })
    };
    schemas.insert("ExecuteRequest".to_owned(), execute);
}

/// Adds `customAction.<name>.params` and `customAction.<name>.request` for every custom action that is offered now, and
/// `CustomActionRequest` over all of them: which one a body belongs to is said by its path.
pub(crate) fn describe_custom(
    actions: &[(CustomActionDescription, Vec<String>)],
    schemas: &mut Map<String, Value>,
) {
    let mut requests = Vec::new();
    for (action, entities) in actions {
        let request_name = format!("customAction.{}.request", action.name);
        let params_name = format!("customAction.{}.params", action.name);
        let mut params =
            action.params.clone().unwrap_or_else(|| json!({ "type": "object", "maxProperties": 0 }));
        rebase(&mut params, &format!("{SCHEMAS}{params_name}"));
        let mut request = custom_envelope(&json!({ "$ref": format!("{SCHEMAS}{params_name}") }), &params);
        if let Some(object) = request.as_object_mut() {
            let on = entities.join(", ");
            let what = action.description.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
            object.insert("title".to_owned(), Value::String(format!("{} on {on}", action.name)));
            object.insert(
                "description".to_owned(),
                Value::String(format!("Selected items: {}.{what}", ruled(&action.selection_rule))),
            );
        }
        schemas.insert(params_name, params);
        schemas.insert(request_name.clone(), request);
        requests.push(json!({ "$ref": format!("{SCHEMAS}{request_name}") }));
    }
    let any = if requests.is_empty() {
        custom_envelope(&json!({ "type": "object" }), &Value::Null)
    } else {
        json!({ "description": "The rows a custom action is run on, and its parameters.", "anyOf": requests })
    };
    schemas.insert("CustomActionRequest".to_owned(), any);
}

fn ruled(rule: &str) -> &str {
    if rule.is_empty() { "any number" } else { rule }
}

fn custom_envelope(reference: &Value, params: &Value) -> Value {
    let needs_params = params.get("required").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    let row = json!({ "$ref": format!("{SCHEMAS}PersistentObject") });
    json!({
        "type": "object",
        "required": if needs_params { json!(["params"]) } else { json!([]) },
        "properties": {
            "parent": { "oneOf": [{ "type": "null" }, row] },
            "selectedItems": { "type": ["array", "null"], "items": row },
            "params": reference,
            "retryResults": retry_results(),
        },
        "additionalProperties": false,
    })
}

fn retry_results() -> Value {
    json!({
        "type": "array",
        "maxItems": 100,
        "items": { "$ref": format!("{SCHEMAS}RetryResult") },
    })
}

fn request(action: &ActionDescription, params: &Value, params_name: &str) -> Value {
    let needs_params = params.get("required").and_then(Value::as_array).is_some_and(|it| !it.is_empty());
    let mut schema = envelope(
        &json!({ "type": "string", "const": action.action_id }),
        &json!({ "$ref": format!("{SCHEMAS}{params_name}") }),
        needs_params,
    );
    if let Some(object) = schema.as_object_mut() {
        object.insert("title".to_owned(), Value::String(action.title.clone()));
        if let Some(description) = &action.description {
            object.insert("description".to_owned(), Value::String(description.clone()));
        }
    }
    schema
}

fn envelope(action_id: &Value, params: &Value, needs_params: bool) -> Value {
    let required = if needs_params { json!(["actionId", "params"]) } else { json!(["actionId"]) };
    json!({
        "type": "object",
        "required": required,
        "properties": {
            "actionId": action_id,
            "params": params,
            "context": { "$ref": "#/components/schemas/Context" },
            "retryResults": retry_results(),
        },
        "additionalProperties": false,
    })
}

/// Rewrites references to the schema's own root, so that they start at `root`.
fn rebase(schema: &mut Value, root: &str) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        if let Some(rest) = target.strip_prefix('#') {
                            *target = format!("{root}{rest}");
                        }
                    }
                    // What stands there is data, and may look like a reference without being one.
                    _ if matches!(name.as_str(), "const" | "enum" | "default" | "examples" | "example") => {}
                    other => rebase(other, root),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| rebase(it, root)),
        _ => {}
    }
}
