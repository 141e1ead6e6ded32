//! What routes show: definitions, the buttons of a row, and those of many rows.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value as Json;

use super::table::key_text;
use super::{EntityAction, HostTable, MOST_ROWS, Questions, Reason, Verdict, asker, transitions};
use crate::Caller;
use crate::engine::{Engine, Inner};
use crate::expression::Expression;
use crate::ports::{Access, Credentials, Identified, Scope, StoreError, Transaction, WhichActions};
use crate::refusal::Refusal;
use crate::{FieldErrors, Value};

/// How long a reading statement may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The entity actions of an engine, as a caller sees them.
pub struct EntityActions(pub(crate) Arc<Inner>);

/// A button of a row.
#[derive(Debug, Clone, Serialize)]
pub struct RowButton {
    /// Its definition.
    #[serde(flatten)]
    pub action: EntityAction,
    /// Whether it is there.
    pub visible: bool,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// What is told of it: its `description`, or its `disabled_tooltip` where it cannot be clicked.
    pub tooltip: Option<String>,
    /// Why it is not there, or cannot be clicked.
    pub reasons: Vec<Reason>,
}

/// What an action is on one of many rows.
#[derive(Debug, Clone, Serialize)]
pub struct Availability {
    /// The action.
    pub action_name: String,
    /// What was made of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl EntityActions {
    /// Who sent these credentials; whoever sent none is the anonymous caller, where anything at all is granted to that
    /// role.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] where a credential is bad, or there is none and nothing is granted to nobody known;
    /// [`Refusal::Unavailable`] where whatever checks credentials, or the database, does not answer.
    pub async fn caller(&self, credentials: &Credentials<'_>) -> Result<Identified, Refusal> {
        let found = Engine(Arc::clone(&self.0)).authenticate_or_anonymous(credentials).await?;
        if found.caller.is_anonymous() {
            self.definitions(&found.caller, &WhichActions::default()).await?;
        }
        Ok(found)
    }

    /// The definitions that are asked for, by table, order and id, each with whether the caller may run it. What they may
    /// not run is left out only for a caller without a credential.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] where the database does not answer, [`Refusal::Internal`] where a definition cannot be
    /// read, and [`Refusal::Unauthenticated`] where nobody known may run any.
    pub async fn definitions(
        &self,
        caller: &Caller,
        which: &WhichActions,
    ) -> Result<Vec<EntityAction>, Refusal> {
        let mut tx = self.begin(caller).await?;
        let found = self.0.entity_actions.definitions(tx.as_mut(), which, &asker(&self.0, caller)).await;
        tx.rollback().await;
        let mut found = found?;
        if caller.is_anonymous() {
            found.retain(|it| it.can_execute);
            if found.is_empty() {
                return Err(Refusal::Unauthenticated);
            }
        }
        Ok(found)
    }

    /// Functions of these actions with the keys of the roles they are granted to, a pair for each; a function that is
    /// not protected is in none.
    ///
    /// # Errors
    /// As [`definitions`](Self::definitions).
    pub async fn granted(
        &self,
        caller: &Caller,
        actions: &[EntityAction],
    ) -> Result<Vec<(String, String)>, Refusal> {
        let mut functions: Vec<&str> = actions.iter().map(|it| it.rpc_function.as_str()).collect();
        functions.sort_unstable();
        functions.dedup();
        let mut tx = self.begin(caller).await?;
        let found = self.0.entity_actions.granted(tx.as_mut(), &functions).await;
        tx.rollback().await;
        Ok(found?)
    }

    /// The buttons of a row; the hidden ones where they are asked for, which is for the surface to allow.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where no definition names the table, or there is no such row of the caller's tenant;
    /// [`Refusal::TenantRequired`] where the table has tenants and the caller has none; and as
    /// [`definitions`](Self::definitions).
    pub async fn of_row(
        &self,
        caller: &Caller,
        table: &str,
        id: &str,
        hidden: bool,
    ) -> Result<Vec<RowButton>, Refusal> {
        let mut tx = self.begin(caller).await?;
        let judged = self.of_row_in(tx.as_mut(), caller, table, id).await;
        tx.rollback().await;
        let buttons = judged?.into_iter().map(|(action, verdict)| {
            let Verdict { visible, enabled, reasons } = verdict;
            let told = if enabled { &action.description } else { &action.disabled_tooltip };
            let tooltip = told.clone().filter(|it| !it.is_empty());
            RowButton { action, visible, enabled, tooltip, reasons }
        });
        Ok(buttons.filter(|it| hidden || it.visible).collect())
    }

    async fn of_row_in(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        table: &str,
        id: &str,
    ) -> Result<Vec<(EntityAction, Verdict)>, Refusal> {
        let (mut actions, table) = self.of_table(tx, caller, table).await?.ok_or(Refusal::NotFound)?;
        actions.retain(|it| it.show_on_detail);
        // What cannot be a key names no row.
        let key = table.read_key(&Json::from(id)).map_err(|_| Refusal::NotFound)?;
        let rows = self.judge(tx, caller, &actions, &table, &[key]).await?;
        let (_, verdicts) = rows.into_iter().next().ok_or(Refusal::NotFound)?;
        Ok(actions.into_iter().zip(verdicts).collect())
    }

    /// What a table's actions are on at most 500 rows, those that the caller may run; rows that are not there are left
    /// out. The statements are as many for one row as for all.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at `ids` where there are too many, or at `ids[3]` where one cannot be a key; and as
    /// [`of_row`](Self::of_row), but for rows that are not there.
    pub async fn availability(
        &self,
        caller: &Caller,
        table: &str,
        ids: &[Json],
    ) -> Result<Vec<(String, Vec<Availability>)>, Refusal> {
        if ids.len() > MOST_ROWS {
            let told = format!("ids must have at most {MOST_ROWS} entries");
            return Err(Refusal::field("ids", "too_many", told));
        }
        let mut tx = self.begin(caller).await?;
        let found = self.availability_in(tx.as_mut(), caller, table, ids).await;
        tx.rollback().await;
        found
    }

    async fn availability_in(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        table: &str,
        ids: &[Json],
    ) -> Result<Vec<(String, Vec<Availability>)>, Refusal> {
        let (mut actions, table) = self.of_table(tx, caller, table).await?.ok_or(Refusal::NotFound)?;
        actions.retain(|it| it.can_execute);
        let mut errors = FieldErrors::default();
        let mut keys = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            match table.read_key(id) {
                Ok(key) => keys.push(key),
                Err(expected) => {
                    let field = format!("ids[{at}]");
                    errors.add(field.clone(), "wrong_type", format!("{field} must be {expected}"));
                }
            }
        }
        errors.into_result(()).map_err(Refusal::validation)?;
        let rows = self.judge(tx, caller, &actions, &table, &keys).await?;
        let of_row = |(key, verdicts): (Value, Vec<Verdict>)| {
            let each = actions.iter().zip(verdicts);
            let each = each
                .map(|(action, verdict)| Availability { action_name: action.action_name.clone(), verdict });
            (key_text(&key), each.collect())
        };
        Ok(rows.into_iter().map(of_row).collect())
    }

    /// The actions of a table, and the table; `None` where no action names it, or the database does not have it.
    async fn of_table(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        table: &str,
    ) -> Result<Option<(Vec<EntityAction>, HostTable)>, Refusal> {
        let which = WhichActions { table: Some(table.to_owned()), ..WhichActions::default() };
        let (store, asker) = (&self.0.entity_actions, asker(&self.0, caller));
        let mut actions = store.definitions(tx, &which, &asker).await?;
        let ways = store.transitions(tx, table).await?;
        let is_named = !(actions.is_empty() && ways.is_empty());
        let described = if is_named { store.table(tx, table).await? } else { None };
        if let Some(described) = &described {
            actions.extend(transitions::actions(table, described, &ways, &asker));
            actions.sort_by_key(|it| it.sort_order.unwrap_or(i64::MAX));
        }
        if caller.is_anonymous() && !actions.iter().any(|it| it.can_execute) {
            return Err(Refusal::Unauthenticated);
        }
        let table = described;
        if table.as_ref().is_some_and(|it| it.tenant().is_some()) && caller.tenant_id().is_none() {
            return Err(Refusal::TenantRequired);
        }
        Ok(table.map(|it| (actions, it)))
    }

    /// All actions on all rows, by one statement.
    async fn judge(
        &self,
        tx: &mut dyn Transaction,
        caller: &Caller,
        actions: &[EntityAction],
        table: &HostTable,
        keys: &[Value],
    ) -> Result<Vec<(Value, Vec<Verdict>)>, StoreError> {
        let questions: Vec<Questions> = actions.iter().map(|it| Questions::of(it, table)).collect();
        let asked: Vec<&Expression> = questions.iter().flat_map(Questions::expressions).collect();
        let store = &self.0.entity_actions;
        let rows = store.judge(tx, table, caller.tenant_id(), keys, &asked).await?;
        let of_row = |(key, answers): (Value, Vec<bool>)| {
            let mut answers = answers.into_iter();
            let verdicts = actions.iter().zip(&questions).map(|(action, questions)| {
                let own: Vec<bool> = answers.by_ref().take(questions.expressions().count()).collect();
                questions.verdict(action, own.into_iter())
            });
            (key, verdicts.collect())
        };
        Ok(rows.into_iter().map(of_row).collect())
    }

    async fn begin(&self, caller: &Caller) -> Result<Box<dyn Transaction>, Refusal> {
        let scope = Scope { tenant: caller.tenant_id(), access: Access::ReadOnly, time_limit: PATIENCE };
        Ok(self.0.unit_of_work.begin(&scope).await?)
    }
}
