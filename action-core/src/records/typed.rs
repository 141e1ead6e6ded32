//! The same rows as values of the application's own struct.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use async_trait::async_trait;

use crate::entity::{ColumnIndex, EntityType, Record};
use crate::error::ActionError;
use crate::expression::{Draft, Sort};
use crate::ports::RowSink;
use crate::value::Value;

use super::{BulkDone, Mode, RecordsOf, Transitioned, Which};

/// The rows of `T`'s entity, in the call's transaction.
///
/// ```
/// use action_core::entity::EntityType;
/// use action_core::expression::field;
/// use action_core::{ActionContext, ActionResult};
///
/// async fn rename<Car: EntityType>(ctx: &mut ActionContext<'_>, id: uuid::Uuid) -> ActionResult<usize> {
///     ctx.records::<Car>()?.set(id, [("color", "red".into())]).await?;
///     let red = ctx.records::<Car>()?.query(&field("color").eq("red"), 100).await?;
///     Ok(red.items.len())
/// }
/// ```
pub struct Records<'a, 'c, T> {
    rows: RecordsOf<'a, 'c>,
    of: PhantomData<T>,
}

/// Some of the rows that match, and how many match in all.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many match in all.
    pub total: u64,
}

impl<'a, 'c, T: EntityType> Records<'a, 'c, T> {
    pub(crate) fn new(rows: RecordsOf<'a, 'c>) -> Self {
        Self { rows, of: PhantomData }
    }

    /// The row with this key, held for the rest of the transaction; [`crate::Refusal::NotFound`] where there is none.
    pub async fn get(&mut self, key: impl Into<Value>) -> Result<T, ActionError> {
        Ok(T::from_record(self.rows.get(&key.into()).await?)?)
    }

    /// Inserts a row with the data columns of `row`; its key, version, and who and when are made by the server.
    pub async fn insert(&mut self, row: &T) -> Result<T, ActionError> {
        let values = row.to_values(self.rows.entity());
        Ok(T::from_record(self.rows.insert(&values).await?)?)
    }

    /// Writes the data columns of `row` over the stored ones, whatever the version is now.
    pub async fn save(&mut self, row: &T) -> Result<T, ActionError> {
        let values = row.to_values(self.rows.entity());
        Ok(T::from_record(self.rows.update(&row.key(), &values, None).await?)?)
    }

    /// Changes some columns of a row, named as in JSON.
    pub async fn set<const N: usize>(
        &mut self,
        key: impl Into<Value>,
        values: [(&str, Value); N],
    ) -> Result<T, ActionError> {
        let columns = self.columns(values)?;
        Ok(T::from_record(self.rows.update(&key.into(), &columns, None).await?)?)
    }

    /// Makes a transition of a row's workflow, whatever the version is now; see [`RecordsOf::transition`].
    ///
    /// ```
    /// use action_core::entity::EntityType;
    /// use action_core::{ActionContext, ActionResult};
    ///
    /// async fn retire<Car: EntityType>(ctx: &mut ActionContext<'_>, id: uuid::Uuid) -> ActionResult<String> {
    ///     Ok(ctx.records::<Car>()?.transition(id, "retire", Some("It rusts")).await?.from)
    /// }
    /// ```
    pub async fn transition(
        &mut self,
        key: impl Into<Value>,
        transition: &str,
        comment: Option<&str>,
    ) -> Result<Transitioned, ActionError> {
        self.rows.transition(&key.into(), transition, comment, None).await
    }

    /// The same without asking for the caller's role and permissions: the action that does it has its own.
    pub async fn transition_unguarded(
        &mut self,
        key: impl Into<Value>,
        transition: &str,
        comment: Option<&str>,
    ) -> Result<Transitioned, ActionError> {
        self.rows.transition_unguarded(&key.into(), transition, comment, None).await
    }

    /// Changes some columns of many rows, named as in JSON; see [`RecordsOf::update_all`].
    ///
    /// ```
    /// use action_core::entity::EntityType;
    /// use action_core::expression::field;
    /// use action_core::records::{Mode, Which};
    /// use action_core::{ActionContext, ActionResult};
    ///
    /// async fn retire<Car: EntityType>(ctx: &mut ActionContext<'_>) -> ActionResult<u64> {
    ///     let old = Which::matching(field("year").lt(2000), 1_000);
    ///     let done = ctx.records::<Car>()?.update_all(&old, [("status", "retired".into())], Mode::Atomic).await?;
    ///     Ok(done.changed)
    /// }
    /// ```
    pub async fn update_all<const N: usize>(
        &mut self,
        which: &Which,
        values: [(&str, Value); N],
        mode: Mode,
    ) -> Result<BulkDone, ActionError> {
        let columns = self.columns(values)?;
        self.rows.update_all(which, &columns, mode).await
    }

    /// Removes many rows; see [`RecordsOf::delete_all`].
    pub async fn delete_all(&mut self, which: &Which, mode: Mode) -> Result<BulkDone, ActionError> {
        self.rows.delete_all(which, mode).await
    }

    fn columns<const N: usize>(
        &self,
        values: [(&str, Value); N],
    ) -> Result<Vec<(ColumnIndex, Value)>, ActionError> {
        let index = |(name, value)| match self.rows.entity().column_named(name) {
            Some((index, _)) => Ok((index, value)),
            None => Err(ActionError::fault(format!("the entity `{}` has no column `{name}`", T::NAME))),
        };
        values.into_iter().map(index).collect()
    }

    /// Removes a row.
    pub async fn delete(&mut self, key: impl Into<Value>) -> Result<T, ActionError> {
        Ok(T::from_record(self.rows.delete(&key.into(), None).await?)?)
    }

    /// Gives each row for which `filter` holds to `each`, in order and in bounded memory, and returns how many there
    /// were. The first error of `each` ends it. From which snapshot, see [`RecordsOf::scan`].
    pub async fn for_each(
        &mut self,
        filter: &Draft,
        sort: &Sort,
        each: impl FnMut(T) -> Result<(), ActionError> + Send,
    ) -> Result<u64, ActionError> {
        let mut sink = Each { take: each, failed: None, of: PhantomData::<fn(T)> };
        let handed = self.rows.scan(filter, sort, None, &mut sink).await?;
        sink.failed.map_or(Ok(handed), Err)
    }

    /// At most `limit` (1–1,000) of the rows for which `filter` holds, by key.
    pub async fn query(&mut self, filter: &Draft, limit: u32) -> Result<Page<T>, ActionError> {
        let page = self.rows.query(filter, &Sort::default(), limit, 0).await?;
        let items: Result<Vec<T>, _> = page.records.into_iter().map(T::from_record).collect();
        Ok(Page { items: items?, total: page.total })
    }
}

/// Rows one by one, until one is refused.
struct Each<T, F> {
    take: F,
    failed: Option<ActionError>,
    of: PhantomData<fn(T)>,
}

#[async_trait]
impl<T: EntityType, F: FnMut(T) -> Result<(), ActionError> + Send> RowSink for Each<T, F> {
    async fn rows(&mut self, rows: Vec<Record>) -> ControlFlow<()> {
        for row in rows {
            let taken = T::from_record(row).map_err(ActionError::from).and_then(&mut self.take);
            if let Err(error) = taken {
                self.failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}
