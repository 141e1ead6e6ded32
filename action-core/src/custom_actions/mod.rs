//! Custom actions on entities: what an application adds to the verbs that every entity has.
//!
//! Three things make one available: a handler that is linked into the program, an entry in `customActions.json`, and a
//! right. The entry says how it is offered (`offer`), and is read by `file`; what is left out of it falls to the
//! handler's attribute. `offers` holds all entries against the handlers and freezes them, and a call takes one such
//! snapshot and keeps it (`reload`). Rights are not looked at here: the pipeline asks for them, and the listing asks
//! the same question.

mod file;
mod offer;
mod offers;
mod reload;
mod selection_rule;

pub use file::{CustomActionEntry, CustomActionsError};
pub(crate) use offer::Unspoken;
pub use offer::{ButtonStyle, UnknownStyle};
pub(crate) use offers::{Offer, Offers};
pub(crate) use reload::Source;
pub(crate) use selection_rule::MOST_ROWS;
pub use selection_rule::SelectionRule;
