//! What a request says of a page action, member by member.
//!
//! A new action is read whole. A change is read twice: what was sent by itself, before anything is looked up, and then
//! laid over what is stored and read whole, so that the result is as good as a new one.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::layout::LAST_PLACE;
use super::reader::Reader;
use super::{
    Alignment, Button, Dropdown, DropdownItem, PageAction, PageActionKind, PageActionType, Target, Variant,
};
use crate::FieldErrors;
use crate::effect::is_site_path;

const LONGEST_LABEL: usize = 100;
const LONGEST_ICON: usize = 50;
const LONGEST_PATH: usize = 500;
const LONGEST_PROMPT: usize = 500;
const MOST_ITEMS: usize = 50;
/// In bytes. A page with 200 actions is read at once.
const LONGEST_PARAMS: usize = 10_000;

/// An action as a request has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    pub(crate) page_id: Option<Uuid>,
    pub(crate) order: Option<i64>,
    pub(crate) is_active: bool,
    pub(crate) kind: PageActionKind,
}

/// Reads an action whole. `new_id` makes the ids of a dropdown's items.
pub(crate) fn whole(
    kind: PageActionType,
    sent: Map<String, Json>,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Draft, FieldErrors> {
    let mut reader = Reader::whole(sent);
    let draft = reader.draft(kind, new_id, None);
    reader.end(draft)
}

/// Looks at what was sent for a change, each member by itself; `null` clears an optional one, and so is no mistake.
pub(crate) fn check_change(kind: PageActionType, sent: &Map<String, Json>) -> Result<(), FieldErrors> {
    let given = sent.iter().filter(|(name, it)| !is_cleared(name, it));
    let mut reader = Reader::partial(given.map(|(name, it)| (name.clone(), it.clone())).collect());
    let _ = reader.draft(kind, &Uuid::nil, None);
    reader.end(Some(()))
}

/// Reads what an action becomes by a change. Items that are not sent stay as they are, ids included.
pub(crate) fn changed(
    stored: &PageAction,
    sent: &Map<String, Json>,
    new_id: &dyn Fn() -> Uuid,
) -> Result<Draft, FieldErrors> {
    let kept = match &stored.kind {
        PageActionKind::Dropdown(dropdown) => Some(dropdown.items.as_slice()),
        PageActionKind::Button(_) | PageActionKind::Separator => None,
    };
    let mut reader = Reader::whole(merged(stored, sent));
    let draft = reader.draft(stored.action_type(), new_id, kept);
    reader.end(draft)
}

/// The page that a change names.
pub(crate) fn page(sent: &Map<String, Json>) -> Option<Uuid> {
    sent.get("pageConfigId")?.as_str().and_then(|it| Uuid::try_parse(it).ok())
}

/// What is stored, with what was sent laid over it, as a request would have it. Items that are not sent stay out.
fn merged(stored: &PageAction, sent: &Map<String, Json>) -> Map<String, Json> {
    let mut body = match &stored.kind {
        PageActionKind::Button(button) => object(button),
        PageActionKind::Dropdown(dropdown) => object(dropdown),
        PageActionKind::Separator => Map::new(),
    };
    body.shift_remove("items");
    body.insert("pageConfigId".to_owned(), stored.page_id.to_string().into());
    body.insert("actionOrder".to_owned(), stored.order.into());
    body.insert("isActive".to_owned(), stored.is_active.into());
    // One target takes the place of the other; `null` is none.
    let sets = |name: &str| sent.get(name).is_some_and(|it| !it.is_null());
    if sets("targetPath") && !sets("actionId") {
        body.shift_remove("actionId");
        body.shift_remove("actionParams");
    } else if sets("actionId") && !sets("targetPath") {
        body.shift_remove("targetPath");
    }
    for (name, value) in sent {
        if is_cleared(name, value) {
            body.shift_remove(name);
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
    body
}

fn is_cleared(name: &str, value: &Json) -> bool {
    value.is_null()
        && ["icon", "confirmationPrompt", "actionParams", "targetPath", "actionId"].contains(&name)
}

fn is_longer(params: &Map<String, Json>, bytes: usize) -> bool {
    serde_json::to_vec(params).map_or(true, |it| it.len() > bytes)
}

fn object(it: &impl serde::Serialize) -> Map<String, Json> {
    match serde_json::to_value(it) {
        Ok(Json::Object(members)) => members,
        _ => Map::new(),
    }
}

impl Reader {
    /// `kept` are the items of a dropdown that sends none.
    fn draft(
        &mut self,
        kind: PageActionType,
        new_id: &dyn Fn() -> Uuid,
        kept: Option<&[DropdownItem]>,
    ) -> Option<Draft> {
        let page_id = self.take("pageConfigId").and_then(|it| self.uuid("pageConfigId", &it));
        let order = self.take("actionOrder").and_then(|it| self.place("actionOrder", &it, LAST_PLACE));
        let is_active = self.take("isActive").map(|it| self.flag("isActive", &it));
        let kind = match kind {
            PageActionType::Separator => Some(PageActionKind::Separator),
            PageActionType::Button => self.button().map(PageActionKind::Button),
            PageActionType::Dropdown => self.dropdown(new_id, kept).map(PageActionKind::Dropdown),
        };
        Some(Draft { page_id, order, is_active: is_active.unwrap_or(Some(true))?, kind: kind? })
    }

    fn button(&mut self) -> Option<Button> {
        let label = self.label("label", LONGEST_LABEL, true);
        let icon = self.label("icon", LONGEST_ICON, false);
        let target = self.target();
        let variant = self.word("variant", &Variant::NAMES);
        let alignment = self.word("alignment", &Alignment::NAMES);
        let confirmation_prompt = match self.take("confirmationPrompt") {
            None | Some(Json::Null) => None,
            Some(json) => self.text("confirmationPrompt", json, LONGEST_PROMPT),
        };
        Some(Button {
            label: label?,
            icon,
            target: target?,
            variant: serde_json::from_value(variant?).ok()?,
            alignment: serde_json::from_value(alignment?).ok()?,
            confirmation_prompt,
        })
    }

    fn dropdown(&mut self, new_id: &dyn Fn() -> Uuid, kept: Option<&[DropdownItem]>) -> Option<Dropdown> {
        let label = self.label("label", LONGEST_LABEL, true);
        let icon = self.label("icon", LONGEST_ICON, false);
        let items = match self.take("items") {
            None => {
                if kept.is_none() {
                    self.missing("items");
                }
                kept.map(<[_]>::to_vec)
            }
            Some(Json::Array(items)) if items.is_empty() => {
                self.errors.add("items", "too_few", "items must have at least 1 entry");
                None
            }
            Some(Json::Array(items)) if items.len() > MOST_ITEMS => {
                self.errors.add("items", "too_many", format!("items may have at most {MOST_ITEMS} entries"));
                None
            }
            Some(Json::Array(items)) => self.items(items, new_id),
            Some(_) => {
                self.errors.add("items", "wrong_type", "items must be a list");
                None
            }
        };
        Some(Dropdown { label: label?, icon, items: items? })
    }

    fn items(&mut self, sent: Vec<Json>, new_id: &dyn Fn() -> Uuid) -> Option<Vec<DropdownItem>> {
        let count = sent.len();
        let mut items = Vec::with_capacity(count);
        let mut places = HashSet::new();
        for (position, json) in sent.into_iter().enumerate() {
            let at = format!("items[{position}]");
            let Json::Object(sent) = json else {
                self.errors.add(at.clone(), "wrong_type", format!("{at} must be an object"));
                continue;
            };
            let mut reader = Self::whole(sent);
            let label = reader.label("label", LONGEST_LABEL, true);
            let target = reader.target();
            let order = match reader.take("itemOrder") {
                None => i64::try_from(position).ok(),
                Some(json) => reader.place("itemOrder", &json, i64::from(i32::MAX)),
            };
            if order.is_some_and(|it| !places.insert(it)) {
                reader.errors.add("itemOrder", "duplicate", "itemOrder is given twice in this dropdown");
            }
            let item = label.zip(target).zip(order);
            match reader.end(item) {
                Ok(((label, target), order)) => {
                    items.push(DropdownItem { id: new_id(), label, target, order });
                }
                Err(errors) => self.errors.extend_under(&at, errors),
            }
        }
        (items.len() == count).then_some(items)
    }

    /// A path of the same site, or an action with its parameters: one of the two.
    fn target(&mut self) -> Option<Target> {
        let path = self.take("targetPath").filter(|it| !it.is_null());
        let action = self.take("actionId").filter(|it| !it.is_null());
        let params = self.take("actionParams").filter(|it| !it.is_null());
        match (path, action) {
            (Some(_), Some(_)) => {
                let told = "targetPath and actionId exclude each other: a click does one of the two";
                self.errors.add("actionId", "excluded", told);
                None
            }
            (Some(path), None) => {
                if params.is_some() {
                    self.errors.add("actionParams", "excluded", "actionParams belong to an actionId");
                }
                let path = self.text("targetPath", path, LONGEST_PATH)?;
                if !is_site_path(&path) {
                    let told = "targetPath must be a path of this site: one leading `/`, no `//`, scheme, backslash or white space";
                    self.errors.add("targetPath", "wrong_format", told);
                    return None;
                }
                Some(Target::Path { target_path: path })
            }
            (None, Some(action)) => {
                let action_params = match params {
                    None => Some(Map::new()),
                    Some(Json::Object(params)) if is_longer(&params, LONGEST_PARAMS) => {
                        let told = format!("actionParams may have at most {LONGEST_PARAMS} bytes as JSON");
                        self.errors.add("actionParams", "too_long", told);
                        None
                    }
                    Some(Json::Object(params)) => Some(params),
                    Some(_) => {
                        self.errors.add("actionParams", "wrong_type", "actionParams must be an object");
                        None
                    }
                };
                let action_id = self.text("actionId", action, 100)?;
                Some(Target::Action { action_id, action_params: action_params? })
            }
            (None, None) => {
                if params.is_some() && self.whole {
                    self.errors.add("actionParams", "excluded", "actionParams belong to an actionId");
                }
                self.missing("targetPath");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: PageActionType, body: &Json) -> Vec<String> {
        let errors = whole(kind, body.as_object().cloned().unwrap(), &Uuid::now_v7).err();
        let errors = errors.unwrap_or_default();
        errors.iter().map(|it| format!("{} {}", it.field, it.code)).collect()
    }

    #[test]
    fn every_mistake_of_a_button_is_told_in_order() {
        let wrong = json!({
            "variant": "red", "colour": 1, "pageConfigId": "x", "actionOrder": -1, "isActive": 1, "label": " ",
            "icon": "", "targetPath": "//x", "confirmationPrompt": "x".repeat(501),
        });
        assert_eq!(
            told(PageActionType::Button, &wrong),
            [
                "pageConfigId wrong_type",
                "actionOrder out_of_range",
                "isActive wrong_type",
                "label too_short",
                "icon too_short",
                "targetPath wrong_format",
                "variant not_allowed",
                "alignment required",
                "confirmationPrompt too_long",
                "colour unknown_field",
            ]
        );
        let both = json!({ "label": "a", "targetPath": "/", "actionId": "echo", "variant": "ghost", "alignment": "left" });
        assert_eq!(told(PageActionType::Button, &both), ["actionId excluded"]);
    }

    #[test]
    fn items_are_read_each_with_its_place() {
        let item = |label: &str| json!({ "label": label, "targetPath": "/x" });
        let body = |items: Json| json!({ "label": "More", "items": items });
        assert_eq!(
            told(PageActionType::Dropdown, &body(json!([item("a"), item("b")]))),
            Vec::<String>::new()
        );
        assert_eq!(told(PageActionType::Dropdown, &json!({ "label": "More" })), ["items required"]);
        assert_eq!(told(PageActionType::Dropdown, &body(json!([]))), ["items too_few"]);
        let twice = json!([{ "label": "a", "targetPath": "/x", "itemOrder": 1 }, item("b")]);
        assert_eq!(told(PageActionType::Dropdown, &body(twice)), ["items[1].itemOrder duplicate"]);
        let wrong = json!([5, { "label": "", "id": 1 }]);
        assert_eq!(
            told(PageActionType::Dropdown, &body(wrong)),
            [
                "items[0] wrong_type",
                "items[1].label too_short",
                "items[1].targetPath required",
                "items[1].id unknown_field"
            ]
        );
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let body = json!({
            "label": "Save", "icon": "disk", "targetPath": "/save", "variant": "default", "alignment": "right", "actionOrder": 4,
        });
        let read = |it: &Json| {
            whole(PageActionType::Button, it.as_object().cloned().unwrap(), &Uuid::now_v7).unwrap()
        };
        let draft = read(&body);
        let stored = PageAction {
            id: Uuid::now_v7(),
            page_id: Uuid::nil(),
            order: 4,
            is_active: true,
            kind: draft.kind,
            version: 1,
        };
        let change = json!({ "label": "Keep", "icon": null, "actionId": "echo" });
        let merged = merged(&stored, change.as_object().unwrap());
        let PageActionKind::Button(button) = read(&Json::Object(merged)).kind else { panic!("a button") };
        assert_eq!((button.label.as_str(), button.icon, button.variant), ("Keep", None, Variant::Default));
        assert!(matches!(button.target, Target::Action { action_id, .. } if action_id == "echo"));
        assert!(check_change(PageActionType::Button, &Map::new()).is_ok());
        assert!(check_change(PageActionType::Button, json!({ "label": null }).as_object().unwrap()).is_err());
    }
}
