//! Pages and their actions, in the tables of the seed.
//!
//! Actions are read with everything that belongs to them by one statement, whatever their number: the items of a
//! dropdown come as one document. They are written from documents too (`documents`): what is changed is removed and put
//! back whole, so that no two actions share a place on the way.

mod documents;

use std::sync::Arc;

use action_core::page_actions::{
    Button, Dropdown, DropdownItem, PageAction, PageActionKind, PageActionType, Target,
};
use action_core::ports::{
    PageActionChange, PageActionOperation, PageActionOrder, PageActionQuery, PageActionStore, PageConfig,
    StoreError, Transaction,
};
use action_core::{Kind, Value};
use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use self::documents::{Documents, ItemDocument};
use crate::backend::Backend;
use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::row::Row;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database.
pub(crate) struct SqlPageActionStore {
    pub(crate) backend: Arc<Backend>,
}

#[async_trait]
impl PageActionStore for SqlPageActionStore {
    async fn of_page(&self, tenant: Uuid, page: Uuid) -> Result<Vec<PageAction>, StoreError> {
        let statement = select_of_page(self.backend.dialect(), tenant, page);
        actions(&self.backend.read_once(&statement).await?)
    }

    async fn find(&self, tenant: Uuid, id: Uuid) -> Result<Option<PageAction>, StoreError> {
        let statement = select_one(self.backend.dialect(), tenant, id);
        self.backend.read_once(&statement).await?.first().map(action).transpose()
    }

    async fn list(
        &self,
        tenant: Uuid,
        query: &PageActionQuery,
    ) -> Result<(Vec<PageAction>, u64), StoreError> {
        let dialect = self.backend.dialect();
        let mut statement = select(dialect);
        push_filter(&mut statement, dialect, tenant, query);
        push_order(&mut statement, query);
        statement.push_str(" LIMIT ").push(Bind::integer(i64::from(query.limit)));
        statement.push_str(" OFFSET ").push(Bind::integer(i64::try_from(query.offset).unwrap_or(i64::MAX)));
        let found = actions(&self.backend.read_once(&statement).await?)?;
        let mut statement = Statement::new("SELECT count(*)");
        push_from(&mut statement, dialect);
        push_filter(&mut statement, dialect, tenant, query);
        let counted = self.backend.read_once(&statement).await?;
        let total = counted.first().map_or(Ok(0), |row| row.i64(0))?;
        Ok((found, total.unsigned_abs()))
    }

    async fn pages(&self, tenant: Uuid, name: Option<&str>) -> Result<Vec<PageConfig>, StoreError> {
        let mut statement = Statement::new("SELECT id, name FROM ");
        statement.push_str(self.backend.dialect().table(Table::PageConfigs));
        statement.push_str(" WHERE tenant_id = ").push(Bind::uuid(tenant));
        if let Some(name) = name {
            statement.push_str(" AND name = ").push(Bind::text(name));
        }
        statement.push_str(
            self.backend.dialect().choose(" ORDER BY name COLLATE \"C\", id", " ORDER BY name, id"),
        );
        let rows = self.backend.read_once(&statement).await?;
        rows.iter().map(|row| Ok(PageConfig { id: row.uuid(0)?, name: row.text(1)? })).collect()
    }

    async fn history(&self, tenant: Uuid, id: Uuid) -> Result<Vec<PageActionChange>, StoreError> {
        let statement = select_history(self.backend.dialect(), tenant, id);
        self.backend.read_once(&statement).await?.iter().map(|row| change(row, id)).collect()
    }

    async fn hold_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: Uuid,
    ) -> Result<Option<(PageConfig, Vec<PageAction>)>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let dialect = tx.dialect();
        let mut statement = Statement::new("SELECT id, name FROM ");
        statement.push_str(dialect.table(Table::PageConfigs)).push_str(" WHERE id = ");
        statement.push(Bind::uuid(page)).push_str(" AND tenant_id = ").push(Bind::uuid(tenant));
        statement.push_str(dialect.choose(" FOR UPDATE", ""));
        let rows = tx.rows(&statement).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let held = PageConfig { id: row.uuid(0)?, name: row.text(1)? };
        let rows = tx.rows(&select_of_page(dialect, tenant, page)).await?;
        Ok(Some((held, actions(&rows)?)))
    }

    async fn past(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Vec<PageActionChange>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let statement = select_history(tx.dialect(), tenant, id);
        tx.rows(&statement).await?.iter().map(|row| change(row, id)).collect()
    }

    async fn look_up(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        id: Uuid,
    ) -> Result<Option<PageAction>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let statement = select_one(tx.dialect(), tenant, id);
        tx.rows(&statement).await?.first().map(action).transpose()
    }

    async fn write(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        changes: &[PageActionChange],
    ) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let tx = SqlTransaction::of(tx)?;
        let dialect = tx.dialect();
        let there = changes.iter().filter_map(|it| it.before.as_ref());
        let there: Vec<Value> = there.map(|it| Value::Uuid(it.id)).collect();
        if !there.is_empty() {
            // What belongs to them goes with them.
            let mut statement = Statement::new("DELETE FROM ");
            statement.push_str(dialect.table(Table::PageActions)).push_str(" WHERE tenant_id = ");
            statement.push(Bind::uuid(tenant)).push_str(" AND id");
            statement.push_any_of(dialect, there, Kind::Uuid);
            tx.execute(&statement).await?;
        }
        for statement in Documents::of(changes)?.inserts(dialect, tenant) {
            tx.execute(&statement).await?;
        }
        Ok(())
    }

    async fn add_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: &PageConfig,
    ) -> Result<(), StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("INSERT INTO ");
        statement
            .push_str(tx.dialect().table(Table::PageConfigs))
            .push_str(" (id, tenant_id, name) VALUES (");
        statement.push(Bind::uuid(page.id)).push_str(", ").push(Bind::uuid(tenant));
        statement.push_str(", ").push(Bind::text(page.name.as_str())).push_str(")");
        tx.execute(&statement).await.map(drop)
    }

    async fn remove_page(
        &self,
        tx: &mut dyn Transaction,
        tenant: Uuid,
        page: Uuid,
    ) -> Result<(), StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("DELETE FROM ");
        statement.push_str(tx.dialect().table(Table::PageConfigs)).push_str(" WHERE id = ");
        statement.push(Bind::uuid(page)).push_str(" AND tenant_id = ").push(Bind::uuid(tenant));
        tx.execute(&statement).await.map(drop)
    }
}

/// Everything of an action, in the order in which [`action`] reads it.
fn select(dialect: Dialect) -> Statement {
    let mut statement = Statement::new(
        "SELECT a.id, a.page_config_id, a.action_type, a.action_order, a.is_active, a.version, \
         b.label, b.icon, b.target_path, b.run_action, b.run_params, b.variant, b.alignment, b.confirmation_prompt, \
         d.label, d.icon, ",
    );
    statement.push_str(dialect.choose(
        "(SELECT jsonb_agg(jsonb_build_object('id', i.id, 'label', i.label, 'path', i.target_path, \
          'action', i.run_action, 'params', i.run_params, 'order', i.item_order)) \
          FROM config.page_action_dropdown_items AS i WHERE i.dropdown_action_id = d.action_id)",
        "(SELECT json_group_array(json_object('id', i.id, 'label', i.label, 'path', i.target_path, \
          'action', i.run_action, 'params', json(i.run_params), 'order', i.item_order)) \
          FROM page_action_dropdown_items AS i WHERE i.dropdown_action_id = d.action_id)",
    ));
    push_from(&mut statement, dialect);
    statement
}

fn push_from(statement: &mut Statement, dialect: Dialect) {
    statement.push_str(" FROM ").push_str(dialect.table(Table::PageActions)).push_str(" AS a LEFT JOIN ");
    statement
        .push_str(dialect.table(Table::PageActionButtons))
        .push_str(" AS b ON b.action_id = a.id LEFT JOIN ");
    statement.push_str(dialect.table(Table::PageActionDropdowns)).push_str(" AS d ON d.action_id = a.id");
}

fn select_of_page(dialect: Dialect, tenant: Uuid, page: Uuid) -> Statement {
    let mut statement = select(dialect);
    statement.push_str(" WHERE a.tenant_id = ").push(Bind::uuid(tenant));
    statement.push_str(" AND a.page_config_id = ").push(Bind::uuid(page));
    statement.push_str(" ORDER BY a.action_order, a.id");
    statement
}

fn select_one(dialect: Dialect, tenant: Uuid, id: Uuid) -> Statement {
    let mut statement = select(dialect);
    statement.push_str(" WHERE a.tenant_id = ").push(Bind::uuid(tenant));
    statement.push_str(" AND a.id = ").push(Bind::uuid(id));
    statement
}

fn push_filter(statement: &mut Statement, dialect: Dialect, tenant: Uuid, query: &PageActionQuery) {
    statement.push_str(" WHERE a.tenant_id = ").push(Bind::uuid(tenant));
    if let Some(id) = query.id {
        statement.push_str(" AND a.id = ").push(Bind::uuid(id));
    }
    if let Some(page) = query.page_id {
        statement.push_str(" AND a.page_config_id = ").push(Bind::uuid(page));
    }
    if let Some(kind) = query.action_type {
        statement.push_str(" AND a.action_type = ").push(Bind::text(kind.name()));
    }
    if let Some(active) = query.is_active {
        statement.push_str(" AND a.is_active = ").push_bind(active, Kind::Boolean);
    }
    if let Some(label) = &query.label {
        let (open, close) = dialect.choose(
            (" AND strpos(lower(coalesce(b.label, d.label) COLLATE \"C\"), ", ") > 0"),
            (" AND instr(lower(coalesce(b.label, d.label)), ", ") > 0"),
        );
        statement.push_str(open).push(Bind::text(label.to_ascii_lowercase().as_str())).push_str(close);
    }
}

fn push_order(statement: &mut Statement, query: &PageActionQuery) {
    let text = match (query.order_by, query.descending) {
        (PageActionOrder::Place, false) => " ORDER BY a.page_config_id, a.action_order, a.id",
        (PageActionOrder::Place, true) => " ORDER BY a.page_config_id, a.action_order DESC, a.id",
        (PageActionOrder::Page, false) => " ORDER BY a.page_config_id, a.id",
        (PageActionOrder::Page, true) => " ORDER BY a.page_config_id DESC, a.id",
        (PageActionOrder::Id, false) => " ORDER BY a.id",
        (PageActionOrder::Id, true) => " ORDER BY a.id DESC",
        (PageActionOrder::Type, false) => " ORDER BY a.action_type, a.id",
        (PageActionOrder::Type, true) => " ORDER BY a.action_type DESC, a.id",
    };
    statement.push_str(text);
}

fn actions(rows: &[Row]) -> Result<Vec<PageAction>, StoreError> {
    rows.iter().map(action).collect()
}

fn action(row: &Row) -> Result<PageAction, StoreError> {
    let kind = match named(&PageActionType::ALL, PageActionType::name, &row.text(2)?)? {
        PageActionType::Separator => PageActionKind::Separator,
        PageActionType::Button => PageActionKind::Button(Button {
            label: row.text(6)?,
            icon: row.optional_text(7)?,
            target: target(row.optional_text(8)?, row.optional_text(9)?, object(row.value(10, Kind::Json)?))?,
            variant: word(row.text(11)?)?,
            alignment: word(row.text(12)?)?,
            confirmation_prompt: row.optional_text(13)?,
        }),
        PageActionType::Dropdown => PageActionKind::Dropdown(Dropdown {
            label: row.text(14)?,
            icon: row.optional_text(15)?,
            items: items(row.json(16)?)?,
        }),
    };
    Ok(PageAction {
        id: row.uuid(0)?,
        page_id: row.uuid(1)?,
        order: row.i64(3)?,
        is_active: row.boolean(4)?,
        kind,
        version: row.i64(5)?,
    })
}

/// A word of the table, as the kind it is.
fn named<T: Copy>(all: &[T], name: fn(T) -> &'static str, word: &str) -> Result<T, StoreError> {
    let found = all.iter().copied().find(|it| name(*it) == word);
    found.ok_or_else(|| StoreError::fault(format!("`{word}` is none of the words of its column")))
}

fn word<T: serde::de::DeserializeOwned>(word: String) -> Result<T, StoreError> {
    serde_json::from_value(Json::String(word)).map_err(StoreError::fault)
}

fn object(value: Value) -> Option<Map<String, Json>> {
    match value {
        Value::Json(Json::Object(members)) => Some(members),
        _ => None,
    }
}

fn target(
    path: Option<String>,
    action: Option<String>,
    params: Option<Map<String, Json>>,
) -> Result<Target, StoreError> {
    match (path, action) {
        (Some(target_path), None) => Ok(Target::Path { target_path }),
        (None, Some(action_id)) => {
            Ok(Target::Action { action_id, action_params: params.unwrap_or_default() })
        }
        _ => Err(StoreError::fault("a button goes somewhere or runs something, one of the two")),
    }
}

fn items(json: Json) -> Result<Vec<DropdownItem>, StoreError> {
    let documents: Vec<ItemDocument> = serde_json::from_value(json).map_err(StoreError::fault)?;
    let each = documents.into_iter().map(|it| {
        let target = target(it.path, it.action, it.params)?;
        Ok(DropdownItem { id: it.id, label: it.label, target, order: it.order })
    });
    let mut items = each.collect::<Result<Vec<_>, StoreError>>()?;
    items.sort_by_key(|it| (it.order, it.id));
    Ok(items)
}

fn select_history(dialect: Dialect, tenant: Uuid, id: Uuid) -> Statement {
    let mut statement = Statement::new("SELECT id, operation, user_id, happened_at, before, after FROM ");
    statement.push_str(dialect.table(Table::PageActionHistory)).push_str(" WHERE tenant_id = ");
    statement.push(Bind::uuid(tenant)).push_str(" AND action_id = ").push(Bind::uuid(id));
    statement.push_str(" ORDER BY id DESC");
    statement
}

fn change(row: &Row, action_id: Uuid) -> Result<PageActionChange, StoreError> {
    let image = |index| match row.value(index, Kind::Json)? {
        Value::Json(json) if !json.is_null() => {
            serde_json::from_value(json).map(Some).map_err(StoreError::fault)
        }
        _ => Ok(None),
    };
    Ok(PageActionChange {
        id: row.uuid(0)?,
        action_id,
        operation: named(&PageActionOperation::ALL, PageActionOperation::name, &row.text(1)?)?,
        user_id: row.uuid(2)?,
        at: row.timestamp(3)?,
        before: image(4)?,
        after: image(5)?,
    })
}
