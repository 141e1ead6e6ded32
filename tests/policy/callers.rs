//! The columns of the matrix.

use action_tests::people::{Person, administrator, fleet_manager, nobody, stranger, viewer};
use action_tests::{Ask, TestApp};

/// Every kind of caller, from the one who may most to the one who may least.
pub(crate) fn callers() -> Vec<(&'static str, Option<Person>)> {
    vec![
        ("administrator", Some(administrator())),
        ("fleet manager", Some(fleet_manager())),
        ("viewer", Some(viewer())),
        ("editor", Some(nobody().roles(&["editor"]))),
        ("nobody", Some(nobody())),
        ("stranger", Some(stranger())),
        ("without tenant", Some(administrator().without("tenant_id"))),
        ("anonymous", None),
    ]
}

/// A client with the caller's token, or with none.
pub(crate) fn ask<'a>(app: &'a TestApp, caller: Option<&Person>) -> Ask<'a> {
    caller.map_or_else(|| app.anonymous(), |person| app.as_person(person))
}
