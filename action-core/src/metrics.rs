//! What is counted: executions by action and end, and how long they took.
//!
//! Handles are made once for each action when the engine is built, so a call formats no label. A host that wants to
//! see them installs a recorder before it builds the engine.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use crate::audit::AuditOutcome;

/// The handles of one action.
pub(crate) struct ActionMetrics {
    ends: [Counter; 4],
    replayed: Counter,
    duration: Histogram,
}

impl ActionMetrics {
    pub(crate) fn of(action: &str) -> Self {
        let end = |outcome: &'static str| counter!("action_executions_total", "action" => action.to_owned(), "outcome" => outcome);
        Self {
            ends: AuditOutcome::ALL.map(|it| end(it.name())),
            replayed: end("replayed"),
            duration: histogram!("action_execution_seconds", "action" => action.to_owned()),
        }
    }

    pub(crate) fn ended(&self, outcome: AuditOutcome, took: Duration) {
        let [succeeded, refused, asked, failed] = &self.ends;
        match outcome {
            AuditOutcome::Succeeded => succeeded,
            AuditOutcome::Refused => refused,
            AuditOutcome::Asked => asked,
            AuditOutcome::Failed => failed,
        }
        .increment(1);
        self.duration.record(took);
    }

    pub(crate) fn replayed(&self) {
        self.replayed.increment(1);
    }
}

/// Names the metrics to the installed recorder, with their units.
pub(crate) fn describe() {
    metrics::describe_counter!("action_executions_total", "Executions by action and outcome.");
    metrics::describe_histogram!(
        "action_execution_seconds",
        metrics::Unit::Seconds,
        "From a call's arrival to its end, by action."
    );
}
