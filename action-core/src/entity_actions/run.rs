//! Runs an action on a row: the row is locked, judged once more, and the function called, all in the call's transaction.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::table::key_text;
use super::{
    EntityAction, EntityCall, EntityReply, HostTable, Questions, asker_of, denied, params, reply, transitions,
};
use crate::context::ActionContext;
use crate::error::{ActionError, ActionResult, Stop};
use crate::expression::Expression;
use crate::handler::ActionHandler;
use crate::input::AnyParams;
use crate::members::Reader;
use crate::ports::{EntityActionStore, FunctionCall, FunctionEnd, WhichActions};
use crate::refusal::Refusal;
use crate::{FieldError, FieldErrors, Value};

pub(super) struct Run;

/// What a request says of a run.
pub(super) struct Asked {
    pub(super) table_name: String,
    pub(super) action_name: String,
    pub(super) params: Map<String, Json>,
}

impl Asked {
    /// Takes its part of a request.
    pub(super) fn take(reader: &mut Reader) -> Option<Self> {
        let table_name = reader.take("table_name").and_then(|it| it.as_str().map(str::to_owned));
        let action_name = reader.take("action_name").and_then(|it| it.as_str().map(str::to_owned));
        let params = match reader.take("params") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(params)) => params,
            Some(_) => {
                reader.errors.add("params", "wrong_type", "params must be an object");
                return None;
            }
        };
        Some(Self { table_name: table_name?, action_name: action_name?, params })
    }
}

fn read(sent: &Map<String, Json>) -> Result<(Asked, Json), FieldErrors> {
    let mut reader = Reader::whole(sent.clone());
    let asked = Asked::take(&mut reader);
    let id = reader.take("entity_id");
    if id.is_none() {
        reader.missing("entity_id");
    }
    reader.end(asked.zip(id))
}

impl ActionHandler for Run {
    type Input = (AnyParams,);
    type Output = EntityReply;

    fn validate(&self, (sent,): &(Map<String, Json>,), errors: &mut FieldErrors) {
        if let Err(found) = read(sent) {
            *errors = found;
        }
    }

    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<EntityReply> {
        let (asked, id) = read(&sent.0).map_err(Refusal::validation)?;
        let action = find(ctx, &asked).await?;
        let table = table(ctx, &action).await?;
        let key = key(&table, &id, "entity_id")?;
        let given = params::check(ctx, &action.parameters, &asked.params).await?;
        let one = Row { action: &action, table: &table, key, params: &given };
        let reply = one.run(ctx).await?;
        ctx.set_affected(1);
        Ok(reply)
    }
}

/// The definition that a request names, if its caller may run it.
pub(super) async fn find(ctx: &mut ActionContext<'_>, asked: &Asked) -> Result<EntityAction, ActionError> {
    let which = WhichActions {
        table: Some(asked.table_name.clone()),
        action: Some(asked.action_name.clone()),
        ..WhichActions::default()
    };
    let mut found = definitions(ctx, &which).await?.into_iter().next();
    if found.is_none() && asked.action_name.starts_with("transition_") {
        found = transition(ctx, asked).await?;
    }
    if let Some(action) = &found {
        name(ctx, action);
    }
    match found {
        Some(action) if action.can_execute => Ok(action),
        Some(_) => Err(denied(ctx.caller()).into()),
        // Nobody known is not told what there is.
        None if ctx.caller().is_anonymous() => Err(Refusal::Unauthenticated.into()),
        None => Err(Refusal::UnknownAction.into()),
    }
}

/// The audit calls it by its own name: `issues.approve_fix`.
fn name(ctx: &ActionContext<'_>, action: &EntityAction) {
    ctx.attempt().name(&format!("{}.{}", action.table_name, action.action_name));
}

/// The action that a table's transitions make.
async fn transition(ctx: &mut ActionContext<'_>, asked: &Asked) -> Result<Option<EntityAction>, ActionError> {
    let (store, who) = (store(ctx), asker_of(ctx));
    let tx = ctx.unit.transaction().await?;
    let ways = store.transitions(tx, &asked.table_name).await?;
    if ways.is_empty() {
        return Ok(None);
    }
    let Some(table) = store.table(tx, &asked.table_name).await? else { return Ok(None) };
    let actions = transitions::actions(&asked.table_name, &table, &ways, &who);
    Ok(actions.into_iter().find(|it| it.action_name == asked.action_name))
}

pub(super) async fn definitions(
    ctx: &mut ActionContext<'_>,
    which: &WhichActions,
) -> Result<Vec<EntityAction>, ActionError> {
    let (store, asker) = (store(ctx), asker_of(ctx));
    Ok(store.definitions(ctx.unit.transaction().await?, which, &asker).await?)
}

pub(super) fn store(ctx: &ActionContext<'_>) -> Arc<dyn EntityActionStore> {
    Arc::clone(&ctx.engine().entity_actions)
}

/// The table of a definition. One that the database does not have has no rows.
pub(super) async fn table(
    ctx: &mut ActionContext<'_>,
    action: &EntityAction,
) -> Result<HostTable, ActionError> {
    let store = store(ctx);
    let table = store.table(ctx.unit.transaction().await?, &action.table_name).await?;
    let table = table.ok_or(Refusal::NotFound)?;
    if table.tenant().is_some() && ctx.tenant_id().is_none() {
        return Err(Refusal::TenantRequired.into());
    }
    Ok(table)
}

/// A key as it was sent: 400 on the field where it cannot be one of the table.
pub(super) fn key(table: &HostTable, sent: &Json, field: &str) -> Result<Value, Refusal> {
    table.read_key(sent).map_err(|expected| {
        Refusal::field(field.to_owned(), "wrong_type", format!("{field} must be {expected}"))
    })
}

/// One row that an action is to run on.
pub(super) struct Row<'a> {
    pub(super) action: &'a EntityAction,
    pub(super) table: &'a HostTable,
    pub(super) key: Value,
    pub(super) params: &'a Map<String, Json>,
}

impl Row<'_> {
    /// Locks the row, judges it and calls the function.
    pub(super) async fn run(&self, ctx: &mut ActionContext<'_>) -> Result<EntityReply, ActionError> {
        let (store, tenant) = (store(ctx), ctx.tenant_id());
        let tx = ctx.unit.transaction().await?;
        let held = store.hold(tx, self.table, tenant, std::slice::from_ref(&self.key)).await?;
        if held.is_empty() {
            return Err(Refusal::NotFound.into());
        }
        self.judge(ctx, &store, tenant).await?;
        let answer = self.call(ctx, &store).await?;
        Ok(reply::read(self.action, answer)?)
    }

    /// 409 where it does not show on this row, or cannot be clicked.
    async fn judge(
        &self,
        ctx: &mut ActionContext<'_>,
        store: &Arc<dyn EntityActionStore>,
        tenant: Option<Uuid>,
    ) -> Result<(), ActionError> {
        let questions = Questions::of(self.action, self.table);
        let asked: Vec<&Expression> = questions.expressions().collect();
        let tx = ctx.unit.transaction().await?;
        let keys = std::slice::from_ref(&self.key);
        let answers = store.judge(tx, self.table, tenant, keys, &asked).await?;
        let (_, answers) = answers.into_iter().next().ok_or(Refusal::NotFound)?;
        let verdict = questions.verdict(self.action, answers.into_iter());
        if verdict.runs() {
            return Ok(());
        }
        let message = verdict.reasons.last().map_or_else(String::new, |it| it.message.clone());
        Err(Refusal::Conflict {
            code: "not_available".into(),
            message: message.into(),
            errors: verdict.errors(),
        }
        .into())
    }

    async fn call(
        &self,
        ctx: &mut ActionContext<'_>,
        store: &Arc<dyn EntityActionStore>,
    ) -> Result<Json, ActionError> {
        if let Some(to) = &self.action.transition {
            transitions::make(ctx, self.table, &self.key, to).await?;
            return Ok(Json::Null);
        }
        let name = &self.action.rpc_function;
        let (entity_id, claims, headers) = (key_text(&self.key), claims(ctx), headers(ctx));
        let call = FunctionCall {
            function: name,
            entity_id: &entity_id,
            key: self.table.key.kind,
            params: self.params,
            claims: &claims,
            headers: &headers,
        };
        let ended = store.call(ctx.unit.transaction().await?, &call).await?;
        Err(match ended {
            FunctionEnd::Returned(answer) => return Ok(answer),
            FunctionEnd::Absent => {
                let Some(function) = ctx.engine().entity_functions.get(name.as_str()).cloned() else {
                    tracing::error!(function = name, "neither the database nor the host has this function");
                    let told =
                        "what this action runs is missing; whoever looks after the application can mend it";
                    return Err(Refusal::conflict("not_available", told).into());
                };
                let call = EntityCall {
                    table: self.action.table_name.clone(),
                    entity_id: self.key.clone(),
                    params: self.params.clone(),
                };
                return function.call(ctx, call).await;
            }
            FunctionEnd::Unfit => {
                Refusal::field("params", "wrong_type", "a parameter does not fit what the function takes")
            }
            FunctionEnd::Raised(message) => Refusal::Invalid {
                code: "action_failed".into(),
                errors: FieldError::new("", "action_failed", message).into(),
            },
            FunctionEnd::Denied => Refusal::PermissionDenied,
            FunctionEnd::Taken(text) => {
                Refusal::conflict("conflict", text.unwrap_or_else(|| "a value is taken already".to_owned()))
            }
            FunctionEnd::Constraint(text) => Refusal::conflict(
                "constraint",
                text.unwrap_or_else(|| "the data stands against it".to_owned()),
            ),
        }
        .into())
    }
}

/// The caller's claims as functions read them: whatever the credential says, and what was made of it.
fn claims(ctx: &ActionContext<'_>) -> String {
    let caller = ctx.caller();
    if caller.is_anonymous() {
        return String::new();
    }
    let mut claims = caller.claims().as_object().cloned().unwrap_or_default();
    claims.insert("sub".to_owned(), json!(caller.user_id()));
    claims.insert("tenant_id".to_owned(), json!(caller.tenant_id()));
    claims.insert("roles".to_owned(), json!(caller.roles()));
    Json::Object(claims).to_string()
}

/// What a function may know of the request; nothing that is secret.
fn headers(ctx: &ActionContext<'_>) -> String {
    let request = ctx.request();
    json!({ "x-request-id": &*request.id, "user-agent": request.user_agent.as_deref() }).to_string()
}

/// The seed's own spelling: a function by its name, run as the action that names it.
pub(super) struct Rpc;

struct RpcAsked {
    function: String,
    entity_id: Option<Json>,
    params: Map<String, Json>,
}

fn read_rpc(sent: &Map<String, Json>) -> RpcAsked {
    let mut params = match sent.get("arguments") {
        Some(Json::Object(arguments)) => arguments.clone(),
        _ => Map::new(),
    };
    let function = sent.get("function").and_then(Json::as_str).unwrap_or_default().to_owned();
    let entity_id = params.shift_remove("p_entity_id");
    RpcAsked { function, entity_id, params }
}

impl ActionHandler for Rpc {
    type Input = (AnyParams,);
    type Output = EntityReply;

    /// Of several actions that name the function, the first one that may run on the row runs.
    async fn execute(&self, ctx: &mut ActionContext<'_>, (sent,): Self::Input) -> ActionResult<EntityReply> {
        let RpcAsked { function, entity_id, params } = read_rpc(&sent.0);
        let which = WhichActions { function: Some(function), ..WhichActions::default() };
        let actions = definitions(ctx, &which).await?;
        if !actions.iter().any(|it| it.can_execute) {
            let unknown = actions.is_empty() && !ctx.caller().is_anonymous();
            return Err(if unknown { Refusal::UnknownAction } else { denied(ctx.caller()) }.into());
        }
        let missing = || Refusal::validation(FieldError::required("p_entity_id").into());
        let entity_id = entity_id.ok_or_else(missing)?;
        // The nearest that any of them came: a key of another type, no such row, a row it does not run on.
        let mut refused = (0, Refusal::NotFound);
        let mut nearer = |step, why| {
            if refused.0 < step {
                refused = (step, why);
            }
        };
        for action in actions.iter().filter(|it| it.can_execute) {
            let found = match table(ctx, action).await {
                Ok(table) => {
                    key(&table, &entity_id, "p_entity_id").map(|key| (table, key)).map_err(Into::into)
                }
                Err(why) => Err(why),
            };
            let (table, key) = match found.map_err(refusal) {
                Ok(found) => found,
                Err(why) => {
                    nearer(1, why?);
                    continue;
                }
            };
            let (store, tenant) = (store(ctx), ctx.tenant_id());
            let tx = ctx.unit.transaction().await?;
            if store.hold(tx, &table, tenant, std::slice::from_ref(&key)).await?.is_empty() {
                nearer(2, Refusal::NotFound);
                continue;
            }
            let row = Row { action, table: &table, key, params: &params };
            if actions.len() == 1 {
                name(ctx, action);
            }
            if let Err(why) = row.judge(ctx, &store, tenant).await {
                nearer(3, refusal(why)?);
                continue;
            }
            name(ctx, action);
            let given = params::check_rpc(ctx, &action.parameters, &params).await?;
            let answer = Row { params: &given, ..row }.call(ctx, &store).await?;
            ctx.set_affected(1);
            return Ok(reply::read(action, answer)?);
        }
        Err(refused.1.into())
    }
}

/// The refusal in an error; what else it is goes on.
fn refusal(error: ActionError) -> Result<Refusal, ActionError> {
    match error.0 {
        Stop::Refused(refusal) => Ok(refusal),
        _ => Err(error),
    }
}
