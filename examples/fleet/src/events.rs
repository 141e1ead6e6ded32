//! A subscriber to domain events: the log says what happened to page actions. What they look like stays out of it.

use action_core::BoxError;
use action_core::ports::PendingEvent;

/// Takes every event, and tells of those it knows.
pub(crate) async fn log_page_actions(pending: PendingEvent) -> Result<(), BoxError> {
    let PendingEvent { id, attempt, event, .. } = pending;
    if event.kind.starts_with("page_action.") {
        tracing::info!(event = %id, kind = %event.kind, subject = event.subject, attempt, "a page action changed");
    }
    Ok(())
}
