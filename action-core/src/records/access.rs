//! One entity's rows, seen from a handler: every statement bound to tenant and row rule, every change noted.

use std::sync::Arc;

use uuid::Uuid;

use crate::audit::{AuditRecord, Change};
use crate::context::ActionContext;
use crate::entity::{ColumnIndex, Entity, Record, Verb};
use crate::entity_actions::transitions;
use crate::error::ActionError;
use crate::expression::{Draft, Expression, Sort};
use crate::ports::{
    Access, Deleted, Deletion, Inserted, Insertion, Lock, Query, QueryPage, RecordStore, RowScope, RowSink,
    Scan, Scope, StoreError, Transaction, Update, Updated,
};
use crate::refusal::Refusal;
use crate::value::{Kind, Value};
use crate::{FieldError, FieldErrors};

/// The rows of an entity, in the call's transaction.
///
/// A row of another tenant, or one that the row rule refuses, is a row that does not exist.
pub struct RecordsOf<'a, 'c> {
    pub(super) ctx: &'a mut ActionContext<'c>,
    pub(super) entity: Arc<Entity>,
}

/// What a statement needs beside its own arguments.
pub(super) struct Means<'a> {
    pub(super) store: Arc<dyn RecordStore>,
    pub(super) transaction: &'a mut dyn Transaction,
    pub(super) scope: RowScope<'a>,
}

impl<'a, 'c> RecordsOf<'a, 'c> {
    pub(crate) fn new(ctx: &'a mut ActionContext<'c>, entity: Arc<Entity>) -> Self {
        Self { ctx, entity }
    }

    /// The entity.
    pub fn entity(&self) -> &Arc<Entity> {
        &self.entity
    }

    /// The row with this key, held for the rest of the transaction.
    pub async fn get(&mut self, key: &Value) -> Result<Record, ActionError> {
        let found = self.find_for(Verb::Read.name(), std::slice::from_ref(key), self.lock()).await?;
        found.into_iter().next().ok_or_else(|| Refusal::NotFound.into())
    }

    /// The rows with these keys, held for the rest of the transaction. All of them, or it is [`Refusal::NotFound`].
    pub async fn get_all(&mut self, keys: &[Value]) -> Result<Vec<Record>, ActionError> {
        let found = self.find_for(Verb::Read.name(), keys, self.lock()).await?;
        if found.len() == keys.len() { Ok(found) } else { Err(Refusal::NotFound.into()) }
    }

    pub(super) fn lock(&self) -> Lock {
        match self.ctx.unit.scope().access {
            Access::ReadOnly => Lock::None,
            Access::ReadWrite => Lock::ForUpdate,
        }
    }

    /// The rows with these keys that may be read and may be touched by this action.
    pub(crate) async fn find_for(
        &mut self,
        action: &str,
        keys: &[Value],
        lock: Lock,
    ) -> Result<Vec<Record>, ActionError> {
        let rule = self.rule(action)?;
        let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
        Ok(store.find(transaction, &scope, keys, lock).await?)
    }

    /// Inserts a row. Key, tenant, version, and who and when are the server's.
    ///
    /// [`Refusal::Invalid`] where a value is beyond the bounds of its column.
    pub async fn insert(&mut self, values: &[(ColumnIndex, Value)]) -> Result<Record, ActionError> {
        self.hold_to_bounds(values)?;
        let made = self.insert_with(values, None).await?.record;
        self.note(Change::created(&made));
        Ok(made)
    }

    /// As [`insert`](Self::insert), and nothing is written after it, as in [`update_last`](Self::update_last).
    pub(crate) async fn insert_last(
        &mut self,
        values: &[(ColumnIndex, Value)],
    ) -> Result<Record, ActionError> {
        let seal = self.seal(values);
        let Inserted { record, sealed } = self.insert_with(values, seal.as_ref()).await?;
        if sealed {
            self.sealed();
        } else {
            self.note(Change::created(&record));
        }
        Ok(record)
    }

    async fn insert_with(
        &mut self,
        values: &[(ColumnIndex, Value)],
        seal: Option<&AuditRecord>,
    ) -> Result<Inserted, ActionError> {
        let key = match self.entity.key().kind() {
            // The database counts.
            Kind::Integer => None,
            Kind::Text => Some(Value::Text(self.new_id().to_string())),
            _ => Some(Value::Uuid(self.new_id())),
        };
        let entity = self.entity.clone();
        let Means { store, transaction, scope } = self.means(None).await?;
        let insertion = Insertion { key: key.as_ref(), values, seal };
        let made =
            store.insert(transaction, &scope, insertion).await.map_err(|it| refused(it, &entity, values))?;
        self.hold_to_rule(Verb::New.name(), &made.record)?;
        Ok(made)
    }

    /// A row must not leave the caller's sight by being written: it has to satisfy the row rule as it is afterwards,
    /// too. The transaction is undone where it does not.
    fn hold_to_rule(&self, action: &str, row: &Record) -> Result<(), ActionError> {
        match self.rule(action)? {
            Some(rule) if !rule.holds(row) => Err(Refusal::PermissionDenied.into()),
            _ => Ok(()),
        }
    }

    /// The audit record of a success that changed one row, for a store to write with the change.
    ///
    /// `None` where something is left to do after the change: hold the new row to its rule, or look for secrets
    /// inside of a document.
    fn seal(&self, values: &[(ColumnIndex, Value)]) -> Option<AuditRecord> {
        let document = |(index, _): &(ColumnIndex, Value)| {
            self.entity.column(*index).is_none_or(|it| it.kind() == Kind::Json)
        };
        let plain = self.entity.row_rule().is_none()
            && !values.iter().any(document)
            && transitions::changed_column(&self.entity, values).is_none();
        plain.then(|| self.ctx.attempt().succeeded(self.ctx.engine(), Some(1), Vec::new()))
    }

    fn sealed(&mut self) {
        self.ctx.unit.sealed = true;
        self.ctx.add_affected(1);
    }

    fn new_id(&self) -> Uuid {
        self.ctx.engine().ids.ordered()
    }

    /// What a handler writes is within the bounds of its columns, as what a request writes is.
    pub(super) fn hold_to_bounds(&self, values: &[(ColumnIndex, Value)]) -> Result<(), Refusal> {
        let checked = values.iter().filter_map(|(index, it)| self.entity.column(*index)?.check(it).err());
        let errors: FieldErrors = checked.collect();
        errors.into_result(()).map_err(Refusal::validation)
    }

    /// Changes columns of a row. With `expected_version`, only where the row still has it.
    ///
    /// [`Refusal::Invalid`] where a value is beyond the bounds of its column.
    pub async fn update(
        &mut self,
        key: &Value,
        values: &[(ColumnIndex, Value)],
        expected_version: Option<i64>,
    ) -> Result<Record, ActionError> {
        self.hold_to_bounds(values)?;
        self.update_as(Verb::Edit.name(), key, values, expected_version).await
    }

    /// As [`update`](Self::update), under the row rule for another action.
    pub(super) async fn update_as(
        &mut self,
        action: &str,
        key: &Value,
        values: &[(ColumnIndex, Value)],
        expected_version: Option<i64>,
    ) -> Result<Record, ActionError> {
        let (after, before, _) = self.update_with(action, key, values, expected_version, None).await?;
        let change = match &before {
            Some(before) => Change::updated(before, &after),
            None => return Err(ActionError::fault("the record store returned no before image")),
        };
        self.note(change);
        Ok(after)
    }

    /// As [`update`](Self::update), and nothing is written after it: the store may put the call's audit record into
    /// the same statement, which saves a round trip.
    pub(crate) async fn update_last(
        &mut self,
        key: &Value,
        values: &[(ColumnIndex, Value)],
        expected_version: Option<i64>,
    ) -> Result<Record, ActionError> {
        let seal = self.seal(values);
        let (after, before, sealed) =
            self.update_with(Verb::Edit.name(), key, values, expected_version, seal.as_ref()).await?;
        if sealed {
            self.sealed();
        } else if let Some(before) = &before {
            self.note(Change::updated(before, &after));
        }
        Ok(after)
    }

    async fn update_with(
        &mut self,
        action: &str,
        key: &Value,
        values: &[(ColumnIndex, Value)],
        expected_version: Option<i64>,
        seal: Option<&AuditRecord>,
    ) -> Result<(Record, Option<Record>, bool), ActionError> {
        let rule = self.rule(action)?;
        let entity = self.entity.clone();
        let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
        let update = Update { key, values, expected_version, seal };
        match store.update(transaction, &scope, update).await.map_err(|it| refused(it, &entity, values))? {
            Updated::Made { before, after, sealed } => {
                self.hold_to_rule(action, &after)?;
                if let Some((column, before)) =
                    transitions::changed_column(&entity, values).zip(before.as_ref())
                {
                    let (from, to) = (before.get(column), after.get(column));
                    transitions::hold_to_them(self.ctx, &entity, from, to).await?;
                }
                Ok((after, before, sealed))
            }
            Updated::Missing => Err(Refusal::NotFound.into()),
            Updated::Stale { current } => Err(Refusal::VersionConflict { current }.into()),
        }
    }

    /// Removes a row. With `expected_version`, only where the row still has it.
    pub async fn delete(
        &mut self,
        key: &Value,
        expected_version: Option<i64>,
    ) -> Result<Record, ActionError> {
        let rule = self.rule(Verb::Delete.name())?;
        let entity = self.entity.clone();
        let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
        let deletion = Deletion { key, expected_version };
        match store.delete(transaction, &scope, deletion).await.map_err(|it| refused(it, &entity, &[]))? {
            Deleted::Made { before } => {
                self.note(Change::deleted(&before));
                Ok(before)
            }
            Deleted::Missing => Err(Refusal::NotFound.into()),
            Deleted::Stale { current } => Err(Refusal::VersionConflict { current }.into()),
        }
    }

    /// A page of the rows for which `filter` holds; it may name every column. `limit` is 1–1,000.
    pub async fn query(
        &mut self,
        filter: &Draft,
        sort: &Sort,
        limit: u32,
        offset: u64,
    ) -> Result<QueryPage, ActionError> {
        let filter = filter.check(self.entity.all_fields()).map_err(broken_expression)?;
        self.query_checked(Some(&filter), sort, limit, offset).await
    }

    pub(crate) async fn query_checked(
        &mut self,
        filter: Option<&Expression>,
        sort: &Sort,
        limit: u32,
        offset: u64,
    ) -> Result<QueryPage, ActionError> {
        let rule = self.rule(Verb::Query.name())?;
        let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
        let page = store.query(transaction, &scope, &Query { filter, sort, limit, offset }).await?;
        self.ctx.add_affected(page.records.len() as u64);
        Ok(page)
    }

    fn note(&mut self, change: Change) {
        self.ctx.changed(change);
        self.ctx.add_affected(1);
    }

    /// Hands all rows for which `filter` holds to a sink, in order and in batches, in bounded memory; at most `limit`
    /// of them where there is one. Returns how many.
    ///
    /// Where the call may write and its transaction is not open yet, which means that it has neither written nor read
    /// anything, the rows are read from a snapshot of their own, which is over when this returns: a long scan keeps no
    /// writer waiting. Else they are read in the call's transaction, with what it has written. A sink that breaks off
    /// leaves that fit for nothing but a rollback, so the handler should fail then.
    pub async fn scan(
        &mut self,
        filter: &Draft,
        sort: &Sort,
        limit: Option<u64>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, ActionError> {
        let filter = filter.check(self.entity.all_fields()).map_err(broken_expression)?;
        self.scan_checked(Some(&filter), sort, limit, sink).await
    }

    pub(crate) async fn scan_checked(
        &mut self,
        filter: Option<&Expression>,
        sort: &Sort,
        limit: Option<u64>,
        sink: &mut dyn RowSink,
    ) -> Result<u64, ActionError> {
        let rule = self.rule(Verb::Query.name())?;
        let scan = Scan { filter, sort, limit };
        if self.ctx.unit.is_open() || self.ctx.unit.scope().access == Access::ReadOnly {
            let Means { store, transaction, scope } = self.means(rule.as_ref()).await?;
            return Ok(store.scan(transaction, &scope, &scan, sink).await?);
        }
        let scope = scope(self.ctx, &self.entity, rule.as_ref())?;
        let apart = Scope { access: Access::ReadOnly, ..*self.ctx.unit.scope() };
        let engine = self.ctx.engine();
        let mut transaction = engine.unit_of_work.begin(&apart).await?;
        let handed = engine.record_store.scan(transaction.as_mut(), &scope, &scan, sink).await;
        transaction.rollback().await;
        Ok(handed?)
    }

    /// The entity's row rule for reading and for this action; whoever may not read a row may do nothing with it.
    pub(super) fn rule(&self, action: &str) -> Result<Option<Expression>, ActionError> {
        let Some(rule) = self.entity.row_rule() else { return Ok(None) };
        let read = rule.condition(self.ctx.caller(), Verb::Read.name());
        let draft = match rule.condition(self.ctx.caller(), action) {
            same if same == read => read,
            own => read.and(own),
        };
        draft.check(self.entity.all_fields()).map(Some).map_err(broken_expression)
    }

    pub(super) async fn means<'m>(
        &'m mut self,
        rule: Option<&'m Expression>,
    ) -> Result<Means<'m>, ActionError> {
        let scope = scope(self.ctx, &self.entity, rule)?;
        let store = self.ctx.engine().record_store.clone();
        Ok(Means { store, transaction: self.ctx.unit.transaction().await?, scope })
    }
}

fn scope<'s>(
    ctx: &ActionContext<'_>,
    entity: &'s Arc<Entity>,
    rule: Option<&'s Expression>,
) -> Result<RowScope<'s>, ActionError> {
    let caller = ctx.caller();
    if entity.tenant_column().is_some() && caller.tenant_id().is_none() {
        return Err(Refusal::TenantRequired.into());
    }
    let now = ctx.engine().clock.now();
    Ok(RowScope { entity, tenant: caller.tenant_id(), rule, user: caller.user_id(), now })
}

/// An expression of the application's own that does not fit its entity.
pub(super) fn broken_expression(errors: FieldErrors) -> ActionError {
    let all: Vec<_> = errors.into_iter().map(|it| it.message).collect();
    ActionError::fault(format!(
        "a condition of the application's does not fit its entity: {}",
        all.join("; ")
    ))
}

/// The one column of a statement that refers to another row. SQLite tells that a reference is missing, and not which;
/// where there is only one, it is that one.
fn only_reference(entity: &Entity, written: &[(ColumnIndex, Value)]) -> Option<String> {
    let referring = written
        .iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(index, _)| entity.column(*index).filter(|it| it.referenced_entity().is_some()));
    let mut names = referring.map(|it| it.column().to_owned());
    names.next().filter(|_| names.next().is_none())
}

/// What a store's error means, told with the names of the entity's fields; `written` is what the statement wrote.
pub(super) fn refused(error: StoreError, entity: &Entity, written: &[(ColumnIndex, Value)]) -> ActionError {
    let fields = |columns: &[String], code: &'static str, what: &str| -> FieldErrors {
        let named = entity.columns().iter().filter(|it| columns.iter().any(|column| column == it.column()));
        named.map(|it| FieldError::new(it.name().to_owned(), code, format!("{} {what}", it.name()))).collect()
    };
    match error {
        StoreError::Taken { columns } => {
            let errors = fields(&columns, "taken", "is already taken");
            let names: Vec<_> = errors.iter().map(|it| it.field.to_string()).collect();
            let message = match names.as_slice() {
                [] => "a unique value is already taken".to_owned(),
                names => format!("{} is already taken", names.join(" and ")),
            };
            Refusal::Conflict { code: "conflict".into(), message: message.into(), errors }.into()
        }
        StoreError::MissingReference { mut columns } => {
            if columns.is_empty() {
                columns.extend(only_reference(entity, written));
            }
            let mut errors = fields(&columns, "unknown_reference", "refers to a record that does not exist");
            if errors.is_empty() {
                errors.add("", "unknown_reference", "it refers to a record that does not exist");
            }
            Refusal::validation(errors).into()
        }
        StoreError::StillReferenced => {
            Refusal::conflict("dependency", format!("this {} is still in use", entity.name())).into()
        }
        other => other.into(),
    }
}
