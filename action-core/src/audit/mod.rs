//! The audit: one record for every attempt of an identified caller, refusals from the permission check on included.
//!
//! This module decides what a record holds and what must never stand in it. When a record is written (with the
//! success it belongs to, or on its own after a rollback) is settled in the pipeline; how, in the stores.

mod redaction;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

pub use redaction::{REDACTED, is_secret_name};
pub(crate) use redaction::{params_text, shows_all};

use crate::entity::{ColumnIndex, Entity, Record};

/// How many changes of a call stand in the record itself; all of them are kept beside it.
pub const CHANGES_IN_RECORD: usize = 100;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditOutcome {
    /// It ran and is committed.
    Succeeded,
    /// It was turned away; nothing ran, or what ran refused.
    Refused,
    /// It asked the caller something; nothing it did was kept.
    Asked,
    /// It broke: a fault, a time-out, a panic.
    Failed,
}

impl AuditOutcome {
    /// The four, as the column `outcome` spells them.
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Refused, Self::Asked, Self::Failed];

    /// As the column `outcome` spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Refused => "refused",
            Self::Asked => "asked",
            Self::Failed => "failed",
        }
    }

    /// From that spelling.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// One attempt.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// UUID v7.
    pub id: Uuid,
    /// `user.update`; `CarCopy/Car` for an action on an entity.
    pub action_id: Arc<str>,
    /// The caller.
    pub user_id: Uuid,
    /// The caller's tenant.
    pub tenant_id: Option<Uuid>,
    /// The parameters as JSON text, secrets replaced; a marker where they are longer than 16 KiB.
    pub params: String,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The refusal's code.
    pub error_code: Option<Cow<'static, str>>,
    /// The refusal's sentence, as the caller was told it.
    pub error_message: Option<String>,
    /// From the call's arrival to this record.
    pub execution_time_ms: u32,
    /// The client's address.
    pub ip_address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<Arc<str>>,
    /// What was clicked.
    pub page_id: Option<String>,
    /// What was clicked.
    pub widget_id: Option<String>,
    /// How many records it changed or returned.
    pub affected_records: Option<u64>,
    /// What changed, as far as no store has written it already.
    pub changes: Vec<Change>,
    /// What stores have written of it already; it comes before `changes`.
    pub written: WrittenChanges,
    /// The request's id.
    pub request_id: Arc<str>,
    /// The idempotency key it came with.
    pub idempotency_key: Option<String>,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl AuditRecord {
    /// The changes that stand in the record itself: the first [`CHANGES_IN_RECORD`].
    pub fn first_changes(&self) -> Vec<&Change> {
        self.written.first.iter().chain(&self.changes).take(CHANGES_IN_RECORD).collect()
    }

    /// How many changes there are in all.
    pub fn changes_count(&self) -> u64 {
        self.written.count + self.changes.len() as u64
    }
}

/// The changes of a call that a store has written beside its record, before the record itself: those of many rows at
/// once, which never were in memory.
#[derive(Debug, Clone, Default)]
pub struct WrittenChanges {
    /// How many. They have the positions from 1 on.
    pub count: u64,
    /// The first of them, at most [`CHANGES_IN_RECORD`].
    pub first: Vec<Change>,
}

/// What was done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It is gone.
    Deleted,
}

impl Operation {
    /// As the audit spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// A change of one row, as the audit shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The entity's name.
    pub entity: Cow<'static, str>,
    /// The row's key, as an answer spells it.
    pub id: Json,
    /// What was done.
    pub operation: Operation,
    /// The changed fields as they were; `null` for a new row.
    pub before: Json,
    /// The changed fields as they are; `null` for a deleted row.
    pub after: Json,
}

impl Change {
    /// A new row, with every data field it holds.
    pub fn created(record: &Record) -> Self {
        Self::of(record, Operation::Created, Json::Null, image(record, |_| true))
    }

    /// A changed row, with the data fields that differ.
    pub fn updated(before: &Record, after: &Record) -> Self {
        let differs = |index: ColumnIndex| before.get(index) != after.get(index);
        Self::of(after, Operation::Updated, image(before, differs), image(after, differs))
    }

    /// A deleted row, with every data field it held.
    pub fn deleted(record: &Record) -> Self {
        Self::of(record, Operation::Deleted, image(record, |_| true), Json::Null)
    }

    /// Without what must not be shown: members named like a secret inside of documents, and fields the action marks.
    pub fn redacted(mut self, redact: &[Cow<'static, str>]) -> Self {
        redaction::redact_value(&mut self.before, redact);
        redaction::redact_value(&mut self.after, redact);
        self
    }

    fn of(record: &Record, operation: Operation, before: Json, after: Json) -> Self {
        let entity = Cow::Owned(record.entity().name().to_owned());
        Self { entity, id: record.key().to_json(), operation, before, after }
    }
}

/// Whether a column's values are shown in the audit, and hidden behind a marker there.
/// Columns that the server keeps (key, version, who and when) are not part of a change.
pub fn audited(entity: &Entity, index: ColumnIndex) -> Option<Audited> {
    let column = entity.column(index)?;
    if column.written_by() != crate::entity::ColumnRole::Data {
        return None;
    }
    // Callers may list their own records: what they cannot see in a row they must not see there either.
    let hidden = column.is_redacted() || !column.is_readable() || is_secret_name(column.name());
    Some(if hidden { Audited::Redacted } else { Audited::Shown })
}

/// See [`audited`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// As it is.
    Shown,
    /// As [`REDACTED`].
    Redacted,
}

fn image(record: &Record, wanted: impl Fn(ColumnIndex) -> bool) -> Json {
    let entity = record.entity();
    let mut object = serde_json::Map::new();
    for (index, column) in entity.columns().iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let value = match audited(entity, index) {
            None => continue,
            Some(Audited::Redacted) => Json::from(REDACTED),
            Some(Audited::Shown) => record.get(index).to_json(),
        };
        object.insert(column.name().to_owned(), value);
    }
    Json::Object(object)
}
