//! Definitions of entity actions, the host's tables they are on, and the database's functions.
//!
//! Everything happens in a transaction of the caller's tenant: the host's own row-level security sees who asks.

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{StoreError, Transaction};
use crate::entity_actions::{EntityAction, HostTable};
use crate::expression::Expression;
use crate::{Kind, Value};

/// Keeps definitions, judges rows and calls functions.
#[async_trait]
pub trait EntityActionStore: Send + Sync {
    /// Definitions by table, order, id, each with whether `asker` may run it, in one statement.
    async fn definitions(
        &self,
        tx: &mut dyn Transaction,
        which: &WhichActions,
        asker: &Asker<'_>,
    ) -> Result<Vec<EntityAction>, StoreError>;

    /// A table by the name of a definition, and those its foreign keys lead to; `None` where there is none with a key of
    /// one column.
    async fn table(&self, tx: &mut dyn Transaction, name: &str) -> Result<Option<HostTable>, StoreError>;

    /// Locks rows of the tenant until the end of the transaction, and tells which there are, by key.
    async fn hold(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        keys: &[Value],
    ) -> Result<Vec<Value>, StoreError>;

    /// Asks each of these rows of the tenant all questions, in one statement; rows that are not there are left out.
    async fn judge(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        keys: &[Value],
        questions: &[&Expression],
    ) -> Result<Vec<(Value, Vec<bool>)>, StoreError>;

    /// Calls a function of the database. Where it does not end well, the transaction is good for nothing but its end, or
    /// for going back to a savepoint.
    async fn call(
        &self,
        tx: &mut dyn Transaction,
        call: &FunctionCall<'_>,
    ) -> Result<FunctionEnd, StoreError>;

    /// Whether a function of the database that lists what may be chosen, called with `given`, lists this option. `None`:
    /// there is none of this name that takes them.
    async fn offers(
        &self,
        tx: &mut dyn Transaction,
        function: &str,
        given: &Map<String, Json>,
        option: &str,
    ) -> Result<Option<bool>, StoreError>;

    /// Adds a definition with its parameters and the roles it is granted to; its id. `None`: a role is unknown.
    async fn add(
        &self,
        tx: &mut dyn Transaction,
        draft: &EntityActionDraft,
    ) -> Result<Option<i64>, StoreError>;

    /// Puts a draft in a definition's place. `None`: a role is unknown.
    async fn replace(
        &self,
        tx: &mut dyn Transaction,
        id: i64,
        draft: &EntityActionDraft,
    ) -> Result<Option<i64>, StoreError>;

    /// Removes a definition. False: there was none.
    async fn remove(&self, tx: &mut dyn Transaction, id: i64) -> Result<bool, StoreError>;

    /// The keys of the roles that a function is granted to; none where it is not protected.
    async fn granted(
        &self,
        tx: &mut dyn Transaction,
        functions: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// Sets a savepoint, or goes back to it, or lets it go.
    async fn savepoint(&self, tx: &mut dyn Transaction, step: SavepointStep) -> Result<(), StoreError>;

    /// Whether a column of a table has a value, in a row that the tenant may see.
    async fn refers(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        column: &str,
        tenant: Option<Uuid>,
        value: &Value,
    ) -> Result<bool, StoreError>;

    /// The declared ways between the states of a type, by their order.
    async fn transitions(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
    ) -> Result<Vec<StatusTransition>, StoreError>;

    /// The key of a state of a type, by its id.
    async fn status_key(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
        id: i64,
    ) -> Result<Option<String>, StoreError>;

    /// Gives a row another state, by its key: in its column `status`, or through what its `status_id` refers to. False
    /// where there is no such row or state.
    async fn set_status(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        key: &Value,
        to: &str,
    ) -> Result<bool, StoreError>;

    /// Whether a type has a status of this key.
    async fn has_status(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
        key: &str,
    ) -> Result<bool, StoreError>;
}

/// Which definitions are asked for.
#[derive(Debug, Clone, Default)]
pub struct WhichActions {
    /// Only this one.
    pub id: Option<i64>,
    /// Only those of this table.
    pub table: Option<String>,
    /// Only those of this name.
    pub action: Option<String>,
    /// Only those that run this function.
    pub function: Option<String>,
}

/// A way from one state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusTransition {
    /// Where it begins.
    pub from: String,
    /// Where it leads.
    pub to: String,
    /// Its text.
    pub display_name: String,
    /// The role that it needs.
    pub required_role: Option<String>,
    /// Its place among the others.
    pub sort_order: i64,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Role keys.
    pub roles: &'a [String],
    /// May run everything.
    pub is_admin: bool,
    /// Whether functions that are not protected are everybody's.
    pub unprotected: bool,
    /// Sent a credential.
    pub is_known: bool,
}

/// A call of a function of the database.
#[derive(Debug, Clone, Copy)]
pub struct FunctionCall<'a> {
    /// Its name.
    pub function: &'a str,
    /// The row's key, cast by the function's own argument.
    pub entity_id: &'a str,
    /// What the table's key holds: of functions of one name, that is called which takes such a key.
    pub key: Kind,
    /// The other arguments by name.
    pub params: &'a Map<String, Json>,
    /// The caller's claims, for `request.jwt.claims`.
    pub claims: &'a str,
    /// What is known of the request, for `request.headers`.
    pub headers: &'a str,
}

/// How a function ended.
#[derive(Debug, Clone, PartialEq)]
pub enum FunctionEnd {
    /// With an answer; null where it has none.
    Returned(Json),
    /// There is none of this name that takes these arguments.
    Absent,
    /// A value does not fit its argument.
    Unfit,
    /// It raised an exception of its own, with this message.
    Raised(String),
    /// The database denied it something.
    Denied,
    /// A value is taken already.
    Taken(Option<String>),
    /// Another constraint refused, with the text registered for it.
    Constraint(Option<String>),
}

/// A step with the savepoint that a row of many is undone to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum SavepointStep {
    Set,
    Undo,
    Release,
}

/// A definition that is to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityActionDraft {
    /// Everything but what the database makes: its id and `can_execute` mean nothing.
    pub action: EntityAction,
    /// The roles that its function is granted to; `None` leaves them as they are, an empty list unprotects it.
    pub roles: Option<Vec<String>>,
}
