//! What operators ask: health and metrics.

use std::sync::Arc;
use std::time::Duration;

use action_core::Engine;
use action_core::entity::Entity;
use action_core::in_memory::InMemory;
use action_core::ports::{
    AuditLog, EntityActionStore, EventOutbox, FileIndex, IdempotencyStore, MailOutbox, PageActionStore,
    RateLimiter, RecordStore, Scope, SigningKeys, Storage, StoreError, Transaction, UnitOfWork,
    WorkflowHistory,
};
use async_trait::async_trait;
use axum::Router;
use axum::http::Method;
use serde_json::json;

use crate::support::{App, bare, builder};

/// A storage whose database is away, or hangs.
struct Away {
    inner: InMemory,
    hangs: bool,
}

struct Gone {
    hangs: bool,
}

#[async_trait]
impl UnitOfWork for Gone {
    async fn begin(&self, _: &Scope) -> Result<Box<dyn Transaction>, StoreError> {
        Err(StoreError::Unavailable("secret-detail".into()))
    }
    async fn ready(&self) -> Result<(), StoreError> {
        if self.hangs {
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        Err(StoreError::Unavailable("secret-detail".into()))
    }
}

impl Storage for Away {
    fn unit_of_work(&self) -> Arc<dyn UnitOfWork> {
        Arc::new(Gone { hangs: self.hangs })
    }
    fn record_store(&self) -> Arc<dyn RecordStore> {
        self.inner.record_store()
    }
    fn audit_log(&self) -> Arc<dyn AuditLog> {
        self.inner.audit_log()
    }
    fn idempotency_store(&self) -> Arc<dyn IdempotencyStore> {
        self.inner.idempotency_store()
    }
    fn rate_limiter(&self) -> Arc<dyn RateLimiter> {
        self.inner.rate_limiter()
    }
    fn entity_action_store(&self) -> Arc<dyn EntityActionStore> {
        self.inner.entity_action_store()
    }
    fn event_outbox(&self) -> Arc<dyn EventOutbox> {
        self.inner.event_outbox()
    }
    fn mail_outbox(&self) -> Arc<dyn MailOutbox> {
        self.inner.mail_outbox()
    }
    fn file_index(&self) -> Arc<dyn FileIndex> {
        self.inner.file_index()
    }
    fn workflow_history(&self) -> Arc<dyn WorkflowHistory> {
        self.inner.workflow_history()
    }
    fn page_action_store(&self) -> Arc<dyn PageActionStore> {
        self.inner.page_action_store()
    }
    fn signing_keys(&self) -> Arc<dyn SigningKeys> {
        self.inner.signing_keys()
    }
    fn check_entity(&self, _: &Entity) -> Result<(), action_core::BoxError> {
        Ok(())
    }
}

async fn without_database(hangs: bool) -> App {
    let storage = Away { inner: InMemory::new(), hangs };
    let engine = Engine::builder().storage(storage).build().await.unwrap();
    App { router: action_axum::router(engine), storage: InMemory::new() }
}

#[tokio::test]
async fn a_living_process_with_a_database_is_alive_and_ready() {
    let app = App::start().await;
    for path in ["/healthz", "/readyz", "/healthz?probe=1"] {
        let answer = app.send(bare(Method::GET, path)).await;
        assert_eq!((answer.outcome().as_str(), answer.json()), ("200", json!({ "status": "ok" })), "{path}");
    }
}

#[tokio::test]
async fn without_its_database_it_is_alive_and_not_ready() {
    let app = without_database(false).await;
    assert_eq!(app.send(bare(Method::GET, "/healthz")).await.outcome(), "200");
    let answer = app.send(bare(Method::GET, "/readyz")).await;
    assert_eq!(answer.outcome(), "503 unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert!(!answer.text().contains("secret-detail"));
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_is_not_waited_for() {
    let before = tokio::time::Instant::now();
    let answer = without_database(true).await.send(bare(Method::GET, "/readyz")).await;
    assert_eq!(answer.outcome(), "503 unavailable");
    assert_eq!(before.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn metrics_tell_executions_by_action_and_outcome() {
    let metrics = action_axum::Metrics::install().unwrap();
    assert!(action_axum::Metrics::install().is_err(), "there is one collector in a process");
    let engine = builder().build().await.unwrap();
    let router =
        Router::new().merge(action_axum::router(engine)).merge(action_axum::metrics_router(&metrics));
    let app = App { router, storage: InMemory::new() };
    app.run("silent", json!({})).await;
    app.run("guarded", json!({})).await;
    let answer = app.send(bare(Method::GET, "/metrics")).await;
    assert_eq!(answer.outcome(), "200");
    assert!(answer.header("content-type").starts_with("text/plain"));
    let text = answer.text();
    let counted = |action: &str, outcome: &str| {
        text.lines().any(|it| {
            it.starts_with("action_executions_total{")
                && it.contains(action)
                && it.contains(outcome)
                && it.ends_with(" 1")
        })
    };
    assert!(counted("\"silent\"", "succeeded") && counted("\"guarded\"", "refused"), "{text}");
    assert!(text.contains("action_execution_seconds_bucket{"), "{text}");
}
