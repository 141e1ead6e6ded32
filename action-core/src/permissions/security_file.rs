//! Reads the text of a `security.json` into rights, strictly.
//!
//! A file that opens doors is not guessed at: whatever is unknown, repeated or of the wrong type is refused with its
//! place, and everything wrong is collected before the answer. Leniency would be a right that its author believes in
//! and nobody has, or worse a denial.
//!
//! `wellKnown`, `groups` and `rights` may each be missing, which is the same as empty. Members that start with `_`
//! are remarks and are not looked at. A right's group is declared in `groups` or in `wellKnown`.
//! Reading the file from the disk and keeping the last good one is left to `reload`, the wording to
//! `security_problem`.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::{Effect, Resource, Rights, RightsBuilder, SecurityCause, SecurityFileError, SecurityProblem};
use crate::located_json::{self, Located, Member, NotJson, Value, position};

/// Reads a whole file; see [`Rights::from_json`].
pub(super) fn read(text: &str, file_name: &str) -> Result<Rights, SecurityFileError> {
    let refused = |problems| SecurityFileError::Refused { file: file_name.to_owned(), problems };
    let root = located_json::parse(text).map_err(|NotJson { line, column, reason }| {
        refused(vec![SecurityProblem {
            line,
            column,
            path: String::new(),
            cause: SecurityCause::NotJson(reason),
        }])
    })?;
    let mut reader = Reader { text, problems: Vec::new() };
    let builder = reader.file(&root);
    if reader.problems.is_empty() {
        return Ok(builder.build());
    }
    reader.problems.sort_by_key(|problem| (problem.line, problem.column));
    Err(refused(reader.problems))
}

/// Collects the problems of one text.
struct Reader<'t> {
    text: &'t str,
    problems: Vec<SecurityProblem>,
}

/// The groups a right may name; `None` when they could not be read, so that every right is not blamed for it.
type Declared = Option<BTreeMap<Uuid, usize>>;

impl Reader<'_> {
    fn file(&mut self, root: &Located) -> RightsBuilder {
        let members = self.known_members(root, "", &["wellKnown", "groups", "rights"]);
        let mut builder = Rights::builder();
        let mut declared = Declared::Some(BTreeMap::new());
        if let Some(groups) = find(&members, "groups") {
            builder = self.groups(groups, builder, &mut declared);
        }
        if let Some(well_known) = find(&members, "wellKnown") {
            builder = self.well_known(well_known, builder, &mut declared);
        }
        if let Some(rights) = find(&members, "rights") {
            builder = self.rights(rights, builder, &declared);
        }
        builder
    }

    fn groups(
        &mut self,
        node: &Located,
        mut builder: RightsBuilder,
        declared: &mut Declared,
    ) -> RightsBuilder {
        let Some(groups) = self.members(node, "groups") else {
            *declared = None;
            return builder;
        };
        for group in groups {
            let names = self.names(&group.value, &format!("groups.{}", group.key));
            let Some(id) = self.uuid(&group.key, group.start, "groups") else { continue };
            // The same id in another case is another key, but no other group.
            match declared.as_mut().and_then(|declared| declared.insert(id, group.start)) {
                Some(first) => self.repeated(group, first, "groups"),
                None => builder = builder.group(id, names),
            }
        }
        builder
    }

    fn names(&mut self, node: &Located, path: &str) -> Vec<String> {
        let mut names = Vec::new();
        for name in self.members(node, path).unwrap_or_default() {
            let path = format!("{path}.{}", name.key);
            match self.text(&name.value, &path) {
                Some(blank) if blank.trim().is_empty() => {
                    self.refuse(name.value.start, &path, SecurityCause::BlankName);
                }
                Some(text) => names.push(text.to_owned()),
                None => {}
            }
        }
        names
    }

    fn well_known(
        &mut self,
        node: &Located,
        mut builder: RightsBuilder,
        declared: &mut Declared,
    ) -> RightsBuilder {
        let Some(members) = self.members(node, "wellKnown") else {
            *declared = None;
            return builder;
        };
        let mut first: Option<Uuid> = None;
        for member in members {
            let is_anonymous = match member.key.as_str() {
                "anonymous" => true,
                "authenticated" => false,
                _ => {
                    let cause = SecurityCause::UnknownWellKnown(member.key.clone());
                    self.refuse(member.start, "wellKnown", cause);
                    continue;
                }
            };
            let path = format!("wellKnown.{}", member.key);
            let Some(id) = self.uuid_at(&member.value, &path) else { continue };
            if first.replace(id) == Some(id) {
                self.refuse(member.value.start, &path, SecurityCause::OneGroupForBoth(id));
            }
            if let Some(declared) = declared {
                declared.entry(id).or_insert(member.value.start);
            }
            builder = if is_anonymous { builder.anonymous(id) } else { builder.authenticated(id) };
        }
        builder
    }

    fn rights(&mut self, node: &Located, mut builder: RightsBuilder, declared: &Declared) -> RightsBuilder {
        let Value::Array(rights) = &node.value else {
            self.wrong_type(node, "rights", "an array");
            return builder;
        };
        let mut first_by_id = HashMap::new();
        for (number, right) in rights.iter().enumerate() {
            let path = format!("rights[{number}]");
            let Some((group, resource, effect)) = self.right(right, &path, declared, &mut first_by_id) else {
                continue;
            };
            builder = builder.right(group, resource, effect);
        }
        builder
    }

    /// One right; `None` when it has a problem, which is then reported.
    fn right(
        &mut self,
        node: &Located,
        path: &str,
        declared: &Declared,
        first_by_id: &mut HashMap<Uuid, (String, usize)>,
    ) -> Option<(Uuid, Resource, Effect)> {
        if !matches!(node.value, Value::Object(_)) {
            self.wrong_type(node, path, "an object");
            return None;
        }
        let members =
            self.known_members(node, path, &["id", "resource", "groupId", "isDenied", "isImportant"]);
        if let Some(at) = self.required(node, &members, "id", path)
            && let Some(id) = self.uuid_at(at, &format!("{path}.id"))
        {
            match first_by_id.get(&id) {
                Some((first_path, first)) => {
                    let (first_line, first_column) = position(self.text, *first);
                    let first_path = first_path.clone();
                    let cause = SecurityCause::DuplicateRight { id, first_path, first_line, first_column };
                    self.refuse(at.start, &format!("{path}.id"), cause);
                }
                None => {
                    first_by_id.insert(id, (path.to_owned(), at.start));
                }
            }
        }
        let resource = self.required(node, &members, "resource", path).and_then(|at| {
            let path = format!("{path}.resource");
            let parsed = Resource::new(self.text(at, &path)?);
            parsed.map_err(|error| self.refuse(at.start, &path, error.into())).ok()
        });
        let group = self.required(node, &members, "groupId", path).and_then(|at| {
            let path = format!("{path}.groupId");
            let id = self.uuid_at(at, &path)?;
            if declared.as_ref().is_some_and(|declared| !declared.contains_key(&id)) {
                self.refuse(at.start, &path, SecurityCause::UndeclaredGroup(id));
            }
            Some(id)
        });
        let is_denied = self.flag(&members, "isDenied", path);
        let is_important = self.flag(&members, "isImportant", path);
        Some((group?, resource?, Effect::of(is_denied, is_important)))
    }

    /// The members of an object whose keys are data. Remarks are left out, repeated keys are refused.
    fn members<'j>(&mut self, node: &'j Located, path: &str) -> Option<Vec<&'j Member>> {
        let Value::Object(all) = &node.value else {
            self.wrong_type(node, path, "an object");
            return None;
        };
        let mut first_by_key: HashMap<&str, usize> = HashMap::new();
        let mut members = Vec::new();
        for member in all.iter().filter(|member| !member.key.starts_with('_')) {
            if let Some(first) = first_by_key.get(member.key.as_str()) {
                self.repeated(member, *first, path);
            } else {
                first_by_key.insert(&member.key, member.start);
                members.push(member);
            }
        }
        Some(members)
    }

    /// The members of an object whose keys are ours: any other is refused.
    fn known_members<'j>(
        &mut self,
        node: &'j Located,
        path: &str,
        known: &'static [&'static str],
    ) -> Vec<&'j Member> {
        let mut members = self.members(node, path).unwrap_or_default();
        members.retain(|member| {
            let is_known = known.contains(&member.key.as_str());
            if !is_known {
                let cause = SecurityCause::UnknownMember { member: member.key.clone(), known };
                self.refuse(member.start, path, cause);
            }
            is_known
        });
        members
    }

    fn required<'j>(
        &mut self,
        node: &Located,
        members: &[&'j Member],
        key: &'static str,
        path: &str,
    ) -> Option<&'j Located> {
        let found = find(members, key);
        if found.is_none() {
            self.refuse(node.start, path, SecurityCause::Missing(key));
        }
        found
    }

    fn flag(&mut self, members: &[&Member], key: &str, path: &str) -> bool {
        match find(members, key) {
            None => false,
            Some(Located { value: Value::Bool(flag), .. }) => *flag,
            Some(other) => {
                self.wrong_type(other, &format!("{path}.{key}"), "`true` or `false`");
                false
            }
        }
    }

    fn text<'j>(&mut self, node: &'j Located, path: &str) -> Option<&'j str> {
        if let Value::Text(text) = &node.value {
            return Some(text);
        }
        self.wrong_type(node, path, "a string");
        None
    }

    fn uuid_at(&mut self, node: &Located, path: &str) -> Option<Uuid> {
        let text = self.text(node, path)?;
        self.uuid(text, node.start, path)
    }

    /// Only the form with hyphens: role keys are compared with it, and a second spelling would be a second id.
    fn uuid(&mut self, text: &str, start: usize, path: &str) -> Option<Uuid> {
        let id = Uuid::try_parse(text).ok().filter(|id| text.eq_ignore_ascii_case(&id.to_string()));
        if id.is_none() {
            self.refuse(start, path, SecurityCause::NotUuid(text.chars().take(60).collect()));
        }
        id
    }

    fn repeated(&mut self, member: &Member, first: usize, path: &str) {
        let (first_line, first_column) = position(self.text, first);
        let cause = SecurityCause::Repeated { key: member.key.clone(), first_line, first_column };
        self.refuse(member.start, path, cause);
    }

    fn wrong_type(&mut self, node: &Located, path: &str, expected: &'static str) {
        self.refuse(node.start, path, SecurityCause::WrongType { expected, found: node.value.kind() });
    }

    fn refuse(&mut self, start: usize, path: &str, cause: SecurityCause) {
        let (line, column) = position(self.text, start);
        self.problems.push(SecurityProblem { line, column, path: path.to_owned(), cause });
    }
}

fn find<'j>(members: &[&'j Member], key: &str) -> Option<&'j Located> {
    members.iter().find(|member| member.key == key).map(|member| &member.value)
}
