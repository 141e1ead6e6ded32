//! The shapes of entity actions. What holds them to the answers themselves is in [`schemas`](super::schemas).

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A button on the rows of a table, as the view has it.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntityActionItem {
    #[serde(flatten)]
    definition: DefinitionShape,
    /// Whether the caller may run it.
    can_execute: bool,
}

/// What stands in a definition.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the columns are what they are")]
pub(crate) struct DefinitionShape {
    id: i64,
    table_name: String,
    action_name: String,
    display_name: String,
    description: Option<String>,
    rpc_function: String,
    icon: Option<String>,
    button_style: Option<String>,
    sort_order: Option<i64>,
    requires_confirmation: bool,
    confirmation_message: Option<String>,
    #[schema(value_type = Option<Object>)]
    visibility_condition: Option<Value>,
    #[schema(value_type = Option<Object>)]
    enabled_condition: Option<Value>,
    #[schema(value_type = Option<Object>)]
    disabled_condition: Option<Value>,
    disabled_tooltip: Option<String>,
    default_success_message: Option<String>,
    default_navigate_to: Option<String>,
    refresh_after_action: bool,
    show_on_detail: bool,
    show_on_list: bool,
    parameters: Vec<ParameterItem>,
}

/// What an action asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParameterItem {
    param_name: String,
    display_name: String,
    /// `text`, `text_short`, `number`, `boolean`, `money`, `date`, `datetime`, `datetime_local`, `color`, `email`,
    /// `telephone`, `status`, `foreign_key`, `user` or `file`.
    param_type: String,
    required: bool,
    sort_order: i64,
    placeholder: Option<String>,
    default_value: Option<String>,
    join_table: Option<String>,
    join_column: Option<String>,
    status_entity_type: Option<String>,
    file_type: Option<String>,
    options_source_rpc: Option<String>,
    depends_on_params: Option<Vec<String>>,
}

/// A button of a row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowButtonItem {
    #[serde(flatten)]
    action: EntityActionItem,
    visible: bool,
    enabled: bool,
    /// The description, or why it cannot be clicked.
    tooltip: Option<String>,
    reasons: Vec<ReasonItem>,
}

/// Why a button does not show, or cannot be clicked.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonItem {
    /// `permission_denied`, `visibility_condition`, `enabled_condition`, `disabled_condition` or `invalid_condition`.
    code: String,
    message: String,
}

/// The rows that are asked about.
#[derive(Serialize, ToSchema)]
pub(crate) struct AvailabilityBody {
    /// Their keys, texts or numbers.
    #[schema(max_items = 500, value_type = Vec<Object>)]
    ids: Vec<Value>,
}

/// A run on a row.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunRowBody {
    /// The row's key, text or number.
    #[schema(value_type = Object)]
    entity_id: Value,
    #[schema(value_type = Option<Object>, nullable = false)]
    params: Option<Value>,
}

/// A run on many rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkRunBody {
    #[schema(min_items = 1, max_items = 500, value_type = Vec<Object>)]
    entity_ids: Vec<Value>,
    #[schema(value_type = Option<Object>, nullable = false)]
    params: Option<Value>,
    /// `atomic`, which is what is meant where nothing is said, or `independent`.
    #[schema(nullable = false)]
    mode: Option<String>,
}

/// A call of a function: its arguments by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct RpcBody {
    /// The row's key, text or number.
    #[schema(value_type = Object)]
    p_entity_id: Value,
}

/// What became of a run.
#[derive(Serialize, ToSchema)]
pub(crate) struct EntityRunResult {
    success: bool,
    message: String,
    #[schema(nullable = false)]
    navigate_to: Option<String>,
    #[schema(nullable = false)]
    refresh: Option<bool>,
    #[schema(value_type = Option<Object>, nullable = false)]
    data: Option<Value>,
}

/// What became of the rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkRunResults {
    success: bool,
    succeeded: u64,
    failed: u64,
    results: Vec<BulkRunResult>,
}

/// What became of one.
#[derive(Serialize, ToSchema)]
pub(crate) struct BulkRunResult {
    #[schema(value_type = Object)]
    entity_id: Value,
    success: bool,
    message: String,
    #[schema(nullable = false)]
    code: Option<String>,
}

/// A definition as administrators see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionItem {
    #[serde(flatten)]
    definition: DefinitionShape,
    /// The keys of the roles that its function is granted to; none: it is not protected.
    roles: Vec<String>,
}

/// Definitions by table, order, id.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionListing {
    items: Vec<DefinitionItem>,
    total: u64,
}

/// What is said of a definition; in a change, only what changes.
#[derive(Serialize, ToSchema)]
pub(crate) struct DefinitionBody {
    #[schema(nullable = false, max_length = 63)]
    table_name: Option<String>,
    #[schema(nullable = false, max_length = 100)]
    action_name: Option<String>,
    #[schema(nullable = false, max_length = 200)]
    display_name: Option<String>,
    #[schema(max_length = 1000)]
    description: Option<String>,
    #[schema(nullable = false, max_length = 63)]
    rpc_function: Option<String>,
    #[schema(max_length = 50)]
    icon: Option<String>,
    button_style: Option<String>,
    sort_order: Option<i32>,
    requires_confirmation: Option<bool>,
    #[schema(max_length = 500)]
    confirmation_message: Option<String>,
    #[schema(value_type = Option<Object>)]
    visibility_condition: Option<Value>,
    #[schema(value_type = Option<Object>)]
    enabled_condition: Option<Value>,
    #[schema(value_type = Option<Object>)]
    disabled_condition: Option<Value>,
    #[schema(max_length = 500)]
    disabled_tooltip: Option<String>,
    #[schema(max_length = 500)]
    default_success_message: Option<String>,
    #[schema(max_length = 500)]
    default_navigate_to: Option<String>,
    refresh_after_action: Option<bool>,
    show_on_detail: Option<bool>,
    show_on_list: Option<bool>,
    /// All of them; `sort_order` and `required` may be left out.
    #[schema(max_items = 50)]
    parameters: Option<Vec<ParameterItem>>,
    /// Role keys; the function is protected where there are any.
    #[schema(max_items = 50)]
    roles: Option<Vec<String>>,
}
