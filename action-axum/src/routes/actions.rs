//! `GET /ui/actions` and `GET /ui/actions/{actionId}`: the actions that the caller may run.

use action_core::Refusal;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use crate::app::App;
use crate::openapi::{ActionItem, ListProblems, OneProblems};
use crate::serve::serve;
use crate::{extract, query, reply};

/// The actions that the caller may run, by id.
#[utoipa::path(
    get,
    path = "/ui/actions",
    operation_id = "listActions",
    tag = "actions",
    responses(
        (status = 200, description = "The actions, by `actionId`.", body = [ActionItem]),
        ListProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn list(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        let grants = app.engine().grants(&caller).await?;
        Ok(reply::json(&app.engine().actions_for(&caller, &grants), arrival))
    })
    .await
}

/// One action that the caller may run.
///
/// One that does not exist and one that the caller may not run are the same answer.
#[utoipa::path(
    get,
    path = "/ui/actions/{actionId}",
    operation_id = "getAction",
    tag = "actions",
    params(("actionId" = String, Path, description = "The action's id, matched exactly.")),
    responses(
        (status = 200, description = "The action.", body = ActionItem),
        OneProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        let grants = app.engine().grants(&caller).await?;
        // A name that is no text when decoded is no action's name.
        let action = path.ok().and_then(|Path(id)| app.engine().action_for(&id, &caller, &grants));
        Ok(reply::json(&action.ok_or(Refusal::UnknownAction)?, arrival))
    })
    .await
}
