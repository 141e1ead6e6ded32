//! `POST /ui/actions/execute`: runs one action.

use axum::extract::{Request, State};
use axum::response::Response;

use crate::app::App;
use crate::openapi::{Asked, ExecuteForm, ExecuteProblems, Success};
use crate::serve::serve;
use crate::{extract, reply};

/// Runs one action.
///
/// The body names the action and its parameters; which parameters those are, and which permissions are needed, is
/// listed by `GET /ui/actions`. With an `Idempotency-Key`, a repetition within 24 hours is answered as the first call
/// was, without running again.
#[utoipa::path(
    post,
    path = "/ui/actions/execute",
    operation_id = "executeAction",
    tag = "actions",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body(content(
        (ref("#/components/schemas/ExecuteRequest") = "application/json"),
        (ExecuteForm = "multipart/form-data"),
    )),
    responses(
        (status = 200, description = "The action ran, and everything it did is committed.", body = Success,
            headers(("Idempotency-Replayed" = String, description = "`true` where this is a kept answer."))),
        (status = 449, description = "The action asks something first; nothing it did was kept.", body = Asked),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn execute(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let call = extract::execute_call(&app, parts, body, arrival).await?;
        Ok(reply::executed(app.engine().run(caller, call).await, arrival))
    })
    .await
}
