//! What stands on a page, read as one would by hand: one JOIN, a row for each item of a dropdown, put together here.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sqlx::{ColumnIndex, Decode, Row, Type};
use uuid::Uuid;

use crate::by_hand::{ByHand, Pool};

macro_rules! select {
    ($schema:literal, $active:literal) => {
        concat!(
            "SELECT a.id, a.action_type, a.action_order, b.label, b.icon, b.target_path, b.variant, b.alignment,
                    b.confirmation_prompt, d.label, d.icon, i.id, i.label, i.target_path, i.item_order
             FROM ", $schema, "page_actions a
             LEFT JOIN ", $schema, "page_action_buttons b ON b.action_id = a.id
             LEFT JOIN ", $schema, "page_action_dropdowns d ON d.action_id = a.id
             LEFT JOIN ", $schema, "page_action_dropdown_items i ON i.dropdown_action_id = d.action_id
             WHERE a.tenant_id = $1 AND a.page_config_id = $2 AND a.is_active = ", $active, "
             ORDER BY a.action_order, a.id, i.item_order, i.id"
        )
    };
}

#[derive(Serialize, Default)]
struct Page {
    buttons: Vec<Action>,
    dropdowns: Vec<Action>,
    separators: Vec<Action>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the answer is the one that is compared")]
struct Action {
    id: Uuid,
    page_config_id: Uuid,
    action_type: String,
    action_order: i64,
    is_active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    button: Option<Button>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropdown: Option<Dropdown>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Button {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    target_path: Option<String>,
    variant: String,
    alignment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmation_prompt: Option<String>,
}

#[derive(Serialize)]
struct Dropdown {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the answer is the one that is compared")]
struct Item {
    id: Uuid,
    label: String,
    target_path: Option<String>,
    item_order: i64,
}

pub async fn page(State(app): State<ByHand>, headers: HeaderMap, Path(id): Path<Uuid>) -> Response {
    let caller = match app.caller(&headers).and_then(|it| app.require(&it, "Read/page_actions").map(|()| it))
    {
        Ok(caller) => caller,
        Err(status) => return status.into_response(),
    };
    let read = match &app.pool {
        Pool::Postgres(pool) => {
            let select = sqlx::query(select!("config.", "true")).bind(caller.tenant_id).bind(id);
            select.fetch_all(pool).await.and_then(|rows| {
                let number = |row: &sqlx::postgres::PgRow, at| row.try_get::<Option<i32>, _>(at);
                grouped(id, &rows, |row, at| row.try_get(at), |row, at| Ok(number(row, at)?.map(i64::from)))
            })
        }
        Pool::Sqlite(pool) => {
            let select = sqlx::query(select!("", "1"));
            let select = select.bind(caller.tenant_id.to_string()).bind(id.to_string());
            select.fetch_all(pool).await.and_then(|rows| {
                let uuid = |row: &sqlx::sqlite::SqliteRow, at| {
                    let text: Option<String> = row.try_get(at)?;
                    text.map(|it| it.parse()).transpose().map_err(|it| sqlx::Error::Decode(Box::new(it)))
                };
                grouped(id, &rows, uuid, |row, at| row.try_get(at))
            })
        }
        Pool::None => return StatusCode::NOT_IMPLEMENTED.into_response(),
    };
    match read {
        Ok(page) => Json(page).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The databases keep ids and numbers differently, hence the two readers.
fn grouped<R: Row>(
    page: Uuid,
    rows: &[R],
    uuid: impl Fn(&R, usize) -> Result<Option<Uuid>, sqlx::Error>,
    number: impl Fn(&R, usize) -> Result<Option<i64>, sqlx::Error>,
) -> Result<Page, sqlx::Error>
where
    usize: ColumnIndex<R>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    let mut grouped = Page::default();
    for row in rows {
        let id = uuid(row, 0)?.unwrap_or_default();
        let item = match uuid(row, 11)? {
            Some(id) => Some(Item {
                id,
                label: row.try_get(12)?,
                target_path: row.try_get(13)?,
                item_order: number(row, 14)?.unwrap_or_default(),
            }),
            None => None,
        };
        let same = grouped.dropdowns.last_mut().filter(|it| it.id == id);
        if let Some(dropdown) = same.and_then(|it| it.dropdown.as_mut()) {
            dropdown.items.extend(item);
            continue;
        }
        let action_type: String = row.try_get(1)?;
        let mut action = Action {
            id,
            page_config_id: page,
            action_order: number(row, 2)?.unwrap_or_default(),
            is_active: true,
            button: None,
            dropdown: None,
            action_type,
        };
        match action.action_type.as_str() {
            "button" => {
                action.button = Some(Button {
                    label: row.try_get(3)?,
                    icon: row.try_get(4)?,
                    target_path: row.try_get(5)?,
                    variant: row.try_get(6)?,
                    alignment: row.try_get(7)?,
                    confirmation_prompt: row.try_get(8)?,
                });
                grouped.buttons.push(action);
            }
            "dropdown" => {
                let items = item.into_iter().collect();
                action.dropdown = Some(Dropdown { label: row.try_get(9)?, icon: row.try_get(10)?, items });
                grouped.dropdowns.push(action);
            }
            _ => grouped.separators.push(action),
        }
    }
    Ok(grouped)
}
