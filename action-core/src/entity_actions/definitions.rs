//! Administrators edit definitions. A change is laid over what is stored, and the whole must be as good as a new one.

use std::collections::HashSet;

use serde_json::{Map, Value as Json, json};

use super::{EntityAction, Parameter, run};
use crate::audit::{Change, Operation};
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult};
use crate::expression::{Expression, Field};
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::members::Reader;
use crate::ports::{EntityActionDraft, WhichActions};
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors};

const STYLES: [&str; 7] = ["primary", "secondary", "accent", "success", "warning", "error", "ghost"];

const CONDITIONS: [&str; 3] = ["visibility_condition", "enabled_condition", "disabled_condition"];

/// Addresses of the routes, and so no names.
const RESERVED: [&str; 3] = ["availability", "definitions", "bulk"];

/// Longest name of a table, function or parameter, in bytes: PostgreSQL cuts longer ones off.
const LONGEST_NAME: usize = 63;

const MOST_PARAMETERS: usize = 50;
const MOST_ROLES: usize = 50;

const PARAMETER_MEMBERS: [&str; 13] = [
    "param_name",
    "display_name",
    "param_type",
    "required",
    "sort_order",
    "placeholder",
    "default_value",
    "join_table",
    "join_column",
    "status_entity_type",
    "file_type",
    "options_source_rpc",
    "depends_on_params",
];

const PARAMETER_TYPES: [&str; 15] = [
    "text",
    "text_short",
    "number",
    "boolean",
    "money",
    "date",
    "datetime",
    "datetime_local",
    "color",
    "email",
    "telephone",
    "status",
    "foreign_key",
    "user",
    "file",
];

/// Reads a whole definition.
fn read(sent: Map<String, Json>) -> Result<EntityActionDraft, FieldErrors> {
    let mut reader = Reader::whole(sent);
    let table_name = name(&mut reader, "table_name", true);
    let action_name = action_name(&mut reader);
    let rpc_function = name(&mut reader, "rpc_function", true);
    let display_name = reader.label("display_name", 200, true);
    let button_style = match reader.take("button_style") {
        None | Some(Json::Null) => Some("primary".to_owned()),
        Some(Json::String(style)) if STYLES.contains(&style.as_str()) => Some(style),
        Some(_) => {
            let told = format!("button_style must be one of {}", STYLES.join(", "));
            reader.errors.add("button_style", "not_allowed", told);
            None
        }
    };
    let sort_order = match reader.take("sort_order") {
        None | Some(Json::Null) => Some(0),
        Some(json) => json.as_i64().filter(|it| i32::try_from(*it).is_ok()).or_else(|| {
            reader.errors.add("sort_order", "wrong_type", "sort_order must be a whole number in 32 bits");
            None
        }),
    };
    let flags = [
        ("requires_confirmation", false),
        ("refresh_after_action", true),
        ("show_on_detail", true),
        ("show_on_list", false),
    ]
    .map(|(name, default)| match reader.take(name) {
        None | Some(Json::Null) => default,
        Some(json) => reader.flag(name, &json).unwrap_or(default),
    });
    let [requires_confirmation, refresh_after_action, show_on_detail, show_on_list] = flags;
    let conditions = CONDITIONS.map(|name| condition(&mut reader, name));
    let [visibility_condition, enabled_condition, disabled_condition] = conditions;
    let description = reader.label("description", 1_000, false);
    let icon = reader.label("icon", 50, false);
    let confirmation_message = reader.label("confirmation_message", 500, false);
    let disabled_tooltip = reader.label("disabled_tooltip", 500, false);
    let default_success_message = reader.label("default_success_message", 500, false);
    let default_navigate_to = path(&mut reader, "default_navigate_to");
    let parameters = parameters(&mut reader);
    let roles = roles(&mut reader);
    let named = table_name.zip(action_name).zip(rpc_function).zip(display_name);
    let action = named.map(|(((table_name, action_name), rpc_function), display_name)| EntityAction {
        id: 0,
        table_name,
        action_name,
        display_name,
        description,
        rpc_function,
        icon,
        button_style,
        sort_order,
        requires_confirmation,
        confirmation_message,
        visibility_condition,
        enabled_condition,
        disabled_condition,
        disabled_tooltip,
        default_success_message,
        default_navigate_to,
        refresh_after_action,
        show_on_detail,
        show_on_list,
        can_execute: false,
        parameters,
        transition: None,
    });
    reader.end(action.map(|action| EntityActionDraft { action, roles }))
}

fn name(reader: &mut Reader, field: &'static str, required: bool) -> Option<String> {
    let name = reader.label(field, LONGEST_NAME, required)?;
    if name.len() > LONGEST_NAME || name.contains('\0') {
        let told = format!("{field} must be a name of at most {LONGEST_NAME} bytes");
        reader.errors.add(field, "too_long", told);
        return None;
    }
    if RESERVED.contains(&name.as_str()) {
        reader.errors.add(field, "not_allowed", format!("`{name}` is an address of its own"));
        return None;
    }
    Some(name)
}

fn action_name(reader: &mut Reader) -> Option<String> {
    let name = reader.label("action_name", 100, true)?;
    let is_word = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-.".contains(&it));
    if !is_word || RESERVED.contains(&name.as_str()) {
        let told = format!(
            "action_name must be of ASCII letters, digits, `_`, `-` and `.`, and none of {}",
            RESERVED.join(", ")
        );
        reader.errors.add("action_name", "not_allowed", told);
        return None;
    }
    Some(name)
}

fn condition(reader: &mut Reader, name: &'static str) -> Option<Json> {
    let condition = reader.take(name).filter(|it| !it.is_null())?;
    // Whether it is one does not depend on the fields there are.
    if let Err(invalid) = Expression::condition(Some(&condition), &Vec::<Field>::new()) {
        let told = invalid.reason().replacen("condition", name, 1);
        reader.errors.add(name, "invalid_condition", told);
        return None;
    }
    Some(condition)
}

fn path(reader: &mut Reader, name: &'static str) -> Option<String> {
    let path = reader.label(name, 500, false)?;
    if !path.starts_with('/') || path.starts_with("//") || path.contains(['\\', '\0']) {
        reader.errors.add(
            name,
            "invalid_path",
            format!("{name} must be a path of this site, as /view/issues"),
        );
        return None;
    }
    Some(path)
}

fn parameters(reader: &mut Reader) -> Vec<Parameter> {
    let sent = match reader.take("parameters") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(sent)) if sent.len() <= MOST_PARAMETERS => sent,
        Some(Json::Array(_)) => {
            let told = format!("parameters must have at most {MOST_PARAMETERS} entries");
            reader.errors.add("parameters", "too_many", told);
            return Vec::new();
        }
        Some(_) => {
            reader.errors.add("parameters", "wrong_type", "parameters must be a list");
            return Vec::new();
        }
    };
    let mut names = HashSet::new();
    let mut parameters = Vec::with_capacity(sent.len());
    for (at, sent) in sent.into_iter().enumerate() {
        let under = format!("parameters[{at}]");
        for name in sent.as_object().into_iter().flat_map(Map::keys) {
            if !PARAMETER_MEMBERS.contains(&name.as_str()) {
                reader.errors.push(FieldError::unknown(format!("{under}.{name}")));
            }
        }
        match serde_path_to_error::deserialize::<_, Parameter>(&sent) {
            Ok(parameter) => {
                let name = &parameter.param_name;
                let field = format!("{under}.param_name");
                if name.is_empty() || name.len() > LONGEST_NAME || name == "p_entity_id" {
                    let told =
                        format!("{field} must be a name of at most {LONGEST_NAME} bytes, not p_entity_id");
                    reader.errors.add(field, "not_allowed", told);
                } else if let Some(missing) = parameter.lacks() {
                    let field = format!("{under}.{missing}");
                    reader.errors.push(FieldError::required(field));
                } else if !names.insert(name.clone()) {
                    reader.errors.add(field, "duplicate", format!("`{name}` stands twice"));
                }
                parameters.push(parameter);
            }
            Err(error) => {
                let place = error.path().to_string();
                let field = if place == "." { under } else { format!("{under}.{place}") };
                let told = if place == "param_type" {
                    format!("{field} must be one of {}", PARAMETER_TYPES.join(", "))
                } else if let Some(missing) = PARAMETER_MEMBERS.iter().find(|it| sent_misses(&sent, it)) {
                    format!("{field} needs a {missing}")
                } else {
                    format!("{field} has another type than it must have")
                };
                reader.errors.add(field, "wrong_type", told);
            }
        }
    }
    parameters
}

/// Whether a parameter lacks what each must have.
fn sent_misses(sent: &Json, member: &str) -> bool {
    ["param_name", "display_name", "param_type"].contains(&member) && sent.get(member).is_none()
}

fn roles(reader: &mut Reader) -> Option<Vec<String>> {
    let sent = reader.take("roles").filter(|it| !it.is_null())?;
    let roles: Option<Vec<String>> = serde_json::from_value(sent).ok();
    let mut roles = roles.filter(|it| it.len() <= MOST_ROLES).or_else(|| {
        let told = format!("roles must be a list of at most {MOST_ROLES} role keys");
        reader.errors.add("roles", "wrong_type", told);
        None
    })?;
    roles.sort_unstable();
    roles.dedup();
    Some(roles)
}

/// What is sent laid over what is stored. What other SQL has stored does not stand against a change of something else:
/// empty is as good as absent, and a condition that is none stays, and hides or disables, until it is changed.
fn merged(stored: &EntityAction, sent: Map<String, Json>) -> Result<EntityActionDraft, ActionError> {
    let Json::Object(mut whole) = serde_json::to_value(stored)? else {
        return Err(ActionError::fault("a definition is no object"));
    };
    whole.retain(|name, it| !["id", "can_execute"].contains(&name.as_str()) && *it != "");
    let kept = CONDITIONS.map(|it| if sent.contains_key(it) { None } else { whole.shift_remove(it) });
    for (name, value) in sent {
        // As it was read.
        if name != "id" || value != stored.id {
            whole.insert(name, value);
        }
    }
    let mut draft = read(whole).map_err(Refusal::validation)?;
    let action = &mut draft.action;
    let places =
        [&mut action.visibility_condition, &mut action.enabled_condition, &mut action.disabled_condition];
    for (place, kept) in places.into_iter().zip(kept) {
        *place = kept.filter(|it| !it.is_null()).or_else(|| place.take());
    }
    Ok(draft)
}

/// The id and the members of a change.
fn of_change(sent: &Map<String, Json>) -> (i64, Map<String, Json>) {
    let id = sent.get("id").and_then(Json::as_i64).unwrap_or_default();
    let members = sent.get("definition").and_then(Json::as_object).cloned().unwrap_or_default();
    (id, members)
}

async fn find(ctx: &mut ActionContext<'_>, id: i64) -> Result<EntityAction, ActionError> {
    let which = WhichActions { id: Some(id), ..WhichActions::default() };
    let found = run::definitions(ctx, &which).await?.into_iter().next();
    Ok(found.ok_or(Refusal::NotFound)?)
}

/// The definition as it is answered, with the roles that its function is granted to.
async fn answered(ctx: &mut ActionContext<'_>, action: &EntityAction) -> Result<Json, ActionError> {
    let store = run::store(ctx);
    let granted = store.granted(ctx.unit.transaction().await?, &[&action.rpc_function]).await?;
    let mut json = shown(action)?;
    if let Json::Object(members) = &mut json {
        let roles: Vec<&String> = granted.iter().map(|(_, role)| role).collect();
        members.insert("roles".to_owned(), json!(roles));
    }
    Ok(json)
}

/// The definition without what depends on who asks.
fn shown(action: &EntityAction) -> Result<Json, ActionError> {
    let mut json = serde_json::to_value(action)?;
    if let Json::Object(members) = &mut json {
        members.shift_remove("can_execute");
    }
    Ok(json)
}

fn tell(
    ctx: &mut ActionContext<'_>,
    id: i64,
    before: Option<&EntityAction>,
    after: Option<&EntityAction>,
) -> Result<(), ActionError> {
    let operation = match (before, after) {
        (None, _) => Operation::Created,
        (Some(_), Some(_)) => Operation::Updated,
        (Some(_), None) => Operation::Deleted,
    };
    let image = |it: Option<&EntityAction>| it.map_or(Ok(Json::Null), shown);
    ctx.changed(Change {
        entity: "entity_actions".into(),
        id: json!(id),
        operation,
        before: image(before)?,
        after: image(after)?,
    });
    ctx.set_affected(1);
    Ok(())
}

fn unknown_role() -> Refusal {
    Refusal::field("roles", "unknown_reference", "roles names a role that does not exist")
}

pub(super) struct Create;

impl ActionHandler for Create {
    type Input = (AnyParams,);
    type Output = Json;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent.clone()) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<Json> {
        let draft = read(sent.0).map_err(Refusal::validation)?;
        let store = run::store(ctx);
        let id = store.add(ctx.unit.transaction().await?, &draft).await?.ok_or_else(unknown_role)?;
        let made = find(ctx, id).await?;
        tell(ctx, id, None, Some(&made))?;
        answered(ctx, &made).await
    }
}

pub(super) struct Update;

impl ActionHandler for Update {
    type Input = (AnyParams,);
    type Output = Json;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<Json> {
        let (id, members) = of_change(&sent.0);
        let stored = find(ctx, id).await?;
        let draft = merged(&stored, members)?;
        let store = run::store(ctx);
        let written = store.replace(ctx.unit.transaction().await?, id, &draft).await?;
        written.ok_or_else(unknown_role)?;
        let now = find(ctx, id).await?;
        tell(ctx, id, Some(&stored), Some(&now))?;
        answered(ctx, &now).await
    }
}

pub(super) struct Delete;

impl ActionHandler for Delete {
    type Input = (AnyParams,);
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult {
        let (id, _) = of_change(&sent.0);
        let stored = find(ctx, id).await?;
        let store = run::store(ctx);
        store.remove(ctx.unit.transaction().await?, id).await?;
        tell(ctx, id, Some(&stored), None)
    }
}
