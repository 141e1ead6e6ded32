//! The fleet's answers against `matrix.txt`.

use std::path::Path;

use action_tests::{TestApp, on_both_fleets};

use crate::callers::callers;
use crate::requests::everything;
use crate::table::Table;

/// Set to `1`, the file is written anew.
const UPDATE: &str = "UPDATE_MATRIX";

const INTRODUCTION: &str = "\
Who may do what in the fleet example, with the rights of its security.json. Every request is well-formed.

run, 200     it ran, or was answered
asks         it may run, and asks something first
403          not allowed
403 tenant   not without a tenant, and the credential names none
404          there is no such row for this caller: another tenant's looks like none
400          it names something of another tenant, or something that is not there
401          not signed in
500          it ran, and failed on purpose

Written by the tests: UPDATE_MATRIX=1 cargo test -p action-tests --test policy matrix";

on_both_fleets!(the_matrix_says_what_the_fleet_answers);

async fn the_matrix_says_what_the_fleet_answers(app: TestApp) {
    let now = table(&app).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("policy/matrix.txt");
    if std::env::var(UPDATE).is_ok_and(|it| it == "1") {
        std::fs::write(&file, now.to_text(INTRODUCTION)).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let differences = Table::from_text(&committed).differences(&now);
    assert!(
        differences.is_empty(),
        "\n\n  {}\n\nWhere that is meant, write tests/policy/matrix.txt anew and look at its changes:\n  \
         {UPDATE}=1 cargo test -p action-tests --test policy matrix\n",
        differences.join("\n  ")
    );
    assert_eq!(committed, now.to_text(INTRODUCTION), "only its form differs; {UPDATE}=1 writes it anew");
}

async fn table(app: &TestApp) -> Table {
    let callers = callers();
    let mut table = Table::new(callers.iter().map(|it| it.0));
    for asked in everything(app).await {
        let mut cells = Vec::new();
        for (_, caller) in &callers {
            cells.push(asked.answer(app, caller.as_ref()).await);
        }
        table.row(asked.label(), cells);
    }
    table
}
