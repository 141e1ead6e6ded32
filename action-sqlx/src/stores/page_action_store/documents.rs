//! How actions are written: a document for each table, which one statement takes apart, so that two hundred are as many
//! statements as one.

use action_core::page_actions::{PageAction, PageActionKind, Target};
use action_core::ports::{PageActionChange, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::bind::Bind;
use crate::dialect::Dialect;
use crate::statement::Statement;

/// An item as the statement puts it together, and as it is written.
#[derive(Serialize, Deserialize)]
pub(super) struct ItemDocument {
    pub(super) id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) dropdown: Option<Uuid>,
    pub(super) label: String,
    pub(super) path: Option<String>,
    pub(super) action: Option<String>,
    pub(super) params: Option<Map<String, Json>>,
    pub(super) order: i64,
}

/// What is written, a document for each table.
pub(super) struct Documents {
    actions: Option<String>,
    buttons: Option<String>,
    dropdowns: Option<String>,
    items: Option<String>,
    history: Option<String>,
}

#[derive(Serialize)]
struct ActionDocument {
    id: Uuid,
    page: Uuid,
    kind: &'static str,
    order: i64,
    active: bool,
    version: i64,
}

#[derive(Serialize)]
struct HistoryDocument<'a> {
    id: Uuid,
    action: Uuid,
    operation: &'static str,
    user: Uuid,
    at: String,
    before: &'a Option<PageAction>,
    after: &'a Option<PageAction>,
}

/// Where a click leads, as the tables have it.
fn columns_of(target: &Target) -> (Option<&str>, Option<&str>, Option<&Map<String, Json>>) {
    match target {
        Target::Path { target_path } => (Some(target_path), None, None),
        Target::Action { action_id, action_params } => (None, Some(action_id), Some(action_params)),
    }
}

impl Documents {
    pub(super) fn of(changes: &[PageActionChange]) -> Result<Self, StoreError> {
        let (mut actions, mut buttons, mut dropdowns, mut items) = (vec![], vec![], vec![], vec![]);
        for action in changes.iter().filter_map(|it| it.after.as_ref()) {
            let (id, page, order) = (action.id, action.page_id, action.order);
            let (kind, active, version) = (action.action_type().name(), action.is_active, action.version);
            actions.push(ActionDocument { id, page, kind, order, active, version });
            match &action.kind {
                PageActionKind::Separator => {}
                PageActionKind::Button(it) => {
                    let (path, run, params) = columns_of(&it.target);
                    buttons.push(serde_json::json!({
                        "id": id, "label": it.label, "icon": it.icon, "path": path, "action": run, "params": params,
                        "variant": it.variant, "alignment": it.alignment, "prompt": it.confirmation_prompt,
                    }));
                }
                PageActionKind::Dropdown(it) => {
                    dropdowns.push(serde_json::json!({ "id": id, "label": it.label, "icon": it.icon }));
                    items.extend(it.items.iter().map(|item| {
                        let (path, action, params) = columns_of(&item.target);
                        ItemDocument {
                            id: item.id,
                            dropdown: Some(id),
                            label: item.label.clone(),
                            path: path.map(str::to_owned),
                            action: action.map(str::to_owned),
                            params: params.cloned(),
                            order: item.order,
                        }
                    }));
                }
            }
        }
        let history: Vec<HistoryDocument<'_>> = changes
            .iter()
            .map(|it| HistoryDocument {
                id: it.id,
                action: it.action_id,
                operation: it.operation.name(),
                user: it.user_id,
                at: it.at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
                before: &it.before,
                after: &it.after,
            })
            .collect();
        Ok(Self {
            actions: document(&actions)?,
            buttons: document(&buttons)?,
            dropdowns: document(&dropdowns)?,
            items: document(&items)?,
            history: document(&history)?,
        })
    }

    /// The statements in the order of their references.
    pub(super) fn inserts(self, dialect: Dialect, tenant: Uuid) -> impl Iterator<Item = Statement> {
        let of_tenant = |head, tail, document: Option<String>| {
            document.map(|it| {
                let mut statement = Statement::new(head);
                statement.push(Bind::uuid(tenant)).push_str(tail).push(Bind::Json(Some(it)));
                statement.push_str(dialect.choose(") AS e(v)", ")"));
                statement
            })
        };
        let of_action = |head, document: Option<String>| {
            document.map(|it| {
                let mut statement = Statement::new(head);
                statement.push(Bind::Json(Some(it))).push_str(dialect.choose(") AS e(v)", ")"));
                statement
            })
        };
        let (head, tail) = dialect.choose(ACTIONS_POSTGRES, ACTIONS_SQLITE);
        let actions = of_tenant(head, tail, self.actions);
        let buttons = of_action(dialect.choose(BUTTONS_POSTGRES, BUTTONS_SQLITE), self.buttons);
        let dropdowns = of_action(dialect.choose(DROPDOWNS_POSTGRES, DROPDOWNS_SQLITE), self.dropdowns);
        let items = of_action(dialect.choose(ITEMS_POSTGRES, ITEMS_SQLITE), self.items);
        let (head, tail) = dialect.choose(HISTORY_POSTGRES, HISTORY_SQLITE);
        let history = of_tenant(head, tail, self.history);
        [actions, buttons, dropdowns, items, history].into_iter().flatten()
    }
}

const ACTIONS_POSTGRES: (&str, &str) = (
    "INSERT INTO config.page_actions (tenant_id, id, page_config_id, action_type, action_order, is_active, version) \
     SELECT ",
    ", (v->>'id')::uuid, (v->>'page')::uuid, v->>'kind', (v->>'order')::int, (v->>'active')::boolean, \
     (v->>'version')::bigint FROM jsonb_array_elements(",
);
const ACTIONS_SQLITE: (&str, &str) = (
    "INSERT INTO page_actions (tenant_id, id, page_config_id, action_type, action_order, is_active, version) SELECT ",
    ", value->>'id', value->>'page', value->>'kind', value->>'order', value->>'active', value->>'version' \
     FROM json_each(",
);
const BUTTONS_POSTGRES: &str = "INSERT INTO config.page_action_buttons (action_id, label, icon, target_path, run_action, \
     run_params, variant, alignment, confirmation_prompt) SELECT (v->>'id')::uuid, v->>'label', v->>'icon', \
     v->>'path', v->>'action', NULLIF(v->'params', 'null'), v->>'variant', v->>'alignment', v->>'prompt' \
     FROM jsonb_array_elements(";
const BUTTONS_SQLITE: &str = "INSERT INTO page_action_buttons (action_id, label, icon, target_path, run_action, \
     run_params, variant, alignment, confirmation_prompt) SELECT value->>'id', value->>'label', value->>'icon', \
     value->>'path', value->>'action', NULLIF(value->'params', 'null'), value->>'variant', value->>'alignment', \
     value->>'prompt' FROM json_each(";
const DROPDOWNS_POSTGRES: &str = "INSERT INTO config.page_action_dropdowns (action_id, label, icon) \
     SELECT (v->>'id')::uuid, v->>'label', v->>'icon' FROM jsonb_array_elements(";
const DROPDOWNS_SQLITE: &str = "INSERT INTO page_action_dropdowns (action_id, label, icon) \
     SELECT value->>'id', value->>'label', value->>'icon' FROM json_each(";
const ITEMS_POSTGRES: &str = "INSERT INTO config.page_action_dropdown_items (id, dropdown_action_id, label, target_path, \
     run_action, run_params, item_order) SELECT (v->>'id')::uuid, (v->>'dropdown')::uuid, v->>'label', v->>'path', \
     v->>'action', NULLIF(v->'params', 'null'), (v->>'order')::int FROM jsonb_array_elements(";
const ITEMS_SQLITE: &str = "INSERT INTO page_action_dropdown_items (id, dropdown_action_id, label, target_path, \
     run_action, run_params, item_order) SELECT value->>'id', value->>'dropdown', value->>'label', value->>'path', \
     value->>'action', NULLIF(value->'params', 'null'), value->>'order' FROM json_each(";
const HISTORY_POSTGRES: (&str, &str) = (
    "INSERT INTO config.page_action_history (tenant_id, id, action_id, operation, user_id, happened_at, before, after) \
     SELECT ",
    ", (v->>'id')::uuid, (v->>'action')::uuid, v->>'operation', (v->>'user')::uuid, (v->>'at')::timestamptz, \
     NULLIF(v->'before', 'null'), NULLIF(v->'after', 'null') FROM jsonb_array_elements(",
);
const HISTORY_SQLITE: (&str, &str) = (
    "INSERT INTO page_action_history (tenant_id, id, action_id, operation, user_id, happened_at, before, after) SELECT ",
    ", value->>'id', value->>'action', value->>'operation', value->>'user', value->>'at', \
     NULLIF(value->'before', 'null'), NULLIF(value->'after', 'null') FROM json_each(",
);

/// None where there is nothing to write.
fn document<T: Serialize>(rows: &[T]) -> Result<Option<String>, StoreError> {
    if rows.is_empty() {
        return Ok(None);
    }
    crate::ending::document(rows).map(Some)
}
