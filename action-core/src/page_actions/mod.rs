//! Page actions: the buttons, dropdowns and separators that a tenant's administrators put on its pages.
//!
//! They are configuration that lives in the database. What one may be is decided in `page_action` (one enum with three
//! cases) and read from requests in `body`; where it stands among the others of its page, in `layout`. Changes are
//! actions of the library's own: they walk the road like any other, ask for the role `admin` beside the right of the
//! table, are audited, remembered in a history, and told as events.

mod body;
mod changes;
mod click;
mod create;
mod delete;
mod grouped;
mod layout;
mod order;
mod page_action;
mod pages;

mod revert;
mod update;

pub use grouped::Grouped;
pub(crate) use grouped::GroupedPages;
pub use page_action::{
    Alignment, Button, Dropdown, DropdownItem, PageAction, PageActionKind, PageActionType, Target, Variant,
};

use crate::action::Action;
use crate::members as reader;
use crate::registry::Candidate;

/// The role that every change asks for.
const ADMIN: &str = "admin";

/// What a click is until it is known what it runs.
pub(crate) const CLICK: &str = "page_actions.execute";

/// The library's own actions on pages and what stands on them.
pub(crate) fn actions() -> Vec<Candidate> {
    let change = |id: &'static str, audit_id: &'static str, permission: &str| {
        Action::internal(id, audit_id).role(ADMIN).permission(permission.to_owned())
    };
    let of_any_kind = |id: &'static str, audit_id: &'static str, verb: &str| {
        let permissions = PageActionType::ALL.map(|kind| format!("{verb}/{}", kind.table()));
        Action::internal(id, audit_id).role(ADMIN).any_permission(permissions)
    };
    let mut all = vec![
        Candidate::new(Action::internal(CLICK, CLICK).permission("Read/page_actions"), click::Click),
        Candidate::new(of_any_kind("page_actions.batch", "page_actions.create", "New"), create::Batch),
        Candidate::new(of_any_kind("page_actions.delete", "page_actions.delete", "Delete"), delete::Delete),
        Candidate::new(of_any_kind("page_actions.revert", "page_actions.revert", "Edit"), revert::Revert),
        Candidate::new(change("page_actions.order", "page_actions.order", "Edit/page_actions"), order::Order),
        Candidate::new(
            change("page_configs.create", "page_configs.create", "New/page_configs"),
            pages::Create,
        ),
        Candidate::new(
            change("page_configs.delete", "page_configs.delete", "Delete/page_configs"),
            pages::Delete,
        ),
    ];
    for kind in PageActionType::ALL {
        let [create, update] = match kind {
            PageActionType::Button => ["page_actions.create_button", "page_actions.update_button"],
            PageActionType::Dropdown => ["page_actions.create_dropdown", "page_actions.update_dropdown"],
            PageActionType::Separator => ["page_actions.create_separator", "page_actions.update_separator"],
        };
        let table = kind.table();
        let new = change(create, "page_actions.create", &format!("New/{table}"));
        let edit = change(update, "page_actions.update", &format!("Edit/{table}"));
        all.push(Candidate::new(new, create::Create(kind)));
        all.push(Candidate::new(edit, update::Update(kind)));
    }
    all
}
