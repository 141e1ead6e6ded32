//! `approve_fix`: a state change under a row lock, judged on the stored row. Of two at once, one does it.

use action_core::{Action, ActionContext, ActionHandler, ActionResult, EngineBuilder, Params, Refusal};
use action_sqlx::{Connection, SqlContext as _};
use action_tests::databases::TestDatabase;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::{Host, end};

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct ApproveParams {
    #[garde(range(min = 1))]
    id: i64,
}

struct ApproveFix;

impl ActionHandler for ApproveFix {
    type Input = (Params<ApproveParams>,);
    type Output = Value;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult<Value> {
        let tenant = ctx.tenant_id().ok_or(Refusal::TenantRequired)?;
        let status: Option<String> = match ctx.connection().await? {
            Connection::Postgres(connection) => {
                sqlx::query_scalar("SELECT status FROM issues WHERE id = $1 AND tenant_id = $2 FOR UPDATE")
                    .bind(params.id)
                    .bind(tenant)
                    .fetch_optional(connection)
                    .await?
            }
            Connection::Sqlite(connection) => {
                sqlx::query_scalar("SELECT status FROM issues WHERE id = $1 AND tenant_id = $2")
                    .bind(params.id)
                    .bind(tenant.to_string())
                    .fetch_optional(connection)
                    .await?
            }
        };
        match status.as_deref() {
            None => return Err(Refusal::NotFound.into()),
            Some("pending") => {}
            Some(_) => {
                return Err(Refusal::conflict("not_available", "only pending issues can be approved").into());
            }
        }
        let update = "UPDATE issues SET status = 'approved' WHERE id = $1";
        match ctx.connection().await? {
            Connection::Postgres(connection) => {
                drop(sqlx::query(update).bind(params.id).execute(connection).await?);
            }
            Connection::Sqlite(connection) => {
                drop(sqlx::query(update).bind(params.id).execute(connection).await?);
            }
        }
        ctx.set_affected(1);
        Ok(json!({ "id": params.id, "status": "approved" }))
    }
}

fn actions(builder: EngineBuilder) -> EngineBuilder {
    builder.action(Action::new("issues.approve_fix").permission("approve_fix/issues"), ApproveFix)
}

on_both_databases!(a_pending_issue_is_approved_once, of_many_approvals_at_once_one_succeeds);

async fn a_pending_issue_is_approved_once(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    for (id, expected) in
        [(1, "done"), (1, "not_available"), (2, "not_available"), (3, "not_found"), (9, "not_found")]
    {
        assert_eq!(end(&host.execute("issues.approve_fix", json!({ "id": id })).await), expected, "{id}");
    }
}

async fn of_many_approvals_at_once_one_succeeds(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let call = action_core::Call::execute(
            "issues.approve_fix",
            json!({ "id": 1 }).as_object().cloned().unwrap(),
        );
        running.spawn(host.engine.run(crate::host::editor(crate::host::ACME), call));
    }
    let ends: Vec<String> = running.join_all().await.iter().map(end).collect();
    assert_eq!(ends.iter().filter(|it| *it == "done").count(), 1, "{ends:?}");
    assert!(ends.iter().all(|it| it == "done" || it == "not_available"), "{ends:?}");
    let succeeded = host.audit().await.items.iter().filter(|it| it.success).count();
    assert_eq!(succeeded, 1);
}
