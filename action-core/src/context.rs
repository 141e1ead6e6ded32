//! What a handler is given beside its arguments: who calls, from where, the database, and ways to say what happened.

use std::sync::Arc;

use serde_json::value::RawValue;
use sha2::Digest as _;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::audit::{CHANGES_IN_RECORD, Change, WrittenChanges};
use crate::cache::Topic;
use crate::call::{Origin, Request, Selection};
use crate::effect::Effect;
use crate::engine::Inner;
use crate::entity::{Entity, EntityType, Record};
use crate::error::ActionError;
use crate::events::Event;
use crate::files::{NewFile, StoredFile, hex};
use crate::idempotency;
use crate::mail::{Mail, OutgoingMail};
use crate::permissions::{Grants, Permission};
use crate::pipeline::{Attempt, Known};
use crate::ports::{Access, FileName, FileStoreError, Transaction};
use crate::question::{Answer, Asked, Binding, Question, SHORTEST_KEY, SigningKey};
use crate::records::{Records, RecordsOf};
use crate::unit::Unit;
use crate::workflows::Workflows;
use crate::{Caller, Tone};

/// The call a handler runs in.
///
/// Whatever a handler does through it is part of one transaction, and is kept only if the handler succeeds.
pub struct ActionContext<'c> {
    engine: &'c Inner,
    known: &'c Known,
    grants: &'c Arc<Grants>,
    attempt: &'c Attempt,
    pub(crate) unit: Unit,
    pub(crate) rows: Rows,
    pub(crate) effects: Vec<Effect>,
    /// The state of the one thing that the answer is.
    pub(crate) etag: Option<String>,
    pub(crate) affected: Option<u64>,
    pub(crate) changes: Vec<Change>,
    pub(crate) written: WrittenChanges,
    pub(crate) events: Vec<Event>,
    pub(crate) touched: Vec<Topic>,
    pub(crate) mails: Vec<OutgoingMail>,
    /// Files whose bytes are kept, to be removed again where the call is undone.
    pub(crate) files: Vec<FileName>,
    asked: u32,
    cancellation: Option<(CancellationToken, DropGuard)>,
}

/// The rows the call named, as they are stored.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) parent: Option<Record>,
    pub(crate) selected: Vec<Record>,
    /// Over both as they were loaded.
    pub(crate) digest: Option<[u8; 32]>,
}

impl<'c> ActionContext<'c> {
    pub(crate) fn new(
        engine: &'c Inner,
        known: &'c Known,
        grants: &'c Arc<Grants>,
        attempt: &'c Attempt,
        unit: Unit,
    ) -> Self {
        Self {
            engine,
            known,
            grants,
            attempt,
            unit,
            rows: Rows::default(),
            effects: Vec::new(),
            etag: None,
            affected: None,
            changes: Vec::new(),
            written: WrittenChanges::default(),
            events: Vec::new(),
            touched: Vec::new(),
            mails: Vec::new(),
            files: Vec::new(),
            asked: 0,
            cancellation: None,
        }
    }

    /// Who calls.
    pub fn caller(&self) -> &'c Caller {
        &self.known.caller
    }

    /// The caller's tenant; none only in actions that say a tenant is optional.
    pub fn tenant_id(&self) -> Option<Uuid> {
        self.known.caller.tenant_id()
    }

    /// Whether the caller holds a permission beyond those the action needs.
    pub fn may(&self, permission: &Permission) -> bool {
        self.grants.allows(permission)
    }

    /// Everything the caller holds, as it was when the call began.
    pub fn grants(&self) -> &'c Arc<Grants> {
        self.grants
    }

    /// What was clicked.
    pub fn origin(&self) -> &'c Origin {
        &self.known.call.origin
    }

    /// The request: its id, the client's address, the languages the client prefers.
    pub fn request(&self) -> &'c Request {
        &self.known.call.request
    }

    /// The rows the call named, as the client named them.
    pub(crate) fn selection(&self) -> &'c Selection {
        &self.known.call.selection
    }

    /// What the call's address names.
    pub(crate) fn subject(&self) -> Option<Uuid> {
        self.known.call.subject
    }

    /// The state that the subject must still have.
    pub(crate) fn if_match(&self) -> Option<&'c str> {
        self.known.call.if_match.as_deref()
    }

    /// The entity the call acts on: that of its route, or the one its parameters name.
    pub fn entity(&self) -> Option<&'c Arc<Entity>> {
        self.known.aimed.entity.as_ref()
    }

    /// The name under which an action on an entity is offered.
    pub(crate) fn offered_as(&self) -> Option<&'c str> {
        self.known.offer.as_ref().map(|it| it.name.as_ref())
    }

    pub(crate) fn engine(&self) -> &'c Inner {
        self.engine
    }

    /// The workflows, the same from the call's start to its end.
    pub(crate) fn workflows(&self) -> &'c Workflows {
        &self.known.workflows
    }

    pub(crate) fn attempt(&self) -> &'c Attempt {
        self.attempt
    }

    /// A service of the host's. As an argument (`Service<S>`) its absence is found at start-up.
    pub fn service<S: Send + Sync + 'static>(&self) -> Result<Arc<S>, ActionError> {
        self.engine.services.get::<S>().ok_or_else(|| {
            ActionError::fault(format!(
                "no service `{}` was put into the engine's builder",
                std::any::type_name::<S>()
            ))
        })
    }

    /// Now, by the engine's clock.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.engine.clock.now()
    }

    /// A token for tasks the handler starts itself: cancelled when the handler ends, at its time limit at the latest.
    ///
    /// A client that hangs up does not cancel it: the call runs to its end.
    pub fn cancellation(&mut self) -> CancellationToken {
        let (token, _) = self.cancellation.get_or_insert_with(|| {
            let token = CancellationToken::new();
            let guard = token.clone().drop_guard();
            (token, guard)
        });
        token.clone()
    }

    /// The call's transaction; opens it where it is not. For adapters: handlers use [`records`](Self::records), or
    /// the methods that the storage crate adds.
    pub async fn transaction(&mut self) -> Result<&mut dyn Transaction, ActionError> {
        self.unit.transaction().await
    }

    /// The rows of a registered entity, in the call's transaction, bound to its tenant and row rule.
    pub fn records<T: EntityType>(&mut self) -> Result<Records<'_, 'c, T>, ActionError> {
        let entity = self.engine.entities.find(T::NAME).ok_or_else(|| {
            ActionError::fault(format!("the entity `{}` is not registered with the engine", T::NAME))
        })?;
        Ok(Records::new(RecordsOf::new(self, entity.clone())))
    }

    /// As [`records`](Self::records), for an entity that is known only at run time.
    pub fn records_of(&mut self, entity: &Arc<Entity>) -> RecordsOf<'_, 'c> {
        RecordsOf::new(self, entity.clone())
    }

    /// Adds to the effects the client is to carry out, in order.
    pub fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Has the client show a short message.
    pub fn notify(
        &mut self,
        tone: Tone,
        message: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Result<(), ActionError> {
        self.effects.push(Effect::notify(tone, message)?);
        Ok(())
    }

    /// Says how many records were changed or returned, where the records were not touched through this context.
    pub fn set_affected(&mut self, records: u64) {
        self.affected = Some(records);
    }

    /// Tells the audit of a change that was not made through [`records`](Self::records).
    pub fn changed(&mut self, change: Change) {
        self.changes.push(change.redacted(self.attempt.redact()));
    }

    /// Has the host's [subscribers](crate::ports::EventSubscriber) told, after the commit. An action that is marked `read_only` causes none: the call
    /// fails.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Queues a mail, which is sent after the commit, and returns its id. A call that is undone sends nothing. Each
    /// recipient gets it once. An action that is marked `read_only` sends none: the call fails.
    ///
    /// [`Refusal::Invalid`](crate::Refusal::Invalid) where the mail cannot be sent, see [`Mail::check`].
    pub fn mail(&mut self, mail: Mail) -> Result<Uuid, ActionError> {
        mail.check()?;
        let id = self.engine.ids.ordered();
        self.mails.push(OutgoingMail {
            id,
            tenant_id: self.tenant_id(),
            user_id: self.known.caller.user_id(),
            request_id: self.request().id.to_string(),
            created_at: self.engine.clock.now(),
            mail: mail.each_once(),
        });
        Ok(id)
    }

    /// Begins a file of the caller's tenant. Its name is cleaned; what is written goes to the file store at once, and is
    /// kept only by [`keep_file`](Self::keep_file).
    ///
    /// ```
    /// use action_core::{ActionContext, ActionResult, Effect};
    ///
    /// async fn export(ctx: &mut ActionContext<'_>) -> ActionResult {
    ///     let mut file = ctx.new_file("cars.csv", "text/csv; charset=utf-8").await?;
    ///     file.write(b"plate\r\nACM-001\r\n").await?;
    ///     let stored = ctx.keep_file(file).await?;
    ///     ctx.effect(Effect::download(&stored));
    ///     Ok(())
    /// }
    /// # let _ = export;
    /// ```
    pub async fn new_file(
        &mut self,
        name: &str,
        content_type: impl Into<String>,
    ) -> Result<NewFile, ActionError> {
        if self.unit.scope().access == Access::ReadOnly {
            return Err(ActionError::fault("an action that is marked `read_only` makes a file"));
        }
        let stored_as =
            FileName { tenant: self.tenant_id().unwrap_or_default(), id: self.engine.ids.random() };
        let writer = self.engine.files.create(stored_as).await.map_err(FileStoreError::while_writing)?;
        Ok(NewFile::new(stored_as, name, content_type, writer))
    }

    /// Keeps a file: it can be found once the call is committed, and is removed where the call is undone.
    pub async fn keep_file(&mut self, file: NewFile) -> Result<StoredFile, ActionError> {
        let NewFile { stored_as, name, content_type, writer, size, hash, entity, record_id, description } =
            file;
        // Before it is finished: a call that is cut off there may have finished it all the same.
        self.files.push(stored_as);
        writer.finish().await.map_err(FileStoreError::while_writing)?;
        let stored = StoredFile {
            id: stored_as.id,
            name,
            content_type,
            size,
            sha256: hex(&hash.finalize()),
            tenant_id: self.tenant_id(),
            user_id: self.known.caller.user_id(),
            entity,
            record_id,
            description,
            created_at: self.engine.clock.now(),
        };
        self.engine.file_index.insert(self.unit.transaction().await?, &stored).await?;
        Ok(stored)
    }

    /// Asks the caller. Returns the answer where the call brings it, and else ends this run with the question.
    ///
    /// The handler runs again from its start when the answer comes; what it wrote before the question is undone, and
    /// so happens once in total. Ask in the same order every time.
    ///
    /// An answer that was given to something else is none, and the question is asked again: to another question, call or
    /// caller, more than ten minutes ago, or before one of the call's rows changed.
    /// [`Refusal::Invalid`](crate::Refusal::Invalid) where the option was not offered (`invalid_answer`), or the form is
    /// not filled in as it should be.
    pub async fn ask(&mut self, question: Question) -> Result<Answer, ActionError> {
        let step = self.asked;
        self.asked += 1;
        question.check().map_err(ActionError::fault)?;
        let call = match (self.known.digest, self.attempt.params()) {
            (Some(digest), _) => digest,
            (None, Some(params)) => idempotency::digest(&self.known.call, &params),
            (None, None) => {
                return Err(ActionError::fault(
                    "a question cannot be bound to parameters that cannot be read again",
                ));
            }
        };
        let (caller, answers) = (&self.known.caller, &self.known.call.answers);
        let binding = Binding::of(&question, step, caller, &call, self.rows.digest.as_ref(), answers);
        let (key, now) = (self.signing_key().await?, self.now().timestamp());
        let sent = answers.iter().enumerate().find(|(_, it)| it.step == step);
        match sent {
            Some((place, sent)) if sent.state.as_ref().is_some_and(|it| binding.fits(key, it, now)) => {
                Ok(question.answered(sent, place)?)
            }
            _ => Err(Asked { step, state: binding.sign(key, now), question }.into()),
        }
    }

    /// The key that questions are signed with: the host's, else the database's. It is read once in a process, on the
    /// call's own connection, since a second one may not be had while this one is held.
    async fn signing_key(&mut self) -> Result<&'c SigningKey, ActionError> {
        let (known, keys) = (&self.engine.signing_key, &self.engine.signing_keys);
        if known.get().is_none() {
            let loaded = keys.load(self.unit.transaction().await?).await?;
            if loaded.len() < SHORTEST_KEY {
                let told =
                    format!("the storage's signing key has {} bytes; it needs {SHORTEST_KEY}", loaded.len());
                return Err(ActionError::fault(told));
            }
            // Of two calls that read it at once, both read the same.
            let _ = known.set(loaded);
        }
        known.get().ok_or_else(|| ActionError::fault("the signing key was read and is not there"))
    }

    /// A text of the translations in the caller's language, or the key itself where there is none.
    ///
    /// `{name}` in it is replaced by the value of that name.
    pub fn text(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.known.texts.text(key, &self.request().languages, values)
    }

    pub(crate) fn add_affected(&mut self, records: u64) {
        self.affected = Some(self.affected.unwrap_or(0) + records);
    }

    /// Has the changes so far written, so that those a store writes itself come behind them.
    pub(crate) async fn write_changes(&mut self) -> Result<(), ActionError> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let (record, after) = (self.attempt.id(), self.written.count);
        self.unit.transaction().await?.write_changes(record, after, &self.changes).await?;
        let written = std::mem::take(&mut self.changes);
        let count = written.len() as u64;
        self.wrote(written, count);
        Ok(())
    }

    /// A store wrote so many more changes; these are the first of them.
    pub(crate) fn wrote(&mut self, first: Vec<Change>, count: u64) {
        let room = CHANGES_IN_RECORD.saturating_sub(self.written.first.len());
        let redact = self.attempt.redact();
        self.written.first.extend(first.into_iter().take(room).map(|it| it.redacted(redact)));
        self.written.count += count;
    }

    /// Where the call is now, in what it leaves behind. What it changed so far is set aside until it goes on from here
    /// ([`keep`](Self::keep)) or back to here: a store may write what comes in between, and have it undone.
    pub(crate) fn mark(&mut self) -> Mark {
        Mark {
            effects: self.effects.len(),
            affected: self.affected,
            changes: std::mem::take(&mut self.changes),
            written: self.written.clone(),
            events: self.events.len(),
            touched: self.touched.len(),
            mails: self.mails.len(),
        }
    }

    /// Goes on: what came since stays.
    pub(crate) fn keep(&mut self, mut mark: Mark) {
        mark.changes.append(&mut self.changes);
        self.changes = mark.changes;
    }

    /// Forgets what the call would leave behind since then: the transaction went back, too. Bytes of files that were kept
    /// since are left to the sweep.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.effects.truncate(mark.effects);
        self.affected = mark.affected;
        self.changes = mark.changes;
        self.written = mark.written;
        self.events.truncate(mark.events);
        self.touched.truncate(mark.touched);
        self.mails.truncate(mark.mails);
    }

    pub(crate) fn into_end(self, data: Option<Box<RawValue>>) -> End {
        let Self { unit, effects, etag, affected, changes, written, events, mails, touched, files, .. } =
            self;
        End { unit, data, effects, etag, affected, changes, written, events, mails, touched, files }
    }
}

/// A place in a run that it can go back to.
pub(crate) struct Mark {
    effects: usize,
    affected: Option<u64>,
    changes: Vec<Change>,
    written: WrittenChanges,
    events: usize,
    touched: usize,
    mails: usize,
}

/// What is left of a run that succeeded.
pub(crate) struct End {
    pub(crate) unit: Unit,
    pub(crate) data: Option<Box<RawValue>>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) etag: Option<String>,
    pub(crate) affected: Option<u64>,
    pub(crate) changes: Vec<Change>,
    pub(crate) written: WrittenChanges,
    pub(crate) events: Vec<Event>,
    pub(crate) mails: Vec<OutgoingMail>,
    pub(crate) touched: Vec<Topic>,
    pub(crate) files: Vec<FileName>,
}
