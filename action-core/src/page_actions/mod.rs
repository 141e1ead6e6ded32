//! Page actions: the buttons, dropdowns and separators that a tenant's administrators put on its pages.
//!
//! They are configuration that lives in the database. What one may be is decided in `page_action` (one enum with three
//! cases) and read from requests in `body`; where it stands among the others of its page in `layout`. Changes are
//! actions of the library's own (`changes`), which walk the road like any other, are audited, remembered in a history
//! and told as events. Reads are answered by `reads`, from a cache where they can be.

mod body;
mod layout;
mod page_action;

pub use page_action::{
    Alignment, Button, Dropdown, DropdownItem, PageAction, PageActionKind, PageActionType, Target, Variant,
};
