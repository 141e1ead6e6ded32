//! A button on the rows of a table, as it is stored.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A row of `metadata.entity_actions`, with what belongs to it.
///
/// Its JSON has the columns' names, nulls included. Everything about it is data that administrators wrote: a condition may
/// be no condition, and the function need not exist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the columns are what they are")]
pub struct EntityAction {
    /// Made by the database.
    pub id: i64,
    /// Whose rows it is on.
    pub table_name: String,
    /// What callers name it; once a table.
    pub action_name: String,
    /// Its text.
    pub display_name: String,
    /// What is told of it while it can be clicked.
    pub description: Option<String>,
    /// The function it runs.
    pub rpc_function: String,
    /// Its icon, for the client.
    pub icon: Option<String>,
    /// `primary`, `secondary`, `accent`, `success`, `warning`, `error` or `ghost`.
    pub button_style: Option<String>,
    /// Its place among the table's actions.
    pub sort_order: Option<i64>,
    /// Whether the client asks first.
    #[serde(deserialize_with = "or_no")]
    pub requires_confirmation: bool,
    /// What it asks.
    pub confirmation_message: Option<String>,
    /// It is there where this holds.
    pub visibility_condition: Option<Json>,
    /// It can be clicked where this holds.
    pub enabled_condition: Option<Json>,
    /// It cannot be clicked where this holds.
    pub disabled_condition: Option<Json>,
    /// What is told of it while it cannot be clicked.
    pub disabled_tooltip: Option<String>,
    /// Where the function has no message.
    pub default_success_message: Option<String>,
    /// Where the function does not say where to go.
    pub default_navigate_to: Option<String>,
    /// Where the function does not say whether to load again.
    #[serde(deserialize_with = "or_yes")]
    pub refresh_after_action: bool,
    /// Whether it is on single rows.
    #[serde(deserialize_with = "or_no")]
    pub show_on_detail: bool,
    /// Whether it can be run on many rows at once.
    #[serde(deserialize_with = "or_no")]
    pub show_on_list: bool,
    /// Whether the caller it was read for may run it.
    pub can_execute: bool,
    /// What it asks for, in their order.
    pub parameters: Vec<Parameter>,
    /// The state that the library itself takes the row to, where it is no stored definition but a declared transition.
    #[serde(skip)]
    pub transition: Option<String>,
}

impl EntityAction {
    /// An action on single rows and on many, about which nothing else is said.
    pub(crate) fn empty() -> Self {
        Self {
            id: 0,
            table_name: String::new(),
            action_name: String::new(),
            display_name: String::new(),
            description: None,
            rpc_function: String::new(),
            icon: None,
            button_style: Some("primary".to_owned()),
            sort_order: Some(0),
            requires_confirmation: false,
            confirmation_message: None,
            visibility_condition: None,
            enabled_condition: None,
            disabled_condition: None,
            disabled_tooltip: None,
            default_success_message: None,
            default_navigate_to: None,
            refresh_after_action: true,
            show_on_detail: true,
            show_on_list: true,
            can_execute: false,
            parameters: Vec::new(),
            transition: None,
        }
    }
}

/// A row of `metadata.entity_action_params`: a JSON object with the columns' names. `param_name`, `display_name` and
/// `param_type` must be there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name of the function's argument.
    pub param_name: String,
    /// For people.
    pub display_name: String,
    /// What it holds.
    pub param_type: ParameterType,
    /// Whether it must be given.
    #[serde(default = "yes")]
    pub required: bool,
    /// Its place among the others.
    #[serde(default)]
    pub sort_order: i64,
    /// Shown while it is empty.
    #[serde(default)]
    pub placeholder: Option<String>,
    /// What a form starts with.
    #[serde(default)]
    pub default_value: Option<String>,
    /// Of a foreign key: the table it refers to.
    #[serde(default)]
    pub join_table: Option<String>,
    /// Of a foreign key: the column it refers to; the table's key where none is named.
    #[serde(default)]
    pub join_column: Option<String>,
    /// Of a status: whose states.
    #[serde(default)]
    pub status_entity_type: Option<String>,
    /// Of a file: which files a form offers.
    #[serde(default)]
    pub file_type: Option<String>,
    /// A function that lists what may be chosen: rows with an `id`, or a list of such or of plain values.
    #[serde(default)]
    pub options_source_rpc: Option<String>,
    /// What it lists depends on these, which it gets by name.
    #[serde(default)]
    pub depends_on_params: Option<Vec<String>>,
}

/// A column may be null that has a default.
fn or_no<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(false))
}

fn or_yes<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(true))
}

const fn yes() -> bool {
    true
}

impl Parameter {
    /// Whether it can be asked for and checked: it has a name that is not the key's, and says which rows or states it
    /// means where its type needs that.
    pub(crate) fn is_sound(&self) -> bool {
        let is_named = !self.param_name.is_empty() && self.param_name != "p_entity_id";
        is_named && self.lacks().is_none()
    }

    /// The member that its type needs, where it is missing.
    pub(crate) fn lacks(&self) -> Option<&'static str> {
        match self.param_type {
            ParameterType::ForeignKey if self.join_table.is_none() => Some("join_table"),
            ParameterType::Status if self.status_entity_type.is_none() => Some("status_entity_type"),
            _ => None,
        }
    }
}

/// What a parameter holds, in JSON a word as `text_short`. What a value must be is told with each; a text has no NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// At most 10,000 characters.
    Text,
    /// At most 255 characters.
    TextShort,
    /// A JSON number.
    Number,
    /// True or false.
    Boolean,
    /// A number or the text of one, with at most two digits behind the point. The function gets text.
    Money,
    /// `2026-03-01`
    Date,
    /// RFC 3339 with an offset.
    Datetime,
    /// `2026-03-01T10:00`, with seconds or without, and no offset.
    DatetimeLocal,
    /// `#1e90ff`
    Color,
    /// An address of at most 254 characters.
    Email,
    /// 3 to 15 digits, with a `+` before and spaces and `-./()` between them.
    Telephone,
    /// A key among the states of `status_entity_type`, or any text where none is named.
    Status,
    /// A value of `join_column` in `join_table`, in a row of the caller's tenant; any key where no table is named.
    ForeignKey,
    /// A UUID. Whether there is such a user is not asked.
    User,
    /// The id of a file of the caller's tenant.
    File,
}
