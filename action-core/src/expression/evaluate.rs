//! The tree asked of one row in memory.
//!
//! Everything slow was done by the checkers: a comparison is one look-up in the row and one of two typed values,
//! without allocating. The SQL compiled from the same tree must answer alike on every row, so what counts as equal
//! or less is said once, in [`order`]: numbers by value whatever their scale, text by code point, UUIDs by their
//! bytes, times by their instant.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use super::field::Field;
use super::operator::{Comparison, TextMatch};
use super::tree::Expression;
use crate::Value;

/// Something that has a value for a field.
pub trait Row {
    /// The field's value, [`Value::Null`] where there is none, or where a row on the way to it is missing.
    fn value(&self, field: &Field) -> &Value;
}

/// By [slot](Field::slot).
impl Row for [Value] {
    fn value(&self, field: &Field) -> &Value {
        field.slot().and_then(|it| self.get(it)).unwrap_or(&Value::Null)
    }
}

/// By [slot](Field::slot).
impl<const N: usize> Row for [Value; N] {
    fn value(&self, field: &Field) -> &Value {
        self.as_slice().value(field)
    }
}

/// By [slot](Field::slot).
impl Row for Vec<Value> {
    fn value(&self, field: &Field) -> &Value {
        self.as_slice().value(field)
    }
}

/// By [path](Field::path).
impl Row for BTreeMap<String, Value> {
    fn value(&self, field: &Field) -> &Value {
        self.get(field.path()).unwrap_or(&Value::Null)
    }
}

/// By [path](Field::path).
impl<S: std::hash::BuildHasher> Row for HashMap<String, Value, S> {
    fn value(&self, field: &Field) -> &Value {
        self.get(field.path()).unwrap_or(&Value::Null)
    }
}

impl Expression {
    /// Whether it is true of `row`.
    ///
    /// ```
    /// use action_core::expression::{Field, field};
    /// use action_core::{Kind, Value};
    ///
    /// let fields = [Field::new("status", Kind::Text)];
    /// let open = field("status").ne("closed").check(&fields)?;
    /// assert!(open.holds(&[Value::from("new")]));
    /// assert!(open.holds(&[Value::Null]));
    /// assert!(!open.holds(&[Value::from("closed")]));
    /// # Ok::<(), action_core::FieldErrors>(())
    /// ```
    pub fn holds(&self, row: &(impl Row + ?Sized)) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|it| it.holds(row)),
            Self::Any(parts) => parts.iter().any(|it| it.holds(row)),
            Self::Not(part) => !part.holds(row),
            Self::Compare { field, op, value } => compare(row.value(field), *op, value),
            Self::In { field, values } => {
                let cell = row.value(field);
                values.iter().any(|it| equal(cell, it))
            }
            Self::IsNull { field } => row.value(field).is_null(),
            Self::IsNotNull { field } => !row.value(field).is_null(),
            Self::Text { field, op, text } => match row.value(field) {
                Value::Text(cell) => matches(cell, *op, text),
                _ => false,
            },
            Self::Constant(truth) => *truth,
        }
    }
}

fn compare(cell: &Value, op: Comparison, value: &Value) -> bool {
    match op {
        Comparison::Eq => equal(cell, value),
        Comparison::Ne => !equal(cell, value),
        Comparison::Gt => order(cell, value).is_some_and(Ordering::is_gt),
        Comparison::Lt => order(cell, value).is_some_and(Ordering::is_lt),
        Comparison::Gte => order(cell, value).is_some_and(Ordering::is_ge),
        Comparison::Lte => order(cell, value).is_some_and(Ordering::is_le),
    }
}

fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        // Unlike the order of two texts, this looks at their lengths first.
        (Value::Text(left), Value::Text(right)) => left == right,
        _ => order(left, right).is_some_and(Ordering::is_eq),
    }
}

/// How two values of one column lie to each other; none for null and JSON. Numbers compare exactly.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    Some(match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => left.cmp(right),
        (Value::Decimal(left), Value::Decimal(right)) => left.cmp(right),
        (Value::Integer(left), Value::Decimal(right)) => rust_decimal::Decimal::from(*left).cmp(right),
        (Value::Decimal(left), Value::Integer(right)) => left.cmp(&rust_decimal::Decimal::from(*right)),
        // The bytes of UTF-8 sort as the code points do.
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Boolean(left), Value::Boolean(right)) => left.cmp(right),
        (Value::Uuid(left), Value::Uuid(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        _ => return None,
    })
}

fn matches(cell: &str, op: TextMatch, text: &str) -> bool {
    // Bytes will do: a text that is valid UTF-8 is found in another only where characters begin.
    let (cell, text) = (cell.as_bytes(), text.as_bytes());
    match op {
        TextMatch::StartsWith => cell.get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text)),
        TextMatch::Contains if text.is_empty() => true,
        TextMatch::Contains => cell.windows(text.len()).any(|it| it.eq_ignore_ascii_case(text)),
    }
}
