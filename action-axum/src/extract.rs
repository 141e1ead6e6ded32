//! A request -> its caller, and the call it makes.
//!
//! In this order: who is calling (401, then 403 for another site's page), before any of the body is read; then the
//! body (413, 415, 400). Nothing is decided here that the pipeline decides: a call may still be to an action that does
//! not exist, or be refused.

use std::sync::Arc;

use action_core::permissions::Permission;
use action_core::ports::Credentials;
use action_core::{Call, Caller, Refusal, Request};
use axum::body::Body;
use http::header::{AUTHORIZATION, IF_MATCH, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::Map;
use uuid::Uuid;

use crate::app::App;
use crate::arrival::Arrival;
use crate::envelope::{CustomEnvelope, Envelope, RunEnvelope};
use crate::problem::Problem;
use crate::{body, cross_site, envelope, idempotency_key, multipart};

/// Longest name of a client that is kept, in characters.
const LONGEST_USER_AGENT: usize = 500;

/// Who is calling.
pub(crate) async fn caller(app: &App, parts: &Parts) -> Result<Caller, Problem> {
    let look_up = |name: &str| header(&parts.headers, name);
    let identified = app.engine().authenticate(&Credentials::new(&look_up)).await?;
    if identified.ambient {
        cross_site::check(parts, &app.options().trusted_proxies)?;
    }
    Ok(identified.caller)
}

/// Who is calling, where whoever sent no credential may be somebody too.
pub(crate) async fn caller_or_anonymous(app: &App, parts: &Parts) -> Result<Caller, Problem> {
    // One that cannot be read is a bad one, and not a missing one.
    if parts.headers.contains_key(AUTHORIZATION) {
        return self::caller(app, parts).await;
    }
    let look_up = |name: &str| header(&parts.headers, name);
    let identified = app.engine().entity_actions().caller(&Credentials::new(&look_up)).await?;
    if identified.ambient {
        cross_site::check(parts, &app.options().trusted_proxies)?;
    }
    Ok(identified.caller)
}

/// The call that an execution request makes.
pub(crate) async fn execute_call(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    arrival: &Arrival,
) -> Result<Call, Problem> {
    let options = app.options();
    let (bytes, uploads) = match multipart::boundary(&parts.headers) {
        Some(boundary) => {
            let limits = multipart::Limits {
                json: options.body_limit,
                files: app.engine().largest_upload(),
                time: options.upload_time_limit,
            };
            let multipart::Parts { json, uploads } =
                multipart::read(&parts.headers, body, boundary?, limits).await?;
            (json, uploads)
        }
        None => {
            let read = body::json(&parts.headers, body, options.body_limit, options.body_time_limit);
            (read.await?, Vec::new())
        }
    };
    let beside = Beside::of(app, parts, arrival)?;
    let Envelope { action_id, params, origin, answers } = Envelope::parse(&bytes)?;
    let mut call = Call::execute(action_id, params);
    call.uploads = uploads;
    call.origin = origin;
    call.answers = answers;
    beside.finish(&mut call);
    Ok(call)
}

/// The call that a request for a custom action on an entity makes.
pub(crate) async fn custom_call(
    app: &App,
    entity: String,
    action: String,
    parts: &Parts,
    body: &mut Body,
    arrival: &Arrival,
) -> Result<Call, Problem> {
    let options = app.options();
    let read = body::json_or_nothing(&parts.headers, body, options.body_limit, options.body_time_limit);
    let bytes = read.await?;
    let beside = Beside::of(app, parts, arrival)?;
    let CustomEnvelope { params, selection, answers } = CustomEnvelope::parse(&bytes)?;
    let mut call = Call::custom(entity, action, params);
    call.selection = selection;
    call.answers = answers;
    beside.finish(&mut call);
    Ok(call)
}

/// The call that a change of the library's own configuration makes: `subject` is what its address names.
pub(crate) async fn change_call(
    app: &App,
    id: &'static str,
    subject: Option<Uuid>,
    parts: &Parts,
    body: &mut Body,
    arrival: &Arrival,
) -> Result<Call, Problem> {
    let options = app.options();
    let params = if parts.method == http::Method::DELETE {
        Map::new()
    } else {
        let read = body::json(&parts.headers, body, options.body_limit, options.body_time_limit);
        envelope::members(&read.await?)?
    };
    let mut call = Call::internal(id, subject, params, if_match(&parts.headers));
    finish(app, parts, arrival, &mut call)?;
    Ok(call)
}

/// The members of a body that is an object.
pub(crate) async fn members(
    app: &App,
    parts: &Parts,
    body: &mut Body,
) -> Result<Map<String, serde_json::Value>, Problem> {
    let options = app.options();
    let read = body::json(&parts.headers, body, options.body_limit, options.body_time_limit);
    envelope::members(&read.await?)
}

/// A call of one of the library's own actions, whose parameters were put together from its body and its address.
pub(crate) fn internal_call(
    app: &App,
    id: &'static str,
    params: Map<String, serde_json::Value>,
    parts: &Parts,
    arrival: &Arrival,
) -> Result<Call, Problem> {
    let mut call = Call::internal(id, None, params, None);
    finish(app, parts, arrival, &mut call)?;
    Ok(call)
}

/// The body of a click on a stored action.
pub(crate) async fn run_envelope(app: &App, parts: &Parts, body: &mut Body) -> Result<RunEnvelope, Problem> {
    let options = app.options();
    let read = body::json_or_nothing(&parts.headers, body, options.body_limit, options.body_time_limit);
    RunEnvelope::parse(&read.await?)
}

/// Gives a call what it has of its request besides its body, where the body was right.
pub(crate) fn finish(app: &App, parts: &Parts, arrival: &Arrival, call: &mut Call) -> Result<(), Problem> {
    Beside::of(app, parts, arrival)?.finish(call);
    Ok(())
}

/// What a call has of its request besides its body. It is taken apart from the call because some routes refuse a bad
/// key before a bad envelope, when there is no call yet.
struct Beside {
    idempotency_key: Option<String>,
    request: Request,
}

impl Beside {
    fn of(app: &App, parts: &Parts, arrival: &Arrival) -> Result<Self, Problem> {
        let idempotency_key = idempotency_key::of(&parts.headers)?;
        Ok(Self { idempotency_key, request: request(app, parts, arrival) })
    }

    fn finish(self, call: &mut Call) {
        call.idempotency_key = self.idempotency_key;
        call.request = self.request;
    }
}

/// The tenant of a caller who may read, by one of the library's own permissions.
pub(crate) async fn reader(
    app: &App,
    parts: &Parts,
    permission: impl FnOnce(&App) -> Option<&Permission>,
) -> Result<(Caller, Uuid), Problem> {
    let caller = caller(app, parts).await?;
    let tenant = caller.tenant_id().ok_or(Refusal::TenantRequired)?;
    let grants = app.engine().grants(&caller).await?;
    if permission(app).is_some_and(|it| grants.allows(it)) {
        Ok((caller, tenant))
    } else {
        Err(Refusal::PermissionDenied.into())
    }
}

fn request(app: &App, parts: &Parts, arrival: &Arrival) -> Request {
    Request {
        id: arrival.shared_id(),
        ip: app.options().trusted_proxies.client(parts),
        user_agent: parts.headers.get(USER_AGENT).map(user_agent),
        languages: arrival.languages().clone(),
    }
}

/// The states of which the client expects one. One that is not even a text is expected all the same, and is none that
/// there is: it must not count as a client that expects nothing.
fn if_match(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(IF_MATCH).iter().map(|it| String::from_utf8_lossy(it.as_bytes()));
    let first = lines.next()?.into_owned();
    Some(lines.fold(first, |all, it| all + "," + &it))
}

/// A header's text. Two `Authorization` headers are as good as none: each side could believe another one.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() && name == AUTHORIZATION {
        return None;
    }
    first.to_str().ok()
}

fn user_agent(value: &HeaderValue) -> Arc<str> {
    let text = String::from_utf8_lossy(value.as_bytes());
    match text.char_indices().nth(LONGEST_USER_AGENT) {
        Some((end, _)) => text.get(..end).unwrap_or_default().into(),
        None => text.into(),
    }
}
