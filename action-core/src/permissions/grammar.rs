//! The grammar of permissions and of the resources of rights, as a `const fn`: the attribute has it evaluated by the
//! compiler, everything else at run time.
//!
//! It walks the text once, letter by letter, because the standard library's text functions are not `const`. It only
//! finds the first fault; [`PermissionError`](super::PermissionError) tells it with the text it was found in.

use super::combined::combined_parts;

/// The longest permission, in characters.
pub(super) const MAX_CHARS: usize = 200;

/// What is wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Empty,
    TooLong,
    Control,
    ManySlashes,
    EmptyHalf,
    Padded,
}

/// What permissions and the resources of rights refuse alike, whatever stands in their halves.
pub(super) const fn fault(text: &str) -> Option<Fault> {
    let mut letters = text.as_bytes();
    let mut chars = 0;
    let mut slashes = 0;
    let mut in_this_half = 0;
    let mut space_before = false;
    let (mut control, mut empty_half, mut padded) = (false, false, false);
    while let Some((letter, rest)) = first_letter(letters) {
        letters = rest;
        chars += 1;
        control |= matches!(letter, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}');
        if letter == '/' {
            slashes += 1;
            empty_half |= in_this_half == 0;
            padded |= space_before;
            in_this_half = 0;
            space_before = false;
        } else {
            space_before = letter.is_whitespace();
            padded |= space_before && in_this_half == 0;
            in_this_half += 1;
        }
    }
    empty_half |= in_this_half == 0;
    padded |= space_before;
    match () {
        () if chars == 0 => Some(Fault::Empty),
        () if chars > MAX_CHARS => Some(Fault::TooLong),
        () if control => Some(Fault::Control),
        () if slashes > 1 => Some(Fault::ManySlashes),
        () if empty_half => Some(Fault::EmptyHalf),
        () if padded => Some(Fault::Padded),
        () => None,
    }
}

/// As [`Permission::new`](super::Permission::new), for a text that is known when the program is compiled.
pub(crate) const fn check_permission(text: &str) -> Result<(), &'static str> {
    match fault(text) {
        Some(Fault::Empty) => {
            Err("a permission is not empty: write `action/target`, such as `Edit/Car`, or a free name")
        }
        Some(Fault::TooLong) => Err("a permission has at most 200 characters"),
        Some(Fault::Control) => Err("a permission has no control characters"),
        Some(Fault::ManySlashes) => {
            Err("a permission has one `/` at most: one action and one target, such as `Edit/Car`")
        }
        Some(Fault::EmptyHalf) => {
            Err("a permission has a name on either side of its `/`, such as `Edit/Car`")
        }
        Some(Fault::Padded) => Err("a permission has no white space at the edge of a name"),
        None if has(text, b'*') => Err("a permission names one action; a wildcard belongs in a right"),
        None if combined_parts(action_of(text)).is_some() => Err(
            "this name stands for several permissions and belongs in a right; list the permissions instead",
        ),
        None => Ok(()),
    }
}

/// Whether a text can be the target of a permission: the part behind the `/`.
pub(crate) const fn check_target(text: &str) -> Result<(), &'static str> {
    match fault(text) {
        Some(Fault::Empty) => Err("the name of an entity is not empty"),
        _ if has(text, b'/') => Err("the name of an entity has no `/`: permissions have one before it"),
        _ if has(text, b'*') => Err("the name of an entity has no `*`: it is a wildcard of rights"),
        Some(Fault::TooLong) => Err("the name of an entity is shorter than 200 characters"),
        Some(Fault::Control) => Err("the name of an entity has no control characters"),
        Some(Fault::Padded) => Err("the name of an entity has no white space at its edge"),
        Some(Fault::ManySlashes | Fault::EmptyHalf) | None => Ok(()),
    }
}

/// What stands before the `/`; all of a free name.
const fn action_of(text: &str) -> &str {
    let mut rest = text.as_bytes();
    while let [letter, after @ ..] = rest {
        if *letter == b'/'
            && let Some((action, _)) = text.split_at_checked(text.len() - rest.len())
        {
            return action;
        }
        rest = after;
    }
    text
}

const fn has(text: &str, wanted: u8) -> bool {
    let mut rest = text.as_bytes();
    while let [letter, after @ ..] = rest {
        if *letter == wanted {
            return true;
        }
        rest = after;
    }
    false
}

/// The first letter of UTF-8, and what follows it.
const fn first_letter(utf8: &[u8]) -> Option<(char, &[u8])> {
    let (code, rest) = match utf8 {
        [a @ 0..0x80, rest @ ..] => (*a as u32, rest),
        [a @ 0..0xe0, b, rest @ ..] => (bits(*a, 0x1f, 6) | bits(*b, 0x3f, 0), rest),
        [a @ 0..0xf0, b, c, rest @ ..] => (bits(*a, 0x0f, 12) | bits(*b, 0x3f, 6) | bits(*c, 0x3f, 0), rest),
        [a, b, c, d, rest @ ..] => {
            (bits(*a, 0x07, 18) | bits(*b, 0x3f, 12) | bits(*c, 0x3f, 6) | bits(*d, 0x3f, 0), rest)
        }
        _ => return None,
    };
    match char::from_u32(code) {
        Some(letter) => Some((letter, rest)),
        None => None,
    }
}

const fn bits(byte: u8, mask: u8, shift: u32) -> u32 {
    ((byte & mask) as u32) << shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{check_permission, first_letter};
    use crate::permissions::{COMBINED_NAMES, Permission};

    proptest! {
        #[test]
        fn the_compiler_refuses_what_is_refused_at_run_time(text in "[a-cR/* \t\u{85}\u{a0}\u{2003}é🚗]{0,6}") {
            prop_assert_eq!(check_permission(&text).is_ok(), Permission::new(&text).is_ok());
        }

        #[test]
        fn letters_are_read_as_the_standard_library_reads_them(text: String) {
            let mut rest = text.as_bytes();
            let mut read = String::new();
            while let Some((letter, after)) = first_letter(rest) {
                read.push(letter);
                rest = after;
            }
            prop_assert_eq!(read, text);
        }

        #[test]
        fn white_space_and_control_characters_are_those_of_the_standard_library(letter: char) {
            let padded = Permission::new(&format!("a{letter}")).is_err();
            let expected = letter.is_whitespace() || letter.is_control() || letter == '/' || letter == '*';
            prop_assert_eq!(padded, expected);
        }
    }

    #[test]
    fn a_combined_name_is_refused_with_and_without_a_target() {
        for name in COMBINED_NAMES {
            assert!(
                check_permission(name).is_err() && check_permission(&format!("{name}/Car")).is_err(),
                "{name}"
            );
        }
    }
}
