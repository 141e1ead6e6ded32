//! Potholes of one town, approved and rejected by functions of PostgreSQL. What there is to click stands in SQL, in
//! `schema`; this file only connects, mounts and serves.

use std::env;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use action_core::Engine;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use tokio::net::TcpListener;

/// Everybody knows it. A real host takes the keys of its identity provider.
const SECRET: &str = "a development secret that everybody knows";

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Failure> {
    let url = env::var("DATABASE_URL").ok().filter(|it| it.starts_with("postgres")).ok_or(
        "DATABASE_URL must name a PostgreSQL database, as in postgres://user:password@localhost/potholes: \
         what the buttons run are functions of it",
    )?;
    // The address first: a port that is taken should not cost a migration.
    let bind = env::var("BIND").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(&bind).await.map_err(|error| format!("BIND={bind}: {error}"))?;
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err("everybody knows the secret of this example, so BIND must be a loopback address".into());
    }

    let storage = action_sqlx::Storage::connect(&url).await?;
    // In this order: buttons name functions, and functions a table.
    storage.run_script(include_str!("../schema/issues.sql")).await?;
    storage.run_script(include_str!("../schema/functions.sql")).await?;
    storage.run_script(include_str!("../schema/buttons.sql")).await?;
    let jwt = action_axum::Jwt::hs256(SECRET)?;
    let engine = Engine::builder()
        .storage(storage)
        .authenticator(jwt)
        // Whoever forgets to protect a function has then opened it to nobody.
        .deny_unprotected_functions()
        .build()
        .await?;

    let mut out = std::io::stdout();
    writeln!(
        out,
        "listening on http://{address}\n\nTry it, as an editor (the token holds for 12 hours):\n\n\
         curl -s http://{address}/entity-actions/issues/approve_fix -H 'Content-Type: application/json' \
         -H 'Authorization: Bearer {}' -d '{{\"entity_id\":1}}'\n",
        demo_token()?
    )?;
    out.flush()?;
    axum::serve(listener, action_axum::entity_action_routes(engine)).await?;
    Ok(())
}

/// Of an editor without a tenant: the table has no `tenant_id`, so nobody needs one.
fn demo_token() -> Result<String, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = json!({
        "sub": "f0000000-0000-4000-8000-000000000006",
        "name": "Edith",
        "roles": ["editor"],
        "exp": now + 12 * 60 * 60,
    });
    Ok(encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes()))?)
}
