//! What an engine is given, held against the rest: where rights come from, entities against the database and each other,
//! queries against entities.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::entity::{Entities, Entity, EntityError};
use crate::permissions::Rights;
use crate::ports::{Authorizer, Storage};
use crate::queries::{NamedQuery, QueryDefinition};
use crate::registry::Registry;
use crate::workflows::{Workflow, Workflows};

/// Without any source of rights nobody may do anything but what is open to every signed-in caller.
#[cfg_attr(
    not(feature = "config-files"),
    expect(clippy::unnecessary_wraps, reason = "a file may be unreadable, where files are read")
)]
pub(super) fn authorizer(
    given: Option<Arc<dyn Authorizer>>,
    security_file: Option<PathBuf>,
    period: Duration,
    problems: &mut Vec<String>,
) -> Option<Arc<dyn Authorizer>> {
    #[cfg(feature = "config-files")]
    if let Some(path) = security_file {
        if given.is_some() {
            problems.push("rights come from one source: a security file, or an authorizer".to_owned());
        }
        return watched(path, period).map_err(|problem| problems.push(problem)).ok();
    }
    #[cfg(not(feature = "config-files"))]
    let _ = (security_file, period, problems);
    Some(given.unwrap_or_else(|| Arc::new(Arc::new(Rights::empty()))))
}

/// The rights of a file, which is looked at again every `period`.
#[cfg(feature = "config-files")]
fn watched(path: PathBuf, period: Duration) -> Result<Arc<dyn Authorizer>, String> {
    use crate::permissions::SecurityFile;

    let file = Arc::new(SecurityFile::open(path).map_err(|error| error.to_string())?);
    file.watch(period).map_err(|error| format!("the security file cannot be watched: {error}"))?;
    Ok(Arc::new(file))
}

/// What is expected, and was left out by the linker.
pub(super) fn missing(expected: &BTreeSet<String>, registry: &Registry) -> impl Iterator<Item = String> {
    expected.iter().filter(|it| !registry.has(it)).map(|name| {
        format!(
            "the action `{name}` is expected but not linked; name the crate that defines it once, \
             as in `use its_crate as _;`"
        )
    })
}

/// The entities, each held against the database and against the workflows of its columns.
pub(super) fn checked_entities(
    found: Vec<Result<Entity, EntityError>>,
    workflows: &[Workflow],
    storage: &dyn Storage,
    problems: &mut Vec<String>,
) -> Entities {
    let mut list = Vec::with_capacity(found.len());
    for entity in found {
        match entity {
            Ok(mut entity) => {
                Workflows::manage(workflows, &mut entity, problems);
                if let Err(error) = storage.check_entity(&entity) {
                    problems.push(format!("entity `{}`: {error}", entity.name()));
                }
                list.push(Arc::new(entity));
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    let entities = Entities::new(list).unwrap_or_else(|problem| {
        problems.push(problem);
        Entities::default()
    });
    check_references(&entities, problems);
    entities
}

/// The registered queries by name, each with its entity.
pub(super) fn resolved_queries(
    found: Vec<QueryDefinition>,
    entities: &Entities,
    problems: &mut Vec<String>,
) -> HashMap<Box<str>, Arc<NamedQuery>> {
    let mut queries = HashMap::new();
    for query in found {
        let name = query.name().to_owned();
        match query.resolve(entities) {
            Ok(query) => {
                if queries.insert(Box::from(name.as_str()), Arc::new(query)).is_some() {
                    problems.push(format!("two queries are called `{name}`"));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    queries
}

fn check_references(entities: &Entities, problems: &mut Vec<String>) {
    for entity in entities.iter() {
        for column in entity.columns() {
            if let Some(referenced) = column.referenced_entity()
                && entities.find(referenced).is_none()
            {
                problems.push(format!(
                    "entity `{}`: `{}` refers to `{referenced}`, which is not registered",
                    entity.name(),
                    column.name(),
                ));
            }
        }
    }
}
