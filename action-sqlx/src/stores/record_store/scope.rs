//! The rows a statement may touch, and how they are read.

use std::sync::Arc;

use action_core::entity::{Column, ColumnIndex, ColumnRole, Entity, Record};
use action_core::expression::Expression;
use action_core::ports::{RowScope, StoreError};
use action_core::{Kind, Value};
use serde_json::Value as Json;
use uuid::Uuid;

use super::names::{Names, ROW};
use crate::dialect::Dialect;
use crate::expression_sql::{ExpressionSql, Written, looks_behind_a_foreign_key};
use crate::row::Row;
use crate::statement::Statement;

/// A scope that can have rows: where the entity has a tenant column, there is a tenant.
pub(super) struct InScope<'a> {
    scope: &'a RowScope<'a>,
    pub(super) entity: Arc<Entity>,
    pub(super) names: Names,
    pub(super) dialect: Dialect,
    /// The tenant that the tenant column must hold, where there is one.
    pub(super) tenant: Option<Uuid>,
}

impl<'a> InScope<'a> {
    /// `None` where no row can be in the scope.
    pub(super) fn of(scope: &'a RowScope<'a>, dialect: Dialect) -> Result<Option<Self>, StoreError> {
        let tenant = match (scope.entity.tenant_column(), scope.tenant) {
            (None, _) => None,
            (Some(_), Some(tenant)) => Some(tenant),
            (Some(_), None) => return Ok(None),
        };
        let names = Names::of(scope.entity)?;
        Ok(Some(Self { scope, entity: Arc::clone(scope.entity), names, dialect, tenant }))
    }

    /// Appends WHERE with the tenant and the row rule, to be followed by AND.
    pub(super) fn push_where(&self, statement: &mut Statement) -> Result<(), StoreError> {
        self.push_where_tenant(statement);
        if let Some(rule) = self.scope.rule {
            statement.push_str(" AND ");
            self.expressions(statement).condition(rule)?;
        }
        Ok(())
    }

    /// The row rule, where there is one.
    pub(super) fn rule(&self) -> Option<&'a Expression> {
        self.scope.rule
    }

    /// Appends WHERE with the tenant alone.
    pub(super) fn push_where_tenant(&self, statement: &mut Statement) {
        statement.push_str(" WHERE ");
        match (&self.names.tenant, self.tenant) {
            (Some(column), Some(tenant)) => {
                self.expressions(statement).key(column, Kind::Uuid);
                statement.push_str(" = ").push_bind(tenant, Kind::Uuid);
            }
            _ => {
                statement.push_str("TRUE");
            }
        }
    }

    /// Appends WHERE for the one row with this key.
    pub(super) fn push_where_key(&self, statement: &mut Statement, key: &Value) -> Result<(), StoreError> {
        self.push_where(statement)?;
        statement.push_str(" AND ");
        self.expressions(statement).key(self.names.key()?, self.key_kind());
        statement.push_str(" = ").push_bind(key.clone(), self.key_kind());
        Ok(())
    }

    /// Appends SELECT for the row with this key, as far as its WHERE.
    pub(super) fn select_row(&self, key: &Value) -> Result<Statement, StoreError> {
        let mut statement = Statement::new("SELECT ");
        self.names.push_columns(&mut statement);
        statement.push_str(" FROM ");
        self.names.push_table(&mut statement);
        self.push_where_key(&mut statement, key)?;
        Ok(statement)
    }

    /// Whether the row rule looks into other tables than the entity's own.
    pub(super) fn looks_elsewhere(&self) -> bool {
        self.scope.rule.is_some_and(looks_behind_a_foreign_key)
    }

    /// A writer of expressions about the row.
    pub(super) fn expressions<'s>(&self, statement: &'s mut Statement) -> ExpressionSql<'s> {
        ExpressionSql { statement, dialect: self.dialect, row: ROW, written: Written::ByUs }
    }

    /// The key's kind.
    pub(super) fn key_kind(&self) -> Kind {
        self.entity.key().kind()
    }

    /// Reads the columns that [`Names::push_columns`] selected, from a place on.
    pub(super) fn record(&self, row: &Row, from: usize) -> Result<Record, StoreError> {
        let columns = self.entity.columns().iter().enumerate();
        let values = columns.map(|(index, column)| row.value(from + index, column.kind()));
        Ok(Record::new(Arc::clone(&self.entity), values.collect::<Result<_, _>>()?))
    }

    /// Whether a key can be one of this entity: what is of another kind, or has a NUL in it, finds no row.
    pub(super) fn can_be_key(&self, key: &Value) -> bool {
        is_of(key, self.key_kind()) && !has_nul(key)
    }

    /// The version's place, for a caller who expects one.
    pub(super) fn version(&self) -> Result<ColumnIndex, StoreError> {
        let missing = || StoreError::fault(format!("`{}` has no version to expect", self.entity.name()));
        self.entity.version_index().ok_or_else(missing)
    }

    /// What the server writes into the columns it keeps, besides key and version, when a row is made or changed.
    pub(super) fn kept(&self, column: &Column, made: bool) -> Option<Value> {
        let at = || Value::timestamp(self.scope.now);
        let by = || Value::Uuid(self.scope.user);
        match column.written_by() {
            ColumnRole::CreatedAt if made => Some(at()),
            ColumnRole::CreatedBy if made => Some(by()),
            // A new row was not changed yet; a column that cannot say so tells when it was made.
            ColumnRole::UpdatedAt if !made || !column.is_nullable() => Some(at()),
            ColumnRole::UpdatedBy if !made || !column.is_nullable() => Some(by()),
            _ => None,
        }
    }

    /// The column that a caller wants to write, if it is one to be written.
    pub(super) fn writable(&self, index: ColumnIndex, value: &Value) -> Result<&Column, StoreError> {
        let column = self.entity.column(index).filter(|it| it.written_by() == ColumnRole::Data);
        let column = column.ok_or_else(|| StoreError::fault(format!("column {index} is not for writing")))?;
        if has_nul(value) {
            return Err(StoreError::fault(format!("a NUL stands in the value for `{}`", column.name())));
        }
        if !value.is_null() && !is_of(value, column.kind()) {
            let kind = column.kind().name();
            return Err(StoreError::fault(format!(
                "the value for `{}` is of another kind than {kind}",
                column.name()
            )));
        }
        Ok(column)
    }
}

/// Whether a value is one of a kind. SQLite would store any in any column.
fn is_of(value: &Value, kind: Kind) -> bool {
    matches!(
        (value, kind),
        (Value::Boolean(_), Kind::Boolean)
            | (Value::Integer(_), Kind::Integer)
            | (Value::Decimal(_), Kind::Decimal { .. })
            | (Value::Text(_), Kind::Text)
            | (Value::Uuid(_), Kind::Uuid)
            | (Value::Timestamp(_), Kind::Timestamp)
            | (Value::Date(_), Kind::Date)
            | (Value::Json(_), Kind::Json)
    )
}

/// PostgreSQL's texts cannot hold a NUL; so that both databases agree, none does.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.contains('\0'),
        Value::Json(json) => json_has_nul(json),
        _ => false,
    }
}

fn json_has_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(json_has_nul),
        Json::Object(members) => members.iter().any(|(name, it)| name.contains('\0') || json_has_nul(it)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}
