//! `GET /ui/actions` and `GET /ui/actions/{actionId}`: the actions that the caller may run.

use action_core::{ActionDescription, Refusal};
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::request::Parts;

use crate::app::App;
use crate::arrival::Arrival;
use crate::openapi::{ActionItem, ListProblems, OneProblems};
use crate::problem::Problem;
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
pub(crate) async fn list(
    State(app): State<App>,
    Extension(arrival): Extension<Arrival>,
    request: Request,
) -> Response {
    match open_to(&app, &request.into_parts().0).await {
        Ok(actions) => reply::json(&actions, &arrival),
        Err(problem) => reply::problem(&problem, &arrival),
    }
}

async fn open_to(app: &App, parts: &Parts) -> Result<Vec<ActionDescription>, Problem> {
    let caller = extract::caller(app, parts).await?;
    query::none(&parts.uri)?;
    let grants = app.engine().grants(&caller).await?;
    Ok(app.engine().actions_for(&grants))
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
    Extension(arrival): Extension<Arrival>,
    path: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    match find(&app, &request.into_parts().0, path).await {
        Ok(action) => reply::json(&action, &arrival),
        Err(problem) => reply::problem(&problem, &arrival),
    }
}

async fn find(
    app: &App,
    parts: &Parts,
    path: Result<Path<String>, PathRejection>,
) -> Result<ActionDescription, Problem> {
    let caller = extract::caller(app, parts).await?;
    query::none(&parts.uri)?;
    let grants = app.engine().grants(&caller).await?;
    // A name that is no text when decoded is no action's name.
    let action = path.ok().and_then(|Path(id)| app.engine().action_for(&id, &grants));
    Ok(action.ok_or(Refusal::UnknownAction)?)
}
