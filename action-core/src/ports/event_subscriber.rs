//! Who is told what happened.

use async_trait::async_trait;

use super::PendingEvent;
use crate::refusal::BoxError;

/// Takes domain events, after the commit of their cause, at least once, those of one subject in order and one at a time.
///
/// Every subscriber of an engine gets every event and looks at its `kind`. An event is done with when all have taken it;
/// where one fails, panics or takes too long, it comes again to all of them. [`PendingEvent::id`] tells a repetition.
///
/// A function that takes a [`PendingEvent`] is one too:
///
/// ```
/// use action_core::ports::PendingEvent;
/// use action_core::{BoxError, Engine};
///
/// async fn log(event: PendingEvent) -> Result<(), BoxError> {
///     println!("{} happened to {}", event.event.kind, event.event.subject);
///     Ok(())
/// }
///
/// let builder = Engine::builder().subscriber(log);
/// # let _ = builder;
/// ```
#[async_trait]
pub trait EventSubscriber: Send + Sync {
    /// Takes an event. An error is logged, so its text must hold no secret.
    async fn receive(&self, event: &PendingEvent) -> Result<(), BoxError>;
}

#[async_trait]
impl<F, Taken> EventSubscriber for F
where
    F: Fn(PendingEvent) -> Taken + Send + Sync,
    Taken: Future<Output = Result<(), BoxError>> + Send,
{
    async fn receive(&self, event: &PendingEvent) -> Result<(), BoxError> {
        self(event.clone()).await
    }
}
