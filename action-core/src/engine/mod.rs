//! The engine: everything a program needs to run its actions, checked once and then shared.

mod build_error;
mod builder;
mod checks;
mod describe;
mod detach;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use build_error::BuildError;
pub use builder::EngineBuilder;
pub use describe::{ActionDescription, CustomActionDescription, EntityDescription, FieldDescription};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::cache::Freshness;
use crate::custom_actions::Offers;
use crate::entity::Entities;
use crate::entity_actions::{EntityActions, EntityFunction};
use crate::files::{self, StoredFile, UploadRules};
use crate::live::Live;
use crate::mail::{Mails, Templates};
use crate::outcome::Reply;
use crate::page_actions::GroupedPages;
use crate::permissions::Grants;
use crate::pipeline;
use crate::ports::{
    AuditLog, AuditPage, AuditQuery, Authenticator, Authorizer, Clock, Credentials, EntityActionStore,
    EventOutbox, FileIndex, FileReader, FileStore, FileStoreError, IdempotencyStore, Identified, Ids,
    MailOutbox, PageActionStore, RateLimiter, RecordStore, SigningKeys, Storage, Unauthenticated, UnitOfWork,
    WorkflowHistory,
};
use crate::queries::NamedQuery;
use crate::refusal::Refusal;
use crate::registry::Registry;
use crate::services::Services;
use crate::texts::Texts;
use crate::workflows::Workflows;
use crate::{Call, Caller, Languages, SigningKey, Translations};

/// Runs actions. Cloning it shares it.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use action_core::{Call, Caller, Engine, Identity, Outcome};
/// use serde_json::{Map, json};
///
/// use action_core::{Action, ActionContext, ActionHandler, ActionResult};
///
/// struct Ping;
/// impl ActionHandler for Ping {
///     type Input = ();
///     type Output = &'static str;
///     async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult<&'static str> {
///         Ok("pong")
///     }
/// }
///
/// let ping = Action::new("ping").authenticated().tenant_optional();
/// let engine = Engine::builder().action(ping, Ping).build().await.unwrap();
/// let reply = engine.run(Caller::new(Identity::default()), Call::execute("ping", Map::new())).await;
/// assert!(matches!(reply.result, Ok(Outcome::Done(_))));
/// # });
/// ```
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

/// What an engine is made of.
pub(crate) struct Inner {
    pub(crate) registry: Arc<Registry>,
    pub(crate) entities: Entities,
    pub(crate) queries: HashMap<Box<str>, Arc<NamedQuery>>,
    pub(crate) workflows: Live<Workflows>,
    pub(crate) offers: Live<Offers>,
    pub(crate) texts: Live<Texts>,
    pub(crate) services: Services,
    pub(crate) authenticator: Option<Arc<dyn Authenticator>>,
    pub(crate) authorizer: Arc<dyn Authorizer>,
    pub(crate) unit_of_work: Arc<dyn UnitOfWork>,
    pub(crate) record_store: Arc<dyn RecordStore>,
    pub(crate) audit_log: Arc<dyn AuditLog>,
    pub(crate) idempotency_store: Arc<dyn IdempotencyStore>,
    pub(crate) rate_limiter: Arc<dyn RateLimiter>,
    pub(crate) event_outbox: Arc<dyn EventOutbox>,
    /// A call has written events.
    pub(crate) events_written: Arc<Notify>,
    pub(crate) workflow_history: Arc<dyn WorkflowHistory>,
    pub(crate) mail_outbox: Arc<dyn MailOutbox>,
    /// A call has queued a mail.
    pub(crate) mail_queued: Arc<Notify>,
    pub(crate) templates: Templates,
    /// The host's, or the database's once it was read.
    pub(crate) signing_key: OnceLock<SigningKey>,
    pub(crate) signing_keys: Arc<dyn SigningKeys>,
    pub(crate) file_index: Arc<dyn FileIndex>,
    pub(crate) entity_actions: Arc<dyn EntityActionStore>,
    /// The host's own, by their names.
    pub(crate) entity_functions: HashMap<String, Arc<dyn EntityFunction>>,
    /// Whether functions that are not protected are everybody's.
    pub(crate) unprotected_functions: bool,
    pub(crate) page_actions: Arc<dyn PageActionStore>,
    pub(crate) grouped: GroupedPages,
    pub(crate) freshness: Arc<Freshness>,
    pub(crate) files: Arc<dyn FileStore>,
    pub(crate) upload_rules: UploadRules,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) running: TaskTracker,
    /// Kept because what it does by itself ends with it.
    pub(crate) _storage: Box<dyn Storage>,
}

impl Engine {
    /// Starts an engine's description.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Who sent these credentials.
    pub async fn authenticate(&self, credentials: &Credentials<'_>) -> Result<Identified, Refusal> {
        let found =
            self.0.authenticator.as_ref().ok_or_else(no_authenticator)?.authenticate(credentials).await;
        found.map_err(refused)
    }

    /// As [`authenticate`](Self::authenticate), and whoever sent no credential at all is the anonymous caller.
    pub(crate) async fn authenticate_or_anonymous(
        &self,
        credentials: &Credentials<'_>,
    ) -> Result<Identified, Refusal> {
        let found =
            self.0.authenticator.as_ref().ok_or_else(no_authenticator)?.authenticate(credentials).await;
        match found {
            Err(Unauthenticated::Missing) => Ok(Identified { caller: Caller::anonymous(), ambient: false }),
            found => found.map_err(refused),
        }
    }

    /// Runs one call to its end.
    ///
    /// Once it is polled, it ends: dropping the future (the client hung up) moves the rest of the call into a task of
    /// its own, so that no transaction is cut short and the answer is kept for its idempotency key.
    pub fn run(&self, caller: Caller, call: Call) -> impl Future<Output = Reply> + Send + use<> {
        detach::Detach::new(pipeline::run(Arc::clone(&self.0), caller, call))
    }

    /// Everything a caller holds.
    pub async fn grants(&self, caller: &Caller) -> Result<Arc<Grants>, Refusal> {
        Ok(self.0.authorizer.grants(caller).await?)
    }

    /// A page of the audit.
    pub async fn audit(&self, query: &AuditQuery) -> Result<AuditPage, Refusal> {
        Ok(self.0.audit_log.list(query).await?)
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), Refusal> {
        Ok(self.0.unit_of_work.ready().await?)
    }

    /// The waiting domain events, for a host that tells them by a task of its own instead of by
    /// [`EngineBuilder::subscriber`].
    pub fn event_outbox(&self) -> &Arc<dyn EventOutbox> {
        &self.0.event_outbox
    }

    /// A new ordered id, by the engine's source of ids.
    pub fn new_id(&self) -> Uuid {
        self.0.ids.ordered()
    }

    /// A text of the translations in the best language there is, or the key itself where there is none; `{name}` in it
    /// is replaced by the value of that name. As [`ActionContext::text`](crate::ActionContext::text), outside of a call.
    pub fn text(&self, key: &str, languages: &Languages, values: &[(&str, &str)]) -> String {
        self.0.texts.current().text(key, languages, values)
    }

    /// A key's text in all its languages.
    pub fn translations(&self, key: &str) -> Option<Translations> {
        self.0.texts.current().get(key).cloned()
    }

    /// The pages and their actions, as they are read.
    #[doc(hidden)]
    pub fn page_actions(&self) -> &Arc<dyn PageActionStore> {
        &self.0.page_actions
    }

    /// The entity actions, as routes show them.
    #[doc(hidden)]
    pub fn entity_actions(&self) -> EntityActions {
        EntityActions(Arc::clone(&self.0))
    }

    /// What stands on a page, by kind, as JSON: from memory where nothing has changed since it was read.
    #[doc(hidden)]
    pub async fn grouped_page_actions(
        &self,
        tenant: Uuid,
        page: Uuid,
        is_active: Option<bool>,
    ) -> Result<Arc<[u8]>, Refusal> {
        self.0.grouped.read(self.0.page_actions.as_ref(), tenant, page, is_active).await
    }

    /// The mails, for those who operate them.
    pub fn mails(&self) -> Mails {
        Mails(Arc::clone(&self.0))
    }

    /// A tenant's file, as it is known; none of another tenant's.
    pub async fn file(&self, tenant: Option<Uuid>, id: Uuid) -> Result<StoredFile, Refusal> {
        self.0.file_index.find(tenant, id).await?.ok_or(Refusal::NotFound)
    }

    /// The bytes of a file, or a part of them: from the range's start to before its end.
    pub async fn open_file(
        &self,
        file: &StoredFile,
        range: Option<Range<u64>>,
    ) -> Result<Box<dyn FileReader>, Refusal> {
        let opened = self.0.files.open(file.stored_as(), range).await;
        if let Err(FileStoreError::Missing) = &opened {
            tracing::error!(file = %file.id, "a file that is known is missing in the store");
        }
        Ok(opened?)
    }

    /// The most bytes that the files of a request may have.
    pub fn largest_upload(&self) -> u64 {
        self.0.upload_rules.bytes()
    }

    /// Removes the bytes of files that no row knows and that are older than an hour, or than twice the longest time limit
    /// of any action where that is more, and tells how many there were. The engine does so by itself once an hour.
    pub async fn sweep_files(&self) -> Result<u64, Refusal> {
        files::sweep(&self.0).await
    }

    /// Waits until every running call has ended, those whose clients hung up included. `false`: they did not within
    /// the time given.
    pub async fn drain(&self, within: Duration) -> bool {
        self.0.running.close();
        // So that the sender of mails and the teller of events see it, and take no more.
        self.0.mail_queued.notify_one();
        self.0.events_written.notify_one();
        tokio::time::timeout(within, self.0.running.wait()).await.is_ok()
    }
}

fn no_authenticator() -> Refusal {
    Refusal::internal("the engine has no authenticator; give its builder one")
}

fn refused(error: Unauthenticated) -> Refusal {
    match error {
        Unauthenticated::Unavailable(cause) => Refusal::Unavailable(cause),
        Unauthenticated::Missing => Refusal::Unauthenticated,
        Unauthenticated::Invalid(reason) => {
            tracing::debug!(%reason, "a credential was refused");
            Refusal::Unauthenticated
        }
    }
}
