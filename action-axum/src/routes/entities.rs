//! `GET /ui/entities`: the entity types that the caller may query or read.

use action_core::EntityDescription;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::Response;
use http::request::Parts;

use crate::app::App;
use crate::arrival::Arrival;
use crate::openapi::{EntityItem, ListProblems};
use crate::problem::Problem;
use crate::{extract, query, reply};

/// The entity types that the caller may query or read, by name.
#[utoipa::path(
    get,
    path = "/ui/entities",
    operation_id = "listEntities",
    tag = "entities",
    responses(
        (status = 200, description = "The entity types, by `name`.", body = [EntityItem]),
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
        Ok(entities) => reply::json(&entities, &arrival),
        Err(problem) => reply::problem(&problem, &arrival),
    }
}

async fn open_to(app: &App, parts: &Parts) -> Result<Vec<EntityDescription>, Problem> {
    let caller = extract::caller(app, parts).await?;
    query::none(&parts.uri)?;
    let grants = app.engine().grants(&caller).await?;
    Ok(app.engine().entities_for(&grants))
}
