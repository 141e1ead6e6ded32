//! The rows a call names, as they are stored: loaded again in the transaction, through tenant and row rule.
//!
//! An action on one entity takes them as that entity's type; one on several takes them as [`Record`]s.

use std::ops::Deref;

use super::{Input, InputShape, Intake, RowType, Rows};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::entity::{CellError, EntityType, Record};
use crate::error::ActionError;
use crate::refusal::Refusal;

/// The one selected row; on a call from a detail view, the record in view.
#[derive(Debug, Clone)]
pub struct Selected<T>(pub T);

/// All selected rows, each once, in the order of their keys.
#[derive(Debug, Clone)]
pub struct SelectedMany<T>(pub Vec<T>);

/// The record in whose view the action was called.
#[derive(Debug, Clone)]
pub struct Parent<T>(pub T);

impl<T> Deref for Selected<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for SelectedMany<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> Deref for Parent<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// What can be made of a stored row: the type of an entity, or the [`Record`] itself, of whichever entity.
pub trait FromRow: Sized + Send + sealed::Sealed {
    /// The entity it is of; none for a record.
    #[doc(hidden)]
    const ENTITY: Option<&'static str>;

    #[doc(hidden)]
    fn from_row(record: Record) -> Result<Self, CellError>;
}

mod sealed {
    pub trait Sealed {}
    impl<T: crate::entity::EntityType> Sealed for T {}
    impl Sealed for crate::entity::Record {}
}

impl<T: EntityType> FromRow for T {
    const ENTITY: Option<&'static str> = Some(T::NAME);

    fn from_row(record: Record) -> Result<Self, CellError> {
        T::from_record(record)
    }
}

impl FromRow for Record {
    const ENTITY: Option<&'static str> = None;

    fn from_row(record: Record) -> Result<Self, CellError> {
        Ok(record)
    }
}

fn select<T: FromRow>(shape: &mut InputShape, rows: Rows) {
    let row = T::ENTITY.map_or(RowType::Record, RowType::Of);
    if let Some(other) = shape.selected.replace(row) {
        let named = |it: RowType| it.entity().unwrap_or("Record");
        let (other, this) = (named(other), named(row));
        shape.problem(format!("it takes selected rows twice, as `{other}` and as `{this}`"));
    }
    shape.rows = shape.rows.or(rows);
}

impl<T: FromRow> Input for Selected<T> {
    type Checked = ();
    const ROWS: Rows = Rows::One;

    fn describe(shape: &mut InputShape) {
        select::<T>(shape, Rows::One);
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        let from_detail = ctx.rows.selected.is_empty();
        // A parent may be of another type; only one of this type is the record that is meant.
        let own = ctx.entity().map(|it| it.name());
        let is_own = |it: &Record| Some(it.entity().name()) == own;
        let record =
            if from_detail { ctx.rows.parent.clone().filter(is_own) } else { ctx.rows.selected.pop() };
        // The selection rule saw to the number, except where it asks for none and the call has no parent either.
        let record = record.ok_or_else(|| {
            let name = ctx.offered_as().unwrap_or("the action");
            Refusal::invalid("selection_refused", format!("`{name}` needs a stored row; none was named"))
        })?;
        Ok(Self(T::from_row(record)?))
    }
}

impl<T: FromRow> Input for SelectedMany<T> {
    type Checked = ();
    const ROWS: Rows = Rows::Many;

    fn describe(shape: &mut InputShape) {
        select::<T>(shape, Rows::Many);
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        let records = std::mem::take(&mut ctx.rows.selected);
        let rows: Result<Vec<T>, _> = records.into_iter().map(T::from_row).collect();
        Ok(Self(rows?))
    }
}

impl<T: FromRow> Input for Parent<T> {
    type Checked = ();

    fn describe(shape: &mut InputShape) {
        shape.parents.extend(T::ENTITY);
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        let missing = || Refusal::field("parent", "required", "parent is required");
        let record = ctx.rows.parent.clone().ok_or_else(missing)?;
        if let Some(entity) = T::ENTITY
            && record.entity().name() != entity
        {
            return Err(Refusal::field("parent", "wrong_type", format!("parent must be a {entity}")).into());
        }
        Ok(Self(T::from_row(record)?))
    }
}

/// No parent is fine.
impl<T: FromRow> Input for Option<Parent<T>> {
    type Checked = ();

    fn describe(shape: &mut InputShape) {
        Parent::<T>::describe(shape);
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        if ctx.rows.parent.is_none() { Ok(None) } else { Parent::assemble((), ctx).map(Some) }
    }
}
