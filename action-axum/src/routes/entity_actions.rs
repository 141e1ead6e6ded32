//! `/entity-actions`: buttons on the rows of tables, and running them; `/rpc` and `/schema_entity_actions` in the spelling
//! that clients of `PostgREST` send.
//!
//! A run is a call that walks the road: the address becomes a part of its parameters, so the audit names what ran.

use action_core::entity_actions::EntityAction;
use action_core::ports::WhichActions;
use action_core::{Caller, FieldError, Refusal, Reply};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::arrival::Arrival;
use crate::openapi::{
    AvailabilityBody, BulkRunBody, BulkRunResults, ChangeProblems, DefinitionBody, DefinitionItem,
    DefinitionListing, EntityActionItem, EntityRunResult, ExecuteProblems, ReadProblems, RowButtonItem,
    RpcBody, RunRowBody,
};
use crate::problem::Problem;
use crate::query::{Parameters, number};
use crate::serve::serve;
use crate::{extract, postgrest, query, reply};

type Names<T> = Result<Path<T>, PathRejection>;

/// The rows of the view, for clients of `PostgREST`.
#[utoipa::path(
    get,
    path = "/schema_entity_actions",
    operation_id = "listEntityActions",
    tag = "entity actions",
    params(
        ("table_name" = Option<String>, Query, description = "`eq.issues`; any other column likewise.", nullable = false),
        ("order" = Option<String>, Query, description = "`sort_order.asc,id.desc`", nullable = false),
        ("select" = Option<String>, Query, description = "`id,action_name`; `*` is all.", nullable = false),
        ("limit" = Option<u32>, Query, minimum = 0, maximum = 10_000, nullable = false),
        ("offset" = Option<u32>, Query, maximum = 1_000_000, nullable = false),
    ),
    responses((status = 200, description = "The definitions.", body = [EntityActionItem]), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn schema(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller_or_anonymous(&app, parts).await?;
        let asked = postgrest::Asked::of(&parts.uri)?;
        let found = app.engine().entity_actions().definitions(&caller, &WhichActions::default()).await?;
        let rows = found.into_iter().filter(|it| it.show_on_detail);
        let rows = rows.map(|it| serde_json::to_value(it).map_err(Refusal::internal));
        Ok(reply::json(&asked.answer(rows.collect::<Result<_, _>>()?)?, arrival))
    })
    .await
}

/// The buttons of a row.
#[utoipa::path(
    get,
    path = "/entity-actions/{table}/{subject}",
    operation_id = "getRowActions",
    tag = "entity actions",
    params(
        ("table" = String, Path),
        ("subject" = String, Path, description = "The row's key."),
        ("include" = Option<String>, Query, description = "`hidden`: those that do not show too; needs the role `admin`.",
            nullable = false),
    ),
    responses((status = 200, description = "The buttons.", body = [RowButtonItem]), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn of_row(
    State(app): State<App>,
    names: Names<(String, String)>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller_or_anonymous(&app, parts).await?;
        let mut given = Parameters::of(&parts.uri)?;
        let hidden = given.take("include", "hidden", |it| (it == "hidden").then_some(())).is_some();
        given.end()?;
        if hidden {
            admin(&caller)?;
        }
        let Path((table, id)) = names.map_err(|_| Refusal::NotFound)?;
        Ok(reply::json(&app.engine().entity_actions().of_row(&caller, &table, &id, hidden).await?, arrival))
    })
    .await
}

fn admin(caller: &Caller) -> Result<(), Refusal> {
    if caller.has_role("admin") { Ok(()) } else { Err(Refusal::PermissionDenied) }
}

/// What a table's actions are on many rows.
#[utoipa::path(
    post,
    path = "/entity-actions/{table}/availability",
    operation_id = "getRowsActions",
    tag = "entity actions",
    params(("table" = String, Path)),
    request_body = AvailabilityBody,
    responses(
        (status = 200, description = "By the rows' keys: `[{action_name, visible, enabled, reasons}]`.", body = Object),
        ChangeProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn availability(State(app): State<App>, names: Names<String>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller_or_anonymous(&app, parts).await?;
        let mut members = extract::members(&app, parts, body).await?;
        query::none(&parts.uri)?;
        let ids = match members.shift_remove("ids") {
            Some(Json::Array(ids)) => ids,
            None => return Err(Problem::invalid_fields(FieldError::required("ids").into())),
            Some(_) => return Err(Refusal::field("ids", "wrong_type", "ids must be a list").into()),
        };
        if let Some(name) = members.keys().next() {
            return Err(Problem::invalid_fields(FieldError::unknown(name.clone()).into()));
        }
        let Path(table) = names.map_err(|_| Refusal::NotFound)?;
        let found = app.engine().entity_actions().availability(&caller, &table, &ids).await?;
        let mut rows = Map::new();
        for (id, actions) in found {
            rows.insert(id, serde_json::to_value(actions).map_err(Refusal::internal)?);
        }
        Ok(reply::json(&rows, arrival))
    })
    .await
}

/// Runs an action on a row.
#[utoipa::path(
    post,
    path = "/entity-actions/{table}/{subject}",
    operation_id = "runEntityAction",
    tag = "entity actions",
    params(
        ("table" = String, Path),
        ("subject" = String, Path, description = "The action's name."),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body = RunRowBody,
    responses(
        (status = 200, description = "It ran, and everything it did is committed.", body = EntityRunResult),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn run(
    State(app): State<App>,
    names: Names<(String, String)>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let reply = named(&app, "entity_actions.run", names, (parts, body, arrival)).await?;
        Ok(reply::changed(reply, StatusCode::OK, arrival))
    })
    .await
}

/// Runs an action on many rows: all of them, or those that can be.
#[utoipa::path(
    post,
    path = "/entity-actions/{table}/{subject}/bulk",
    operation_id = "runEntityActionOnMany",
    tag = "entity actions",
    params(
        ("table" = String, Path),
        ("subject" = String, Path, description = "The action's name."),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body = BulkRunBody,
    responses(
        (status = 200, description = "What became of each row.", body = BulkRunResults),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn run_many(
    State(app): State<App>,
    names: Names<(String, String)>,
    request: Request,
) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let reply = named(&app, "entity_actions.bulk", names, (parts, body, arrival)).await?;
        Ok(reply::changed(reply, StatusCode::OK, arrival))
    })
    .await
}

async fn named(
    app: &App,
    id: &'static str,
    names: Names<(String, String)>,
    (parts, body, arrival): (&Parts, &mut Body, &Arrival),
) -> Result<Reply, Problem> {
    let caller = extract::caller_or_anonymous(app, parts).await?;
    let mut members = extract::members(app, parts, body).await?;
    query::none(&parts.uri)?;
    let Path((table, action)) = names.map_err(|_| Refusal::UnknownAction)?;
    for (name, value) in [("table_name", table), ("action_name", action)] {
        if members.insert(name.to_owned(), value.into()).is_some() {
            return Err(Problem::invalid_fields(FieldError::unknown(name).into()));
        }
    }
    let call = extract::internal_call(app, id, members, parts, arrival)?;
    Ok(app.engine().run(caller, call).await)
}

/// Runs a function as the action that names it; a function that says of itself that it failed is answered with 200.
#[utoipa::path(
    post,
    path = "/rpc/{function}",
    operation_id = "callFunction",
    tag = "entity actions",
    params(
        ("function" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "1–255 visible ASCII characters, quoted or bare.",
            min_length = 1, max_length = 512, nullable = false),
    ),
    request_body = RpcBody,
    responses(
        (status = 200, description = "What the function answered; `success` may be false.", body = EntityRunResult),
        ExecuteProblems,
    ),
    security(("bearer" = [])),
)]
pub(crate) async fn rpc(State(app): State<App>, names: Names<String>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller_or_anonymous(&app, parts).await?;
        let arguments = extract::members(&app, parts, body).await?;
        query::none(&parts.uri)?;
        let Path(function) = names.map_err(|_| Refusal::UnknownAction)?;
        let params = Map::from_iter([
            ("function".to_owned(), function.into()),
            ("arguments".to_owned(), arguments.into()),
        ]);
        let call = extract::internal_call(&app, "entity_actions.rpc", params, parts, arrival)?;
        let reply = app.engine().run(caller, call).await;
        if let Err(Refusal::Conflict { code, message, .. }) = &reply.result
            && code == "action_failed"
        {
            return Ok(reply::json(&json!({ "success": false, "message": message }), arrival));
        }
        Ok(reply::changed(reply, StatusCode::OK, arrival))
    })
    .await
}

/// The definitions, for administrators.
#[utoipa::path(
    get,
    path = "/entity-actions/definitions",
    operation_id = "listDefinitions",
    tag = "entity actions",
    params(("table_name" = Option<String>, Query, description = "Only those of this table.", nullable = false)),
    responses((status = 200, description = "The definitions.", body = DefinitionListing), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn definitions(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let mut given = Parameters::of(&parts.uri)?;
        let table = given.take("table_name", "at most 63 characters", |it| {
            (it.len() <= 63 && !it.contains('\0')).then(|| it.to_owned())
        });
        given.end()?;
        admin(&caller)?;
        let items = shown(&app, &caller, &WhichActions { table, ..WhichActions::default() }).await?;
        Ok(reply::json(&json!({ "total": items.len(), "items": items }), arrival))
    })
    .await
}

/// One definition, for administrators.
#[utoipa::path(
    get,
    path = "/entity-actions/definitions/{id}",
    operation_id = "getDefinition",
    tag = "entity actions",
    params(("id" = i64, Path)),
    responses((status = 200, description = "The definition.", body = DefinitionItem), ReadProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn definition(State(app): State<App>, names: Names<String>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        admin(&caller)?;
        let id = id_of(names).ok_or(Refusal::NotFound)?;
        let which = WhichActions { id: Some(id), ..WhichActions::default() };
        let found = shown(&app, &caller, &which).await?.into_iter().next();
        Ok(reply::json(&found.ok_or(Refusal::NotFound)?, arrival))
    })
    .await
}

/// What an address names; what is no id names nothing.
fn id_of(names: Names<String>) -> Option<i64> {
    names.ok().and_then(|Path(text)| number(&text, 1, i32::MAX.unsigned_abs())).map(i64::from)
}

/// Definitions with the roles that their functions are granted to.
async fn shown(app: &App, caller: &Caller, which: &WhichActions) -> Result<Vec<Json>, Refusal> {
    let actions = app.engine().entity_actions().definitions(caller, which).await?;
    let granted = app.engine().entity_actions().granted(caller, &actions).await?;
    let roles = |it: &EntityAction| -> Vec<&str> {
        granted.iter().filter(|(of, _)| *of == it.rpc_function).map(|(_, role)| role.as_str()).collect()
    };
    let shown = actions.iter().map(|action| {
        let mut json = serde_json::to_value(action).map_err(Refusal::internal)?;
        if let Json::Object(members) = &mut json {
            members.shift_remove("can_execute");
            members.insert("roles".to_owned(), json!(roles(action)));
        }
        Ok(json)
    });
    shown.collect()
}

/// Makes a definition.
#[utoipa::path(
    post,
    path = "/entity-actions/definitions",
    operation_id = "createDefinition",
    tag = "entity actions",
    request_body = DefinitionBody,
    responses((status = 201, description = "The definition.", body = DefinitionItem), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn define(State(app): State<App>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let members = extract::members(&app, parts, body).await?;
        query::none(&parts.uri)?;
        let call = extract::internal_call(&app, "entity_actions.define", members, parts, arrival)?;
        Ok(reply::changed(app.engine().run(caller, call).await, StatusCode::CREATED, arrival))
    })
    .await
}

/// Changes a definition: what is sent changes, the rest stays.
#[utoipa::path(
    put,
    path = "/entity-actions/definitions/{id}",
    operation_id = "updateDefinition",
    tag = "entity actions",
    params(("id" = i64, Path)),
    request_body = DefinitionBody,
    responses((status = 200, description = "The definition.", body = DefinitionItem), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn redefine(State(app): State<App>, names: Names<String>, request: Request) -> Response {
    serve(&app, request, async |parts, body, arrival| {
        let caller = extract::caller(&app, parts).await?;
        let members = extract::members(&app, parts, body).await?;
        query::none(&parts.uri)?;
        let params = of_change(names, members);
        let call = extract::internal_call(&app, "entity_actions.redefine", params, parts, arrival)?;
        Ok(reply::changed(app.engine().run(caller, call).await, StatusCode::OK, arrival))
    })
    .await
}

/// Removes a definition.
#[utoipa::path(
    delete,
    path = "/entity-actions/definitions/{id}",
    operation_id = "deleteDefinition",
    tag = "entity actions",
    params(("id" = i64, Path)),
    responses((status = 204, description = "It is gone."), ChangeProblems),
    security(("bearer" = [])),
)]
pub(crate) async fn undefine(State(app): State<App>, names: Names<String>, request: Request) -> Response {
    serve(&app, request, async |parts, _, arrival| {
        let caller = extract::caller(&app, parts).await?;
        query::none(&parts.uri)?;
        let params = of_change(names, Map::new());
        let call = extract::internal_call(&app, "entity_actions.undefine", params, parts, arrival)?;
        Ok(reply::changed(app.engine().run(caller, call).await, StatusCode::OK, arrival))
    })
    .await
}

fn of_change(names: Names<String>, members: Map<String, Json>) -> Map<String, Json> {
    let id = id_of(names).unwrap_or_default();
    Map::from_iter([("id".to_owned(), id.into()), ("definition".to_owned(), members.into())])
}
