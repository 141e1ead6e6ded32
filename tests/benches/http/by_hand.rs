//! What an engineer would write without the library: axum, jsonwebtoken, sqlx, and the same work.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor as _, PgPool, Row as _, SqlitePool};
use uuid::Uuid;

use crate::by_hand_pages;

#[derive(Clone)]
pub struct ByHand {
    pub key: Arc<DecodingKey>,
    pub validation: Arc<Validation>,
    /// Permissions by role.
    pub rights: Arc<HashMap<String, HashSet<String>>>,
    pub pool: Pool,
}

#[derive(Clone)]
pub enum Pool {
    None,
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

#[derive(Deserialize)]
pub struct Claims {
    sub: Uuid,
    pub tenant_id: Uuid,
    #[serde(default)]
    roles: Vec<String>,
}

impl ByHand {
    pub fn new(secret: &str, pool: Pool) -> Self {
        let all = ["user.edit", "Edit/Car", "Read/Car", "Read/page_actions"].map(str::to_owned);
        Self {
            key: Arc::new(DecodingKey::from_secret(secret.as_bytes())),
            validation: Arc::new(Validation::new(Algorithm::HS256)),
            rights: Arc::new(HashMap::from([("Administrators".to_owned(), HashSet::from(all))])),
            pool,
        }
    }

    pub fn router(self) -> Router {
        Router::new()
            .route("/echo", post(echo))
            .route("/update", post(update))
            .route("/pages/{id}", get(by_hand_pages::page))
            .with_state(self)
    }

    pub fn caller(&self, headers: &HeaderMap) -> Result<Claims, StatusCode> {
        let token = headers
            .get("authorization")
            .and_then(|it| it.to_str().ok())
            .and_then(|it| it.strip_prefix("Bearer "));
        let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
        let data = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation);
        data.map(|it| it.claims).map_err(|_| StatusCode::UNAUTHORIZED)
    }

    pub fn require(&self, caller: &Claims, permission: &str) -> Result<(), StatusCode> {
        let holds = |role: &String| self.rights.get(role).is_some_and(|it| it.contains(permission));
        if caller.roles.iter().any(holds) { Ok(()) } else { Err(StatusCode::FORBIDDEN) }
    }
}

async fn echo(
    State(app): State<ByHand>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    app.caller(&headers)?;
    Ok(Json(json!({ "success": true, "data": body })))
}

#[derive(Deserialize)]
struct Update {
    id: Uuid,
    color: String,
}

#[derive(Serialize)]
struct CarColor {
    id: Uuid,
    color: Option<String>,
    version: i64,
}

async fn update(State(app): State<ByHand>, headers: HeaderMap, Json(body): Json<Update>) -> Response {
    let caller = match app.caller(&headers).and_then(|it| app.require(&it, "Edit/Car").map(|()| it)) {
        Ok(caller) => caller,
        Err(status) => return status.into_response(),
    };
    let done = match &app.pool {
        Pool::Postgres(pool) => on_postgres(pool, &caller, &body).await,
        Pool::Sqlite(pool) => on_sqlite(pool, &caller, &body).await,
        Pool::None => return StatusCode::NOT_IMPLEMENTED.into_response(),
    };
    match done {
        Ok(car) => Json(json!({ "success": true, "data": car })).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn on_postgres(pool: &PgPool, caller: &Claims, body: &Update) -> Result<CarColor, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let before = sqlx::query("SELECT color, version FROM cars WHERE id = $1 AND tenant_id = $2 FOR UPDATE")
        .bind(body.id)
        .bind(caller.tenant_id)
        .fetch_one(&mut *tx)
        .await?;
    let before: (Option<String>, i64) = (before.try_get(0)?, before.try_get(1)?);
    let after = sqlx::query(
        "UPDATE cars SET color = $1, version = version + 1, updated_at = now(), updated_by = $2
         WHERE id = $3 AND tenant_id = $4 RETURNING color, version",
    )
    .bind(&body.color)
    .bind(caller.sub)
    .bind(body.id)
    .bind(caller.tenant_id)
    .fetch_one(&mut *tx)
    .await?;
    let car = CarColor { id: body.id, color: after.try_get(0)?, version: after.try_get(1)? };
    sqlx::query(
        "INSERT INTO by_hand_audit (id, user_id, tenant_id, action, before, after, created_at)
         VALUES ($1, $2, $3, 'update', $4, $5, now())",
    )
    .bind(Uuid::now_v7())
    .bind(caller.sub)
    .bind(caller.tenant_id)
    .bind(json!({ "color": before.0, "version": before.1 }))
    .bind(json!({ "color": &car.color, "version": car.version }))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(car)
}

async fn on_sqlite(pool: &SqlitePool, caller: &Claims, body: &Update) -> Result<CarColor, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    let (id, tenant) = (body.id.to_string(), caller.tenant_id.to_string());
    let before = sqlx::query("SELECT color, version FROM cars WHERE id = $1 AND tenant_id = $2")
        .bind(&id)
        .bind(&tenant)
        .fetch_one(&mut *tx)
        .await?;
    let before: (Option<String>, i64) = (before.try_get(0)?, before.try_get(1)?);
    let now = chrono::Utc::now().to_rfc3339();
    let after = sqlx::query(
        "UPDATE cars SET color = $1, version = version + 1, updated_at = $2, updated_by = $3
         WHERE id = $4 AND tenant_id = $5 RETURNING color, version",
    )
    .bind(&body.color)
    .bind(&now)
    .bind(caller.sub.to_string())
    .bind(&id)
    .bind(&tenant)
    .fetch_one(&mut *tx)
    .await?;
    let car = CarColor { id: body.id, color: after.try_get(0)?, version: after.try_get(1)? };
    let insert = sqlx::query(
        "INSERT INTO by_hand_audit (id, user_id, tenant_id, action, before, after, created_at)
         VALUES ($1, $2, $3, 'update', $4, $5, $6)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(caller.sub.to_string())
    .bind(&tenant)
    .bind(json!({ "color": before.0, "version": before.1 }).to_string())
    .bind(json!({ "color": &car.color, "version": car.version }).to_string())
    .bind(&now);
    tx.execute(insert).await?;
    tx.commit().await?;
    Ok(car)
}
