//! Which crate may know which: examples, tests → action-axum → action-core ← action-sqlx, and action-core →
//! action-macros.
//!
//! Read from the manifests for our own crates, and over every dependency of a dependency for what the core, the HTTP
//! side and the storage side must never meet. What a type name or a statement gives away is looked for in the sources.

use crate::nothing_in;
use crate::sources::{Source, rust_files};
use crate::workspace::{Kind, LIBRARIES, Package, root, workspace};

const SQL_CRATES: [&str; 8] = [
    "sqlx",
    "sqlx-core",
    "sqlx-postgres",
    "sqlx-sqlite",
    "sqlx-mysql",
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
];
const HTTP_CRATES: [&str; 6] = ["http", "hyper", "axum", "axum-core", "tower", "tower-http"];

/// The crates of ours that `package` may name in its manifest; `None` for a crate this table does not know.
fn may_know(package: &Package) -> Option<&'static [&'static str]> {
    match package.name.as_str() {
        "action-macros" => Some(&[]),
        "action-core" => Some(&["action-macros"]),
        "action-sqlx" | "action-axum" | "action-object-store" => Some(&["action-core"]),
        "action-tests" => {
            Some(&["action-core", "action-sqlx", "action-axum", "action-object-store", "examples"])
        }
        _ if is_example(package) => {
            Some(&["action-core", "action-sqlx", "action-axum", "action-object-store"])
        }
        _ => None,
    }
}

fn is_example(package: &Package) -> bool {
    package.manifest.starts_with(root().join("examples"))
}

#[test]
fn arrows_between_our_crates_point_one_way() {
    let members: Vec<&Package> = workspace().members().collect();
    let mut offences = Vec::new();
    for package in &members {
        let Some(allowed) = may_know(package) else {
            offences.push(format!("{}: not in the table", package.name));
            continue;
        };
        for (name, kind) in &package.declared {
            let Some(target) = members.iter().find(|it| it.name == *name) else { continue };
            let itself = name == &package.name;
            // The expansions of the macros name action-core, so the macros' tests cannot do without it.
            let macro_test = *kind == Kind::Dev && package.name == "action-macros" && name == "action-core";
            let known =
                allowed.contains(&name.as_str()) || (allowed.contains(&"examples") && is_example(target));
            if !(itself || macro_test || known) {
                offences.push(format!("{} → {name}", package.name));
            }
        }
    }
    nothing_in(
        &offences,
        "The arrows are: examples, tests → action-axum → action-core ← action-sqlx; action-core → action-macros.\n\
         Move what needs the arrow to the crate that may know both (a test: to tests/), or give action-core a port \
         for it.\nA new crate gets a line in `may_know` in tests/tidy/boundaries.rs.",
    );
}

#[test]
fn the_core_reaches_neither_http_nor_sql() {
    let mut offences = workspace().roads_from("action-core", &HTTP_CRATES);
    offences.extend(workspace().roads_from("action-core", &SQL_CRATES));
    nothing_in(
        &offences,
        "action-core knows neither HTTP nor SQL: make it a port, or drop the feature that brings it.",
    );
}

#[test]
fn the_http_side_reaches_no_database() {
    let offences = workspace().roads_from("action-axum", &SQL_CRATES);
    nothing_in(
        &offences,
        "action-axum sees storage only through the ports of action-core: go through one of them.",
    );
}

#[test]
fn the_storage_side_reaches_no_http() {
    let offences = workspace().roads_from("action-sqlx", &HTTP_CRATES);
    nothing_in(
        &offences,
        "action-sqlx does not know how a call arrived: put what it needs into the port's arguments.",
    );
}

#[test]
fn only_action_sqlx_speaks_sql() {
    let offences = lines_of(&["action-core", "action-macros", "action-axum"], speaks_sql);
    nothing_in(&offences, "Statements live in action-sqlx, behind a port of action-core.");
}

#[test]
fn only_action_axum_names_status_codes() {
    let others: Vec<&str> = LIBRARIES.into_iter().filter(|it| *it != "action-axum").collect();
    let offences = lines_of(&others, |line| line.contains("StatusCode"));
    nothing_in(
        &offences,
        "A refusal states its cause; which status it becomes is decided in action-axum alone.",
    );
}

fn lines_of(crates: &[&str], offends: fn(&str) -> bool) -> Vec<String> {
    let mut offences = Vec::new();
    for name in crates {
        for Source { path, code, .. } in rust_files(&root().join(name).join("src")) {
            for (number, line) in code.lines().enumerate().filter(|(_, line)| offends(line)) {
                offences.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    offences
}

/// A guess that misses little: our statements are written in capitals.
fn speaks_sql(line: &str) -> bool {
    let statement = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE "];
    statement.iter().any(|it| line.contains(it)) || (line.contains("UPDATE ") && line.contains(" SET "))
}
