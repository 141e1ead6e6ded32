//! What is known of an attempt from its first moment: what its audit record and its log line will say.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::resolve::{Known, Resolved};
use crate::audit::{self, AuditOutcome, AuditRecord, Change, WrittenChanges};
use crate::call::{Origin, Request};
use crate::engine::Inner;
use crate::error::causes;
use crate::outcome::Done;
use crate::question::Asked;
use crate::refusal::{BoxError, Refusal};
use crate::registry::Registered;

/// Longest message that is kept, in characters.
const LONGEST_MESSAGE: usize = 500;

/// Longest name of an action in the audit, in characters.
const LONGEST_NAME: usize = 100;

/// An attempt of an identified caller at a known action.
pub(crate) struct Attempt {
    /// Of every record of this attempt: where a commit's end was not seen and a second record is written, the two
    /// are one.
    id: Uuid,
    registered: Arc<Registered>,
    user_id: Uuid,
    tenant_id: Option<Uuid>,
    /// With secrets replaced.
    params: String,
    origin: Origin,
    request: Request,
    idempotency_key: Option<String>,
    arrived: Instant,
    /// What the records call it, where what ran is data and known by its own name.
    named: OnceLock<Arc<str>>,
}

impl Attempt {
    pub(super) fn new(engine: &Inner, resolved: &Resolved, arrived: Instant) -> Self {
        let Known { caller, call, registered, .. } = &**resolved;
        Self {
            id: engine.ids.ordered(),
            params: audit::params_text(&call.params, &registered.action.redact),
            registered: Arc::clone(registered),
            user_id: caller.user_id(),
            tenant_id: caller.tenant_id(),
            origin: call.origin.clone(),
            request: call.request.clone(),
            idempotency_key: call.idempotency_key.clone(),
            arrived,
            named: OnceLock::new(),
        }
    }

    /// Of the record that it will have.
    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn action_id(&self) -> &str {
        &self.registered.audit_id
    }

    pub(super) fn request_id(&self) -> &str {
        &self.request.id
    }

    /// What runs is data, and the records name it so; the first name counts.
    pub(crate) fn name(&self, name: &str) {
        let name: String = name.chars().take(LONGEST_NAME).collect();
        let _ = self.named.set(name.into());
    }

    /// The parameters as they came, where the record shows all of them.
    pub(crate) fn params(&self) -> Option<serde_json::Map<String, serde_json::Value>> {
        if !self.shows_all_params() {
            return None;
        }
        serde_json::from_str(&self.params).ok()
    }

    /// Whether the record hides and cuts nothing of the parameters.
    pub(super) fn shows_all_params(&self) -> bool {
        audit::shows_all(&self.params)
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.registered.action.read_only
    }

    /// Fields that the action marks as not to be shown.
    pub(crate) fn redact(&self) -> &[Cow<'static, str>] {
        &self.registered.action.redact
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.arrived.elapsed()
    }

    /// The record of a success.
    pub(crate) fn succeeded(
        &self,
        engine: &Inner,
        affected: Option<u64>,
        changes: Vec<Change>,
    ) -> AuditRecord {
        AuditRecord { affected_records: affected, changes, ..self.record(engine, AuditOutcome::Succeeded) }
    }

    pub(super) fn asked(&self, engine: &Inner, asked: &Asked) -> AuditRecord {
        AuditRecord {
            error_code: Some(Cow::Borrowed("input_required")),
            error_message: Some(shortened(asked.question.title().to_owned())),
            ..self.record(engine, AuditOutcome::Asked)
        }
    }

    pub(super) fn refused(&self, engine: &Inner, refusal: &Refusal) -> AuditRecord {
        let outcome = if refusal.is_failure() { AuditOutcome::Failed } else { AuditOutcome::Refused };
        AuditRecord {
            error_code: Some(Cow::Owned(refusal.code().to_owned())),
            error_message: Some(shortened(refusal.to_string())),
            ..self.record(engine, outcome)
        }
    }

    fn record(&self, engine: &Inner, outcome: AuditOutcome) -> AuditRecord {
        AuditRecord {
            id: self.id,
            action_id: Arc::clone(self.named.get().unwrap_or(&self.registered.audit_id)),
            user_id: self.user_id,
            tenant_id: self.tenant_id,
            params: self.params.clone(),
            outcome,
            error_code: None,
            error_message: None,
            execution_time_ms: u32::try_from(self.elapsed().as_millis()).unwrap_or(u32::MAX),
            ip_address: self.request.ip,
            user_agent: self.request.user_agent.clone(),
            page_id: self.origin.page_id.clone(),
            widget_id: self.origin.widget_id.clone(),
            affected_records: None,
            changes: Vec::new(),
            written: WrittenChanges::default(),
            request_id: Arc::clone(&self.request.id),
            idempotency_key: self.idempotency_key.clone(),
            created_at: engine.clock.now(),
        }
    }

    /// What a fault means: the storage knows whether a broken statement was a conflict or an absent database.
    pub(super) fn refusal_from(&self, engine: &Inner, fault: BoxError) -> Refusal {
        use crate::ports::StoreError;
        let known = match fault.downcast::<StoreError>() {
            Ok(error) => Ok(*error),
            Err(fault) => engine.unit_of_work.classify(fault),
        };
        match known {
            // The database stopped the statement at the action's own limit, a moment before we would have.
            Ok(StoreError::TimedOut(_)) => Refusal::Timeout { limit: self.registered.action.time_limit },
            Ok(error) => Refusal::from(error),
            Err(fault) => Refusal::Internal(fault),
        }
    }

    /// One line and one count for a success.
    pub(super) fn report_success(&self, done: &Done) {
        if done.replayed {
            self.registered.metrics.replayed();
        } else {
            self.registered.metrics.ended(AuditOutcome::Succeeded, done.took);
        }
        tracing::info!(
            action = %self.registered.audit_id,
            user = %self.user_id,
            request = %self.request.id,
            took_us = u64::try_from(done.took.as_micros()).unwrap_or(u64::MAX),
            replayed = done.replayed,
            outcome = "succeeded",
        );
    }

    /// One line and one count for any other end. What went wrong inside is told here and nowhere else.
    pub(super) fn report(&self, record: &AuditRecord, refusal: Option<&Refusal>) {
        let took = self.elapsed();
        self.registered.metrics.ended(record.outcome, took);
        let code = record.error_code.as_deref().unwrap_or_default();
        let outcome = record.outcome.name();
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let (action, user, request) = (&self.registered.audit_id, self.user_id, &self.request.id);
        match refusal {
            Some(Refusal::Internal(cause) | Refusal::Unavailable(cause)) => {
                tracing::error!(%action, %user, %request, took_us, outcome, code, cause = %causes(cause.as_ref()));
            }
            Some(refusal) if refusal.is_failure() => {
                tracing::warn!(%action, %user, %request, took_us, outcome, code);
            }
            Some(_) | None => tracing::info!(%action, %user, %request, took_us, outcome, code),
        }
    }
}

/// A refusal may quote what the caller sent, at its length.
fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(LONGEST_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}
