//! The lenient checker: conditions of entity actions and guards of workflows.
//!
//! A condition was stored by an administrator and meets rows of any shape, so it never fails for a type. The
//! column's declared type decides how values compare: a value of another type is never equal and has no order, a
//! field that is not there is null. Only numbers, times and dates have an order here. What is decided by the types
//! alone becomes a constant in the tree, so that memory and database cannot disagree about it.
//!
//! A malformed condition is [`InvalidCondition`] as a whole. What that means, hidden or disabled, is the caller's.

use serde_json::Value as Json;

use super::draft::Test;
use super::field::{Field, Fields};
use super::literal::{Literal, loose};
use super::operator::Comparison;
use super::tree::Expression;
use super::walk::{Dialect, Place, Walk};
use super::{check, read};
use crate::Kind;

/// A condition that is no condition: an unknown operator, a missing member, a wrong shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct InvalidCondition {
    reason: String,
}

impl InvalidCondition {
    /// The first mistake and its place: ``condition.or[1].operator: `EQ` is not an operator; there are …``.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl Expression {
    /// Reads a condition: the JSON of a filter without `contains` and `starts_with`, nested at most 16 deep. None,
    /// or JSON null, is true for every row.
    ///
    /// ```
    /// use action_core::expression::{Expression, Field};
    /// use action_core::{Kind, Value};
    /// use serde_json::json;
    ///
    /// let fields = [Field::new("severity", Kind::Integer)];
    /// let condition = |value| json!({"field": "severity", "operator": "eq", "value": value});
    /// let row = [Value::from(3)];
    ///
    /// assert!(Expression::condition(Some(&condition(json!(3.0))), &fields)?.holds(&row));
    /// assert!(!Expression::condition(Some(&condition(json!("3"))), &fields)?.holds(&row));
    /// assert!(Expression::condition(None, &fields)?.holds(&row));
    /// assert!(Expression::condition(Some(&json!({"field": "severity"})), &fields).is_err());
    /// # Ok::<(), action_core::expression::InvalidCondition>(())
    /// ```
    pub fn condition(json: Option<&Json>, fields: &dyn Fields) -> Result<Self, InvalidCondition> {
        let Some(json) = json.filter(|it| !it.is_null()) else {
            return Ok(Self::Constant(true));
        };
        let mut walk = Walk::new(Dialect::Condition);
        let draft = read::node(json, &Place::Root(walk.dialect), 0, &mut walk);
        let mut walk = walk.again();
        let tree = check::tree(&draft, fields, &mut walk);
        walk.finish(tree).map_err(|errors| {
            let first = errors.iter().next().map(|it| format!("{}: {}", it.field, it.message));
            InvalidCondition { reason: first.unwrap_or_default() }
        })
    }
}

/// One leaf of a condition, on a field that may not be there.
pub(super) fn leaf(field: Option<Field>, test: &Test) -> Expression {
    match field {
        Some(field) => present(field, test),
        None => Expression::Constant(on_null(test)),
    }
}

fn present(field: Field, test: &Test) -> Expression {
    match test {
        Test::IsNull => check::null(field, true),
        Test::IsNotNull => check::null(field, false),
        Test::Compare(op, literal) => compare(field, *op, literal),
        Test::In(literals) => {
            let or_null = literals.iter().any(Literal::is_null);
            let real = literals.iter().filter(|it| !it.is_null());
            let values = real.filter_map(|it| loose(field.kind(), it)?.value()).collect();
            check::member(field, values, or_null)
        }
        // The reader knows no text operator in a condition.
        Test::Text(..) => Expression::Constant(false),
    }
}

fn compare(field: Field, op: Comparison, literal: &Literal) -> Expression {
    let ordered = matches!(field.kind(), Kind::Integer | Kind::Decimal { .. } | Kind::Timestamp | Kind::Date);
    if op.is_order() && (literal.is_null() || !ordered) {
        return Expression::Constant(false);
    }
    if literal.is_null() {
        return check::null(field, op == Comparison::Eq);
    }
    match loose(field.kind(), literal) {
        Some(position) => position.compare(field, op),
        None => Expression::Constant(op == Comparison::Ne),
    }
}

/// What a test says of a field without a value.
fn on_null(test: &Test) -> bool {
    match test {
        Test::IsNull => true,
        Test::Compare(Comparison::Eq, literal) => literal.is_null(),
        Test::Compare(Comparison::Ne, literal) => !literal.is_null(),
        Test::In(literals) => literals.iter().any(Literal::is_null),
        Test::IsNotNull | Test::Compare(..) | Test::Text(..) => false,
    }
}
