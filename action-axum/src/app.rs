//! What every handler shares: the engine, the host's options, and what is worked out once from both.

use std::sync::Arc;

use action_core::Engine;
use action_core::permissions::Permission;

use crate::openapi::Document;
use crate::options::Options;

/// The shared state of a router. Cloning it shares it.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

struct Parts {
    engine: Engine,
    options: Options,
    document: Document,
    read_audit: Option<Permission>,
    read_page_actions: Option<Permission>,
    read_page_configs: Option<Permission>,
}

impl App {
    pub(crate) fn new(engine: Engine, options: Options, document: Document) -> Self {
        let read = |table: &str| Permission::new(&format!("Read/{table}")).ok();
        Self(Arc::new(Parts {
            engine,
            options,
            document,
            read_audit: read("action_audit_log"),
            read_page_actions: read("page_actions"),
            read_page_configs: read("page_configs"),
        }))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn document(&self) -> &Document {
        &self.0.document
    }

    /// What a caller holds who sees more of the audit than their own rows.
    pub(crate) fn read_audit(&self) -> Option<&Permission> {
        self.0.read_audit.as_ref()
    }

    /// What a caller holds who reads what stands on pages.
    pub(crate) fn read_page_actions(&self) -> Option<&Permission> {
        self.0.read_page_actions.as_ref()
    }

    /// What a caller holds who reads which pages there are.
    pub(crate) fn read_page_configs(&self) -> Option<&Permission> {
        self.0.read_page_configs.as_ref()
    }
}
