//! What stands on a page: a button, a dropdown with its items, or a separator.
//!
//! As JSON it has the members that the seed of this feature has, with a nested object for its own type alone; the same
//! form is kept in its history.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::files::hex;
use crate::idempotency;

/// An action of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub struct PageAction {
    /// Made by the server.
    pub id: Uuid,
    /// The page it is on.
    pub page_id: Uuid,
    /// Its place on the page, 0–1,000,000 and unique there.
    pub order: i64,
    /// Whether it is shown.
    pub is_active: bool,
    /// What it is.
    pub kind: PageActionKind,
    /// One more with every change; not a part of its JSON form.
    pub version: i64,
}

/// What an action is.
#[derive(Debug, Clone, PartialEq)]
pub enum PageActionKind {
    /// A button.
    Button(Button),
    /// A menu.
    Dropdown(Dropdown),
    /// A line between others.
    Separator,
}

/// The name of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the kinds are described where they are")]
pub enum PageActionType {
    Button,
    Dropdown,
    Separator,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Button {
    /// 1–100 characters.
    pub label: String,
    /// 1–50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// What a click does.
    #[serde(flatten)]
    pub target: Target,
    /// How it is drawn.
    pub variant: Variant,
    /// On which side.
    pub alignment: Alignment,
    /// What is asked before, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation_prompt: Option<String>,
}

/// A menu.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dropdown {
    /// 1–100 characters.
    pub label: String,
    /// 1–50 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// 1–50 items by order, then id.
    pub items: Vec<DropdownItem>,
}

/// An item of a menu.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DropdownItem {
    /// Made by the server.
    pub id: Uuid,
    /// 1–100 characters.
    pub label: String,
    /// What a click does.
    #[serde(flatten)]
    pub target: Target,
    /// Its place in the menu, unique there.
    #[serde(rename = "itemOrder")]
    pub order: i64,
}

/// What a click does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Target {
    /// It goes to a path of the same site.
    Path {
        /// At most 500 characters.
        target_path: String,
    },
    /// It runs an action of the execution endpoint, with the parameters that are stored here.
    Action {
        /// The action's id.
        action_id: String,
        /// Its parameters.
        #[serde(default)]
        action_params: Map<String, Json>,
    },
}

/// How a button is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of any design system, which say it themselves")]
pub enum Variant {
    Default,
    Secondary,
    Outline,
    Ghost,
    Destructive,
}

/// On which side a button is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "there are two sides")]
pub enum Alignment {
    Left,
    Right,
}

impl PageAction {
    /// The name of its kind.
    pub fn action_type(&self) -> PageActionType {
        match self.kind {
            PageActionKind::Button(_) => PageActionType::Button,
            PageActionKind::Dropdown(_) => PageActionType::Dropdown,
            PageActionKind::Separator => PageActionType::Separator,
        }
    }

    /// Its state as a strong entity tag (RFC 9110, section 8.8.3).
    pub fn etag(&self) -> String {
        let mut hash = Sha256::new();
        // Its JSON form is without its version, which a client never sees.
        hash.update(self.version.to_le_bytes());
        let mut json = serde_json::to_value(self).unwrap_or_default();
        spell_alike(&mut json);
        idempotency::object(&mut hash, json.as_object().unwrap_or(&Map::new()));
        let digest = hash.finalize();
        let (half, _) = digest.split_at(16);
        format!("\"{}\"", hex(half))
    }

    /// What a click on it does, or on one of its items; `None` where there is nothing to click.
    pub fn target(&self, item: Option<Uuid>) -> Option<&Target> {
        match (&self.kind, item) {
            (PageActionKind::Button(button), None) => Some(&button.target),
            (PageActionKind::Dropdown(dropdown), Some(id)) => {
                dropdown.items.iter().find(|it| it.id == id).map(|it| &it.target)
            }
            _ => None,
        }
    }
}

/// A database may keep the parameters of an action with their numbers spelled otherwise: 1e17 as a whole one.
fn spell_alike(json: &mut Json) {
    match json {
        // Of whole numbers that are no doubles two may come to one; the version tells these states apart.
        Json::Number(number) => *json = number.as_f64().map_or(Json::Null, |it| Json::from(it + 0.0)),
        Json::Array(items) => items.iter_mut().for_each(spell_alike),
        Json::Object(members) => members.values_mut().for_each(spell_alike),
        _ => {}
    }
}

impl PageActionType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Button, Self::Dropdown, Self::Separator];

    /// As JSON and the table spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Dropdown => "dropdown",
            Self::Separator => "separator",
        }
    }

    /// The table whose rights are asked for it.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Button => "page_action_buttons",
            Self::Dropdown => "page_action_dropdowns",
            Self::Separator => "page_actions",
        }
    }
}

impl Variant {
    /// The words, as JSON and the table spell them.
    pub const NAMES: [&'static str; 5] = ["default", "secondary", "outline", "ghost", "destructive"];
}

impl Alignment {
    /// The words, as JSON and the table spell them.
    pub const NAMES: [&'static str; 2] = ["left", "right"];
}

/// An action as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: Uuid,
    page_config_id: Uuid,
    action_type: PageActionType,
    action_order: i64,
    is_active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    button: Option<Button>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dropdown: Option<Dropdown>,
}

impl From<PageAction> for Wire {
    fn from(action: PageAction) -> Self {
        let action_type = action.action_type();
        let (button, dropdown) = match action.kind {
            PageActionKind::Button(button) => (Some(button), None),
            PageActionKind::Dropdown(dropdown) => (None, Some(dropdown)),
            PageActionKind::Separator => (None, None),
        };
        Self {
            id: action.id,
            page_config_id: action.page_id,
            action_type,
            action_order: action.order,
            is_active: action.is_active,
            button,
            dropdown,
        }
    }
}

impl TryFrom<Wire> for PageAction {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, &'static str> {
        let kind = match (wire.action_type, wire.button, wire.dropdown) {
            (PageActionType::Button, Some(button), None) => PageActionKind::Button(button),
            (PageActionType::Dropdown, None, Some(dropdown)) => PageActionKind::Dropdown(dropdown),
            (PageActionType::Separator, None, None) => PageActionKind::Separator,
            _ => return Err("an action has the nested object of its own type and no other"),
        };
        Ok(Self {
            id: wire.id,
            page_id: wire.page_config_id,
            order: wire.action_order,
            is_active: wire.is_active,
            kind,
            version: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_action_has_the_members_of_the_seed_and_no_others() {
        let id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        for (kind, members) in [
            ("separator", json!({})),
            (
                "button",
                json!({ "button": { "label": "Save", "targetPath": "/save", "variant": "default", "alignment": "right" } }),
            ),
            (
                "dropdown",
                json!({ "dropdown": { "label": "More", "icon": "dots", "items": [
                    { "id": id, "label": "Edit", "actionId": "echo", "actionParams": { "a": 1 }, "itemOrder": 0 }
                ] } }),
            ),
        ] {
            let mut json = json!({
                "id": id, "pageConfigId": id, "actionType": kind, "actionOrder": 3, "isActive": true,
            });
            json.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
            let action: PageAction = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(action.action_type().name(), kind);
            assert_eq!(serde_json::to_string(&action).unwrap(), json.to_string());
        }
    }
}
