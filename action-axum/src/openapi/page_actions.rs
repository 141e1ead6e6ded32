//! The shapes of page actions: what stands on a page, and what a request says of it. What holds them to the answers
//! themselves is in [`schemas`](super::schemas).

#![expect(dead_code, reason = "these types are described and never made")]

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::schemas::{Context, RetryResult};

/// Something that stands on a page; it has the nested object of its own type alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageActionItem {
    id: Uuid,
    page_config_id: Uuid,
    #[schema(inline)]
    action_type: PageActionKind,
    /// Its place on the page, unique there.
    #[schema(minimum = 0, maximum = 1_000_000)]
    action_order: i64,
    is_active: bool,
    #[schema(nullable = false)]
    button: Option<ButtonItem>,
    #[schema(nullable = false)]
    dropdown: Option<DropdownActionItem>,
}

/// What it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PageActionKind {
    Button,
    Dropdown,
    Separator,
}

/// A button; it has either `targetPath` or `actionId`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ButtonItem {
    label: String,
    #[schema(nullable = false)]
    icon: Option<String>,
    /// Where a click goes: a path of the same site.
    #[schema(nullable = false)]
    target_path: Option<String>,
    /// The action that a click runs.
    #[schema(nullable = false)]
    action_id: Option<String>,
    #[schema(nullable = false, value_type = Option<Object>)]
    action_params: Option<Value>,
    /// `default`, `secondary`, `outline`, `ghost` or `destructive`.
    variant: String,
    /// `left` or `right`.
    alignment: String,
    #[schema(nullable = false)]
    confirmation_prompt: Option<String>,
}

/// A menu.
#[derive(Serialize, ToSchema)]
pub(crate) struct DropdownActionItem {
    label: String,
    #[schema(nullable = false)]
    icon: Option<String>,
    /// By `itemOrder`, then `id`.
    items: Vec<DropdownEntry>,
}

/// An item of a menu; it has either `targetPath` or `actionId`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DropdownEntry {
    id: Uuid,
    label: String,
    #[schema(nullable = false)]
    target_path: Option<String>,
    #[schema(nullable = false)]
    action_id: Option<String>,
    #[schema(nullable = false, value_type = Option<Object>)]
    action_params: Option<Value>,
    item_order: i64,
}

/// A page of the list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageActionListing {
    items: Vec<PageActionItem>,
    total: u64,
    page: u32,
    rows_per_page: u32,
}

/// What stands on a page, by kind; each by order, then id.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupedActions {
    buttons: Vec<PageActionItem>,
    dropdowns: Vec<PageActionItem>,
    separators: Vec<PageActionItem>,
}

/// What became of an action, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryListing {
    items: Vec<HistoryItem>,
}

/// One change of an action.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryItem {
    history_id: Uuid,
    /// `created`, `updated`, `deleted` or `reverted`.
    operation: String,
    user_id: Uuid,
    at: DateTime<Utc>,
    before: Option<PageActionItem>,
    after: Option<PageActionItem>,
}

/// A page.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageItem {
    id: Uuid,
    name: String,
}

/// The pages, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageListing {
    items: Vec<PageItem>,
    total: u64,
}

/// A new page.
#[derive(Serialize, ToSchema)]
pub(crate) struct PageBody {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    id: Option<Uuid>,
}

/// A button, or what is to change of one. In a change every member is optional, and `null` clears an optional one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ButtonBody {
    page_config_id: Option<Uuid>,
    #[schema(minimum = 0, maximum = 1_000_000)]
    action_order: Option<i64>,
    is_active: Option<bool>,
    #[schema(min_length = 1, max_length = 100)]
    label: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    icon: Option<String>,
    #[schema(max_length = 500)]
    target_path: Option<String>,
    action_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    action_params: Option<Value>,
    /// `default`, `secondary`, `outline`, `ghost` or `destructive`.
    variant: Option<String>,
    /// `left` or `right`.
    alignment: Option<String>,
    #[schema(max_length = 500)]
    confirmation_prompt: Option<String>,
}

/// A dropdown, or what is to change of one. Items that are sent take the place of all.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DropdownBody {
    page_config_id: Option<Uuid>,
    #[schema(minimum = 0, maximum = 1_000_000)]
    action_order: Option<i64>,
    is_active: Option<bool>,
    #[schema(min_length = 1, max_length = 100)]
    label: Option<String>,
    #[schema(min_length = 1, max_length = 50)]
    icon: Option<String>,
    #[schema(min_items = 1, max_items = 50)]
    items: Option<Vec<DropdownBodyItem>>,
}

/// An item of a dropdown: either `targetPath` or `actionId`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DropdownBodyItem {
    #[schema(min_length = 1, max_length = 100)]
    label: String,
    #[schema(max_length = 500)]
    target_path: Option<String>,
    action_id: Option<String>,
    #[schema(value_type = Option<Object>)]
    action_params: Option<Value>,
    /// Its position where it is left out.
    #[schema(minimum = 0)]
    item_order: Option<i64>,
}

/// A separator, or what is to change of one.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SeparatorBody {
    page_config_id: Option<Uuid>,
    #[schema(minimum = 0, maximum = 1_000_000)]
    action_order: Option<i64>,
    is_active: Option<bool>,
}

/// Many actions at once, all or none.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchBody {
    #[schema(min_items = 1, max_items = 200)]
    actions: Vec<BatchItem>,
}

/// One of them: exactly the object that `actionType` names.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchItem {
    #[schema(inline)]
    action_type: PageActionKind,
    #[schema(nullable = false)]
    button: Option<ButtonBody>,
    #[schema(nullable = false)]
    dropdown: Option<DropdownBody>,
    #[schema(nullable = false)]
    separator: Option<SeparatorBody>,
}

/// All actions of the page, in their new order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderBody {
    #[schema(max_items = 200)]
    order: Vec<Uuid>,
}

/// Which entry of the history to go back to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RevertBody {
    history_id: Uuid,
}

/// What was clicked of a dropdown, and answers given so far.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunBody {
    item_id: Option<Uuid>,
    context: Option<Context>,
    retry_results: Option<Vec<RetryResult>>,
}

/// Which actions to list; all conditions given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct PageActionFilters {
    /// Which page of the list.
    #[param(minimum = 1, maximum = 1_000_000, default = 1, nullable = false)]
    page: Option<u32>,
    /// How many rows a page of the list has.
    #[param(minimum = 1, maximum = 1000, default = 10, nullable = false)]
    rows: Option<u32>,
    #[param(nullable = false)]
    id: Option<Uuid>,
    #[param(nullable = false)]
    page_config_id: Option<Uuid>,
    #[param(nullable = false, inline)]
    action_type: Option<PageActionKind>,
    #[param(nullable = false)]
    is_active: Option<bool>,
    /// A part of the label, ignoring the case of ASCII letters.
    #[param(min_length = 1, max_length = 100, nullable = false)]
    label: Option<String>,
    /// `id`, `pageConfigId`, `actionType` or `actionOrder`, with `,ASC` or `,DESC`.
    #[param(nullable = false)]
    order_by: Option<String>,
}
