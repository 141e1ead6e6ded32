//! The HTTP contract, from outside: what the example host answers to requests, on both databases.
//!
//! One file a section of the contract, one test a sentence of it. Tests speak JSON to the host's own router and look
//! at nothing else, except where the contract itself names a table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

#[macro_use]
extern crate action_tests;

mod audit;
mod audit_listing;
mod authentication;
mod bulk_delete;
mod bulk_handlers;
mod bulk_update;
mod custom_actions;
mod custom_actions_file;
mod custom_actions_listing;
mod custom_actions_questions;
mod diagnostics;
mod entity_actions;
mod entity_actions_arguments;
mod entity_actions_definitions;
mod entity_actions_functions;
mod entity_actions_many;
mod entity_actions_tables;
mod entity_actions_transitions;
mod envelope;
mod errors;
mod events;
mod events_nodes;
mod files_download;
mod files_hosts;
mod files_upload;
mod headers;
mod health;
mod idempotency;
mod listings;
mod mail;
mod mail_tls;
mod openapi;
mod order_of_checks;
mod page_actions;
mod page_actions_bodies;
mod page_actions_cache;
mod page_actions_click;
mod page_actions_seed;
mod page_actions_states;
mod permissions;
mod queries;
mod queries_filters;
mod rate_limits;
mod records_create;
mod records_delete;
mod records_update;
mod refusals;
mod reports;
mod security_file;
mod support;
mod tenants;
mod users;
mod workflow_hosts;
mod workflows;
mod workflows_file;
