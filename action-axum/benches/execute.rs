//! What the library's side of a request costs: `echo` through every route and layer, against an axum handler by hand
//! that checks the same token and answers with the same parameters. Requests are handed to the routers in memory.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot go on should stop loudly")]

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use action_axum::Jwt;
use action_core::ports::{Authenticator as _, Credentials};
use action_core::{Action, ActionContext, ActionHandler, ActionResult, AnyParams, Engine};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use divan::Bencher;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

const SECRET: &str = "a secret of the benchmark, long enough";
const BODY: &str = r#"{"actionId":"echo","params":{"name":"Ada","age":36},"context":{"pageId":"people"}}"#;

fn main() {
    divan::main();
}

struct Echo;

impl ActionHandler for Echo {
    type Input = (AnyParams,);
    type Output = Map<String, Value>;

    async fn execute(
        &self,
        _: &mut ActionContext<'_>,
        (params,): Self::Input,
    ) -> ActionResult<Map<String, Value>> {
        Ok(params.0)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    #[expect(dead_code, reason = "read, as the library reads it")]
    action_id: String,
    params: Map<String, Value>,
}

#[derive(Serialize)]
struct Answer {
    success: bool,
    data: Map<String, Value>,
}

/// The floor: token, body, parse, answer.
async fn by_hand(State(jwt): State<Arc<Jwt>>, headers: HeaderMap, body: Bytes) -> Response {
    let look_up = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
    if jwt.authenticate(&Credentials::new(&look_up)).await.is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(envelope) = serde_json::from_slice::<Envelope>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let answer = Answer { success: true, data: envelope.params };
    ([("content-type", "application/json")], serde_json::to_vec(&answer).unwrap()).into_response()
}

fn token() -> String {
    let exp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 3_600;
    let claims = json!({ "sub": "11111111-1111-4111-8111-111111111111", "exp": exp,
        "tenant_id": "22222222-2222-4222-8222-222222222222", "roles": ["editor"] });
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn measure(bencher: Bencher<'_, '_>, app: &Router, path: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let token = format!("Bearer {}", token());
    let request = || {
        Request::post(path)
            .header("authorization", &token)
            .header("content-type", "application/json")
            .header("accept-language", "nl,en;q=0.5")
            .header("user-agent", "bench")
            .body(Body::from(BODY))
            .unwrap()
    };
    bencher.with_inputs(request).bench_local_values(|request| {
        runtime.block_on(async {
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 200);
            to_bytes(response.into_body(), usize::MAX).await.unwrap()
        })
    });
}

#[divan::bench]
fn axum_by_hand(bencher: Bencher<'_, '_>) {
    let app = Router::new().route("/echo", post(by_hand)).with_state(Arc::new(Jwt::hs256(SECRET).unwrap()));
    measure(bencher, &app, "/echo");
}

#[divan::bench]
fn echo(bencher: Bencher<'_, '_>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let engine = runtime
        .block_on(
            Engine::builder()
                .authenticator(Jwt::hs256(SECRET).unwrap())
                .audit_log(NoAudit)
                .action(Action::new("echo").authenticated().read_only(), Echo)
                .build(),
        )
        .unwrap();
    measure(bencher, &action_axum::router(engine), "/ui/actions/execute");
}

/// The audit in memory grows without bound, and a benchmark would measure that.
struct NoAudit;

#[async_trait::async_trait]
impl action_core::ports::AuditLog for NoAudit {
    async fn append(&self, _: action_core::audit::AuditRecord) -> Result<(), action_core::ports::StoreError> {
        Ok(())
    }
    async fn list(
        &self,
        _: &action_core::ports::AuditQuery,
    ) -> Result<action_core::ports::AuditPage, action_core::ports::StoreError> {
        Ok(action_core::ports::AuditPage { items: Vec::new(), total: 0 })
    }
}
