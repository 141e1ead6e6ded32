//! The workflows of an engine, held against their entities.
//!
//! Everything that a transition needs is worked out here once: its permission as a value that is compared without
//! allocating, its condition over the entity's columns, the column's place. Every problem found is told.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;

use super::definition::{From, State, Transition, Workflow, humanised};
use super::diagram;
use crate::entity::{ColumnIndex, ColumnRole, Entities, Entity, Record};
use crate::expression::Expression;
use crate::locale::Languages;
use crate::permissions::{Grants, Permission};
use crate::value::{Kind, Value};
use crate::{Caller, Translations};

/// All of them, by entity.
#[derive(Debug, Default)]
pub(crate) struct Workflows {
    by_entity: HashMap<Box<str>, Vec<Compiled>>,
}

/// A workflow that fits its entity.
#[derive(Debug)]
pub(crate) struct Compiled {
    name: Arc<str>,
    field: String,
    column: ColumnIndex,
    initial: String,
    states: Vec<State>,
    transitions: Vec<Arc<Guarded>>,
}

/// A transition that fits its workflow, with what guards it.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) workflow: Arc<str>,
    pub(crate) column: ColumnIndex,
    transition: Transition,
    permission: Option<Permission>,
    condition: Expression,
}

impl Guarded {
    pub(crate) fn name(&self) -> &str {
        &self.transition.name
    }

    pub(crate) fn to(&self) -> &str {
        &self.transition.to
    }

    /// Whether it leaves this state.
    pub(crate) fn leaves(&self, state: &str) -> bool {
        self.transition.leaves(state)
    }

    pub(crate) fn comment_required(&self) -> bool {
        self.transition.comment_required
    }

    /// Whether a caller has the role and holds the permission it asks for.
    pub(crate) fn admits(&self, caller: &Caller, grants: &Grants) -> bool {
        self.transition.role.as_deref().is_none_or(|role| caller.has_role(role))
            && self.permission.as_ref().is_none_or(|it| grants.allows(it))
    }

    /// Whether its condition holds for a row.
    pub(crate) fn suits(&self, row: &Record) -> bool {
        self.condition.holds(row)
    }

    pub(crate) fn label(&self, languages: &Languages) -> String {
        labelled(&self.transition.label, &self.transition.name, languages)
    }
}

impl Compiled {
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether this column's value is its state.
    pub(crate) fn manages(&self, column: ColumnIndex) -> bool {
        self.column == column
    }

    /// The state a row is in; empty where it has none.
    pub(crate) fn state_of<'r>(&self, row: &'r Record) -> &'r str {
        state(row, self.column)
    }

    /// The transitions that leave a state, in their order.
    pub(crate) fn leaving<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a Arc<Guarded>> {
        self.transitions.iter().filter(move |it| it.transition.leaves(state))
    }

    /// The states that no walk from the initial one enters, in their order.
    fn unreachable(&self) -> Vec<&str> {
        let mut reached = vec![self.initial.as_str()];
        let mut next = 0;
        while let Some(state) = reached.get(next).copied() {
            next += 1;
            for to in self.leaving(state).map(|it| it.to()) {
                if !reached.contains(&to) {
                    reached.push(to);
                }
            }
        }
        let names = self.states.iter().map(|it| it.name.as_str());
        names.filter(|it| !reached.contains(it)).collect()
    }

    /// The states that nothing leaves, in their order.
    fn final_states(&self) -> Vec<&str> {
        let names = self.states.iter().map(|it| it.name.as_str());
        names.filter(|it| self.leaving(it).next().is_none()).collect()
    }

    /// Neither is wrong, so the log says it and nothing is refused: rows of before, or a handler, may be in a state that
    /// no transition enters, and most workflows end somewhere.
    fn tell_odd_states(&self, at: &str) {
        let unreachable = self.unreachable();
        if !unreachable.is_empty() {
            tracing::warn!(states = ?unreachable, "{at}: no transitions lead from `{}` to these", self.initial);
        }
        let ends = self.final_states();
        if !ends.is_empty() {
            tracing::debug!(states = ?ends, "{at}: nothing leaves these");
        }
    }

    pub(crate) fn describe(&self, languages: &Languages) -> WorkflowDescription {
        let states = self.states.iter();
        let from = |transition: &Transition| match &transition.from {
            From::These(states) => states.clone(),
            From::Any => {
                self.states.iter().map(|it| it.name.clone()).filter(|it| *it != transition.to).collect()
            }
        };
        let mut description = WorkflowDescription {
            name: self.name.to_string(),
            field: self.field.clone(),
            initial: self.initial.clone(),
            states: states
                .map(|it| WorkflowState {
                    name: it.name.clone(),
                    label: labelled(&it.label, &it.name, languages),
                })
                .collect(),
            transitions: self
                .transitions
                .iter()
                .map(|it| TransitionDescription {
                    name: it.transition.name.clone(),
                    label: it.label(languages),
                    from: from(&it.transition),
                    to: it.transition.to.clone(),
                    comment_required: it.transition.comment_required,
                    role: it.transition.role.clone(),
                    permission: it.permission.as_ref().map(ToString::to_string),
                })
                .collect(),
            diagram: String::new(),
        };
        description.diagram = diagram::mermaid(&description);
        description
    }
}

/// The text of a state column; empty where it has none.
pub(crate) fn state(row: &Record, column: ColumnIndex) -> &str {
    match row.get(column) {
        Value::Text(state) => state,
        _ => "",
    }
}

fn labelled(label: &Translations, name: &str, languages: &Languages) -> String {
    label.pick(languages).map_or_else(|| humanised(name).into_owned(), str::to_owned)
}

impl Workflows {
    /// Makes the columns of workflows managed ones, and tells whose initial value is another.
    pub(crate) fn manage(workflows: &[Workflow], entity: &mut Entity, problems: &mut Vec<String>) {
        let name = entity.name().to_owned();
        for workflow in workflows.iter().filter(|it| it.entity == name) {
            let Some(initial) = workflow.initial_state() else { continue };
            if let Some(other) = entity.start_with(&workflow.field, initial) {
                problems.push(format!(
                    "workflow `{}` ({}): it starts with `{initial}`, and the column `{}` of `{}` with `{other}`",
                    workflow.name,
                    workflow.place,
                    workflow.field,
                    entity.name()
                ));
            }
        }
    }

    /// Holds all of them against their entities.
    pub(crate) fn new(workflows: Vec<Workflow>, entities: &Entities) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut set = Self::default();
        let mut names: HashMap<String, String> = HashMap::new();
        for workflow in workflows {
            if let Some(first) = names.insert(workflow.name.clone(), workflow.place.clone()) {
                problems.push(format!(
                    "two workflows are called `{}`: one at {first}, one at {}",
                    workflow.name, workflow.place
                ));
                continue;
            }
            let Some(entity) = entities.find(&workflow.entity).filter(|it| it.name() == workflow.entity)
            else {
                problems.push(format!(
                    "workflow `{}` ({}): its entity `{}` is not registered",
                    workflow.name, workflow.place, workflow.entity
                ));
                continue;
            };
            let siblings = set.by_entity.entry(entity.name().into()).or_default();
            match compile(workflow, entity, siblings) {
                Ok(compiled) => siblings.push(compiled),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(set) } else { Err(problems) }
    }

    /// Those of an entity, in the order in which they were given.
    pub(crate) fn of(&self, entity: &Entity) -> &[Compiled] {
        self.by_entity.get(entity.name()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The transition of this name; no two of an entity have the same.
    pub(crate) fn transition(&self, entity: &Entity, name: &str) -> Option<&Arc<Guarded>> {
        self.of(entity).iter().flat_map(|it| &it.transitions).find(|it| it.name() == name)
    }
}

fn compile(workflow: Workflow, entity: &Arc<Entity>, siblings: &[Compiled]) -> Result<Compiled, Vec<String>> {
    let mut problems = Vec::new();
    let at = format!("workflow `{}` ({})", workflow.name, workflow.place);
    let initial = workflow.initial_state().unwrap_or_default().to_owned();
    if !is_name(&workflow.name) {
        problems.push(format!("{at}: {NAME_RULE}"));
    }
    let is_state = |name: &str| workflow.states.iter().any(|it| it.name == name);
    let column = state_column(&workflow, entity, siblings).map_err(|it| problems.push(format!("{at}: {it}")));
    for (index, state) in workflow.states.iter().enumerate() {
        let name = &state.name;
        if name.trim().is_empty() || name.chars().count() > 100 {
            problems.push(format!("{at}: a state has 1 to 100 characters, and not only blanks"));
        }
        if workflow.states.iter().skip(index + 1).any(|it| it.name == *name) {
            problems.push(format!("{at}: the state `{name}` is there twice"));
        }
        let fits = |(_, column): (ColumnIndex, &crate::entity::Column)| {
            column.kind() != Kind::Text || column.read(&name.as_str().into()).is_ok()
        };
        if !entity.column_named(&workflow.field).is_none_or(fits) {
            problems.push(format!("{at}: the column `{}` cannot hold the state `{name}`", workflow.field));
        }
    }
    if workflow.states.is_empty() {
        problems.push(format!("{at}: it has no states"));
    } else if !is_state(&initial) {
        problems.push(format!("{at}: its initial state `{initial}` is none of its states"));
    }
    let name: Arc<str> = Arc::from(workflow.name.as_str());
    let mut transitions: Vec<Arc<Guarded>> = Vec::new();
    for transition in workflow.transitions {
        let place = transition.place.as_deref().unwrap_or(&workflow.place);
        let at = format!("workflow `{name}`, transition `{}` ({place})", transition.name);
        let mut wrong = |problem: String| problems.push(format!("{at}: {problem}"));
        if !is_name(&transition.name) {
            wrong(NAME_RULE.to_owned());
        }
        let others = siblings.iter().flat_map(|it| &it.transitions).chain(&transitions);
        if let Some(other) = others.into_iter().find(|it| it.name() == transition.name) {
            wrong(format!("workflow `{}` has a transition of this name already", other.workflow));
        }
        if !workflow.states.iter().any(|it| it.name == transition.to) {
            wrong(format!("it enters `{}`, which is none of the states", transition.to));
        }
        match &transition.from {
            From::These(states) if states.is_empty() => wrong("it leaves no state".to_owned()),
            From::These(states) => {
                for state in
                    states.iter().filter(|state| !workflow.states.iter().any(|it| it.name == **state))
                {
                    wrong(format!("it leaves `{state}`, which is none of the states"));
                }
            }
            From::Any => {}
        }
        if transition.role.as_deref().is_some_and(|it| it.trim().is_empty()) {
            wrong("its role is blank".to_owned());
        }
        let permission = match transition.permission.as_deref().map(Permission::new).transpose() {
            Ok(permission) => permission,
            Err(error) => {
                wrong(format!("its permission: {error}"));
                None
            }
        };
        let condition = match &transition.condition {
            None => Ok(Expression::Constant(true)),
            Some(json) => Expression::filter(json, entity.all_fields()),
        };
        let condition = condition.unwrap_or_else(|errors| {
            errors.into_iter().for_each(|it| wrong(format!("its condition: {}", it.message)));
            Expression::Constant(false)
        });
        let column = column.as_ref().copied().unwrap_or_default();
        transitions.push(Arc::new(Guarded {
            workflow: Arc::clone(&name),
            column,
            transition,
            permission,
            condition,
        }));
    }
    match column {
        Ok(column) if problems.is_empty() => {
            let compiled = Compiled {
                name,
                field: workflow.field,
                column,
                initial,
                states: workflow.states,
                transitions,
            };
            compiled.tell_odd_states(&at);
            Ok(compiled)
        }
        _ => Err(problems),
    }
}

const NAME_RULE: &str = "a name has 1 to 100 letters, digits, `_`, `-` or `.`, and starts with a letter";

fn is_name(name: &str) -> bool {
    name.len() <= 100
        && name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.'))
}

fn state_column(workflow: &Workflow, entity: &Entity, siblings: &[Compiled]) -> Result<ColumnIndex, String> {
    let field = &workflow.field;
    let Some((index, column)) = entity.column_named(field) else {
        return Err(format!("`{}` has no field `{field}`", entity.name()));
    };
    if column.kind() != Kind::Text || column.written_by() != ColumnRole::Data || !column.is_readable() {
        return Err(format!("the field `{field}` must be text that callers can read"));
    }
    if let Some(other) = siblings.iter().find(|it| it.column == index) {
        return Err(format!("the field `{field}` belongs to the workflow `{}` already", other.name));
    }
    Ok(index)
}

/// A workflow, as `listWorkflows` tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members of the listing, described in the guide on workflows")]
pub struct WorkflowDescription {
    pub name: String,
    /// The column that holds the state.
    pub field: String,
    pub initial: String,
    pub states: Vec<WorkflowState>,
    pub transitions: Vec<TransitionDescription>,
    /// The text of a Mermaid state diagram.
    pub diagram: String,
}

/// A state, as the listing tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the members of the listing, described in the guide on workflows")]
pub struct WorkflowState {
    pub name: String,
    pub label: String,
}

/// A transition, as the listing tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members of the listing, described in the guide on workflows")]
pub struct TransitionDescription {
    pub name: String,
    pub label: String,
    pub from: Vec<String>,
    pub to: String,
    pub comment_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Transition, Workflow};
    use super::Workflows;
    use crate::Kind;
    use crate::entity::{Column, Entities, Entity};

    #[test]
    fn states_that_nothing_enters_or_leaves_are_found_and_not_refused() -> Result<(), Vec<String>> {
        let door = Entity::builder("Door", "doors")
            .column(Column::new("id", Kind::Uuid))
            .column(Column::new("state", Kind::Text))
            .build()
            .map_err(|it| vec![it.to_string()])?;
        let door = Arc::new(door);
        let entities = Entities::new(vec![Arc::clone(&door)]).map_err(|it| vec![it])?;
        let workflow = Workflow::new("door", "Door", "state")
            .states(["open", "shut", "locked", "lost", "found"])
            .transition(Transition::new("close").from(["open"]).to("shut"))
            .transition(Transition::new("open").from(["shut"]).to("open"))
            .transition(Transition::new("lock").from_any().to("locked"))
            .transition(Transition::new("find").from(["lost"]).to("found"));
        let set = Workflows::new(vec![workflow], &entities)?;
        let found: Vec<_> = set.of(&door).iter().map(|it| (it.unreachable(), it.final_states())).collect();
        assert_eq!(found, [(vec!["lost", "found"], vec!["locked"])]);
        Ok(())
    }
}
