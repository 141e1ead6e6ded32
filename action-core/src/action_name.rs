//! What an action may be called.
//!
//! Two grammars, both `const`, so that the attribute has them checked by the compiler and the registry checks what
//! was registered by hand with the same ones: the id of an action of the execution endpoint, and the name of an
//! action on an entity, which must leave the words alone that rights use for the built-in verbs.

use crate::permissions::{COMBINED_NAMES, CRUD_VERBS};

/// Longest id of an action, in characters.
const LONGEST_ID: usize = 100;

/// Words that are parts of the execution endpoint's own paths.
const RESERVED_IDS: [&str; 2] = ["execute", "audit"];

/// Why an action cannot be called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    Malformed,
    ReservedPath,
    ReservedVerb,
}

impl Unfit {
    /// Without the name, which the compiler points at.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Malformed => {
                "an id has 1 to 100 letters, digits, `.`, `_` or `-`, and starts with a letter"
            }
            Self::ReservedPath => {
                "this id is reserved: it is a path of the execution endpoint; choose another"
            }
            Self::ReservedVerb => {
                "this name is reserved: rights use it for the built-in verbs; choose another"
            }
        }
    }

    /// With the name, for a list of problems.
    pub(crate) fn of(self, name: &str) -> String {
        self.message().replace("this id", &format!("`{name}`")).replace("this name", &format!("`{name}`"))
    }
}

/// Whether an action of the execution endpoint may have this id.
pub(crate) const fn check_id(id: &str) -> Result<(), Unfit> {
    if let Err(problem) = check_letters(id) {
        return Err(problem);
    }
    let mut reserved: &[&str] = &RESERVED_IDS;
    while let [word, rest @ ..] = reserved {
        if same(id.as_bytes(), word.as_bytes()) {
            return Err(Unfit::ReservedPath);
        }
        reserved = rest;
    }
    Ok(())
}

/// Whether an action on an entity may have this name.
pub(crate) const fn check_name(name: &str) -> Result<(), Unfit> {
    if let Err(problem) = check_id(name) {
        return Err(problem);
    }
    let name = canonical_name(name);
    if listed(name, &CRUD_VERBS) || listed(name, &COMBINED_NAMES) {
        return Err(Unfit::ReservedVerb);
    }
    Ok(())
}

/// `CarCopyAction` as `CarCopy`: one trailing `Action` says nothing.
pub(crate) const fn canonical_name(name: &str) -> &str {
    if let [_, .., b'A', b'c', b't', b'i', b'o', b'n'] = name.as_bytes()
        && let Some((short, _)) = name.split_at_checked(name.len() - "Action".len())
    {
        return short;
    }
    name
}

const fn check_letters(id: &str) -> Result<(), Unfit> {
    const WRONG: Unfit = Unfit::Malformed;
    let [b'A'..=b'Z' | b'a'..=b'z', rest @ ..] = id.as_bytes() else { return Err(WRONG) };
    let mut rest = rest;
    while let [letter, after @ ..] = rest {
        if !matches!(letter, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-') {
            return Err(WRONG);
        }
        rest = after;
    }
    if id.len() > LONGEST_ID { Err(WRONG) } else { Ok(()) }
}

const fn listed(name: &str, mut names: &[&str]) -> bool {
    while let [one, rest @ ..] = names {
        if one.eq_ignore_ascii_case(name) {
            return true;
        }
        names = rest;
    }
    false
}

const fn same(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([x, rest_of_a @ ..], [y, rest_of_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (rest_of_a, rest_of_b);
    }
    a.is_empty() && b.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_letter_and_up_to_99_more() {
        for id in ["a", "user.update", "A-1_b.c", "Execute", &"x".repeat(100)] {
            assert_eq!(check_id(id), Ok(()), "{id}");
        }
        for id in ["", "1a", ".a", "a b", "a/b", "é", "execute", "audit", &"x".repeat(101)] {
            assert!(check_id(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_name_leaves_the_words_of_rights_alone() {
        for name in CRUD_VERBS.into_iter().chain(COMBINED_NAMES) {
            assert!(check_name(name).is_err(), "{name}");
            assert!(check_name(&name.to_lowercase()).is_err(), "{name}");
            assert!(check_name(&format!("{name}Action")).is_err(), "{name}");
        }
        assert_eq!(check_name("CarCopy"), Ok(()));
        assert_eq!(check_name("ReadNews"), Ok(()));
    }

    #[test]
    fn a_reserved_word_is_named() {
        assert!(Unfit::ReservedPath.of("audit").starts_with("`audit` is reserved: "));
        assert!(Unfit::ReservedVerb.of("QueryRead").starts_with("`QueryRead` is reserved: "));
    }

    #[test]
    fn one_trailing_action_says_nothing() {
        for (name, short) in [("CarCopyAction", "CarCopy"), ("CarCopy", "CarCopy"), ("Action", "Action")] {
            assert_eq!(canonical_name(name), short);
        }
        assert_eq!(canonical_name("ActionAction"), "Action");
    }
}
