//! What stands in the log: enough to find a request again, and nothing that must not leave it.

use std::io::Write;
use std::sync::{Arc, Mutex};

use action_core::Engine;
use action_core::in_memory::InMemory;
use axum::body::Body;
use axum::http::Request;
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Answer, App, Claims, execute};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The answer, and all that was logged for it.
async fn logged(app: &App, request: Request<Body>) -> (Answer, String) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .json()
        .with_writer(log.clone())
        .finish();
    let answer = app.send(request).with_subscriber(subscriber).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (answer, text)
}

#[tokio::test]
async fn a_line_names_the_request_its_route_and_its_trace() {
    let mut request = execute(&Claims::ada().bearer(), r#"{"actionId":"echo"}"#);
    let headers = request.headers_mut();
    headers.insert("x-request-id", "r-9".parse().unwrap());
    headers.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().unwrap());
    let (_, log) = logged(&App::start().await, request).await;
    for part in [
        r#""request":"r-9""#,
        r#""method":"POST""#,
        r#""route":"/ui/actions/execute""#,
        r#""trace_id":"4bf92f3577b34da6a3ce929d0e0e4736""#,
        r#""parent_id":"00f067aa0ba902b7""#,
    ] {
        assert!(log.contains(part), "{part} in {log}");
    }
}

#[tokio::test]
async fn neither_token_nor_body_nor_query_is_logged() {
    let app = App::start().await;
    let claims = Claims::ada();
    let body = r#"{"actionId":"echo","params":{"note":"hidden-body"}}"#;
    let (_, mut log) = logged(&app, execute(&claims.bearer(), body)).await;
    let wrong = format!("{}x", claims.bearer());
    for (path, bearer) in [("/ui/actions?q=hidden-query", claims.bearer()), ("/ui/actions", wrong)] {
        let request = Request::get(path).header("authorization", bearer).body(Body::empty()).unwrap();
        log += &logged(&app, request).await.1;
    }
    assert!(log.contains("a credential was refused"), "{log}");
    let signature = claims.token().rsplit_once('.').unwrap().1.to_owned();
    for hidden in ["hidden-body", "hidden-query", &signature] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
}

#[tokio::test]
async fn the_cause_of_a_fault_outside_an_action_stands_beside_its_request_id() {
    let engine = Engine::builder().build().await.unwrap();
    let app = App { router: action_axum::router(engine), storage: InMemory::new() };
    let request = Request::get("/ui/actions").body(Body::empty()).unwrap();
    let (answer, log) = logged(&app, request).await;
    let line = log.lines().find(|it| it.contains("no authenticator")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains(answer.header("x-request-id")), "{line}");
    assert!(!answer.text().contains("authenticator"));
}
