//! Under which terms we use what others wrote: every dependency's licence against the list in `deny.toml`.
//!
//! `cargo deny` reads the same list and looks at licence files too, where it is installed; this check needs nothing.

#![expect(clippy::expect_used, reason = "without the list there is nothing to check")]

use std::collections::BTreeSet;
use std::fs;
use std::iter::Peekable;

use crate::nothing_in;
use crate::workspace::{everything, root};

#[test]
fn every_dependency_comes_under_a_licence_of_the_list() {
    let allowed = allowed();
    let offences: Vec<String> = everything()
        .packages
        .values()
        .filter(|package| !package.licence.as_deref().is_some_and(|it| permits(it, &allowed)))
        .map(|package| {
            let licence = package.licence.as_deref().unwrap_or("(none stated)");
            format!("{} {}: {licence}", package.name, package.version)
        })
        .collect();
    nothing_in(
        &offences,
        "Choose another crate; or, where the licence is a permissive one, add it to `allow` in deny.toml.",
    );
}

#[test]
fn every_dependency_comes_from_the_public_registry() {
    let offences: Vec<String> = everything()
        .packages
        .values()
        .filter_map(|package| Some((package, package.source.as_deref()?)))
        .filter(|(_, source)| !source.contains("crates.io"))
        .map(|(package, source)| format!("{} {}: {source}", package.name, package.version))
        .collect();
    nothing_in(
        &offences,
        "Use a published version from crates.io: others cannot rely on a repository staying as it is.",
    );
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "ISC"].map(str::to_owned).into();
    for expression in
        ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "ISC AND (MIT OR GPL-3.0)", "(GPL-3.0 AND ISC) OR MIT"]
    {
        assert!(permits(expression, &allowed), "{expression}");
    }
    for expression in
        ["", "GPL-3.0", "MIT AND GPL-3.0", "MIT WITH some-exception", "(GPL-3.0 OR Zlib) AND MIT", "MIT MIT"]
    {
        assert!(!permits(expression, &allowed), "{expression}");
    }
}

/// The strings of `allow = […]` in `deny.toml`.
fn allowed() -> BTreeSet<String> {
    let settings = fs::read_to_string(root().join("deny.toml")).expect("deny.toml stands in the root");
    let list = settings.split_once("\nallow = [").and_then(|(_, rest)| rest.split_once("\n]"));
    let (list, _) = list.expect("deny.toml has a list `allow`");
    let quoted = list.lines().filter_map(|line| line.split('"').nth(1));
    quoted.map(str::to_owned).collect()
}

/// Whether the list lets us use something under an SPDX expression: one side of each `OR`, both of each `AND`. The
/// slash of older manifests means `OR`.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = any(&mut words, allowed);
    permitted && words.next().is_none()
}

fn any<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
    let mut permitted = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        permitted |= all(words, allowed);
    }
    permitted
}

fn all<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
    let mut permitted = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        permitted &= one(words, allowed);
    }
    permitted
}

fn one<'a>(words: &mut Peekable<impl Iterator<Item = &'a str>>, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let permitted = any(words, allowed);
        return words.next() == Some(")") && permitted;
    }
    // An exception is part of the licence's name: the list would have to spell it.
    if words.next_if_eq(&"WITH").is_some() {
        let exception = words.next().unwrap_or_default();
        return allowed.contains(&format!("{word} WITH {exception}"));
    }
    allowed.contains(word)
}
