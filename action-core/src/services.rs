//! What the host puts in for its handlers: one shared value per type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

/// The host's services, by type.
#[derive(Default)]
pub(crate) struct Services(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Services {
    /// Puts one in; gives back the name of its type where one was there already.
    pub(crate) fn put<S: Send + Sync + 'static>(&mut self, service: Arc<S>) -> Result<(), &'static str> {
        match self.0.insert(TypeId::of::<S>(), service) {
            None => Ok(()),
            Some(_) => Err(type_name::<S>()),
        }
    }

    pub(crate) fn get<S: Send + Sync + 'static>(&self) -> Option<Arc<S>> {
        Arc::clone(self.0.get(&TypeId::of::<S>())?).downcast().ok()
    }

    pub(crate) fn has(&self, type_id: TypeId) -> bool {
        self.0.contains_key(&type_id)
    }
}
