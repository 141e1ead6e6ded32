//! Conventions of the sources that a reader relies on: introductions, reasons, one lint table, paired migrations, and
//! nothing that only means something on one machine.

#![expect(clippy::expect_used, clippy::panic, reason = "a source that cannot be read cannot be checked")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::nothing_in;
use crate::workspace::{LIBRARIES, root, workspace};

/// A source file of the project.
pub(crate) struct Source {
    /// From the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with its comment lines emptied, line numbers kept.
    pub(crate) code: String,
}

#[test]
fn every_library_file_opens_with_its_story() {
    let mut offences = Vec::new();
    for name in LIBRARIES {
        for Source { path, text, .. } in rust_files(&root().join(name).join("src")) {
            // The introduction of a crate may be its README.
            if !text.starts_with("//!") && !text.starts_with("#![doc = include_str!(") {
                offences.push(path);
            }
        }
    }
    nothing_in(&offences, "Open the file with `//!`: what it decides, and what it leaves to whom.");
}

#[test]
fn every_bent_lint_has_a_reason() {
    let mut offences = Vec::new();
    for Source { path, code, .. } in rust_files(root()) {
        offences.extend(bent_without_reason(&code).into_iter().map(|line| format!("{path}:{line}")));
    }
    nothing_in(&offences, "Say why: `#[expect(the_lint, reason = \"…\")]`. Better still, do without.");
}

#[test]
fn every_crate_inherits_the_lint_table() {
    let offences: Vec<String> = workspace()
        .members()
        .filter(|package| {
            let manifest = fs::read_to_string(&package.manifest).expect("the manifest is readable");
            let table = manifest.lines().skip_while(|line| line.trim() != "[lints]").nth(1);
            table.is_none_or(|line| line.trim() != "workspace = true")
        })
        .map(|package| package.manifest.display().to_string())
        .collect();
    nothing_in(&offences, "Add to the manifest, in two lines: `[lints]` and `workspace = true`.");
}

#[test]
fn every_migration_exists_for_both_databases() {
    let migrations = root().join("action-sqlx/migrations");
    let postgres = file_names(&migrations.join("postgres"));
    let sqlite = file_names(&migrations.join("sqlite"));
    let mut offences: Vec<String> = postgres
        .symmetric_difference(&sqlite)
        .map(|name| format!("{name} stands in one folder only"))
        .collect();
    if postgres.is_empty() {
        offences.push("action-sqlx/migrations has no migrations".to_owned());
    }
    nothing_in(
        &offences,
        "Give both folders of action-sqlx/migrations a file of that name; where a database has nothing to do, \
         a one-line comment in it says so.",
    );
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    // Taken apart, so that this file passes its own check.
    let places = [["/ho", "me/"], ["/Us", "ers/"], ["/ro", "ot/"], ["/wo", "rk/"], ["../", "shared"]]
        .map(|it| it.concat());
    let mut offences = Vec::new();
    for Source { path, text, .. } in files(root(), &|_| true) {
        for (number, line) in text.lines().enumerate() {
            offences.extend(
                places
                    .iter()
                    .filter(|it| line.contains(*it))
                    .map(|it| format!("{path}:{}: {it}", number + 1)),
            );
        }
    }
    nothing_in(&offences, "Write paths from the root of the repository, or take them from the environment.");
}

/// Every Rust file below `folder`.
pub(crate) fn rust_files(folder: &Path) -> Vec<Source> {
    files(folder, &|path| path.extension().is_some_and(|it| it == "rs"))
}

/// Every text file below `folder` that `wanted` takes, in order, without what is built, fetched or left by a run.
fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<Source> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{} is readable: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path.file_name().unwrap_or_default();
        // In a linked worktree `.git` is a file, which names a place on this machine.
        if ["target", ".git", "node_modules"].iter().any(|it| name == *it) {
            continue;
        }
        if path.is_dir() {
            if !path.is_symlink() {
                found.extend(files(&path, wanted));
            }
        } else if wanted(&path)
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root()).unwrap_or(&path).display().to_string().replace('\\', "/");
            found.push(Source { path, code: without_comments(&text), text });
        }
    }
    found
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

fn file_names(folder: &Path) -> BTreeSet<String> {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{} is missing: {error}", folder.display()));
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The lines on which an attribute bends a lint and gives no reason.
fn bent_without_reason(code: &str) -> Vec<usize> {
    let starts = code.match_indices("#[").map(|(at, it)| at + it.len());
    let inner_starts = code.match_indices("#![").map(|(at, it)| at + it.len());
    let mut lines: Vec<usize> = starts
        .chain(inner_starts)
        .filter_map(|at| Some((at, attribute(code.get(at..)?)?)))
        .filter(|(_, body)| bends(body) && !body.contains("reason ="))
        .map(|(at, _)| code.get(..at).unwrap_or_default().lines().count())
        .collect();
    lines.sort_unstable();
    lines
}

fn bends(body: &str) -> bool {
    let bending = ["allow(", "expect("];
    let body = body.trim_start();
    bending.iter().any(|it| body.starts_with(it))
        || (body.starts_with("cfg_attr(") && bending.iter().any(|it| body.contains(&format!(", {it}"))))
}

/// What stands between an opening bracket, already passed, and the one that closes it.
fn attribute(rest: &str) -> Option<&str> {
    let (mut depth, mut in_string, mut escaped) = (1_u32, false, false);
    for (at, character) in rest.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '[' if !in_string => depth += 1,
            ']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return rest.get(..at);
        }
    }
    None
}

#[test]
fn attributes_are_read_to_their_end() {
    let bent = format!("{}[allow(a)]\nfn f() {{}}\n{}![expect(\n    b,\n)]\n", '#', '#');
    assert_eq!(bent_without_reason(&bent), [1, 3]);
    let reasoned = format!("{}[expect(a, reason = \"an array: [\")]\n{}[cfg_attr(test, allow(b))]", '#', '#');
    assert_eq!(bent_without_reason(&reasoned), [2]);
}
