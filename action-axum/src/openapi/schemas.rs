//! The shapes of answers and of the parts of a request, as the document tells them. The answers themselves are
//! written in `reply` and `routes`; a test holds the two together, member by member.

#![expect(dead_code, reason = "these types are described and never made")]

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What was clicked; it decides nothing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Context {
    /// The page.
    #[schema(max_length = 100, nullable = false)]
    page_id: Option<String>,
    /// The widget on it.
    #[schema(max_length = 100, nullable = false)]
    widget_id: Option<String>,
}

/// The answer to one question of an action that asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RetryResult {
    /// Which question it answers, from 0.
    step: u32,
    /// The option chosen.
    option: String,
    /// What came with the question, unchanged; without it the question is asked again.
    state: Option<String>,
    /// The form that came with the question, filled in.
    persistent_object: Option<FilledForm>,
}

/// A form, filled in.
#[derive(Serialize, ToSchema)]
pub(crate) struct FilledForm {
    attributes: Vec<Attribute>,
}

/// A row as a client shows it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PersistentObject {
    /// The row's key; absent for a form that was not saved yet.
    #[schema(value_type = Option<String>)]
    id: Option<Value>,
    /// The type's name, alias or id, where it is not the route's and `objectTypeId` is not given. Of a parent only.
    name: Option<String>,
    /// The type's id, where it is not the route's. Of a parent only.
    object_type_id: Option<String>,
    /// What is shown or was typed; never taken for what is stored.
    attributes: Option<Vec<Attribute>>,
}

/// A named value.
#[derive(Serialize, ToSchema)]
pub(crate) struct Attribute {
    name: String,
    value: Option<Value>,
}

/// An action that ran.
#[derive(ToSchema)]
#[expect(clippy::struct_field_names, reason = "the members are named by the contract")]
pub(crate) struct Success {
    /// Always `true`.
    success: bool,
    /// What the action answers; absent where that is nothing.
    #[schema(nullable = false)]
    data: Option<Value>,
    metadata: Metadata,
    /// What the client should do now, in order; absent where that is nothing. Unknown types are to be ignored.
    #[schema(nullable = false)]
    effects: Option<Vec<Effect>>,
}

/// How it went.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Metadata {
    /// How many records were changed or returned; absent where none could be.
    #[schema(nullable = false)]
    affected_records: Option<u64>,
    /// Milliseconds.
    #[schema(minimum = 0)]
    execution_time: f64,
}

/// One thing for the client to do, by its `type`: `notify`, `navigate`, `refresh`, `download`, `openDialog`,
/// `disableAction`, `copy`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Effect {
    r#type: String,
    #[serde(flatten)]
    members: std::collections::HashMap<String, Value>,
}

/// A question to be answered first: the call is repeated with one more entry in `retryResults`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Asked {
    /// Always `false`.
    success: bool,
    /// `input_required`
    code: String,
    /// 449
    status: u16,
    /// `retry-action`
    r#type: String,
    /// The question's place in the chain, from 0.
    step: u32,
    title: String,
    message: Option<String>,
    /// What may be chosen, in the order of the buttons.
    options: Vec<String>,
    default_option: Option<String>,
    /// A form to fill in, where there is one.
    persistent_object: Option<Form>,
    /// To be sent back with the answer: it holds for ten minutes, and for this question of this call.
    state: String,
}

/// A form to fill in.
#[derive(ToSchema)]
pub(crate) struct Form {
    attributes: Vec<FormAttribute>,
}

/// A field of a form.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct FormAttribute {
    name: String,
    /// `text`, `integer`, `decimal`, `boolean`, `date`, `timestamp`, `uuid` or `json`.
    data_type: String,
    is_required: bool,
    /// What people read.
    label: String,
    /// What it holds before anybody fills it in.
    value: Option<Value>,
    /// The texts it may hold; absent where any will do.
    #[schema(nullable = false)]
    options: Option<Vec<String>>,
}

/// A custom action on an entity that the caller may run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomActionItem {
    name: String,
    /// In the caller's language.
    display_name: String,
    /// By language tag.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    display_names: Value,
    icon: Option<String>,
    description: Option<String>,
    #[schema(inline)]
    showed_on: ShowedOn,
    /// How many items must be selected: `=1`, `>0`, `1<X<5`; empty where any number may be.
    selection_rule: String,
    refresh_on_completed: bool,
    /// The key of the sentence to show before the call.
    confirmation_message_key: Option<String>,
    /// Lower is earlier.
    offset: i32,
    group: Option<String>,
    #[schema(inline)]
    style: Option<ButtonStyle>,
    /// JSON Schema 2020-12 of the parameters, where it takes any.
    #[schema(value_type = Option<Object>)]
    params: Option<Value>,
}

/// Where it is offered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ShowedOn {
    Detail,
    Query,
    Both,
}

/// How its button is drawn.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ButtonStyle {
    Primary,
    Secondary,
    Accent,
    Success,
    Warning,
    Error,
    Ghost,
}

/// Any error (RFC 9457).
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Problem {
    /// `about:blank`
    r#type: String,
    /// What kind of error it is, in the caller's language.
    title: String,
    status: u16,
    /// One sentence for a person.
    detail: String,
    /// The path that was asked for.
    instance: String,
    /// A stable word a program can branch on.
    code: String,
    /// Stands in the log lines of the request.
    request_id: String,
    /// Always `false`.
    success: bool,
    /// What is wrong, one by one.
    #[schema(min_items = 1)]
    errors: Vec<ProblemEntry>,
}

/// One thing that is wrong.
#[derive(ToSchema)]
pub(crate) struct ProblemEntry {
    /// The path from the body, or from `params`; absent for a mistake that belongs to no field.
    #[schema(nullable = false)]
    field: Option<String>,
    /// A stable word a program can branch on.
    code: String,
    /// One sentence for a person.
    message: String,
}

/// An action that the caller may run.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActionItem {
    action_id: String,
    title: String,
    description: Option<String>,
    /// As declared; `{entity}` stands for the entity that a call names.
    permissions: Vec<String>,
    /// JSON Schema 2020-12 of the parameters.
    #[schema(value_type = Object)]
    params: Value,
    /// `30/min`
    rate_limit: Option<String>,
    idempotent: bool,
    read_only: bool,
    destructive: bool,
}

/// An entity type that the caller may query or read.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntityItem {
    name: String,
    alias: String,
    type_id: Uuid,
    /// The name of the key field.
    key: String,
    fields: Vec<FieldItem>,
}

/// A request with files.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExecuteForm {
    /// The JSON of the request.
    #[schema(schema_with = execute_request)]
    request: String,
    /// A file; further ones are further parts, of any names.
    #[schema(format = Binary, nullable = false)]
    file: Option<String>,
}

fn execute_request() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("ExecuteRequest")
}

/// A field of an entity type.
#[derive(Serialize, ToSchema)]
pub(crate) struct FieldItem {
    name: String,
    r#type: String,
    required: bool,
    readable: bool,
    writable: bool,
}

/// Which rows of the audit to list; all conditions given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AuditFilters {
    /// Only this action's.
    #[param(min_length = 1, max_length = 200, nullable = false)]
    action_id: Option<String>,
    /// Only this user's.
    #[param(nullable = false)]
    user_id: Option<Uuid>,
    /// Only successes, or only the others.
    #[param(nullable = false)]
    success: Option<bool>,
    /// Only those that ended like this.
    #[param(nullable = false, inline)]
    outcome: Option<AuditEnd>,
    /// At this instant or later.
    #[param(nullable = false)]
    from: Option<DateTime<Utc>>,
    /// Before this instant.
    #[param(nullable = false)]
    to: Option<DateTime<Utc>>,
    /// Which page.
    #[param(minimum = 1, maximum = 1_000_000, default = 1, nullable = false)]
    page: Option<u32>,
    /// How many rows a page has.
    #[param(minimum = 1, maximum = 200, default = 50, nullable = false)]
    page_size: Option<u32>,
}

/// How an attempt ended.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(crate) enum AuditEnd {
    Succeeded,
    Refused,
    Asked,
    Failed,
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditListing {
    /// Newest first.
    items: Vec<AuditItem>,
    /// How many match in all.
    total: u64,
    page: u32,
    page_size: u32,
}

/// One attempt.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditItem {
    id: Uuid,
    action_id: String,
    user_id: Uuid,
    tenant_id: Option<Uuid>,
    /// With secrets replaced by `[redacted]`.
    params: Value,
    success: bool,
    /// `succeeded`, `refused`, `asked` or `failed`.
    outcome: String,
    error_code: Option<String>,
    error_message: Option<String>,
    execution_time_ms: i64,
    ip_address: Option<String>,
    user_agent: Option<String>,
    page_id: Option<String>,
    widget_id: Option<String>,
    affected_records: Option<i64>,
    /// The first 100 changes.
    changed_records: Vec<ChangeItem>,
    /// How many there are in all.
    changed_records_count: i64,
    request_id: Option<String>,
    idempotency_key: Option<String>,
    created_at: DateTime<Utc>,
}

/// What changed in one row.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeItem {
    entity: String,
    id: Value,
    /// `created`, `updated` or `deleted`.
    operation: String,
    /// The changed fields as they were; `null` for a new row.
    before: Value,
    /// The changed fields as they are; `null` for a deleted row.
    after: Value,
}
