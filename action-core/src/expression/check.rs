//! A draft to a tree: fields are looked up, and each leaf goes to the checker of its dialect.
//!
//! What the two checkers share is here: the walk, the limits, and the two leaves whose canonical form both need.
//! How a value must look is decided in `filter` (also for rules) and in `condition`.

use super::draft::{Draft, Leaf, Node};
use super::field::{Field, Fields, look_up};
use super::tree::Expression;
use super::walk::{Dialect, Place, Shortened, Walk};
use super::{condition, filter};
use crate::Value;

/// Checks a whole draft. `None` only after a mistake.
pub(super) fn tree(draft: &Draft, fields: &dyn Fields, walk: &mut Walk) -> Option<Expression> {
    let root = Place::Root(walk.dialect);
    node(draft, fields, &root, 0, walk)
}

fn node(
    draft: &Draft,
    fields: &dyn Fields,
    at: &Place<'_>,
    depth: usize,
    walk: &mut Walk,
) -> Option<Expression> {
    if !walk.enter(at, depth) {
        return None;
    }
    let mut list = |parts: &[Draft], name| {
        let at = Place::Member(at, name);
        let mut checked = Some(Vec::with_capacity(parts.len()));
        for (index, part) in parts.iter().enumerate() {
            if walk.is_full() {
                return None;
            }
            let part = node(part, fields, &Place::Index(&at, index), depth + 1, walk);
            checked = checked.zip(part).map(|(mut checked, part)| {
                checked.push(part);
                checked
            });
        }
        checked
    };
    match &draft.0 {
        Node::All(parts) if parts.is_empty() => Some(Expression::Constant(true)),
        Node::Any(parts) if parts.is_empty() => Some(Expression::Constant(false)),
        Node::All(parts) => list(parts, "and").map(Expression::All),
        Node::Any(parts) => list(parts, "or").map(Expression::Any),
        Node::Not(part) => node(part, fields, &Place::Member(at, "not"), depth + 1, walk)
            .map(|it| Expression::Not(Box::new(it))),
        Node::Leaf(it) => leaf(it, fields, at, walk),
    }
}

fn leaf(leaf: &Leaf, fields: &dyn Fields, at: &Place<'_>, walk: &mut Walk) -> Option<Expression> {
    let found = look_up(&leaf.field, fields);
    match (walk.dialect, found) {
        (Dialect::Condition, found) => Some(condition::leaf(found, &leaf.test)),
        (Dialect::Filter | Dialect::Rule, Some(field)) => filter::leaf(field, &leaf.test, at, walk),
        (Dialect::Filter | Dialect::Rule, None) => {
            let message = format!("`{}` is not a field that can be read", Shortened(&leaf.field));
            walk.mistake(&Place::Member(at, "field"), "unknown_field", message);
            None
        }
    }
}

/// The field has no value (`eq` with null), or has one (`ne` with null).
pub(super) fn null(field: Field, is_null: bool) -> Expression {
    if is_null { Expression::IsNull { field } } else { Expression::IsNotNull { field } }
}

/// The field has one of `values`, or, with `or_null`, none at all.
pub(super) fn member(field: Field, values: Vec<Value>, or_null: bool) -> Expression {
    match (values.is_empty(), or_null) {
        (true, false) => Expression::Constant(false),
        (true, true) => Expression::IsNull { field },
        (false, false) => Expression::In { field, values },
        (false, true) => {
            let null = Expression::IsNull { field: field.clone() };
            Expression::Any(vec![null, Expression::In { field, values }])
        }
    }
}
