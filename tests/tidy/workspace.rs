//! What `cargo metadata` says about this workspace, read once and reduced to what the checks ask for.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a check that cannot read the workspace should stop loudly"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// The crates others build on, each in a folder of its name.
pub(crate) const LIBRARIES: [&str; 4] = ["action-core", "action-macros", "action-sqlx", "action-axum"];

/// A package, ours or somebody else's.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The licence expression its manifest states.
    pub(crate) licence: Option<String>,
    /// The registry or repository it comes from; ours have none.
    pub(crate) source: Option<String>,
    pub(crate) manifest: PathBuf,
    /// What its manifest names, optional ones included: the name of a package and the kind of dependency.
    pub(crate) declared: Vec<(String, Kind)>,
}

/// In which part of a manifest a dependency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

/// Packages and the dependencies between them, by cargo's package ids.
#[derive(Debug)]
pub(crate) struct Graph {
    pub(crate) packages: BTreeMap<String, Package>,
    members: Vec<String>,
    normal: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// The packages of this workspace.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.members.iter().map(|id| self.package(id))
    }

    /// How `member` comes to depend on a package called one of `names`, over normal dependencies of any length:
    /// one `member → … → name` for each that it reaches.
    pub(crate) fn roads_from(&self, member: &str, names: &[&str]) -> Vec<String> {
        let start = self.members.iter().find(|id| self.package(id).name == member);
        let start = start.unwrap_or_else(|| panic!("the workspace has no crate `{member}`"));
        let mut roads = BTreeMap::from([(start.as_str(), member.to_owned())]);
        let mut open = vec![start.as_str()];
        let mut found = Vec::new();
        while let Some(id) = open.pop() {
            for next in self.normal.get(id).into_iter().flatten() {
                if roads.contains_key(next.as_str()) {
                    continue;
                }
                let name = &self.package(next).name;
                let road = format!("{} → {name}", roads.get(id).map_or(member, String::as_str));
                if names.contains(&name.as_str()) {
                    found.push(road.clone());
                }
                roads.insert(next, road);
                open.push(next);
            }
        }
        found
    }

    fn package(&self, id: &str) -> &Package {
        self.packages.get(id).unwrap_or_else(|| panic!("cargo speaks of `{id}` and does not describe it"))
    }
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in a folder of the workspace")
}

/// The workspace with its default features, as it is built on this machine.
pub(crate) fn workspace() -> &'static Graph {
    static GRAPH: OnceLock<Graph> = OnceLock::new();
    GRAPH.get_or_init(|| {
        let output = metadata(&["--filter-platform", &host()]);
        graph(&output.unwrap_or_else(|error| panic!("`cargo metadata` failed:\n{error}")))
    })
}

/// Everything that any feature on any platform may bring in. Where only the crates of this platform were ever
/// downloaded (`scripts/check` downloads the others), those.
pub(crate) fn everything() -> Graph {
    let output = metadata(&["--all-features"])
        .or_else(|_| metadata(&["--all-features", "--filter-platform", &host()]))
        .unwrap_or_else(|error| panic!("`cargo metadata` failed:\n{error}"));
    graph(&output)
}

fn metadata(arguments: &[&str]) -> Result<Value, String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(arguments)
        .current_dir(root())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn host() -> String {
    let output = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("`cargo -vV` names the host").to_owned()
}

fn graph(metadata: &Value) -> Graph {
    let packages = list(metadata, "packages").map(|it| (text(it, "id"), package(it))).collect();
    let members = list(metadata, "workspace_members").filter_map(Value::as_str).map(str::to_owned).collect();
    let resolve = metadata.get("resolve").expect("cargo resolved the dependencies");
    let normal = list(resolve, "nodes").map(|node| (text(node, "id"), normal_dependencies(node))).collect();
    Graph { packages, members, normal }
}

fn package(value: &Value) -> Package {
    let optional = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Package {
        name: text(value, "name"),
        version: text(value, "version"),
        licence: optional("license"),
        source: optional("source"),
        manifest: PathBuf::from(text(value, "manifest_path")),
        declared: list(value, "dependencies").map(|it| (text(it, "name"), kind(it))).collect(),
    }
}

fn normal_dependencies(node: &Value) -> Vec<String> {
    list(node, "deps")
        .filter(|dependency| list(dependency, "dep_kinds").any(|it| kind(it) == Kind::Normal))
        .map(|dependency| text(dependency, "pkg"))
        .collect()
}

fn kind(value: &Value) -> Kind {
    match value.get("kind").and_then(Value::as_str) {
        None => Kind::Normal,
        Some("build") => Kind::Build,
        Some("dev") => Kind::Dev,
        Some(other) => panic!("cargo has a kind of dependency unknown here: `{other}`"),
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("cargo's description lacks `{key}`: {value}")).to_owned()
}
