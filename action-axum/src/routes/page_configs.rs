//! `/v1/config/page-configs`: the pages, and what stands on one of them.

use action_core::Refusal;
use action_core::page_actions::Grouped;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::page_actions::{Id, change, id_of};
use crate::app::App;
use crate::openapi::{
    BatchBody, ChangeProblems, GroupedActions, OrderBody, PageActionItem, PageBody, PageItem, PageListing,
    ReadProblems,
};
use crate::query::Parameters;
use crate::serve::serve;
use crate::{extract, reply};

/// The pages, by name.
#[utoipa::path(
    get,
    path = "/v1/config/page-configs",
    operation_id = "listPages",
    tag = "page actions",
    params(("name" = Option<String>, Query, description = "Only those of exactly this name.", nullable = false)),
    responses((status = 200, description = "The pages.", body = PageListing), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn list(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let (_, tenant) = extract::reader(&app, parts, App::read_page_configs).await?;
        let mut given = Parameters::of(&parts.uri)?;
        let text = |it: &str| (it.chars().count() <= 100 && !it.contains('\0')).then(|| it.to_owned());
        let name = given.take("name", "at most 100 characters", text);
        given.end()?;
        let pages =
            app.engine().page_actions().pages(tenant, name.as_deref()).await.map_err(Refusal::from)?;
        Ok(reply::json(&json!({ "total": pages.len(), "items": pages }), arrival))
    })
    .await
}

/// Makes a page.
#[utoipa::path(
    post,
    path = "/v1/config/page-configs",
    operation_id = "createPage",
    tag = "page actions",
    request_body = PageBody,
    responses((status = 201, description = "The page.", body = PageItem), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn create(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, "page_configs.create", None, StatusCode::CREATED, (parts, body, arrival)).await
    })
    .await
}

/// Removes a page with everything on it, for whoever may remove every kind of action that stands on it.
#[utoipa::path(
    delete,
    path = "/v1/config/page-configs/{id}",
    operation_id = "deletePage",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "It is gone, and what stood on it."), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn delete(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, "page_configs.delete", id_of(id), StatusCode::OK, (parts, body, arrival)).await
    })
    .await
}

/// What stands on a page, by kind. An unknown page has nothing on it.
#[utoipa::path(
    get,
    path = "/v1/config/page-configs/{id}/actions",
    operation_id = "getPageActions",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("isActive" = Option<bool>, Query, description = "Only those that are shown, or only the others.", nullable = false),
    ),
    responses((status = 200, description = "The actions.", body = GroupedActions), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn actions(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let (_, tenant) = extract::reader(&app, parts, App::read_page_actions).await?;
        let mut given = Parameters::of(&parts.uri)?;
        let is_active = given.take("isActive", "true or false", |it| it.parse::<bool>().ok());
        given.end()?;
        let Some(page) = id_of(id) else { return Ok(reply::json(&Grouped::default(), arrival)) };
        Ok(reply::document(app.engine().grouped_page_actions(tenant, page, is_active).await?))
    })
    .await
}

/// Makes many actions at once, all or none.
#[utoipa::path(
    post,
    path = "/v1/config/page-configs/{id}/actions/batch",
    operation_id = "createPageActions",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    request_body = BatchBody,
    responses((status = 200, description = "The actions, in the order of the request.", body = [PageActionItem]),
        ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn batch(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, "page_actions.batch", id_of(id), StatusCode::OK, (parts, body, arrival)).await
    })
    .await
}

/// Puts all actions of a page into a new order.
#[utoipa::path(
    put,
    path = "/v1/config/page-configs/{id}/actions/order",
    operation_id = "orderPageActions",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    request_body = OrderBody,
    responses((status = 200, description = "The actions in their new order.", body = GroupedActions), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn order(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, "page_actions.order", id_of(id), StatusCode::OK, (parts, body, arrival)).await
    })
    .await
}
