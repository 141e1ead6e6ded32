//! All entities of an engine, found by name, alias or type id.

use std::collections::HashMap;
use std::sync::Arc;

use super::Entity;

/// The registered entities, frozen.
#[derive(Debug, Default, Clone)]
pub(crate) struct Entities {
    by_key: HashMap<Box<str>, Arc<Entity>>,
    by_name: Vec<Arc<Entity>>,
}

impl Entities {
    /// Freezes a list; the error names two entities that answer to one name.
    pub(crate) fn new(mut list: Vec<Arc<Entity>>) -> Result<Self, String> {
        list.sort_by(|a, b| a.name().cmp(b.name()));
        let mut by_key: HashMap<Box<str>, Arc<Entity>> = HashMap::new();
        for entity in &list {
            let mut keys = vec![
                entity.name().to_lowercase(),
                entity.alias().to_lowercase(),
                entity.type_id().to_string(),
            ];
            keys.dedup();
            for key in keys {
                if let Some(first) = by_key.insert(key.clone().into(), entity.clone()) {
                    return Err(format!(
                        "entities `{}` and `{}` both answer to `{key}`; give one another name, alias or type id",
                        first.name(),
                        entity.name(),
                    ));
                }
            }
        }
        Ok(Self { by_key, by_name: list })
    }

    /// The entity of this name, alias or type id, ignoring case.
    pub(crate) fn find(&self, key: &str) -> Option<&Arc<Entity>> {
        // Most clients spell it in one of the stored ways; only others pay for a copy.
        self.by_key.get(key).or_else(|| self.by_key.get(key.to_lowercase().as_str()))
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Entity>> {
        self.by_name.iter()
    }
}
