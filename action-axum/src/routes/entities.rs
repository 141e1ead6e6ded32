//! `GET /ui/entities`: the entity types that the caller may query or read.

use axum::extract::{Request, State};
use axum::response::Response;

use crate::app::App;
use crate::openapi::{EntityItem, ListProblems};
use crate::serve::serve;
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
pub(crate) async fn list(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        let grants = app.engine().grants(&caller).await?;
        Ok(reply::json(&app.engine().entities_for(&grants), arrival))
    })
    .await
}
