//! An application in memory, its actions, and the people who call them.

use std::time::Duration;

use action_axum::{Jwt, Options};
use action_core::in_memory::InMemory;
use action_core::permissions::{Effect as RightEffect, Resource, Rights};
use action_core::{
    Action, ActionContext, ActionHandler, ActionResult, AnyParams, Effect, Engine, EngineBuilder, Params,
    Question, Rate, RefreshScope, Refusal, Tone,
};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

pub(crate) const SECRET: &str = "the tests' secret, which is long enough";
pub(crate) const ADA: Uuid = Uuid::from_u128(0xada);
pub(crate) const BOB: Uuid = Uuid::from_u128(0xb0b);
pub(crate) const ACME: Uuid = Uuid::from_u128(0xacce);
pub(crate) const GLOBEX: Uuid = Uuid::from_u128(0x9109);
const EDITORS: Uuid = Uuid::from_u128(0xed);

/// Answers its parameters.
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

/// Parameters with rules, and a shape that refers to itself.
#[derive(Debug, Deserialize, JsonSchema, garde::Validate)]
struct Greet {
    #[garde(length(chars, min = 1, max = 10))]
    name: String,
    #[garde(range(min = 0, max = 150))]
    age: u8,
    #[serde(default)]
    #[garde(dive)]
    friends: Vec<Friend>,
}

#[derive(Debug, Deserialize, JsonSchema, garde::Validate)]
struct Friend {
    #[garde(length(min = 1))]
    name: String,
    #[serde(default)]
    #[garde(dive)]
    friends: Vec<Friend>,
}

struct Greeter;

impl ActionHandler for Greeter {
    type Input = (Params<Greet>,);
    type Output = String;
    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<String> {
        ctx.set_affected(1);
        ctx.notify(Tone::Success, "Greeted")?;
        ctx.effect(Effect::refresh(RefreshScope::Query));
        Ok(format!("Hello, {}", params.name))
    }
}

/// Tells what it knows of the request it came in.
struct WhoAmI;

impl ActionHandler for WhoAmI {
    type Input = ();
    type Output = Value;
    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<Value> {
        let request = ctx.request();
        Ok(json!({
            "user": ctx.caller().user_id(),
            "name": ctx.caller().name(),
            "tenant": ctx.tenant_id(),
            "roles": ctx.caller().roles(),
            "permissions": ctx.caller().permissions(),
            "page": ctx.origin().page_id,
            "widget": ctx.origin().widget_id,
            "request": request.id.as_ref(),
            "ip": request.ip,
            "agent": request.user_agent.as_deref(),
            "languages": request.languages.iter().collect::<Vec<_>>(),
        }))
    }
}

/// Answers nothing, changes nothing.
struct Silent;

impl ActionHandler for Silent {
    type Input = ();
    type Output = ();
    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
        Ok(())
    }
}

/// Refuses in the way it is told to.
struct Refuse;

impl ActionHandler for Refuse {
    type Input = (AnyParams,);
    type Output = ();
    async fn execute(&self, _: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult {
        let refusal = match params.0.get("how").and_then(Value::as_str).unwrap_or_default() {
            "tenant_mismatch" => Refusal::TenantMismatch,
            "not_found" => Refusal::NotFound,
            "query_not_found" => Refusal::UnknownQuery,
            "already_stolen" => {
                Refusal::conflict("already_stolen", "this car was already reported as stolen")
            }
            "version_conflict" => Refusal::VersionConflict { current: 7 },
            "precondition_failed" => Refusal::PreconditionFailed,
            "selection_refused" => {
                Refusal::invalid("selection_refused", "`X` needs =1; 3 items were selected")
            }
            "unavailable" => Refusal::Unavailable("secret-detail: the pool".into()),
            "internal" => Refusal::internal("secret-detail: a path"),
            "panic" => panic!("secret-detail: a panic"),
            other => return Err(action_core::ActionError::fault(format!("secret-detail: {other}"))),
        };
        Err(refusal.into())
    }
}

/// Takes longer than it may.
struct Slow;

impl ActionHandler for Slow {
    type Input = ();
    type Output = ();
    async fn execute(&self, _: &mut ActionContext<'_>, (): ()) -> ActionResult {
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(())
    }
}

/// Asks two questions.
struct Ask;

impl ActionHandler for Ask {
    type Input = ();
    type Output = Value;
    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<Value> {
        let sure = ctx
            .ask(
                Question::new("Are you sure?")
                    .message("It is final.")
                    .options(["Yes", "No"])
                    .default_option("No"),
            )
            .await?;
        let loud = ctx.ask(Question::new("Out loud?").options(["Yes", "No"])).await?;
        Ok(json!([sure.option(), loud.option()]))
    }
}

/// Every action that the tests call.
pub(crate) fn builder() -> EngineBuilder {
    let editors = Rights::builder()
        .group(EDITORS, ["editors"])
        .right(EDITORS, Resource::new("diag.a/*").unwrap(), RightEffect::Grant)
        .right(EDITORS, Resource::new("Read/action_audit_log").unwrap(), RightEffect::Grant)
        .build();
    Engine::builder()
        .authenticator(Jwt::hs256(SECRET).unwrap())
        .rights(editors)
        .action(Action::new("echo").authenticated().tenant_optional(), Echo)
        .action(Action::new("greet").authenticated().description("Greets somebody."), Greeter)
        .action(Action::new("whoami").authenticated().tenant_optional().read_only(), WhoAmI)
        .action(Action::new("silent").authenticated(), Silent)
        .action(Action::new("refuse").authenticated(), Refuse)
        .action(Action::new("slow").authenticated().time_limit(Duration::from_millis(50)), Slow)
        .action(Action::new("patient").authenticated(), Slow)
        .action(Action::new("ask").authenticated(), Ask)
        .action(Action::new("guarded").permission("diag.a"), Silent)
        .action(Action::new("limited").authenticated().rate_limit(Rate::parse("2/min").unwrap()), Silent)
}

/// The application under test.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) storage: InMemory,
}

impl App {
    pub(crate) async fn start() -> Self {
        Self::with(Options::new()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let storage = InMemory::new();
        let engine = builder().storage(storage.clone()).build().await.unwrap();
        Self { router: options.router(engine), storage }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// `POST /ui/actions/execute` by Ada, in Acme.
    pub(crate) async fn run(&self, action: &str, params: Value) -> Answer {
        self.post(json!({ "actionId": action, "params": params }).to_string()).await
    }

    /// The same with any body.
    pub(crate) async fn post(&self, body: impl Into<Body>) -> Answer {
        self.send(execute(&Claims::ada().bearer(), body)).await
    }

    /// A request by Ada, in Acme.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_as(&Claims::ada(), path).await
    }

    pub(crate) async fn get_as(&self, claims: &Claims, path: &str) -> Answer {
        self.send(Request::get(path).header("authorization", claims.bearer()).body(Body::empty()).unwrap())
            .await
    }
}

/// A request to run an action.
pub(crate) fn execute(bearer: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/ui/actions/execute")
        .header("authorization", bearer)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

/// A request with nothing but a method and a path.
pub(crate) fn bare(method: Method, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).body(Body::empty()).unwrap()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// `400 unknown_field`
    pub(crate) fn outcome(&self) -> String {
        match self.status.as_u16() {
            status @ 200..400 => status.to_string(),
            status => format!("{status} {}", self.json()["code"].as_str().unwrap_or("without a code")),
        }
    }

    /// `actionId required`, one for each mistake.
    pub(crate) fn fields(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|it| {
                let field = it["field"].as_str().unwrap_or("-");
                assert!(it["message"].as_str().is_some_and(|it| !it.is_empty()), "{it}");
                format!("{field} {}", it["code"].as_str().unwrap())
            })
            .collect()
    }
}

/// What a token says.
#[derive(Clone)]
pub(crate) struct Claims(pub(crate) Value);

impl Claims {
    /// Valid for an hour, in Acme, without roles.
    pub(crate) fn of(user: Uuid) -> Self {
        Self(json!({ "sub": user, "exp": now() + 3_600, "tenant_id": ACME }))
    }

    pub(crate) fn ada() -> Self {
        Self::of(ADA)
    }

    pub(crate) fn with(mut self, claim: &str, value: impl Into<Value>) -> Self {
        self.0[claim] = value.into();
        self
    }

    pub(crate) fn without(mut self, claim: &str) -> Self {
        self.0.as_object_mut().unwrap().remove(claim);
        self
    }

    pub(crate) fn token(&self) -> String {
        self.signed(&Header::new(Algorithm::HS256), SECRET)
    }

    pub(crate) fn signed(&self, header: &Header, secret: &str) -> String {
        encode(header, &self.0, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token())
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    chrono::Utc::now().timestamp()
}
