//! What compiles, and what does not.
//!
//! Each file of `ui/fail/` makes the mistake it is named for, and the file beside it is what the compiler says.
//! `TRYBUILD=overwrite cargo test -p action-macros --test ui` writes those anew. The files of `ui/pass/` are modules
//! of this test, so that they cost no build of their own.

#[path = "ui/pass/attribute_from_a_macro.rs"]
mod attribute_from_a_macro;
#[path = "ui/pass/names_of_the_expansion.rs"]
mod names_of_the_expansion;

#[test]
fn each_mistake_is_told_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn the_expansion_finds_its_names_among_any_others() {
    names_of_the_expansion::main();
}
