//! `/v1/config/page-actions`: the buttons, dropdowns and separators of all pages.
//!
//! A change and a click are calls that walk the road; a read asks for its permission here and then for nothing but the
//! rows.

use action_core::page_actions::PageActionType;
use action_core::ports::{PageActionOrder, PageActionQuery};
use action_core::{Call, Refusal};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::request::Parts;
use http::{StatusCode, Uri};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::arrival::Arrival;
use crate::envelope::RunEnvelope;
use crate::openapi::{
    Asked, ButtonBody, ChangeProblems, DropdownBody, ExecuteProblems, HistoryListing, PageActionFilters,
    PageActionItem, PageActionListing, ReadProblems, RevertBody, RunBody, SeparatorBody, Success,
};
use crate::problem::Problem;
use crate::query::{Parameters, number, uuid};
use crate::serve::serve;
use crate::{extract, query, reply};

const LAST_PAGE: u32 = 1_000_000;
const MOST_ROWS: u32 = 1_000;
const ROWS: u32 = 10;

/// The id that an address names; what is none names nothing.
pub(super) type Id = Result<Path<String>, PathRejection>;

pub(super) fn id_of(id: Id) -> Option<Uuid> {
    id.ok().and_then(|Path(text)| uuid(&text))
}

/// Runs a change, and answers what it answers.
pub(super) async fn change(
    app: &App,
    id: &'static str,
    subject: Option<Uuid>,
    made: StatusCode,
    (parts, body, arrival): (&Parts, &mut Body, &Arrival),
) -> Result<Response, Problem> {
    let caller = extract::caller(app, parts).await?;
    let call = extract::change_call(app, id, subject, parts, body, arrival).await?;
    query::none(&parts.uri)?;
    Ok(reply::changed(app.engine().run(caller, call).await, made, arrival))
}

/// Makes a button.
#[utoipa::path(
    post,
    path = "/v1/config/page-actions/buttons",
    operation_id = "createButton",
    tag = "page actions",
    request_body = ButtonBody,
    responses(
        (status = 200, description = "The button.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create_button(State(app): State<App>, request: Request) -> Response {
    create(app, "page_actions.create_button", request).await
}

/// Makes a dropdown with its items.
#[utoipa::path(
    post,
    path = "/v1/config/page-actions/dropdowns",
    operation_id = "createDropdown",
    tag = "page actions",
    request_body = DropdownBody,
    responses(
        (status = 200, description = "The dropdown.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create_dropdown(State(app): State<App>, request: Request) -> Response {
    create(app, "page_actions.create_dropdown", request).await
}

/// Makes a separator.
#[utoipa::path(
    post,
    path = "/v1/config/page-actions/separators",
    operation_id = "createSeparator",
    tag = "page actions",
    request_body = SeparatorBody,
    responses(
        (status = 200, description = "The separator.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn create_separator(State(app): State<App>, request: Request) -> Response {
    create(app, "page_actions.create_separator", request).await
}

async fn create(app: App, id: &'static str, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, id, None, StatusCode::OK, (parts, body, arrival)).await
    })
    .await
}

/// Changes a button: what is sent changes, the rest stays.
#[utoipa::path(
    put,
    path = "/v1/config/page-actions/buttons/{id}",
    operation_id = "updateButton",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the last answer.", nullable = false),
    ),
    request_body = ButtonBody,
    responses(
        (status = 200, description = "The button.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn update_button(State(app): State<App>, id: Id, request: Request) -> Response {
    update(app, "page_actions.update_button", id, request).await
}

/// Changes a dropdown: what is sent changes, the rest stays; items that are sent take the place of all.
#[utoipa::path(
    put,
    path = "/v1/config/page-actions/dropdowns/{id}",
    operation_id = "updateDropdown",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the last answer.", nullable = false),
    ),
    request_body = DropdownBody,
    responses(
        (status = 200, description = "The dropdown.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn update_dropdown(State(app): State<App>, id: Id, request: Request) -> Response {
    update(app, "page_actions.update_dropdown", id, request).await
}

/// Changes a separator: what is sent changes, the rest stays.
#[utoipa::path(
    put,
    path = "/v1/config/page-actions/separators/{id}",
    operation_id = "updateSeparator",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the last answer.", nullable = false),
    ),
    request_body = SeparatorBody,
    responses(
        (status = 200, description = "The separator.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn update_separator(State(app): State<App>, id: Id, request: Request) -> Response {
    update(app, "page_actions.update_separator", id, request).await
}

async fn update(app: App, action: &'static str, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        change(&app, action, id_of(id), StatusCode::OK, (parts, body, arrival)).await
    })
    .await
}

/// Takes an action off its page; a dropdown goes with its items.
#[utoipa::path(
    delete,
    path = "/v1/config/page-actions/{id}",
    operation_id = "deletePageAction",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the last answer.", nullable = false),
    ),
    responses((status = 204, description = "It is gone."), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn delete(State(app): State<App>, id: Id, request: Request) -> Response {
    update(app, "page_actions.delete", id, request).await
}

/// Puts an action back as an entry of its history left it; of a removal, as it was before.
#[utoipa::path(
    post,
    path = "/v1/config/page-actions/{id}/revert",
    operation_id = "revertPageAction",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    request_body = RevertBody,
    responses(
        (status = 200, description = "The action.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn revert(State(app): State<App>, id: Id, request: Request) -> Response {
    update(app, "page_actions.revert", id, request).await
}

/// The actions of all pages, with all their details.
#[utoipa::path(
    get,
    path = "/v1/config/page-actions",
    operation_id = "listPageActions",
    tag = "page actions",
    params(PageActionFilters),
    responses((status = 200, description = "A page of the list.", body = PageActionListing), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn list(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let (_, tenant) = extract::reader(&app, parts, App::read_page_actions).await?;
        let (query, page) = read(&parts.uri)?;
        let (items, total) = app.engine().page_actions().list(tenant, &query).await.map_err(Refusal::from)?;
        let listing = json!({ "items": items, "total": total, "page": page, "rowsPerPage": query.limit });
        Ok(reply::json(&listing, arrival))
    })
    .await
}

fn read(uri: &Uri) -> Result<(PageActionQuery, u32), Problem> {
    let mut given = Parameters::of(uri)?;
    let page = given.take("page", "a number from 1 to 1000000", |it| number(it, 1, LAST_PAGE)).unwrap_or(1);
    let limit = given.take("rows", "a number from 1 to 1000", |it| number(it, 1, MOST_ROWS)).unwrap_or(ROWS);
    let kind = |it: &str| PageActionType::ALL.into_iter().find(|kind| kind.name() == it);
    let label =
        |it: &str| ((1..=100).contains(&it.chars().count()) && !it.contains('\0')).then(|| it.to_owned());
    let mut query = PageActionQuery {
        id: given.take("id", "a UUID", uuid),
        page_id: given.take("pageConfigId", "a UUID", uuid),
        action_type: given.take("actionType", "button, dropdown or separator", kind),
        is_active: given.take("isActive", "true or false", |it| it.parse().ok()),
        label: given.take("label", "1 to 100 characters", label),
        offset: u64::from(page - 1) * u64::from(limit),
        limit,
        ..PageActionQuery::default()
    };
    let expected = "id, pageConfigId, actionType or actionOrder, with ,ASC or ,DESC";
    if let Some((order_by, descending)) = given.take("orderBy", expected, order) {
        (query.order_by, query.descending) = (order_by, descending);
    }
    given.end()?;
    Ok((query, page))
}

fn order(text: &str) -> Option<(PageActionOrder, bool)> {
    let (field, direction) = text.split_once(',')?;
    let field = match field {
        "id" => PageActionOrder::Id,
        "pageConfigId" => PageActionOrder::Page,
        "actionType" => PageActionOrder::Type,
        "actionOrder" => PageActionOrder::Place,
        _ => return None,
    };
    match direction {
        "ASC" => Some((field, false)),
        "DESC" => Some((field, true)),
        _ => None,
    }
}

/// One action with all its details.
#[utoipa::path(
    get,
    path = "/v1/config/page-actions/{id}",
    operation_id = "getPageAction",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The action.", body = PageActionItem, headers(("ETag" = String, description = "Its state."))),
        ReadProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn one(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let (_, tenant) = extract::reader(&app, parts, App::read_page_actions).await?;
        query::none(&parts.uri)?;
        let id = id_of(id).ok_or(Refusal::NotFound)?;
        let found = app.engine().page_actions().find(tenant, id).await.map_err(Refusal::from)?;
        let action = found.ok_or(Refusal::NotFound)?;
        let mut response = reply::json(&action, arrival);
        reply::entity_tag(&mut response, &action.etag());
        Ok(response)
    })
    .await
}

/// What became of an action, newest first; also of one that is gone.
#[utoipa::path(
    get,
    path = "/v1/config/page-actions/{id}/history",
    operation_id = "getPageActionHistory",
    tag = "page actions",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The history.", body = HistoryListing), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn history(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let (_, tenant) = extract::reader(&app, parts, App::read_page_actions).await?;
        query::none(&parts.uri)?;
        let id = id_of(id).ok_or(Refusal::NotFound)?;
        let items = app.engine().page_actions().history(tenant, id).await.map_err(Refusal::from)?;
        // Nothing may have become of one that is there.
        if items.is_empty() {
            let there = app.engine().page_actions().find(tenant, id).await.map_err(Refusal::from)?;
            there.ok_or(Refusal::NotFound)?;
        }
        Ok(reply::json(&Items { items }, arrival))
    })
    .await
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// Runs what is stored behind a button or an item of a dropdown, with the parameters that are stored with it.
///
/// A repetition with the same `Idempotency-Key` is answered as the click was, also where something else is stored by then.
#[utoipa::path(
    post,
    path = "/v1/config/page-actions/{id}/execute",
    operation_id = "runPageAction",
    tag = "page actions",
    params(
        ("id" = Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body = RunBody,
    responses(
        (status = 200, description = "The action ran, and everything it did is committed.", body = Success),
        (status = 449, description = "The action asks something first; nothing it did was kept.", body = Asked),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn execute(State(app): State<App>, id: Id, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let RunEnvelope { item, origin, answers } = extract::run_envelope(&app, parts, body).await?;
        query::none(&parts.uri)?;
        let mut call = Call::click(id_of(id), item);
        call.origin = origin;
        call.answers = answers;
        extract::finish(&app, parts, arrival, &mut call)?;
        Ok(reply::executed(app.engine().run(caller, call).await, arrival))
    })
    .await
}
