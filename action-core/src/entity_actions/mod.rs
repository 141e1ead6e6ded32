//! Entity actions: buttons on the rows of a host's tables, defined as data and run by functions of the database.
//!
//! A definition names a table, a function, and the conditions under which the button shows and can be clicked. They are
//! judged here and nowhere else (`judge`), over the stored row, by the same questions for a listing and under the row's
//! lock for a run. What runs is found by looking it up: a definition in its table, a function in the database's catalog or
//! among those that the host registered in Rust ([`EntityFunction`]).
//!
//! Runs and changes of definitions are actions of the library's own and walk the road like any other.

mod definition;
mod definitions;
mod function;
mod judge;
mod listing;
mod params;
mod reply;
mod run;
mod run_many;
mod table;
pub(crate) mod transitions;

pub use definition::{EntityAction, Parameter, ParameterType};
pub use function::{EntityCall, EntityFunction};
pub(crate) use judge::Questions;
pub use judge::{Reason, Verdict};
pub use listing::{Availability, EntityActions, RowButton};
pub use reply::EntityReply;
pub use table::{HostColumn, HostTable, MOST_STEPS};

use crate::action::Action;
use crate::context::ActionContext;
use crate::ports::Asker;
use crate::refusal::Refusal;
use crate::registry::Candidate;
use crate::{Caller, engine};

/// The role that edits definitions and may run everything.
const ADMIN: &str = "admin";

/// Most rows of one call.
const MOST_ROWS: usize = 500;

/// The library's own actions on entity actions.
pub(crate) fn actions() -> Vec<Candidate> {
    let run = |id: &'static str, audit_id: &'static str| {
        Action::internal(id, audit_id).authenticated().tenant_optional()
    };
    let change = |id: &'static str| Action::internal(id, id).authenticated().tenant_optional().role(ADMIN);
    vec![
        Candidate::new(run("entity_actions.run", "entity_actions.run"), run::Run),
        Candidate::new(run("entity_actions.rpc", "entity_actions.run"), run::Rpc),
        Candidate::new(run("entity_actions.bulk", "entity_actions.bulk"), run_many::RunMany),
        Candidate::new(change("entity_actions.define"), definitions::Create),
        Candidate::new(change("entity_actions.redefine"), definitions::Update),
        Candidate::new(change("entity_actions.undefine"), definitions::Delete),
    ]
}

fn asker<'a>(engine: &engine::Inner, caller: &'a Caller) -> Asker<'a> {
    Asker {
        roles: caller.roles(),
        is_admin: caller.has_role(ADMIN),
        // Nobody known runs only what is granted to nobody known.
        unprotected: engine.unprotected_functions && !caller.is_anonymous(),
        is_known: !caller.is_anonymous(),
    }
}

/// Who may not run an action: a credential may help, or there is one and it does not.
fn denied(caller: &Caller) -> Refusal {
    if caller.is_anonymous() { Refusal::Unauthenticated } else { Refusal::PermissionDenied }
}

fn asker_of<'a>(ctx: &ActionContext<'a>) -> Asker<'a> {
    asker(ctx.engine(), ctx.caller())
}
