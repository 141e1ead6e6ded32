//! Many rows changed or removed at once, seen from a handler.
//!
//! What is common to a call by keys and a call by a filter, to a change and a removal, stands here: each key counts
//! once, the store does the work, and what became of it is told in a handler's words. How few statements that takes
//! is the store's business.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use super::RecordsOf;
use super::access::{Means, broken_expression, refused};
use crate::FieldErrors;
use crate::audit::CHANGES_IN_RECORD;
use crate::entity::{ColumnIndex, Verb};
use crate::entity_actions::transitions;
use crate::error::{ActionError, Stop};
use crate::expression::{Draft, Expression};
use crate::ports::{
    Bulk, BulkChange, BulkMade, BulkOutcome, BulkRows, ChangeLog, MOST_BULK_KEYS, RowFailure, RowStop,
};
use crate::refusal::Refusal;
use crate::value::Value;

/// The most rows that a filter may pick for a change.
pub(super) const MOST_MATCHING: u32 = 100_000;

/// The rows that a handler wants changed.
///
/// ```
/// use action_core::expression::field;
/// use action_core::records::Which;
///
/// let two = Which::keys([1_i64, 2]);
/// let old = Which::matching(field("year").lt(2000), 500);
/// # let _ = (two, old);
/// ```
#[derive(Debug, Clone)]
pub enum Which {
    /// Those with these keys, at most 10,000; a key that is named twice counts once.
    Keys(Vec<Value>),
    /// Those for which a condition holds; it may name every column.
    Matching {
        /// The condition.
        filter: Draft,
        /// If more rows match, none is changed; at most 100,000.
        at_most: u32,
    },
}

impl Which {
    /// The rows with these keys.
    pub fn keys<K: Into<Value>>(keys: impl IntoIterator<Item = K>) -> Self {
        Self::Keys(keys.into_iter().map(Into::into).collect())
    }

    /// The rows for which `filter` holds. If they are more than `at_most`, none is changed.
    pub fn matching(filter: Draft, at_most: u32) -> Self {
        Self::Matching { filter, at_most }
    }
}

/// What a row that cannot be changed means for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// All rows are changed, or none.
    #[default]
    Atomic,
    /// The others are changed all the same; those that cannot be are told.
    Independent,
}

/// A plain list of the two words: a schema that describes each has no short way to say that it is none of them.
impl JsonSchema for Mode {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Mode")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "enum": ["atomic", "independent"] })
    }
}

/// What became of many rows.
#[derive(Debug)]
pub struct BulkDone {
    /// How many were changed.
    pub changed: u64,
    /// Their keys, in order; `None` where a filter picked more than 10,000.
    pub keys: Option<Vec<Value>>,
    /// Those that were not, in the order in which they were named; always empty in [`Mode::Atomic`].
    pub failed: Vec<NotChanged>,
}

/// A row that was left as it is.
#[derive(Debug)]
pub struct NotChanged {
    /// Its key.
    pub key: Value,
    /// Why.
    pub refusal: Refusal,
}

/// The rows, checked against the entity.
#[derive(Debug)]
pub(super) enum Target {
    Keys(Vec<Value>),
    Matching { filter: Expression, at_most: u32 },
}

impl RecordsOf<'_, '_> {
    /// Gives columns of many rows new values, in a handful of statements; the version of each increases.
    ///
    /// In [`Mode::Atomic`] a missing key is [`Refusal::SomeNotFound`], and whatever stands against one row stands
    /// against all. More matching rows than a filter may pick are the conflict `too_many_affected`.
    pub async fn update_all(
        &mut self,
        which: &Which,
        values: &[(ColumnIndex, Value)],
        mode: Mode,
    ) -> Result<BulkDone, ActionError> {
        self.hold_to_bounds(values)?;
        let target = self.target(which)?;
        self.change_all(&target, BulkChange::Update(values), mode).await
    }

    /// Removes many rows, as [`update_all`](Self::update_all) changes them. A row that others refer to is the conflict
    /// `dependency`.
    pub async fn delete_all(&mut self, which: &Which, mode: Mode) -> Result<BulkDone, ActionError> {
        let target = self.target(which)?;
        self.change_all(&target, BulkChange::Delete, mode).await
    }

    fn target(&self, which: &Which) -> Result<Target, ActionError> {
        match which {
            Which::Keys(keys) if keys.len() > MOST_BULK_KEYS => {
                Err(ActionError::fault(format!("at most {MOST_BULK_KEYS} keys can be changed at once")))
            }
            Which::Keys(keys) => Ok(Target::Keys(keys.clone())),
            Which::Matching { at_most, .. } if *at_most > MOST_MATCHING => {
                Err(ActionError::fault(format!("a filter may pick at most {MOST_MATCHING} rows")))
            }
            Which::Matching { filter, at_most } => {
                let filter = filter.check(self.entity.all_fields()).map_err(broken_expression)?;
                Ok(Target::Matching { filter, at_most: *at_most })
            }
        }
    }

    /// Where ways between states are declared, rows that are named are locked and looked at, each state of theirs once;
    /// rows that a filter picks are not changed in this way.
    async fn hold_to_transitions(
        &mut self,
        target: &Target,
        values: &[(ColumnIndex, Value)],
    ) -> Result<(), ActionError> {
        let entity = self.entity.clone();
        let column = transitions::changed_column(&entity, values);
        let changed = column.and_then(|column| values.iter().find(|(index, _)| *index == column));
        let Some((column, to)) = changed else { return Ok(()) };
        let ways = transitions::declared(self.ctx, &entity).await?;
        if ways.is_empty() {
            return Ok(());
        }
        let Target::Keys(keys) = target else { return Err(transitions::refused().into()) };
        let rows = self.find_for(Verb::Edit.name(), keys, self.lock()).await?;
        let mut states: Vec<&Value> = Vec::new();
        for row in &rows {
            let from = row.get(*column);
            if !states.contains(&from) {
                transitions::check(self.ctx, &entity, &ways, from, to).await?;
                states.push(from);
            }
        }
        Ok(())
    }

    pub(super) async fn change_all(
        &mut self,
        target: &Target,
        change: BulkChange<'_>,
        mode: Mode,
    ) -> Result<BulkDone, ActionError> {
        let verb = match change {
            BulkChange::Update(_) => Verb::Edit,
            BulkChange::Delete => Verb::Delete,
        };
        let rule = self.rule(verb.name())?;
        if let BulkChange::Update(values) = &change {
            self.hold_to_transitions(target, values).await?;
        }
        self.ctx.write_changes().await?;
        let sent = match target {
            Target::Keys(keys) => Sent::of(keys),
            Target::Matching { .. } => Sent::default(),
        };
        let rows = match target {
            Target::Keys(_) => BulkRows::Keys(&sent.keys),
            Target::Matching { filter, at_most } => BulkRows::Matching { filter, at_most: *at_most },
        };
        let attempt = self.ctx.attempt();
        let log =
            ChangeLog { record: attempt.id(), written: self.ctx.written.count, redact: attempt.redact() };
        let independent = mode == Mode::Independent;
        let entity = self.entity.clone();
        let written = match change {
            BulkChange::Update(values) => values,
            BulkChange::Delete => &[],
        };
        let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
        let bulk = Bulk { rows, change, independent, log };
        let outcome = store.change_all(transaction, &scope, bulk).await;
        match outcome.map_err(|it| refused(it, &entity, written))? {
            BulkOutcome::Made(BulkMade { changed, keys, first, failed }) => {
                debug_assert!(first.len() <= CHANGES_IN_RECORD, "the store read more changes than are shown");
                self.ctx.wrote(first, changed);
                self.ctx.add_affected(changed);
                let told = |RowFailure { key, stop }| {
                    let refusal = match stop {
                        RowStop::OutOfScope => Refusal::PermissionDenied,
                        RowStop::Store(error) => into_refusal(refused(error, &entity, written))?,
                    };
                    Ok(NotChanged { key, refusal })
                };
                let failed: Vec<NotChanged> =
                    failed.into_iter().map(told).collect::<Result<_, ActionError>>()?;
                let failed = sent.with_missing(keys.as_deref(), failed);
                Ok(BulkDone { changed, keys, failed })
            }
            BulkOutcome::Missing { found } => {
                Err(Refusal::SomeNotFound { errors: sent.missing(&found) }.into())
            }
            BulkOutcome::TooMany { matching } => Err(too_many(target, matching).into()),
            BulkOutcome::OutOfScope => Err(Refusal::PermissionDenied.into()),
        }
    }
}

/// The refusal in an error about one row; anything else is about the whole call.
fn into_refusal(error: ActionError) -> Result<Refusal, ActionError> {
    match error.0 {
        Stop::Refused(refusal) => Ok(refusal),
        other => Err(ActionError(other)),
    }
}

fn too_many(target: &Target, matching: u64) -> Refusal {
    let at_most = match target {
        Target::Matching { at_most, .. } => *at_most,
        Target::Keys(_) => 0,
    };
    let message = format!("{matching} records match the filter, and at most {at_most} may be changed");
    Refusal::conflict("too_many_affected", message)
}

/// The keys as they were sent: each once, and where it stood first.
#[derive(Default)]
struct Sent {
    keys: Vec<Value>,
    /// The place of each in the request.
    places: Vec<usize>,
}

impl Sent {
    fn of(sent: &[Value]) -> Self {
        let mut seen = HashSet::with_capacity(sent.len());
        let mut it = Self::default();
        for (place, key) in sent.iter().enumerate() {
            if seen.insert(spelled(key)) {
                it.keys.push(key.clone());
                it.places.push(place);
            }
        }
        it
    }

    /// The keys that were not found, as mistakes of the request.
    fn missing(&self, found: &[Value]) -> FieldErrors {
        let found: HashSet<String> = found.iter().map(spelled).collect();
        let mut errors = FieldErrors::default();
        for (key, place) in
            self.keys.iter().zip(&self.places).filter(|(key, _)| !found.contains(&spelled(key)))
        {
            if errors.is_full() {
                break;
            }
            errors.add(format!("ids[{place}]"), "not_found", format!("{} was not found", spelled(key)));
        }
        errors
    }

    /// The rows that failed, those that are not there among them, in the order of the request. By a filter none is
    /// missing.
    fn with_missing(&self, changed: Option<&[Value]>, failed: Vec<NotChanged>) -> Vec<NotChanged> {
        if self.keys.is_empty() {
            return failed;
        }
        let changed: HashSet<String> = changed.unwrap_or_default().iter().map(spelled).collect();
        let mut failed: HashMap<String, NotChanged> =
            failed.into_iter().map(|it| (spelled(&it.key), it)).collect();
        let not_changed = |key: &Value| {
            let name = spelled(key);
            let missing = || NotChanged { key: key.clone(), refusal: Refusal::NotFound };
            (!changed.contains(&name)).then(|| failed.remove(&name).unwrap_or_else(missing))
        };
        self.keys.iter().filter_map(not_changed).collect()
    }
}

/// Keys are the same where they name the same row, however they were spelled.
fn spelled(key: &Value) -> String {
    match key {
        Value::Text(text) => text.clone(),
        other => other.to_json().as_str().map_or_else(|| other.to_json().to_string(), str::to_owned),
    }
}
