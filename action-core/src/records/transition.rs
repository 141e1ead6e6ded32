//! A row's way through its workflows: the state is read under lock, judged, changed and remembered.
//!
//! The order of the judgements is that of every call: who (403), with what (400), which row (404), then whether the
//! row's state and its condition allow it (409). What the row's own answer depends on is asked under the lock, so of
//! two transitions at once the second is judged by what the first left.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use super::RecordsOf;
use crate::Event;
use crate::entity::{Record, Verb};
use crate::error::ActionError;
use crate::permissions::Permission;
use crate::ports::{HistoryEntry, HistoryPage, HistoryQuery, Lock};
use crate::refusal::Refusal;
use crate::value::Value;
use crate::workflows::{Guarded, state};

/// What row rules, rights and events call a transition.
pub(crate) const TRANSITION: &str = "Transition";

/// Longest comment, in characters.
pub(super) const LONGEST_COMMENT: usize = 2_000;

/// Whose role and permissions a transition asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Caller,
    Nobody,
}

/// A transition that was made.
#[derive(Debug, Clone)]
pub struct Transitioned {
    /// The state the row was in.
    pub from: String,
    /// The state it is in.
    pub to: String,
    /// The row now.
    pub record: Record,
}

/// A transition that leaves a row's state, and whether the caller may make it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members of the answer, described in the guide on workflows")]
pub struct ListedTransition {
    pub workflow: String,
    pub transition: String,
    pub label: String,
    pub from: String,
    pub to: String,
    pub comment_required: bool,
    pub allowed: bool,
    /// Why not, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<TransitionReason>,
}

/// Why a transition cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the members of the answer, described in the guide on workflows")]
pub struct TransitionReason {
    /// As the refusal would have it.
    pub code: &'static str,
    pub message: String,
}

impl RecordsOf<'_, '_> {
    /// Makes a transition of a row's workflow, with the caller's role and permissions judged.
    ///
    /// 403 where the transition asks for a role or permission that the caller lacks, 400 where it asks for a comment,
    /// 404 for a missing row, 409 for a stale version, for a transition that does not leave the row's state
    /// (`transition_refused`), and for a condition that does not hold (`not_available`).
    pub async fn transition(
        &mut self,
        key: &Value,
        transition: &str,
        comment: Option<&str>,
        expected_version: Option<i64>,
    ) -> Result<Transitioned, ActionError> {
        if let Some(named) = self.ctx.workflows().transition(&self.entity, transition)
            && !named.admits(self.ctx.caller(), self.ctx.grants())
        {
            return Err(Refusal::PermissionDenied.into());
        }
        self.make_transition(key, transition, comment, expected_version, Asked::Caller).await
    }

    /// The same without asking for the caller's role and permissions: the action that does it has its own.
    pub async fn transition_unguarded(
        &mut self,
        key: &Value,
        transition: &str,
        comment: Option<&str>,
        expected_version: Option<i64>,
    ) -> Result<Transitioned, ActionError> {
        self.make_transition(key, transition, comment, expected_version, Asked::Nobody).await
    }

    async fn make_transition(
        &mut self,
        key: &Value,
        transition: &str,
        comment: Option<&str>,
        expected_version: Option<i64>,
        asked: Asked,
    ) -> Result<Transitioned, ActionError> {
        let named = self.ctx.workflows().transition(&self.entity, transition).cloned();
        let comment = comment.map(str::trim).filter(|it| !it.is_empty());
        if comment.is_none() && named.as_ref().is_some_and(|it| it.comment_required()) {
            return Err(Refusal::field("comment", "required", "comment is required").into());
        }
        // A request's was counted with its parameters; a handler may have put one together.
        if comment.is_some_and(|it| it.chars().nth(LONGEST_COMMENT).is_some()) {
            let told = format!("comment has at most {LONGEST_COMMENT} characters");
            return Err(Refusal::field("comment", "too_long", told).into());
        }
        let before = self.row_in_transition(key).await?;
        if let Some(expected) = expected_version
            && let current = before.version().unwrap_or_default()
            && current != expected
        {
            return Err(Refusal::VersionConflict { current }.into());
        }
        let Some(named) = named.filter(|it| it.leaves(state(&before, it.column))) else {
            return Err(self.refused_transition(transition, &before, asked).into());
        };
        if !named.suits(&before) {
            return Err(not_available(&named).into());
        }
        let from = state(&before, named.column).to_owned();
        let values = [(named.column, Value::from(named.to()))];
        let record = self.update_as(TRANSITION, before.key(), &values, before.version()).await?;
        self.remember(&named, &from, comment, &record).await?;
        Ok(Transitioned { from, to: named.to().to_owned(), record })
    }

    async fn row_in_transition(&mut self, key: &Value) -> Result<Record, ActionError> {
        let lock = self.lock();
        let found = self.find_for(TRANSITION, std::slice::from_ref(key), lock).await?;
        found.into_iter().next().ok_or_else(|| Refusal::NotFound.into())
    }

    /// Says which transitions are allowed instead, in the states that the row is in.
    fn refused_transition(&self, transition: &str, row: &Record, asked: Asked) -> Refusal {
        let (caller, grants) = (self.ctx.caller(), self.ctx.grants());
        let mut states = Vec::new();
        let mut leaving = Vec::new();
        for workflow in self.ctx.workflows().of(&self.entity) {
            let state = workflow.state_of(row);
            states.push(format!("`{state}`"));
            leaving.extend(workflow.leaving(state));
        }
        let is_allowed =
            |it: &&Arc<Guarded>| it.suits(row) && (asked == Asked::Nobody || it.admits(caller, grants));
        let allowed = leaving.iter().copied().filter(is_allowed).map(|it| format!("`{}`", it.name()));
        let allowed: Vec<_> = allowed.collect();
        let states = states.join(", ");
        let message = if states.is_empty() {
            format!("{} has no workflow", self.entity.name())
        } else if leaving.is_empty() {
            format!("`{transition}` does not leave {states}, and nothing does")
        } else if allowed.is_empty() {
            format!("`{transition}` does not leave {states}, and what does is not allowed now")
        } else {
            format!("`{transition}` does not leave {states}; allowed: {}", allowed.join(", "))
        };
        Refusal::conflict("transition_refused", message)
    }

    async fn remember(
        &mut self,
        named: &Guarded,
        from: &str,
        comment: Option<&str>,
        record: &Record,
    ) -> Result<(), ActionError> {
        let engine = self.ctx.engine();
        let record_id = key_text(record.key());
        let entry = HistoryEntry {
            id: engine.ids.ordered(),
            tenant_id: self.ctx.tenant_id(),
            entity: self.entity.name().to_owned(),
            record_id: record_id.clone(),
            workflow: named.workflow.to_string(),
            transition: named.name().to_owned(),
            from: from.to_owned(),
            to: named.to().to_owned(),
            comment: comment.map(str::to_owned),
            user_id: self.ctx.caller().user_id(),
            request_id: self.ctx.request().id.to_string(),
            audit_id: Some(self.ctx.attempt().id()),
            created_at: engine.clock.now(),
        };
        engine.workflow_history.append(self.ctx.transaction().await?, &entry).await?;
        self.ctx.emit(Event {
            kind: "workflow.transitioned".into(),
            subject: format!("{}/{record_id}", self.entity.name()),
            payload: json!({
                "entity": entry.entity, "id": record.key().to_json(), "workflow": entry.workflow,
                "transition": entry.transition, "from": entry.from, "to": entry.to,
            }),
        });
        Ok(())
    }

    /// The transitions that leave the row's state, by workflow and in their order there, each with whether this caller
    /// may make it now.
    pub async fn transitions(&mut self, key: &Value) -> Result<Vec<ListedTransition>, ActionError> {
        let row = self.find_for(Verb::Read.name(), std::slice::from_ref(key), Lock::None).await?;
        let row = row.into_iter().next().ok_or(Refusal::NotFound)?;
        // A row that the rule keeps from transitions is a row whose transitions are denied.
        let touchable = !self.find_for(TRANSITION, std::slice::from_ref(key), Lock::None).await?.is_empty();
        let ctx = &*self.ctx;
        let right = Permission::on(TRANSITION, self.entity.name());
        let may = touchable && right.is_ok_and(|it| ctx.may(&it));
        let mut listed = Vec::new();
        for workflow in ctx.workflows().of(&self.entity) {
            let from = workflow.state_of(&row);
            for named in workflow.leaving(from) {
                let refusal = if !may || !named.admits(ctx.caller(), ctx.grants()) {
                    Some(Refusal::PermissionDenied)
                } else if !named.suits(&row) {
                    Some(not_available(named))
                } else {
                    None
                };
                listed.push(ListedTransition {
                    workflow: workflow.name().to_string(),
                    transition: named.name().to_owned(),
                    label: named.label(&ctx.request().languages),
                    from: from.to_owned(),
                    to: named.to().to_owned(),
                    comment_required: named.comment_required(),
                    allowed: refusal.is_none(),
                    reason: refusal.map(|it| TransitionReason {
                        code: if matches!(it, Refusal::PermissionDenied) {
                            "permission_denied"
                        } else {
                            "not_available"
                        },
                        message: it.to_string(),
                    }),
                });
            }
        }
        Ok(listed)
    }

    /// A page of what happened to a row under its workflows, newest first.
    pub async fn workflow_history(
        &mut self,
        key: &Value,
        limit: u32,
        offset: u64,
    ) -> Result<HistoryPage, ActionError> {
        let row = self.find_for(Verb::Read.name(), std::slice::from_ref(key), Lock::None).await?;
        let row = row.into_iter().next().ok_or(Refusal::NotFound)?;
        let query = HistoryQuery {
            tenant_id: self.ctx.tenant_id(),
            entity: self.entity.name().to_owned(),
            record_id: key_text(row.key()),
            limit,
            offset,
        };
        let engine = self.ctx.engine();
        Ok(engine.workflow_history.list(self.ctx.transaction().await?, &query).await?)
    }
}

fn not_available(named: &Guarded) -> Refusal {
    Refusal::conflict("not_available", format!("the condition of `{}` does not hold", named.name()))
}

/// A key as text, as the audit spells it.
fn key_text(key: &Value) -> String {
    match key.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}
