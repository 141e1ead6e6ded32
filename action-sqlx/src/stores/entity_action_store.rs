//! Entity actions: their definitions, in the tables of the seed, and the rows of the host's tables they are on.
//!
//! A definition is read as one document, which the database puts together from its row, its parameters and its grants. Rows
//! are asked all questions of all actions by one statement, compiled from the same trees that are checked in memory.

mod definitions;
#[cfg(feature = "postgres")]
mod functions;
mod statuses;
mod tables;

use action_core::entity_actions::{EntityAction, HostTable};
use action_core::expression::Expression;
use action_core::ports::{
    Asker, EntityActionDraft, EntityActionStore, FunctionCall, FunctionEnd, SavepointStep, StatusTransition,
    StoreError, Transaction, WhichActions,
};
use action_core::{Kind, Value};
use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::bind::Bind;
use crate::dialect::{Dialect, Table};
use crate::expression_sql::{ExpressionSql, Written};
use crate::identifier::Identifier;
use crate::statement::Statement;
use crate::transaction::SqlTransaction;

/// The port on either database.
pub(crate) struct SqlEntityActionStore;

#[async_trait]
impl EntityActionStore for SqlEntityActionStore {
    async fn definitions(
        &self,
        tx: &mut dyn Transaction,
        which: &WhichActions,
        asker: &Asker<'_>,
    ) -> Result<Vec<EntityAction>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let names = [&which.table, &which.action, &which.function];
        if names.into_iter().flatten().any(|it| it.contains('\0')) {
            // No name has one, and PostgreSQL takes it in no text.
            return Ok(Vec::new());
        }
        let rows = tx.rows(&definitions::select(tx.dialect(), which, asker)).await?;
        rows.iter().map(|row| serde_json::from_value(row.json(0)?).map_err(StoreError::fault)).collect()
    }

    async fn table(&self, tx: &mut dyn Transaction, name: &str) -> Result<Option<HostTable>, StoreError> {
        tables::describe(SqlTransaction::of(tx)?, name).await
    }

    async fn hold(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        keys: &[Value],
    ) -> Result<Vec<Value>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("SELECT ");
        let mut sql = of_row(&mut statement, tx.dialect());
        let key = Identifier::column(&table.key.name)?;
        sql.key(&key, table.key.kind);
        push_rows(&mut statement, tx.dialect(), table, tenant, keys)?;
        statement.push_str(tx.dialect().choose(" FOR UPDATE OF r", ""));
        let rows = tx.rows(&statement).await?;
        rows.iter().map(|row| row.value(0, table.key.kind)).collect()
    }

    async fn judge(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        keys: &[Value],
        questions: &[&Expression],
    ) -> Result<Vec<(Value, Vec<bool>)>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let dialect = tx.dialect();
        let mut statement = Statement::new("SELECT ");
        let mut sql = of_row(&mut statement, dialect);
        sql.key(&Identifier::column(&table.key.name)?, table.key.kind);
        for question in questions.iter().filter(|it| constant(it).is_none()) {
            sql.statement.push_str(", ");
            sql.condition(question)?;
        }
        push_rows(&mut statement, dialect, table, tenant, keys)?;
        let rows = tx.rows(&statement.once()).await?;
        let answer = |row: &crate::row::Row| {
            let mut next = 0;
            let answers = questions.iter().map(|question| {
                if let Some(truth) = constant(question) {
                    return Ok(truth);
                }
                next += 1;
                row.boolean(next)
            });
            let answers = answers.collect::<Result<Vec<_>, StoreError>>()?;
            Ok((row.value(0, table.key.kind)?, answers))
        };
        rows.iter().map(answer).collect()
    }

    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite has no functions"))]
    async fn call(
        &self,
        tx: &mut dyn Transaction,
        call: &FunctionCall<'_>,
    ) -> Result<FunctionEnd, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match tx.dialect() {
            #[cfg(feature = "postgres")]
            Dialect::Postgres => functions::call(tx, call).await,
            _ => Ok(FunctionEnd::Absent),
        }
    }

    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "SQLite has no functions"))]
    async fn offers(
        &self,
        tx: &mut dyn Transaction,
        function: &str,
        given: &Map<String, Json>,
        option: &str,
    ) -> Result<Option<bool>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        match tx.dialect() {
            #[cfg(feature = "postgres")]
            Dialect::Postgres => functions::offers(tx, function, given, option).await,
            _ => Ok(None),
        }
    }

    async fn add(
        &self,
        tx: &mut dyn Transaction,
        draft: &EntityActionDraft,
    ) -> Result<Option<i64>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let rows = tx.rows(&definitions::insert(tx.dialect(), draft)?).await?;
        let id = rows.first().map_or(Ok(0), |row| row.i64(0))?;
        definitions::write_belongings(tx, id, draft).await
    }

    async fn replace(
        &self,
        tx: &mut dyn Transaction,
        id: i64,
        draft: &EntityActionDraft,
    ) -> Result<Option<i64>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        tx.execute(&definitions::update(tx.dialect(), id, draft)?).await?;
        definitions::write_belongings(tx, id, draft).await
    }

    async fn remove(&self, tx: &mut dyn Transaction, id: i64) -> Result<bool, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("DELETE FROM ");
        statement.push_str(tx.dialect().table(Table::EntityActions)).push_str(" WHERE id = ");
        statement.push(Bind::integer(id));
        Ok(tx.execute(&statement).await? > 0)
    }

    async fn granted(
        &self,
        tx: &mut dyn Transaction,
        functions: &[&str],
    ) -> Result<Vec<(String, String)>, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let rows = tx.rows(&definitions::granted(tx.dialect(), functions)).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    async fn savepoint(&self, tx: &mut dyn Transaction, step: SavepointStep) -> Result<(), StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let statement = Statement::new(match step {
            SavepointStep::Set => "SAVEPOINT entity_action",
            SavepointStep::Undo => "ROLLBACK TO SAVEPOINT entity_action",
            SavepointStep::Release => "RELEASE SAVEPOINT entity_action",
        });
        tx.execute(&statement).await.map(drop)
    }

    async fn refers(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        column: &str,
        tenant: Option<Uuid>,
        value: &Value,
    ) -> Result<bool, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let own = table.tables.get(&table.name).into_iter().flatten();
        let Some(column) = own.into_iter().find(|it| &*it.name == column) else { return Ok(false) };
        let mut statement = Statement::new("SELECT 1");
        let asked = [(column, std::slice::from_ref(value))];
        push_where(&mut statement, tx.dialect(), table, tenant, &asked)?;
        statement.push_str(" LIMIT 1");
        Ok(!tx.rows(&statement).await?.is_empty())
    }

    async fn transitions(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
    ) -> Result<Vec<StatusTransition>, StoreError> {
        if entity_type.contains('\0') {
            return Ok(Vec::new());
        }
        statuses::transitions(SqlTransaction::of(tx)?, entity_type).await
    }

    async fn status_key(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
        id: i64,
    ) -> Result<Option<String>, StoreError> {
        statuses::key(SqlTransaction::of(tx)?, entity_type, id).await
    }

    async fn set_status(
        &self,
        tx: &mut dyn Transaction,
        table: &HostTable,
        tenant: Option<Uuid>,
        key: &Value,
        to: &str,
    ) -> Result<bool, StoreError> {
        statuses::set(SqlTransaction::of(tx)?, table, tenant, key, to).await
    }

    async fn has_status(
        &self,
        tx: &mut dyn Transaction,
        entity_type: &str,
        key: &str,
    ) -> Result<bool, StoreError> {
        let tx = SqlTransaction::of(tx)?;
        let mut statement = Statement::new("SELECT 1 FROM ");
        statement.push_str(tx.dialect().table(Table::Statuses)).push_str(" WHERE entity_type = ");
        statement.push(Bind::text(entity_type)).push_str(tx.dialect().choose("::text", ""));
        statement.push_str(" AND status_key = ").push(Bind::text(key));
        Ok(!tx.rows(&statement).await?.is_empty())
    }
}

/// Says things of the host's rows.
fn of_row(statement: &mut Statement, dialect: Dialect) -> ExpressionSql<'_> {
    ExpressionSql { statement, dialect, row: "r", written: Written::ByHost }
}

/// What needs no row to be answered.
fn constant(question: &Expression) -> Option<bool> {
    match question {
        Expression::Constant(truth) => Some(*truth),
        _ => None,
    }
}

/// Appends where the rows of these keys are, in the order of their keys.
fn push_rows(
    statement: &mut Statement,
    dialect: Dialect,
    table: &HostTable,
    tenant: Option<Uuid>,
    keys: &[Value],
) -> Result<(), StoreError> {
    push_where(statement, dialect, table, tenant, &[(&table.key, keys)])?;
    statement.push_str(" ORDER BY ");
    let mut sql = of_row(statement, dialect);
    sql.ordered_key(&Identifier::column(&table.key.name)?, table.key.kind);
    Ok(())
}

fn push_where(
    statement: &mut Statement,
    dialect: Dialect,
    table: &HostTable,
    tenant: Option<Uuid>,
    asked: &[(&action_core::entity_actions::HostColumn, &[Value])],
) -> Result<(), StoreError> {
    statement.push_str(" FROM ");
    push_table(statement, table)?;
    statement.push_str(" WHERE ");
    push_which(statement, dialect, table, tenant, asked)
}

/// Appends the table, whose rows are called `r` from then on.
fn push_table(statement: &mut Statement, table: &HostTable) -> Result<(), StoreError> {
    statement.push_identifier(&Identifier::table(&table.name)?).push_str(" AS r");
    Ok(())
}

/// Appends which rows of it: those of the tenant whose columns have these values.
fn push_which(
    statement: &mut Statement,
    dialect: Dialect,
    table: &HostTable,
    tenant: Option<Uuid>,
    asked: &[(&action_core::entity_actions::HostColumn, &[Value])],
) -> Result<(), StoreError> {
    for (column, values) in asked {
        let mut sql = of_row(statement, dialect);
        sql.key(&Identifier::column(&column.name)?, column.kind);
        statement.push_any_of(dialect, values.to_vec(), column.kind);
    }
    let Some(column) = table.tenant() else { return Ok(()) };
    // A column that cannot have the tenant's id has nobody's.
    let Some(tenant) = tenant.filter(|_| matches!(column.kind, Kind::Uuid | Kind::Text)) else {
        statement.push_str(" AND FALSE");
        return Ok(());
    };
    statement.push_str(" AND ");
    let mut sql = of_row(statement, dialect);
    sql.key(&Identifier::column(&column.name)?, column.kind);
    statement.push_str(" = ");
    match column.kind {
        Kind::Uuid => statement.push(Bind::uuid(tenant)),
        _ => statement.push(Bind::text(tenant.to_string().as_str())),
    };
    Ok(())
}
