//! Putting an engine together. Whatever is wrong is found by [`EngineBuilder::build`], all of it at once.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use super::build_error::BuildError;
use super::checks::{authorizer, checked_entities, missing, resolved_queries};
use super::{Engine, Inner};
use crate::action::Action;
use crate::cache::{self, Freshness};
use crate::custom_actions::{self, CustomActionEntry};
use crate::entity::{Entity, EntityError, EntityType};
use crate::entity_actions::EntityFunction;
use crate::events::{self, Subscribers};
use crate::files::UploadRules;
use crate::handler::ActionHandler;
use crate::in_memory::{InMemory, InMemoryFiles};
use crate::mail::{MailRetries, MailTemplate, Templates};
use crate::page_actions::GroupedPages;
use crate::permissions::Rights;
use crate::ports::{
    AuditLog, Authenticator, Authorizer, Clock, EventSubscriber, FileStore, Ids, Mailer, RateLimiter,
    Storage, SystemClock, SystemIds,
};
use crate::queries::QueryDefinition;
use crate::question::SHORTEST_KEY;
use crate::records;
use crate::registry::{Candidate, Registration, Registry};
use crate::reports;
use crate::services::Services;
use crate::texts::Texts;
use crate::workflows::{self, Workflow};
use crate::{SigningKey, Translations};

/// An engine that is being put together.
#[derive(Default)]
pub struct EngineBuilder {
    entities: Vec<Result<Entity, EntityError>>,
    queries: Vec<QueryDefinition>,
    workflows: Vec<Workflow>,
    actions: Vec<Candidate>,
    services: Services,
    expected: BTreeSet<String>,
    storage: Option<Box<dyn Storage>>,
    authenticator: Option<Arc<dyn Authenticator>>,
    authorizer: Option<Arc<dyn Authorizer>>,
    audit_log: Option<Arc<dyn AuditLog>>,
    rate_limiter: Option<Arc<dyn RateLimiter>>,
    subscribers: Subscribers,
    mailer: Option<Arc<dyn Mailer>>,
    mail_retries: MailRetries,
    mail_templates: Vec<MailTemplate>,
    files: Option<Arc<dyn FileStore>>,
    upload_rules: UploadRules,
    clock: Option<Arc<dyn Clock>>,
    ids: Option<Arc<dyn Ids>>,
    security_file: Option<PathBuf>,
    workflows_file: Option<PathBuf>,
    custom_actions: custom_actions::Source,
    translations: Texts,
    translations_file: Option<PathBuf>,
    reload_period: Option<Duration>,
    signing_key: Option<SigningKey>,
    page_cache: Option<u64>,
    entity_functions: HashMap<String, Arc<dyn EntityFunction>>,
    deny_unprotected_functions: bool,
    without_core_actions: bool,
    without_linked_actions: bool,
    problems: Vec<String>,
}

impl EngineBuilder {
    /// Where everything is kept. Without it: in memory, until the process ends.
    pub fn storage(mut self, storage: impl Storage + 'static) -> Self {
        self.storage = Some(Box::new(storage));
        self
    }

    /// Who is calling.
    pub fn authenticator(mut self, authenticator: impl Authenticator + 'static) -> Self {
        self.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// What callers may do, asked of a port of the host's own.
    pub fn authorizer(mut self, authorizer: impl Authorizer + 'static) -> Self {
        self.authorizer = Some(Arc::new(authorizer));
        self
    }

    /// What callers may do, as a fixed set of rights.
    pub fn rights(self, rights: Rights) -> Self {
        self.authorizer(Arc::new(rights))
    }

    /// What callers may do, read from a `security.json` that is watched: an edit is seen within two seconds. A missing
    /// or malformed file at the start is an error; a broken edit later keeps the last good rights.
    #[cfg(feature = "config-files")]
    pub fn security_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.security_file = Some(path.into());
        self
    }

    /// Another audit log than the storage's.
    pub fn audit_log(mut self, audit_log: impl AuditLog + 'static) -> Self {
        self.audit_log = Some(Arc::new(audit_log));
        self
    }

    /// Another rate limiter than the storage's.
    pub fn rate_limiter(mut self, rate_limiter: impl RateLimiter + 'static) -> Self {
        self.rate_limiter = Some(Arc::new(rate_limiter));
        self
    }

    /// Who is told of domain events, after their commit; several may be given, and each gets every event. Without any they
    /// wait, and are removed after 30 days.
    pub fn subscriber(mut self, subscriber: impl EventSubscriber + 'static) -> Self {
        self.subscribers.add(subscriber);
        self
    }

    /// How long a subscriber may take for one event, instead of 30 s; from 10 ms to an hour. What a node that died was
    /// telling is told again after four times as long and two seconds.
    pub fn subscriber_time_limit(mut self, limit: Duration) -> Self {
        self.subscribers.set_time_limit(limit);
        self
    }

    /// Who sends mails. Without it they are queued, and wait.
    pub fn mailer(mut self, mailer: impl Mailer + 'static) -> Self {
        self.mailer = Some(Arc::new(mailer));
        self
    }

    /// How often a mail is tried, instead of the default.
    pub fn mail_retries(mut self, retries: MailRetries) -> Self {
        self.mail_retries = retries;
        self
    }

    /// A template for `sendEmail`. Needs the feature `mail-templates`.
    pub fn mail_template(mut self, template: MailTemplate) -> Self {
        self.mail_templates.push(template);
        self
    }

    /// Where the bytes of files are. Without it: in memory, until the process ends.
    pub fn files(mut self, files: impl FileStore + 'static) -> Self {
        self.files = Some(Arc::new(files));
        self
    }

    /// What may be uploaded, instead of the default.
    pub fn upload_rules(mut self, rules: UploadRules) -> Self {
        self.upload_rules = rules;
        self
    }

    /// Another clock than the system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Another source of ids than the system's.
    pub fn ids(mut self, ids: impl Ids + 'static) -> Self {
        self.ids = Some(Arc::new(ids));
        self
    }

    /// A table that actions may work on, described by a struct with `#[derive(Entity)]`.
    pub fn entity<T: EntityType>(mut self) -> Self {
        self.entities.push(T::definition());
        self
    }

    /// A table that actions may work on, described at run time.
    pub fn entity_definition(mut self, entity: Entity) -> Self {
        self.entities.push(Ok(entity));
        self
    }

    /// A named query.
    pub fn query(mut self, query: QueryDefinition) -> Self {
        self.queries.push(query);
        self
    }

    /// A workflow of an entity's field.
    pub fn workflow(mut self, workflow: Workflow) -> Self {
        self.workflows.push(workflow);
        self
    }

    /// The workflows of a JSON text, see [`Workflow::read_all`]. What is wrong with it is found when the engine is
    /// built; `file_name` is for the messages.
    pub fn workflows_json(mut self, text: &str, file_name: &str) -> Self {
        match Workflow::read_all(text, file_name) {
            Ok(workflows) => self.workflows.extend(workflows),
            Err(error) => self.problems.push(error.to_string()),
        }
        self
    }

    /// The workflows of a JSON file that is watched, beside those given otherwise: an edit is seen within two seconds.
    /// A missing or malformed file at the start is an error; a broken edit later keeps the last good workflows, and so
    /// does one that puts other columns under a workflow or starts them otherwise, until a restart.
    #[cfg(feature = "config-files")]
    pub fn workflows_file(mut self, path: impl Into<PathBuf>) -> Self {
        if let Some(first) = self.workflows_file.replace(path.into()) {
            self.problems.push(format!("workflows come from one file, and `{}` is another", first.display()));
        }
        self
    }

    /// Something handlers take as `Service<S>`. One value per type.
    pub fn service<S: Send + Sync + 'static>(mut self, service: S) -> Self {
        if let Err(name) = self.services.put(Arc::new(service)) {
            self.problems.push(format!("two services of type `{name}`; wrap one in a type of its own"));
        }
        self
    }

    /// An action that is registered at run time instead of by attribute.
    pub fn action<H: ActionHandler>(mut self, action: Action, handler: H) -> Self {
        self.actions.push(Candidate::new(action, handler));
        self
    }

    /// Names actions that must be there. A crate that only registers actions is left out by the linker unless it is
    /// named once (`use invoicing as _;`); this finds that at the start instead of as a 404.
    pub fn expect_actions<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.expected.extend(names.into_iter().map(Into::into));
        self
    }

    /// Without `createRecord`, `updateRecord` and the other actions of the library's own.
    pub fn without_core_actions(mut self) -> Self {
        self.without_core_actions = true;
        self
    }

    /// Without the actions that are linked into the program; only those registered at run time.
    pub fn without_linked_actions(mut self) -> Self {
        self.without_linked_actions = true;
        self
    }

    /// An action on an entity is available by its attribute alone, without an entry in a configuration.
    pub fn custom_actions_from_code(mut self) -> Self {
        self.custom_actions.from_code = true;
        self
    }

    /// How the actions on entities are offered, as the JSON text of a `customActions.json`, see
    /// [`CustomActionEntry::read_all`]. What is wrong with it is found when the engine is built; `file_name` is for the
    /// messages.
    pub fn custom_actions_json(mut self, text: &str, file_name: &str) -> Self {
        match CustomActionEntry::read_all(text, file_name) {
            Ok(entries) => self.custom_actions.entries.extend(entries),
            Err(error) => self.problems.extend(error.problems().iter().cloned()),
        }
        self
    }

    /// How the actions on entities are offered, read from a `customActions.json` that is watched: an edit is seen within
    /// two seconds. Without the file no action is offered, and the log warns; a malformed one at the start is an error,
    /// and a broken edit later keeps the last good one.
    #[cfg(feature = "config-files")]
    pub fn custom_actions_file(mut self, path: impl Into<PathBuf>) -> Self {
        if let Some(first) = self.custom_actions.file.replace(path.into()) {
            self.problems
                .push(format!("custom actions come from one file, and `{}` is another", first.display()));
        }
        self
    }

    /// A text of the application in several languages, which handlers take by its key with
    /// [`ActionContext::text`](crate::ActionContext::text).
    pub fn translation(mut self, key: impl Into<String>, texts: impl Into<Translations>) -> Self {
        self.translations.add(key.into(), texts.into());
        self
    }

    /// Such texts by their keys as JSON, `{ "AreYouSure": { "en": "Are you sure?" } }`, on top of those given before. What
    /// is wrong is found when the engine is built; `file_name` is for the messages.
    pub fn translations_json(mut self, text: &str, file_name: &str) -> Self {
        match std::mem::take(&mut self.translations).with_json(text, file_name) {
            Ok(texts) => self.translations = texts,
            Err(problems) => self.problems.extend(problems),
        }
        self
    }

    /// Such texts by their keys, `{ "AreYouSure": { "en": "Are you sure?" } }`, read from a file that is watched. Where the
    /// builder has a key too, the file's counts.
    #[cfg(feature = "config-files")]
    pub fn translations_file(mut self, path: impl Into<PathBuf>) -> Self {
        if let Some(first) = self.translations_file.replace(path.into()) {
            self.problems
                .push(format!("translations come from one file, and `{}` is another", first.display()));
        }
        self
    }

    /// How often the files of the configuration are looked at, instead of once a second; 10 ms at the least.
    #[cfg(feature = "config-files")]
    pub fn reload_period(mut self, period: Duration) -> Self {
        self.reload_period = Some(period);
        self
    }

    /// What questions are signed with, 32 secret bytes at least, the same on every node. Without it: a key that is made
    /// once and kept in the database.
    pub fn signing_key(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.signing_key = Some(SigningKey::new(bytes.into()));
        self
    }

    /// A function of the host's own for entity actions, run where the database has none of this name.
    pub fn entity_function(
        mut self,
        name: impl Into<String>,
        function: impl EntityFunction + 'static,
    ) -> Self {
        let name = name.into();
        if self.entity_functions.insert(name.clone(), Arc::new(function)).is_some() {
            self.problems.push(format!("two entity functions are called `{name}`"));
        }
        self
    }

    /// Functions of entity actions that are not protected are nobody's but the role `admin`'s. Otherwise every signed-in
    /// caller may run them.
    pub fn deny_unprotected_functions(mut self) -> Self {
        self.deny_unprotected_functions = true;
        self
    }

    /// How many bytes of pages that were read may be kept in memory, instead of 32 MiB; 0: none, each read asks the
    /// database.
    pub fn page_cache(mut self, bytes: u64) -> Self {
        self.page_cache = Some(bytes);
        self
    }

    /// Checks everything, and starts the engine.
    #[expect(
        clippy::unused_async,
        reason = "starting background work needs a runtime, and will wait for some of it"
    )]
    pub async fn build(mut self) -> Result<Engine, BuildError> {
        let mut problems = std::mem::take(&mut self.problems);
        let storage: Box<dyn Storage> = self.storage.unwrap_or_else(|| Box::new(InMemory::new()));
        let workflows = workflows::Source::read(self.workflows, self.workflows_file, &mut problems);
        let entities = checked_entities(self.entities, workflows.found(), storage.as_ref(), &mut problems);

        let period = self.reload_period.unwrap_or(RELOAD_PERIOD);
        let workflows = workflows.follow(&entities, period).map_err(|found| problems.extend(found)).ok();

        let templates = Templates::new(self.mail_templates).unwrap_or_else(|found| {
            problems.extend(found);
            Templates::default()
        });

        let queries = resolved_queries(self.queries, &entities, &mut problems);

        let mut candidates = own_actions(!self.without_core_actions, !self.without_linked_actions);
        candidates.append(&mut self.actions);
        let registry = Registry::new(candidates, &entities, &self.services)
            .map(Arc::new)
            .map_err(|found| problems.extend(found))
            .ok();
        // Without the handlers every entry would be one without a handler.
        let offers = registry.as_ref().and_then(|registry| {
            let followed = self.custom_actions.follow(registry, &entities, period);
            followed.map_err(|found| problems.extend(found)).ok()
        });
        let texts = self
            .translations
            .follow(self.translations_file, period)
            .map_err(|found| problems.extend(found))
            .ok();
        if let Some(key) = self.signing_key.as_ref().filter(|it| it.len() < SHORTEST_KEY) {
            problems
                .push(format!("the signing key has {} bytes; it needs {SHORTEST_KEY} at least", key.len()));
        }
        if let Some(registry) = &registry {
            problems.extend(missing(&self.expected, registry));
        }

        let authorizer = authorizer(self.authorizer, self.security_file, period, &mut problems);
        let (Some(registry), Some(authorizer), Some(workflows), Some(offers), Some(texts), true) =
            (registry, authorizer, workflows, offers, texts, problems.is_empty())
        else {
            return Err(BuildError::new(problems));
        };
        crate::metrics::describe();
        let change_feed = storage.change_feed();
        let freshness = Arc::new(Freshness::new(change_feed.is_some()));
        let engine = Engine(Arc::new(Inner {
            registry,
            entities,
            queries,
            workflows,
            offers,
            texts,
            services: self.services,
            authenticator: self.authenticator,
            authorizer,
            unit_of_work: storage.unit_of_work(),
            record_store: storage.record_store(),
            audit_log: self.audit_log.unwrap_or_else(|| storage.audit_log()),
            idempotency_store: storage.idempotency_store(),
            rate_limiter: self.rate_limiter.unwrap_or_else(|| storage.rate_limiter()),
            event_outbox: storage.event_outbox(),
            events_written: Arc::default(),
            workflow_history: storage.workflow_history(),
            mail_outbox: storage.mail_outbox(),
            mail_queued: Arc::default(),
            templates,
            signing_key: self.signing_key.map_or_else(OnceLock::new, OnceLock::from),
            signing_keys: storage.signing_keys(),
            entity_actions: storage.entity_action_store(),
            entity_functions: self.entity_functions,
            unprotected_functions: !self.deny_unprotected_functions,
            page_actions: storage.page_action_store(),
            grouped: GroupedPages::new(self.page_cache, Arc::clone(&freshness)),
            freshness,
            file_index: storage.file_index(),
            files: self.files.unwrap_or_else(|| Arc::new(InMemoryFiles::default())),
            upload_rules: self.upload_rules,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock)),
            ids: self.ids.unwrap_or_else(|| Arc::new(SystemIds)),
            running: TaskTracker::new(),
            _storage: storage,
        }));
        tokio::spawn(background(Arc::downgrade(&engine.0)));
        if let Some(feed) = change_feed {
            tokio::spawn(cache::follow(Arc::downgrade(&engine.0), feed));
        }
        if !self.subscribers.is_empty() {
            tokio::spawn(events::run(Arc::downgrade(&engine.0), self.subscribers));
        }
        if let Some(mailer) = self.mailer {
            tokio::spawn(crate::mail::run(Arc::downgrade(&engine.0), mailer, self.mail_retries));
        }
        Ok(engine)
    }
}

/// How often files that nobody knows are looked for.
const SWEEP: Duration = Duration::from_hours(1);

/// How often a file of the configuration is looked at, so that an edit is seen well within two seconds.
const RELOAD_PERIOD: Duration = Duration::from_secs(1);

/// What the engine does by itself, as long as anybody has it.
async fn background(engine: Weak<Inner>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(engine) = engine.upgrade() else { return };
        if let Err(error) = crate::files::sweep(&engine).await {
            tracing::warn!(%error, "files that nobody knows could not be looked for; trying again later");
        }
    }
}

/// The library's actions, and those that are linked into the program.
fn own_actions(core: bool, linked: bool) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    if core {
        candidates.extend(records::core_actions());
        candidates.push(crate::files::upload_action());
        candidates.push(crate::mail::send_action());
        candidates.extend(reports::core_actions());
    }
    candidates.extend(crate::page_actions::actions());
    candidates.extend(crate::entity_actions::actions());
    if linked {
        candidates.extend(inventory::iter::<Registration>().map(|it| (it.make)()));
    }
    candidates
}
