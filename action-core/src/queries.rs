//! Named queries: what a caller may list without saying how.
//!
//! A named query is a condition over an entity, written in Rust, with arguments of its own. It is run by the core
//! action `executeQuery`, which adds tenant, row rule, order and page; so it can do no more than any other list.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::entity::{Entities, Entity};
use crate::expression::Draft;
use crate::input::{Input, InputShape, Intake, Params};
use crate::permissions::{Permission, Required};
use crate::{Caller, FieldErrors};

type Plan = dyn Fn(&mut Intake<'_>) -> Result<Draft, FieldErrors> + Send + Sync;

/// A registered query, ready to run.
pub(crate) struct NamedQuery {
    pub(crate) name: String,
    pub(crate) entity: Arc<Entity>,
    pub(crate) required: Required,
    pub(crate) shape: InputShape,
    plan: Arc<Plan>,
}

impl std::fmt::Debug for NamedQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedQuery").field("name", &self.name).finish_non_exhaustive()
    }
}

impl NamedQuery {
    /// The condition for these arguments, or what is wrong with them.
    pub(crate) fn condition(
        &self,
        arguments: Map<String, Value>,
        intake: &Intake<'_>,
    ) -> Result<Draft, FieldErrors> {
        let mut own = Intake {
            params: arguments,
            shape: &self.shape,
            aimed: intake.aimed,
            caller: intake.caller,
            uploads: &[],
        };
        (self.plan)(&mut own)
    }
}

/// A query to be registered with the engine's builder.
///
/// ```
/// use action_core::expression::field;
/// use action_core::QueryDefinition;
/// use schemars::JsonSchema;
/// use serde::Deserialize;
///
/// #[derive(Deserialize, JsonSchema, garde::Validate)]
/// struct ByBrand {
///     #[garde(length(chars, min = 1, max = 50))]
///     brand: String,
/// }
///
/// let query = QueryDefinition::new("cars.by_brand", "Car", |arguments: ByBrand, _caller| {
///     field("brand").eq(arguments.brand)
/// });
/// # let _ = query;
/// ```
pub struct QueryDefinition {
    name: String,
    entity: String,
    permission: Option<String>,
    shape: InputShape,
    plan: Arc<Plan>,
}

impl QueryDefinition {
    /// A query over an entity. `condition` may name every column of it. It needs the permission `Query/{entity}`
    /// unless [`permission`](Self::permission) says otherwise.
    pub fn new<A>(
        name: impl Into<String>,
        entity: impl Into<String>,
        condition: impl Fn(A, &Caller) -> Draft + Send + Sync + 'static,
    ) -> Self
    where
        Params<A>: Input<Checked = A>,
    {
        let mut shape = InputShape::default();
        <Params<A> as Input>::describe(&mut shape);
        let plan = move |intake: &mut Intake<'_>| {
            <Params<A> as Input>::check(intake).map(|it| condition(it, intake.caller))
        };
        Self { name: name.into(), entity: entity.into(), permission: None, shape, plan: Arc::new(plan) }
    }

    /// A permission of its own, instead of `Query/{entity}`.
    pub fn permission(mut self, permission: impl Into<String>) -> Self {
        self.permission = Some(permission.into());
        self
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn resolve(self, entities: &Entities) -> Result<NamedQuery, String> {
        let Self { name, entity, permission, shape, plan } = self;
        let entity = entities
            .find(&entity)
            .cloned()
            .ok_or_else(|| format!("query `{name}`: its entity `{entity}` is not registered"))?;
        let required = match permission {
            Some(text) => Permission::new(&text).map_err(|error| format!("query `{name}`: {error}"))?,
            None => entity.permission(crate::entity::Verb::Query).clone(),
        };
        Ok(NamedQuery { required: Required::all([required]), name, entity, shape, plan })
    }
}
