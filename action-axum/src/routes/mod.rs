//! The handlers, one file a subject. Each says in its attribute what the OpenAPI document says of it, and is wrapped in
//! `serve`.

pub(crate) mod actions;
pub(crate) mod audit_trail;
pub(crate) mod custom_actions;
pub(crate) mod document;
pub(crate) mod elsewhere;
pub(crate) mod entities;
pub(crate) mod entity_actions;
pub(crate) mod execute;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod page_actions;
pub(crate) mod page_configs;
