//! A handler of raw sqlx: its statements are part of the call's transaction, and their errors are understood.

use action_core::{Action, ActionContext, ActionHandler, ActionResult, EngineBuilder, Params, Refusal};
use action_sqlx::{Connection, SqlContext as _};
use action_tests::databases::TestDatabase;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::host::{ACME, GLOBEX, Host, end};

#[derive(Deserialize, JsonSchema, garde::Validate)]
struct InsertParams {
    #[garde(length(chars, min = 1, max = 20))]
    plate: String,
    /// `fail`, `broken_sql`
    #[garde(skip)]
    then: Option<String>,
}

struct InsertCar;

impl ActionHandler for InsertCar {
    type Input = (Params<InsertParams>,);
    type Output = ();

    async fn execute(&self, ctx: &mut ActionContext<'_>, (params,): Self::Input) -> ActionResult {
        let tenant = ctx.tenant_id().ok_or(Refusal::TenantRequired)?;
        let sql = "INSERT INTO cars (id, tenant_id, license_plate, status, version) VALUES ($1, $2, $3, 'available', 1)";
        match ctx.connection().await? {
            Connection::Postgres(connection) => {
                sqlx::query(sql)
                    .bind(Uuid::now_v7())
                    .bind(tenant)
                    .bind(&params.plate)
                    .execute(connection)
                    .await?;
            }
            Connection::Sqlite(connection) => {
                let query = sqlx::query(sql).bind(Uuid::now_v7().to_string()).bind(tenant.to_string());
                query.bind(&params.plate).execute(connection).await?;
            }
        }
        match params.then.as_deref() {
            Some("fail") => Err(std::io::Error::other("secret-detail").into()),
            Some("broken_sql") => {
                let broken = "SELECT secret_detail FROM nowhere";
                match ctx.connection().await? {
                    Connection::Postgres(connection) => drop(sqlx::query(broken).execute(connection).await?),
                    Connection::Sqlite(connection) => drop(sqlx::query(broken).execute(connection).await?),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

struct TenantSetting;

impl ActionHandler for TenantSetting {
    type Input = ();
    type Output = Option<String>;

    async fn execute(&self, ctx: &mut ActionContext<'_>, (): ()) -> ActionResult<Option<String>> {
        match ctx.connection().await? {
            Connection::Postgres(connection) => {
                Ok(sqlx::query_scalar("SELECT current_setting('app.tenant_id', true)")
                    .fetch_one(connection)
                    .await?)
            }
            Connection::Sqlite(_) => Ok(None),
        }
    }
}

fn actions(builder: EngineBuilder) -> EngineBuilder {
    builder
        .action(Action::new("cars.insert").permission("cars.insert"), InsertCar)
        .action(Action::new("tenant.setting").authenticated(), TenantSetting)
}

on_both_databases!(
    what_raw_statements_wrote_is_kept_or_undone_with_the_call,
    a_broken_rule_of_the_table_is_a_conflict_and_a_broken_statement_an_internal_error,
    on_postgresql_every_transaction_has_its_tenant,
);

async fn what_raw_statements_wrote_is_kept_or_undone_with_the_call(database: TestDatabase) {
    let host = Host::new(database, actions).await;
    assert_eq!(end(&host.execute("cars.insert", json!({ "plate": "A-1" })).await), "done");
    assert_eq!(
        end(&host.execute("cars.insert", json!({ "plate": "A-2", "then": "fail" })).await),
        "internal"
    );
    assert_eq!(host.cars().await.len(), 1);
}

async fn a_broken_rule_of_the_table_is_a_conflict_and_a_broken_statement_an_internal_error(
    database: TestDatabase,
) {
    let host = Host::new(database, actions).await;
    assert_eq!(end(&host.execute("cars.insert", json!({ "plate": "A-1" })).await), "done");
    assert_eq!(end(&host.execute("cars.insert", json!({ "plate": "A-1" })).await), "conflict");
    let broken = host.execute("cars.insert", json!({ "plate": "A-2", "then": "broken_sql" })).await;
    assert_eq!(end(&broken), "internal");
    assert_eq!(broken.result.unwrap_err().to_string(), "an internal error occurred");
    let audited = host.audit().await.items;
    assert!(audited.iter().all(|it| !it.error_message.as_deref().unwrap_or_default().contains("nowhere")));
    assert_eq!(host.cars().await.len(), 1);
}

async fn on_postgresql_every_transaction_has_its_tenant(database: TestDatabase) {
    let is_postgres = database.dialect() == action_sqlx::Dialect::Postgres;
    let host = Host::new(database, actions).await;
    for tenant in [ACME, GLOBEX, ACME] {
        let call = action_core::Call::execute("tenant.setting", crate::host::no_params());
        let reply = host.engine.run(crate::host::editor(tenant), call).await;
        let expected = if is_postgres { json!(tenant) } else { json!(null) };
        assert_eq!(crate::host::data(&reply), expected);
    }
}
