//! What a success leaves behind, as one statement: its audit record, the record's changes, the answer kept for its
//! idempotency key, its domain events, and its mails. On PostgreSQL it also tells other nodes what has changed.
//!
//! PostgreSQL takes them as one statement of several inserts (`WITH … AS (INSERT …), …`), SQLite as several
//! statements in one text: a single round trip either way, and either all of it is committed with the call or none.

use std::borrow::Cow;

use action_core::Event;
use action_core::audit::{AuditRecord, CHANGES_IN_RECORD, Change};
use action_core::cache::Topic;
use action_core::mail::OutgoingMail;
use action_core::ports::{Ending, Kept, StoreError};
use action_core::{Kind, Value};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::audit_insert;
use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::statement::Statement;

/// As many changes are inserted value by value; more are one document.
const FEW: usize = 3;

/// What a node listens to that keeps in memory what others may change.
#[cfg(feature = "postgres")]
pub(crate) const CHANNEL: &str = "actions_changes";

/// In a final SELECT, because PostgreSQL does not run one in a CTE that nobody reads.
const TELL: &str = "pg_notify('actions_changes', t.told) FROM jsonb_array_elements_text(";

pub(crate) const CHANGE_COLUMNS: &str = " (audit_id, position, entity, record_id, operation, before, after)";

/// Who caused what, and when: an event's own share of its call's audit record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause {
    tenant: Option<Uuid>,
    user: Uuid,
    at: DateTime<Utc>,
}

impl Cause {
    pub(crate) fn of(record: &AuditRecord) -> Self {
        Self { tenant: record.tenant_id, user: record.user_id, at: record.created_at }
    }
}

/// The statement, or none where nothing is left to write. Without an audit record the cause of events is told beside.
pub(crate) fn statement(
    dialect: Dialect,
    ending: &Ending<'_>,
    cause: Option<&Cause>,
    tenant: Option<Uuid>,
) -> Result<Option<Statement>, StoreError> {
    let mut parts = Parts::new(dialect, ending);
    if let Some(record) = ending.audit {
        let mut place = None;
        let (changes, after) = (&record.changes, record.written.count);
        if !changes.is_empty() {
            place = push_changes(parts.next("changes"), dialect, record.id, after, changes)?;
        }
        let statement = parts.next("audit");
        audit_insert::push_head(statement, dialect);
        statement.push_str("VALUES (");
        audit_insert::push_values(statement, record);
        match place {
            Some(place) if after == 0 && changes.len() <= CHANGES_IN_RECORD => statement.push_place(place),
            _ => statement.push(Bind::Json(Some(first_changes(record)?))),
        };
        statement.push_str(", ").push(count(record)).push_str(")");
    }
    if let Some(kept) = &ending.kept {
        push_kept(parts.next("kept"), dialect, kept);
    }
    if !ending.events.is_empty() {
        let nobody = Cause { tenant, user: Uuid::nil(), at: Utc::now() };
        push_events(parts.next("events"), dialect, ending.events, cause.unwrap_or(&nobody))?;
    }
    if !ending.mails.is_empty() {
        push_mails(parts.next("mails"), dialect, ending.mails)?;
    }
    Ok(parts.finish())
}

/// The changes that stand in the record itself, as JSON.
pub(crate) fn first_changes(record: &AuditRecord) -> Result<String, StoreError> {
    document(&record.first_changes())
}

/// How many there are in all.
pub(crate) fn count(record: &AuditRecord) -> Bind {
    position(record.changes_count())
}

/// A place among a record's changes.
pub(crate) fn position(number: u64) -> Bind {
    Bind::integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The insert of changes of a record that is yet to come; the first of them comes behind `after` others.
pub(crate) fn changes(
    dialect: Dialect,
    record: Uuid,
    after: u64,
    changes: &[Change],
) -> Result<Statement, StoreError> {
    let mut statement = Statement::new("");
    push_changes(&mut statement, dialect, record, after, changes)?;
    Ok(statement)
}

/// Appends the insert of changes. Returns the place of their document, where there is one.
fn push_changes(
    statement: &mut Statement,
    dialect: Dialect,
    record: Uuid,
    after: u64,
    changes: &[Change],
) -> Result<Option<usize>, StoreError> {
    if changes.len() <= FEW {
        push_few_changes(statement, dialect, record, after, changes)?;
        return Ok(None);
    }
    Ok(Some(push_many_changes(statement, dialect, record, after, document(changes)?)))
}

/// The parts of a statement, joined as the database wants them.
struct Parts {
    dialect: Dialect,
    expected: usize,
    begun: usize,
    /// What the statement tells others, once its transaction is committed.
    told: Option<String>,
    statement: Statement,
}

impl Parts {
    fn new(dialect: Dialect, ending: &Ending<'_>) -> Self {
        let flags = [
            ending.audit.is_some(),
            ending.audit.is_some_and(|it| !it.changes.is_empty()),
            ending.kept.is_some(),
            !ending.events.is_empty(),
            !ending.mails.is_empty(),
        ];
        let expected = flags.into_iter().filter(|it| *it).count();
        // SQLite has nobody to tell.
        let tells = dialect == Dialect::Postgres && !ending.touched.is_empty();
        let told = tells.then(|| ending.touched.iter().map(Topic::to_string).collect::<serde_json::Value>());
        let told = told.map(|it| it.to_string());
        Self { dialect, expected, begun: 0, told, statement: Statement::new("") }
    }

    fn is_joined(&self) -> bool {
        self.dialect == Dialect::Postgres && (self.expected > 1 || self.told.is_some())
    }

    fn next(&mut self, name: &'static str) -> &mut Statement {
        let first = self.begun == 0;
        self.begun += 1;
        if self.is_joined() {
            self.statement.push_str(if first { "WITH " } else { "), " }).push_str(name).push_str(" AS (")
        } else {
            self.statement.push_str(if first { "" } else { "; " })
        }
    }

    fn finish(mut self) -> Option<Statement> {
        if self.is_joined() {
            self.statement.push_str(if self.begun > 0 { ") SELECT " } else { "SELECT " });
            match self.told.take() {
                Some(told) => {
                    self.statement.push_str(TELL).push(Bind::Json(Some(told))).push_str(") AS t(told)")
                }
                None => self.statement.push_str("1"),
            };
            self.begun += 1;
        }
        (self.begun > 0).then_some(self.statement)
    }
}

pub(crate) fn document(it: &(impl Serialize + ?Sized)) -> Result<String, StoreError> {
    let text = serde_json::to_string(it).map_err(StoreError::fault)?;
    Ok(audit_insert::json(&text).into_owned())
}

/// Appends the insert of a few changes, a row of values each: the database need not take a document apart. Each number
/// of them is a statement of its own to prepare, hence only a few.
fn push_few_changes(
    statement: &mut Statement,
    dialect: Dialect,
    audit_id: Uuid,
    after: u64,
    few: &[Change],
) -> Result<(), StoreError> {
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::AuditChanges));
    statement.push_str(CHANGE_COLUMNS).push_str(" VALUES ");
    for (at, change) in few.iter().enumerate() {
        statement.push_str(if at > 0 { ", (" } else { "(" }).push(Bind::uuid(audit_id));
        statement
            .push_str(", ")
            .push(position(after + at as u64 + 1))
            .push_str(", ")
            .push(text(&change.entity));
        let id = change.id.as_str().map_or_else(|| change.id.to_string().into(), Cow::Borrowed);
        statement.push_str(", ").push(text(&id)).push_str(", ").push(Bind::text(change.operation.name()));
        for image in [&change.before, &change.after] {
            let image = if image.is_null() { None } else { Some(document(image)?) };
            statement.push_str(", ").push(Bind::Json(image));
        }
        statement.push_str(")");
    }
    Ok(())
}

fn text(text: &str) -> Bind {
    Bind::text(audit_insert::text(text).as_ref())
}

/// Appends the insert of all changes of a record. Returns the place of their document.
fn push_many_changes(
    statement: &mut Statement,
    dialect: Dialect,
    audit_id: Uuid,
    after: u64,
    all: String,
) -> usize {
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::AuditChanges));
    statement.push_str(CHANGE_COLUMNS).push_str(" SELECT ");
    statement.push(Bind::uuid(audit_id)).push_str(", ").push(position(after));
    statement.push_str(dialect.choose(
        " + e.position, e.value->>'entity', e.value->>'id', e.value->>'operation', \
         NULLIF(e.value->'before', 'null'), NULLIF(e.value->'after', 'null') \
         FROM jsonb_array_elements(",
        " + key + 1, value->>'entity', value->>'id', value->>'operation', \
         NULLIF(value->'before', 'null'), NULLIF(value->'after', 'null') FROM json_each(",
    ));
    statement.push(Bind::Json(Some(all)));
    let place = statement.bound();
    statement.push_str(dialect.choose(") WITH ORDINALITY AS e(value, position)", ")"));
    place
}

/// A plain insert: an expired answer was removed, and a second answer to one key must break the transaction.
fn push_kept(statement: &mut Statement, dialect: Dialect, kept: &Kept<'_>) {
    let push_owner = |statement: &mut Statement, between: [&'static str; 2]| {
        statement.push(Bind::uuid(kept.key.tenant.unwrap_or_default())).push_str(between[0]);
        statement.push(Bind::uuid(kept.key.user)).push_str(between[1]);
        statement.push(Bind::text(kept.key.key.as_str()));
    };
    if dialect == Dialect::Sqlite {
        // Here and not by the claim, which does not write where the call only reads.
        statement.push_str("DELETE FROM ").push_str(dialect.table(Table::IdempotencyKeys));
        statement.push_str(" WHERE tenant_id = ");
        push_owner(statement, [" AND user_id = ", " AND key = "]);
        statement.push_str(" AND expires_at <= ").push_str(dialect.now()).push_str("; ");
    }
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::IdempotencyKeys));
    statement.push_str(" (tenant_id, user_id, key, digest, answer, created_at, expires_at) VALUES (");
    push_owner(statement, [", ", ", "]);
    statement.push_str(", ");
    statement.push(Bind::Bytes(kept.key.digest.to_vec())).push_str(", ");
    statement.push(Bind::text(kept.answer)).push_str(", ");
    statement.push_str(dialect.now()).push_str(", ").push_str(dialect.in_a_day()).push_str(")");
}

#[derive(Serialize)]
struct EventDocument<'a> {
    id: Uuid,
    kind: &'a str,
    subject: &'a str,
    payload: &'a serde_json::Value,
}

fn push_events(
    statement: &mut Statement,
    dialect: Dialect,
    events: &[Event],
    cause: &Cause,
) -> Result<(), StoreError> {
    let documents = events.iter().map(|it| EventDocument {
        id: Uuid::now_v7(),
        kind: &it.kind,
        subject: &it.subject,
        payload: &it.payload,
    });
    let all = document(&documents.collect::<Vec<_>>())?;
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::EventOutbox));
    statement.push_str(" (id, kind, subject, payload, tenant_id, user_id, happened_at) ");
    statement.push_str(dialect.choose(
        "SELECT (e.value->>'id')::uuid, e.value->>'kind', e.value->>'subject', e.value->'payload', ",
        "SELECT value->>'id', value->>'kind', value->>'subject', value->'payload', ",
    ));
    statement.push(Bind::uuid(cause.tenant)).push_str(", ");
    statement.push(Bind::uuid(cause.user)).push_str(", ");
    statement.push_bind(Value::timestamp(cause.at), Kind::Timestamp);
    statement.push_str(dialect.choose(" FROM jsonb_array_elements(", " FROM json_each("));
    statement.push(Bind::Json(Some(all)));
    statement.push_str(
        dialect.choose(") WITH ORDINALITY AS e(value, position) ORDER BY e.position", ") ORDER BY key"),
    );
    Ok(())
}

#[derive(Serialize)]
struct MailDocument<'a> {
    id: Uuid,
    tenant: Option<Uuid>,
    user: Uuid,
    request: &'a str,
    at: String,
    message: &'a action_core::mail::Mail,
}

/// One document for any number of them, so that the text is the same.
fn push_mails(statement: &mut Statement, dialect: Dialect, mails: &[OutgoingMail]) -> Result<(), StoreError> {
    let documents = mails.iter().map(|it| MailDocument {
        id: it.id,
        tenant: it.tenant_id,
        user: it.user_id,
        request: &it.request_id,
        at: it.created_at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        message: &it.mail,
    });
    let all = document(&documents.collect::<Vec<_>>())?;
    statement.push_str("INSERT INTO ").push_str(dialect.table(Table::MailOutbox));
    statement.push_str(" (id, tenant_id, user_id, request_id, message, created_at, due_at) ");
    statement.push_str(dialect.choose(
        "SELECT (m.value->>'id')::uuid, (m.value->>'tenant')::uuid, (m.value->>'user')::uuid, m.value->>'request', \
         m.value->'message', (m.value->>'at')::timestamptz, ",
        "SELECT value->>'id', value->>'tenant', value->>'user', value->>'request', value->'message', value->>'at', ",
    ));
    statement.push_str(dialect.now());
    statement.push_str(dialect.choose(" FROM jsonb_array_elements(", " FROM json_each("));
    statement.push(Bind::Json(Some(all))).push_str(dialect.choose(") AS m(value)", ")"));
    Ok(())
}
