//! The rows a call names, as they are stored: loaded again in the transaction, through tenant and row rule.

use std::ops::Deref;

use super::{Input, InputShape, Intake, Rows};
use crate::FieldErrors;
use crate::context::ActionContext;
use crate::entity::{EntityType, Record};
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

fn select<T: EntityType>(shape: &mut InputShape, rows: Rows) {
    if let Some(other) = shape.selected.replace(T::NAME) {
        shape.problem(format!("it takes selected rows twice, as `{other}` and as `{}`", T::NAME));
    }
    shape.rows = shape.rows.or(rows);
}

impl<T: EntityType> Input for Selected<T> {
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
        let is_own = |it: &Record| it.entity().name() == T::NAME;
        let record =
            if from_detail { ctx.rows.parent.clone().filter(is_own) } else { ctx.rows.selected.pop() };
        // The selection rule saw to the number, except where it asks for none and the call has no parent either.
        let record =
            record.ok_or_else(|| Refusal::invalid("selection_refused", "one row must be selected"))?;
        Ok(Self(T::from_record(record)?))
    }
}

impl<T: EntityType> Input for SelectedMany<T> {
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
        let rows: Result<Vec<T>, _> = records.into_iter().map(T::from_record).collect();
        Ok(Self(rows?))
    }
}

impl<T: EntityType> Input for Parent<T> {
    type Checked = ();

    fn describe(shape: &mut InputShape) {
        shape.parents.push(T::NAME);
    }

    fn check(_: &mut Intake<'_>) -> Result<(), FieldErrors> {
        Ok(())
    }

    fn assemble((): (), ctx: &mut ActionContext<'_>) -> Result<Self, ActionError> {
        let missing = || Refusal::field("parent", "required", "parent is required");
        let record = ctx.rows.parent.clone().ok_or_else(missing)?;
        if record.entity().name() != T::NAME {
            return Err(
                Refusal::field("parent", "wrong_type", format!("parent must be a {}", T::NAME)).into()
            );
        }
        Ok(Self(T::from_record(record)?))
    }
}

/// No parent is fine.
impl<T: EntityType> Input for Option<Parent<T>> {
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
