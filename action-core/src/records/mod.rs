//! Rows of registered entities: what handlers do with them, and the core actions that anybody can call.
//!
//! [`Records`] and [`RecordsOf`] are the way from a handler to the record store. They fill in what every statement
//! needs (tenant, row rule, who and when), and note for the audit what changed. The core actions stand on them
//! and add the checks of a request: which columns may be named, and what their values must be.

mod access;
mod bulk;
mod bulk_delete;
mod bulk_params;
mod bulk_update;
mod create;
mod delete;
mod list_transitions;
mod listed;
mod process_workflow;
mod query;
mod together;
mod transition;
mod typed;
mod update;
mod values;

pub use access::RecordsOf;
pub use bulk::{BulkDone, Mode, NotChanged, Which};
pub(crate) use listed::{Listed, MOST_FIELDS, by_entity_or_query, describe_listed, listed};
pub use query::QueryReply;
pub(crate) use together::together;
pub use transition::{ListedTransition, TransitionReason, Transitioned};
pub use typed::{Page, Records};

use crate::action::Action;
use crate::registry::Candidate;

/// The core actions on records.
pub(crate) fn core_actions() -> Vec<Candidate> {
    vec![
        Candidate::new(
            Action::new("createRecord")
                .permission("New/{entity}")
                .title("Create record")
                .description("Makes a new record of an entity and returns it as stored."),
            create::CreateRecord,
        ),
        Candidate::new(
            Action::new("updateRecord")
                .permission("Edit/{entity}")
                .title("Update record")
                .description("Changes the named columns of a record and returns it as stored."),
            update::UpdateRecord,
        ),
        Candidate::new(
            Action::new("deleteRecord")
                .permission("Delete/{entity}")
                .title("Delete record")
                .description("Removes a record.")
                .destructive(),
            delete::DeleteRecord,
        ),
        Candidate::new(
            Action::new("bulkUpdate").permission("Edit/{entity}").title("Update many records").description(
                "Changes the named columns of many records, picked by their keys or by a filter.",
            ),
            bulk_update::BulkUpdate,
        ),
        Candidate::new(
            Action::new("bulkDelete")
                .permission("Delete/{entity}")
                .title("Delete many records")
                .description("Removes many records, picked by their keys or by a filter.")
                .destructive(),
            bulk_delete::BulkDelete,
        ),
        Candidate::new(
            Action::new("executeQuery")
                .permission("Query/{entity}")
                .title("Execute query")
                .description("Lists records of an entity by a filter, or runs a registered query.")
                .read_only()
                .idempotent(),
            query::ExecuteQuery,
        ),
        Candidate::new(
            Action::new("processWorkflow")
                .permission("Transition/{entity}")
                .title("Process workflow")
                .description("Makes a transition of a record's workflow and remembers it."),
            process_workflow::ProcessWorkflow,
        ),
        Candidate::new(
            Action::new("listWorkflows")
                .permission("Read/{entity}")
                .title("List workflows")
                .description("Tells the workflows of an entity, each with a diagram of its states.")
                .read_only()
                .idempotent(),
            list_transitions::ListWorkflows,
        ),
        Candidate::new(
            Action::new("listTransitions")
                .permission("Read/{entity}")
                .title("List transitions")
                .description(
                    "Tells which transitions leave a record's state, and which of them the caller may make.",
                )
                .read_only()
                .idempotent(),
            list_transitions::ListTransitions,
        ),
        Candidate::new(
            Action::new("workflowHistory")
                .permission("Read/{entity}")
                .title("Workflow history")
                .description("Tells the transitions of a record, newest first.")
                .read_only()
                .idempotent(),
            list_transitions::WorkflowHistory,
        ),
    ]
}
