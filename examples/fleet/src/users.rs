//! People's profiles: an action whose handler speaks SQL itself, in the call's own transaction.

use action_core::{ActionContext, ActionResult, Params, Refusal, custom_action};
use action_sqlx::SqlContext as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What is kept of a person.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema, garde::Validate)]
struct User {
    /// The id that the identity provider gave them.
    #[garde(skip)]
    id: Uuid,
    /// As others see it.
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// Where mail reaches them.
    #[garde(email)]
    email: String,
}

/// Changes a person's profile; the first change makes it.
#[custom_action(id = "user.update", permission = "user.edit", idempotent)]
async fn user_update(ctx: &mut ActionContext<'_>, user: Params<User>) -> ActionResult<User> {
    let tenant = ctx.tenant_id().ok_or(Refusal::TenantRequired)?;
    // One text for both databases; SQLite keeps a UUID as text.
    let sql = "INSERT INTO user_profiles (tenant_id, user_id, name, email) VALUES ($1, $2, $3, $4)
               ON CONFLICT (tenant_id, user_id) DO UPDATE SET name = excluded.name, email = excluded.email";
    match ctx.connection().await? {
        action_sqlx::Connection::Postgres(connection) => {
            let query = sqlx::query(sql).bind(tenant).bind(user.id).bind(&user.name).bind(&user.email);
            query.execute(connection).await?;
        }
        action_sqlx::Connection::Sqlite(connection) => {
            let query = sqlx::query(sql).bind(tenant.to_string()).bind(user.id.to_string());
            query.bind(&user.name).bind(&user.email).execute(connection).await?;
        }
    }
    ctx.set_affected(1);
    Ok(user.0)
}
