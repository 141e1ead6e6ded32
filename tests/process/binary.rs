//! Where the programs of the examples are, made ready by cargo first.
//!
//! Cargo hands a test the path of a program only within one package, and builds programs of other packages for nobody.
//! So it is asked; where all is built already, that takes a moment.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// A program, up to date.
fn program(name: &'static str) -> PathBuf {
    static BUILT: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    // Held while cargo works: of those who want it at once, one asks.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    built.entry(name).or_insert_with(|| build(name)).clone()
}

fn build(name: &str) -> PathBuf {
    // target/debug/deps/process-0123456789abcdef
    let own = env::current_exe().expect("a running program has a path");
    let profile = own.ancestors().nth(2).expect("cargo keeps tests two folders deep");
    let target = profile.parent().expect("a profile's folder stands in the target folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the workspace");

    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--message-format", "json-render-diagnostics", "--bin", name]);
    // With the tests selected too, dependencies have the features they were just built with.
    cargo.args(["-p", name, "-p", "action-tests"]).arg("--target-dir").arg(target);
    match profile.file_name().and_then(|it| it.to_str()) {
        Some("debug") | None => {}
        Some(other) => {
            cargo.args(["--profile", other]);
        }
    }
    let output = cargo.current_dir(root).stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "`cargo build --bin {name}` failed, see above");
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable =
        messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|it| {
            let is_it = it.pointer("/target/name").and_then(Value::as_str) == Some(name);
            it.get("executable").filter(|_| is_it).and_then(Value::as_str).map(PathBuf::from)
        });
    executable.unwrap_or_else(|| panic!("cargo does not say where `{name}` is: {messages}"))
}

/// A command that runs one in `folder`, with nothing of our own environment that it would listen to.
pub(crate) fn command(name: &'static str, folder: &Path) -> Command {
    let mut command = Command::new(program(name));
    for name in [
        "BIND",
        "DATABASE_URL",
        "ACTIONS_JWT_SECRET",
        "FLEET_CONFIG",
        "FLEET_DIAGNOSTICS",
        "ACTIONS_SMTP_URL",
        "ACTIONS_SMTP_ROOT_CERTIFICATE",
        "ACTIONS_FILES",
        "RUST_LOG",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null());
    command
}
