//! What expanded code calls: the checks of what an attribute says, and the few steps that every expansion shares.
//!
//! The checks are evaluated by the compiler, in constants of the expansion. One that fails is a compile error at the
//! literal it was given, which is why each is `track_caller`. At run time none of them is left.

#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a panic while a constant is evaluated is how a compile error is made"
)]

use std::marker::PhantomData;
use std::time::Duration;
use std::vec::IntoIter;

use uuid::Uuid;

use crate::action::ShownOn;
use crate::action_name::{check_id, check_name};
use crate::custom_actions::SelectionRule;
use crate::entity::{Column, ColumnIndex, ColumnRole, Entity};
use crate::handler::ActionHandler;
use crate::input::{Input, Rows};
use crate::permissions::{check_permission, check_target};
use crate::rate::Rate;
use crate::time_limit::parse_time_limit;
use crate::value::{Kind, Value};

/// What was read, or a compile error with the problem as its text.
#[track_caller]
const fn accepted<T: Copy>(read: Result<T, &'static str>) -> T {
    match read {
        Ok(read) => read,
        Err(problem) => panic!("{}", problem),
    }
}

/// The id of an action of the execution endpoint, whose handler takes these rows.
#[track_caller]
pub const fn action_id(id: &'static str, rows: Rows) -> &'static str {
    if let Err(unfit) = check_id(id) {
        panic!("{}", unfit.message());
    }
    assert!(
        matches!(rows, Rows::None),
        "it takes selected rows but names no entity: write `entity = \"…\"` for its id"
    );
    id
}

/// The name of an action on an entity.
#[track_caller]
pub const fn action_name(name: &'static str) -> &'static str {
    match check_name(name) {
        Ok(()) => name,
        Err(unfit) => panic!("{}", unfit.message()),
    }
}

/// The name of an entity, which is the target of permissions.
#[track_caller]
pub const fn entity_name(name: &'static str) -> &'static str {
    accepted(check_target(name));
    name
}

/// A permission.
#[track_caller]
pub const fn permission(text: &'static str) -> &'static str {
    accepted(check_permission(text));
    text
}

/// A rate limit.
#[track_caller]
pub const fn rate(text: &str) -> Rate {
    accepted(Rate::parse(text))
}

/// A time limit.
#[track_caller]
pub const fn time_limit(text: &str) -> Duration {
    accepted(parse_time_limit(text))
}

/// A selection rule, for a handler that takes these rows.
#[track_caller]
pub const fn selection(text: &str, rows: Rows, shown_on: ShownOn) -> SelectionRule {
    let rule = accepted(SelectionRule::parse(text));
    accepted(rule.suits(rows, matches!(shown_on, ShownOn::Detail)));
    rule
}

/// The selected rows that a handler takes.
pub const fn rows<H: ActionHandler>() -> Rows {
    <H::Input as Input>::ROWS
}

/// Can only be named of an argument that is one, which has the compiler point at an argument that is none.
pub struct Argument<T: Input>(PhantomData<T>);

impl<T: Input> Argument<T> {
    /// It is.
    pub const IS_ONE: Self = Self(PhantomData);
}

/// An entity's type id.
#[track_caller]
pub const fn type_id(text: &str) -> Uuid {
    match Uuid::try_parse(text) {
        Ok(id) => id,
        Err(_) => panic!("a type id is a UUID, such as `3f2504e0-4f89-41d3-9a0c-0305e82c3301`"),
    }
}

/// The kind of a column with a length or a list of values.
#[track_caller]
pub const fn text(kind: Kind) {
    assert!(matches!(kind, Kind::Text), "only text has a length or a list of values");
}

/// The kind of a column with a range.
#[track_caller]
pub const fn number(kind: Kind) {
    assert!(matches!(kind, Kind::Integer | Kind::Decimal { .. }), "only numbers have a range");
}

/// The kind of a decimal column with these digits.
#[track_caller]
pub const fn decimal(kind: Kind, precision: u8, scale: u8) -> Kind {
    assert!(matches!(kind, Kind::Decimal { .. }), "only a `Decimal` has digits to name");
    assert!(1 <= precision && precision <= 15, "a decimal has 1 to 15 digits");
    assert!(scale <= precision, "the digits behind the point are a part of all digits");
    Kind::Decimal { precision, scale }
}

/// A column with a default, which is therefore never null.
#[track_caller]
pub const fn never_null(nullable: bool) {
    assert!(!nullable, "a column with a default is never null: its field is no `Option`");
}

/// A column of a field: required unless it can be null.
pub fn column(name: &'static str, stored_as: &'static str, kind: Kind, nullable: bool) -> Column {
    let column = Column::new(name, kind).stored_as(stored_as);
    if nullable { column } else { column.required() }
}

/// The next cell of a row.
pub fn next(cells: &mut IntoIter<Value>) -> Value {
    cells.next().unwrap_or(Value::Null)
}

/// Of the cells of a row, one for each column, those that the application writes.
pub fn data_cells<const N: usize>(entity: &Entity, cells: [Value; N]) -> Vec<(ColumnIndex, Value)> {
    let written = entity.columns().iter().zip(cells).enumerate();
    written
        .filter(|(_, (column, _))| column.role == ColumnRole::Data)
        .map(|(at, (_, cell))| (at, cell))
        .collect()
}
