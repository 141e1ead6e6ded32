//! `GET /spark/actions/{objectTypeId}` and `POST /spark/actions/{objectTypeId}/{actionName}`: custom actions on
//! entities.
//!
//! The listing and the run ask the same question of the same snapshots: what is listed can be run, and what is not is
//! refused.

use action_core::Refusal;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use crate::app::App;
use crate::openapi::{Asked, CustomActionItem, ExecuteProblems, ListProblems, Success};
use crate::serve::serve;
use crate::{extract, query, reply};

/// The actions on an entity that the caller may run.
///
/// Empty where there are none, and where there is no such entity: the two are one answer.
#[utoipa::path(
    get,
    path = "/{objectTypeId}",
    operation_id = "listCustomActions",
    tag = "custom actions",
    params(("objectTypeId" = String, Path, description = "The entity's name, alias or type id, in any case.")),
    responses(
        (status = 200, description = "The actions, by `offset`, then in the order of the configuration.",
            body = [CustomActionItem]),
        ListProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        let grants = app.engine().grants(&caller).await?;
        // A name that is no text when decoded is no entity's name.
        let entity = path.map(|Path(name)| name).unwrap_or_default();
        let listed = app.engine().custom_actions_for(&entity, &caller, &grants, arrival.languages());
        Ok(reply::json(&listed, arrival))
    })
    .await
}

/// Runs an action on an entity.
///
/// `parent` is the record in view, `selectedItems` are the rows ticked in a list. Both are loaded again by their ids; the
/// attributes sent along are never taken for what is stored. All members are optional, and so is the body. A question
/// (449) is answered by the same request with one more entry in `retryResults`.
#[utoipa::path(
    post,
    path = "/{objectTypeId}/{actionName}",
    operation_id = "runCustomAction",
    tag = "custom actions",
    params(
        ("objectTypeId" = String, Path, description = "The entity's name, alias or type id, in any case."),
        ("actionName" = String, Path, description = "The action's name, in any case."),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body(content((ref("#/components/schemas/CustomActionRequest") = "application/json"))),
    responses(
        (status = 200, description = "The action ran, and everything it did is committed.", body = Success,
            headers(("Idempotency-Replayed" = String, description = "`true` where this is a kept answer."))),
        (status = 449, description = "The action asks something first; nothing it did was kept.", body = Asked),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn run(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let path = path.map(|Path(names)| names);
        let (entity, action) = path.map_err(|_| Refusal::NotFound)?;
        let call = extract::custom_call(&app, entity, action, parts, body, arrival).await?;
        Ok(reply::executed(app.engine().run(caller, call).await, arrival))
    })
    .await
}
