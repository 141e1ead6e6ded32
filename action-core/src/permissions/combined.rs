//! The ten combined names a right may be written with, and the verbs each stands for.
//!
//! They are looked up in this table and never taken apart: an action called `ReadNews` is itself, not `Read` and
//! something. They mean their parts in grants and denials alike, and they mean nothing in a claim.
//! Refusing them as names of handlers is left to the registry, which asks here.

/// The five verbs on an entity that the library knows by name.
pub const CRUD_VERBS: [&str; 5] = ["Query", "Read", "Edit", "New", "Delete"];

/// The ten combined names, in the spelling the documentation uses.
pub const COMBINED_NAMES: [&str; 10] = [
    "EditNew",
    "EditNewDelete",
    "NewDelete",
    "QueryRead",
    "QueryReadEdit",
    "QueryReadEditNew",
    "QueryReadEditNewDelete",
    "ReadEdit",
    "ReadEditNew",
    "ReadEditNewDelete",
];

/// The verbs a combined name stands for, in lower case; `None` for every other name. Case does not matter.
///
/// ```
/// use action_core::permissions::combined_parts;
///
/// assert_eq!(combined_parts("queryRead"), Some(&["query", "read"][..]));
/// assert_eq!(combined_parts("ReadQuery"), None); // the order is part of the name
/// ```
pub const fn combined_parts(name: &str) -> Option<&'static [&'static str]> {
    // ASCII is enough: the one other letter that lower-cases to a lone ASCII one is the Kelvin sign, and no name has a `k`.
    const TABLE: [(&str, &[&str]); 10] = [
        ("editnew", &["edit", "new"]),
        ("editnewdelete", &["edit", "new", "delete"]),
        ("newdelete", &["new", "delete"]),
        ("queryread", &["query", "read"]),
        ("queryreadedit", &["query", "read", "edit"]),
        ("queryreadeditnew", &["query", "read", "edit", "new"]),
        ("queryreadeditnewdelete", &["query", "read", "edit", "new", "delete"]),
        ("readedit", &["read", "edit"]),
        ("readeditnew", &["read", "edit", "new"]),
        ("readeditnewdelete", &["read", "edit", "new", "delete"]),
    ];
    let mut rest = TABLE.as_slice();
    while let [(combined, parts), others @ ..] = rest {
        if combined.eq_ignore_ascii_case(name) {
            return Some(parts);
        }
        rest = others;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{COMBINED_NAMES, CRUD_VERBS, combined_parts};

    #[test]
    fn every_combined_name_is_its_parts_one_after_the_other() {
        for name in COMBINED_NAMES {
            let parts = combined_parts(name).unwrap_or_default();
            assert_eq!(parts.concat(), name.to_lowercase());
            assert!(parts.iter().all(|part| CRUD_VERBS.iter().any(|verb| verb.eq_ignore_ascii_case(part))));
        }
    }

    #[test]
    fn a_single_verb_and_an_unlisted_combination_are_no_combined_names() {
        for name in CRUD_VERBS.into_iter().chain(["QueryEdit", "ReadDelete", "ReadNews", "*", ""]) {
            assert_eq!(combined_parts(name), None, "{name}");
        }
    }
}
