//! The same rows as values of the application's own struct.

use std::marker::PhantomData;

use crate::entity::EntityType;
use crate::error::ActionError;
use crate::expression::{Draft, Sort};
use crate::value::Value;

use super::RecordsOf;

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
        let mut columns = Vec::with_capacity(N);
        for (name, value) in values {
            let (index, _) = self.rows.entity().column_named(name).ok_or_else(|| {
                ActionError::fault(format!("the entity `{}` has no column `{name}`", T::NAME))
            })?;
            columns.push((index, value));
        }
        Ok(T::from_record(self.rows.update(&key.into(), &columns, None).await?)?)
    }

    /// Removes a row.
    pub async fn delete(&mut self, key: impl Into<Value>) -> Result<T, ActionError> {
        Ok(T::from_record(self.rows.delete(&key.into(), None).await?)?)
    }

    /// At most `limit` (1–1,000) of the rows for which `filter` holds, by key.
    pub async fn query(&mut self, filter: &Draft, limit: u32) -> Result<Page<T>, ActionError> {
        let page = self.rows.query(filter, &Sort::default(), limit, 0).await?;
        let items: Result<Vec<T>, _> = page.records.into_iter().map(T::from_record).collect();
        Ok(Page { items: items?, total: page.total })
    }
}
