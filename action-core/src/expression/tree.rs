//! The tree: what a checked filter, condition or row rule is.
//!
//! A tree is true or false for every row, never unknown, so `Not` is plain negation and a statement must not let
//! SQL's NULL through. What the checkers promise to whoever evaluates or compiles a tree:
//!
//! - The values of `Compare` and `In` are never null and have exactly the type of the field's kind: whole numbers
//!   for an integer column, decimals for a decimal one. Comparisons with null have become `IsNull`, `IsNotNull` or a
//!   constant, and so has whatever the column's type decides alone (an integer that equals `2.5`).
//! - `Gt`, `Lt`, `Gte`, `Lte` appear on kinds with an order only: no booleans, no JSON. Fields of kind JSON appear
//!   under `IsNull` and `IsNotNull` only. `Text` has a text field.
//! - An empty list is a constant, never an `In`; empty `and` and `or` are constants too.
//!
//! That is why the leaves cannot be made outside this module. `All`, `Any` and `Not` can: a statement joins a row
//! rule and a filter.

use super::field::Field;
use super::operator::{Comparison, TextMatch};
use crate::Value;

/// A question about one row. See the [module](super) for how to get one.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// True when every part is; true without parts.
    All(Vec<Expression>),
    /// True when some part is; false without parts.
    Any(Vec<Expression>),
    /// True when the part is false.
    Not(Box<Expression>),
    /// The field's value compared with a value. On a row without one, `ne` is true and every other is false.
    #[non_exhaustive]
    Compare {
        /// The field on the left.
        field: Field,
        /// The operator.
        op: Comparison,
        /// The value on the right, not null.
        value: Value,
    },
    /// The field's value is one of these. False on a row without one.
    #[non_exhaustive]
    In {
        /// The field.
        field: Field,
        /// At least one value, none null.
        values: Vec<Value>,
    },
    /// The field has no value.
    #[non_exhaustive]
    IsNull {
        /// The field.
        field: Field,
    },
    /// The field has a value.
    #[non_exhaustive]
    IsNotNull {
        /// The field.
        field: Field,
    },
    /// The field's text has this text in it, literally, ignoring the case of ASCII letters. False on a row
    /// without one.
    #[non_exhaustive]
    Text {
        /// The field, of kind text.
        field: Field,
        /// Where the text must be.
        op: TextMatch,
        /// The text, as it was sent, without NUL.
        text: String,
    },
    /// True, or false, for every row.
    Constant(bool),
}

impl Expression {
    /// True when both are.
    ///
    /// ```
    /// use action_core::expression::{Expression, Field, field};
    /// use action_core::{Kind, Value};
    /// use serde_json::json;
    ///
    /// let fields = [Field::new("ownerId", Kind::Integer), Field::new("open", Kind::Boolean)];
    /// let rule = field("ownerId").eq(7).check(&fields)?;
    /// let filter = Expression::filter(&json!({"field": "open", "operator": "eq", "value": true}), &fields)?;
    /// assert!(!rule.and(filter).holds(&[Value::from(8), Value::from(true)]));
    /// # Ok::<(), action_core::FieldErrors>(())
    /// ```
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Constant(true), only) | (only, Self::Constant(true)) => only,
            (Self::All(mut parts), other) => {
                parts.push(other);
                Self::All(parts)
            }
            (this, other) => Self::All(vec![this, other]),
        }
    }

    /// How many nodes the tree has, itself included: at least 1.
    pub fn nodes(&self) -> usize {
        self.parts().count()
    }

    /// How many `All`, `Any` and `Not` lie around the innermost node: 0 for a leaf.
    pub fn depth(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => 1 + parts.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(part) => 1 + part.depth(),
            _ => 0,
        }
    }

    /// Every node, a parent before its parts, in the order of writing.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            let next = open.pop()?;
            match next {
                Self::All(parts) | Self::Any(parts) => open.extend(parts.iter().rev()),
                Self::Not(part) => open.push(part),
                _ => {}
            }
            Some(next)
        })
    }

    /// Every field it asks about, in the order of writing; a field asked twice comes twice.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.parts().filter_map(|it| match it {
            Self::Compare { field, .. }
            | Self::In { field, .. }
            | Self::IsNull { field }
            | Self::IsNotNull { field }
            | Self::Text { field, .. } => Some(field),
            Self::All(_) | Self::Any(_) | Self::Not(_) | Self::Constant(_) => None,
        })
    }
}
