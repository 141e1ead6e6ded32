//! Mistakes that the compiler finds. Their texts are compared, to the letter, by the tests of action-macros.

use std::path::Path;

use crate::says;

fn message_of(case: &str) -> String {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../action-macros/tests/ui/fail");
    let file = cases.join(format!("{case}.stderr"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn a_forgotten_permission() {
    says(
        &message_of("no_permission"),
        &["`permission = \"…\"`", "`authenticated` for every signed-in caller"],
    );
}

#[test]
fn an_argument_of_a_wrong_type() {
    says(
        &message_of("argument_is_no_extractor"),
        &[
            "`Vec<String>` cannot be an argument of an action",
            "an argument is `Params<T>`, `AnyParams`, `Selected<T>`",
        ],
    );
}

#[test]
fn parameters_without_a_schema() {
    says(&message_of("params_without_a_schema"), &["`schemars::JsonSchema` is not implemented for `Update`"]);
}

#[test]
fn a_misspelt_member_of_the_attribute() {
    says(&message_of("unknown_member"), &["unknown member `permision`; did you mean `permission`?"]);
}

#[test]
fn a_selection_rule_that_is_none() {
    says(
        &message_of("selection_rule_has_letters"),
        &["a selection rule compares the number of selected rows: `=1`, `>0`, `!=0`, `X>=2`, `1<X<5`"],
    );
}
