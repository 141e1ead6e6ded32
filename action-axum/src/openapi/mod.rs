//! The OpenAPI 3.1 document: every mounted route, and every registered action with its parameters' schema.
//!
//! The routes describe themselves in `routes`; the shapes of answers are in `schemas`, those of page actions in
//! `page_actions` and `entity_actions`, those of errors in `problems`. What the engine's actions add is in `actions`. The document is made
//! once for each router and served as bytes.

mod actions;
mod entity_actions;
mod page_actions;
mod problems;
mod schemas;

use action_core::Engine;
use axum::body::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa::{PartialSchema as _, ToSchema};
use uuid::Uuid;

pub(crate) use entity_actions::{
    AvailabilityBody, BulkRunBody, BulkRunResults, DefinitionBody, DefinitionItem, DefinitionListing,
    EntityActionItem, EntityRunResult, RowButtonItem, RpcBody, RunRowBody,
};
pub(crate) use page_actions::{
    BatchBody, ButtonBody, DropdownBody, GroupedActions, HistoryListing, OrderBody, PageActionFilters,
    PageActionItem, PageActionListing, PageBody, PageItem, PageListing, RevertBody, RunBody, SeparatorBody,
};
pub(crate) use problems::{
    ChangeProblems, ExecuteProblems, FileProblems, ListProblems, OneProblems, ReadProblems,
    UnavailableProblem,
};
pub(crate) use schemas::{
    ActionItem, Asked, AuditFilters, AuditListing, CustomActionItem, EntityItem, ExecuteForm, Success,
};

use crate::options::Options;

/// The document as it is served.
pub(crate) struct Document {
    bytes: Bytes,
    etag: HeaderValue,
}

impl Document {
    pub(crate) fn new(document: &Value) -> Self {
        let bytes = Bytes::from(document.to_string());
        let digest = Sha256::digest(&bytes);
        let (half, _) = digest.split_at(16);
        let tag = Uuid::from_slice(half).unwrap_or_default().simple();
        let etag = HeaderValue::try_from(format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { bytes, etag }
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    pub(crate) fn etag(&self) -> &HeaderValue {
        &self.etag
    }
}

/// Completes what the routes say of themselves with what the host and the engine add.
pub(crate) fn document(mut described: OpenApi, engine: &Engine, options: &Options) -> Value {
    described.info = InfoBuilder::new().title(&options.title).version(&options.version).build();
    described.merge(OpenApiBuilder::new().components(Some(parts())).build());
    let mut document = serde_json::to_value(&described).unwrap_or_default();
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        actions::describe(&engine.all_actions(), schemas);
        actions::describe_custom(&engine.all_custom_actions(), schemas);
    }
    if !options.prefix.is_empty()
        && let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut)
    {
        *paths = prefixed(paths, &options.prefix);
    }
    document
}

/// What no route names by itself.
fn parts() -> Components {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("HS256; claims `sub`, `exp`, `tenant_id`, `roles`, `groups`, `permissions`."))
        .build();
    ComponentsBuilder::new()
        .schema(schemas::Context::name(), schemas::Context::schema())
        .schema(schemas::RetryResult::name(), schemas::RetryResult::schema())
        .schema(schemas::FilledForm::name(), schemas::FilledForm::schema())
        .schema(schemas::PersistentObject::name(), schemas::PersistentObject::schema())
        .schema(schemas::Attribute::name(), schemas::Attribute::schema())
        .schema(schemas::Problem::name(), schemas::Problem::schema())
        .schema(schemas::ProblemEntry::name(), schemas::ProblemEntry::schema())
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .build()
}

fn prefixed(paths: &mut Map<String, Value>, prefix: &str) -> Map<String, Value> {
    std::mem::take(paths).into_iter().map(|(path, item)| (format!("{prefix}{path}"), item)).collect()
}
