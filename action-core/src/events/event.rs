//! A domain event: something that happened, told to the host's [subscribers](crate::ports::EventSubscriber) after the commit.

use std::borrow::Cow;

use serde_json::Value;

/// What happened, to what.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `page_action.created`, `car.stolen`: at most 100 characters.
    pub kind: Cow<'static, str>,
    /// What it happened to; events of one subject are told in order. At most 200 characters.
    pub subject: String,
    /// Whatever a subscriber needs to know.
    pub payload: Value,
}
