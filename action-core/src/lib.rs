#![doc = include_str!("../README.md")]

extern crate self as action_core;

mod action;
mod action_name;
pub mod audit;
pub mod cache;
mod call;
mod caller;
#[cfg(feature = "config-files")]
pub mod config_file;
mod config_reader;
mod context;
pub mod custom_actions;
mod effect;
mod engine;
pub mod entity;
pub mod entity_actions;
mod error;
mod events;
mod expansion;
pub mod expression;
mod field_errors;
pub mod files;
mod handler;
mod idempotency;
pub mod in_memory;
pub mod input;
mod live;
mod locale;
mod located_json;
mod macros;
pub mod mail;
mod members;
mod metrics;
mod outcome;
pub mod page_actions;
pub mod permissions;
mod pipeline;
pub mod ports;
mod queries;
mod question;
mod rate;
pub mod records;
mod refusal;
mod registry;
pub mod reports;
mod services;
mod text;
mod texts;
mod time_limit;
mod unit;
mod value;
pub mod workflows;

pub use action::{Action, ShownOn};
pub use call::{Call, Origin, Request, RowReference, Selection, Target};
pub use caller::{Caller, Identity};
pub use context::ActionContext;
pub use effect::{Effect, EffectError, RefreshScope, Tone};
pub use engine::{
    ActionDescription, BuildError, CustomActionDescription, Engine, EngineBuilder, EntityDescription,
    FieldDescription,
};
pub use error::{ActionError, ActionResult};
pub use events::Event;
pub use field_errors::{FieldError, FieldErrors};
pub use handler::ActionHandler;
pub use input::{
    AnyParams, Params, Parent, Selected, SelectedMany, Service, Submitted, Upload, UploadContent, Uploads,
};
pub use locale::{Languages, Translations};
pub use macros::{Entity, custom_action};
pub use outcome::{Done, Outcome, Reply};
pub use queries::QueryDefinition;
pub use question::{Answer, Asked, FormField, Question, SentAnswer, SigningKey};
pub use rate::Rate;
pub use refusal::{BoxError, Refusal};
pub use registry::{Aim, Aimed};
pub use time_limit::{DEFAULT_TIME_LIMIT, parse_time_limit};
pub use value::{Kind, Value};

/// What expanded code reaches. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use uuid::Uuid;

    pub use crate::expansion::*;
    pub use crate::handler::HandlerResult;
    pub use crate::registry::{Candidate, Registration};
}
