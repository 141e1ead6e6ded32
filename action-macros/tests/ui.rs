//! What compiles, and what does not: each file of `ui/fail/` makes the mistake it is named for, and the file beside it
//! is what the compiler says. `TRYBUILD=overwrite cargo test -p action-macros --test ui` writes those anew.

/// Apart from the others: a run of failing cases alone is one build.
#[test]
fn each_mistake_is_told_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn what_is_right_compiles_without_a_warning() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
